import { describe, expect, test } from 'vitest';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const host = demo.records('host').find(({ name_label }) => name_label === 'xen-alpha')!;
const tag = (text: string) => `Xen:${host.uuid}/${text}`;
const chassis = () => demo.one('Xen_HostChassis', 'Tag', tag('Chassis'));

/** What `read` gives while the firmware says that. */
function saying<V>(bios_strings: Readonly<Record<string, string>>, read: () => V): V {
  demo.change('host', host.uuid, { bios_strings });
  try {
    return read();
  } finally {
    demo.change('host', host.uuid, host);
  }
}

describe('Xen_HostChassis', () => {
  test('shows maker, model and serial number of each host', () => {
    expect(demo.list('Xen_HostChassis')).toHaveLength(demo.records('host').length);
    expect(demo.show(chassis())).toMatchObject({
      ElementName: 'Dell Inc. PowerEdge R640',
      Manufacturer: 'Dell Inc.',
      Model: 'PowerEdge R640',
      SerialNumber: 'CZ000001',
      Version: null,
      PoweredOn: true,
      HealthState: 0,
      PackageType: 3,
    });
  });

  test('has a name when the firmware says nothing, and no invented values', () => {
    expect(saying({}, () => demo.show(chassis()))).toMatchObject({
      ElementName: 'Chassis',
      Manufacturer: null,
      Model: null,
      SerialNumber: null,
    });
  });

  test('whether a host that does not answer has power is not known', () => {
    const metrics = demo.store.get('host_metrics', host.metrics)!;
    demo.change('host_metrics', metrics.uuid, { live: false });
    expect(demo.show(chassis())['PoweredOn']).toBeNull();
    demo.change('host_metrics', metrics.uuid, metrics);
  });

  test('is tied to its host and to the board in it', () => {
    expect(demo.tied(chassis(), 'Xen_HostComputerSystemPackage')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    const boards = [...demo.engine.ties('root/cimv2', chassis(), { resultRole: 'PartComponent' })];
    expect(boards.map(({ other }) => demo.show(other)['Tag'])).toEqual([tag('Baseboard')]);
  });
});

test('a board is there as far as the firmware tells of one', () => {
  expect(demo.show(demo.one('Xen_HostBaseboard', 'Tag', tag('Baseboard')))).toMatchObject({
    ElementName: 'Dell Inc. 0H28RR',
    SerialNumber: '.CZ000001.',
    HostingBoard: true,
  });
  const rest = saying({ 'system-manufacturer': 'Dell Inc.', 'baseboard-serial-number': ' ' }, () =>
    demo.list('Xen_HostBaseboard').map(({ Tag }) => Tag),
  );
  expect(rest).not.toContain(tag('Baseboard'));
});

describe('Xen_HostBIOSElement', () => {
  test('has the keys of CIM_SoftwareElement, two of which are numbers', () => {
    const bios = demo.one('Xen_HostBIOSElement', 'SoftwareElementID', tag('BIOS'));
    expect(demo.show(bios)).toMatchObject({
      Name: 'BIOS',
      Version: '2.12.2',
      SoftwareElementState: 3,
      TargetOperatingSystem: 66,
      Manufacturer: 'Dell Inc.',
      PrimaryBIOS: true,
      ElementName: 'BIOS 2.12.2',
    });
    expect(demo.tied(bios, 'Xen_HostBIOS')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    const path = demo.engine.path('root/cimv2', bios);
    expect(path.keys.map(({ type }) => type)).toEqual(['string', 'string', 'uint16', 'uint16', 'string']);
    expect(demo.engine.find('root/cimv2', path)).toMatchObject({ keys: (bios as { keys: unknown }).keys });
  });

  test('is not there without a version', () => {
    const found = saying({ 'bios-vendor': 'Dell Inc.' }, () => demo.list('Xen_HostBIOSElement'));
    expect(found).toHaveLength(demo.records('host').length - 1);
  });
});
