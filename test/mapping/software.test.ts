import { describe, expect, test } from 'vitest';
import { softwareOf } from '../../src/mapping/host-software.js';
import { buildOf, numbersOf } from '../../src/mapping/version.js';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine, type Values } from './demo-engine.js';

const demo = await demoEngine();
const host = demo.records('host').find(({ name_label }) => name_label === 'xen-alpha')!;
const part = (name: string): Values =>
  demo.list('Xen_HostSoftwareIdentity').find(({ InstanceID }) => InstanceID === `Xen:${host.uuid}/${name}`)!;

describe('Xen_HostSoftwareIdentity', () => {
  test('is one for each piece that the host tells the version of', () => {
    const names = softwareOf(host).map(({ name }) => name);
    expect(names).toEqual(['product', 'hypervisor', 'toolstack', 'kernel', 'firmware', 'pack/nvidia:vgpu']);
    const bare = { software_version: { xen: '(unknown)', xapi: '1.3' }, bios_strings: {} } as unknown;
    expect(softwareOf(bare as Records['host']).map(({ name, version }) => [name, version])).toEqual([
      ['toolstack', '1.3'],
    ]);
  });

  test('shows versions whole and in numbers', () => {
    expect(part('hypervisor')).toMatchObject({
      ElementName: 'Xen hypervisor 4.17.3',
      VersionString: '4.17.3',
      MajorVersion: 4,
      MinorVersion: 17,
      RevisionNumber: 3,
      BuildNumber: null,
      IsLargeBuildNumber: false,
      Manufacturer: 'Xen Project',
      Classifications: [8],
      HealthState: 5,
    });
    expect(part('product')).toMatchObject({
      Name: 'XCP-ng',
      VersionString: '8.3.0',
      BuildNumber: null,
      IdentityInfoType: ['Xen:BuildNumber'],
      IdentityInfoValue: ['cloud'],
      ReleaseDate: '20240510120000.000000+000',
      Manufacturer: null,
    });
    expect(part('kernel')).toMatchObject({ VersionString: '4.19.0+1', BuildNumber: 1 });
    expect(part('firmware')).toMatchObject({ Manufacturer: 'Dell Inc.', Classifications: [6, 11] });
    expect(part('pack/nvidia:vgpu')).toMatchObject({
      Name: 'NVIDIA virtual GPU manager',
      VersionString: '17.1',
      IdentityInfoValue: ['550.54.16'],
      Manufacturer: 'nvidia',
    });
  });

  test('a build number that is too large goes where large ones go (CIM_SoftwareIdentity.LargeBuildNumber)', () => {
    const { software_version } = host;
    demo.change('host', host.uuid, { software_version: { ...software_version, build_number: '17559673' } });
    expect(part('product')).toMatchObject({
      BuildNumber: null,
      LargeBuildNumber: 17_559_673n,
      IsLargeBuildNumber: true,
    });
    demo.change('host', host.uuid, {
      software_version: { ...software_version, date: '2023-02-07', build_number: '88' },
    });
    expect(part('product')).toMatchObject({
      BuildNumber: 88,
      LargeBuildNumber: null,
      ReleaseDate: '20230207000000.000000+000',
    });
    demo.change('host', host.uuid, { software_version });
  });

  test('of a host that does not answer nothing is known', () => {
    const metrics = demo.store.get('host_metrics', host.metrics)!;
    demo.change('host_metrics', metrics.uuid, { live: false });
    expect(part('toolstack')).toMatchObject({ HealthState: 0, OperationalStatus: [13] });
    demo.change('host_metrics', metrics.uuid, metrics);
  });
});

describe('Xen_GuestToolsIdentity', () => {
  const vm = demo.records('VM').find(({ name_label }) => name_label === 'web-01')!;
  const guest = demo.store.get('VM_guest_metrics', vm.guest_metrics)!;
  const tools = () =>
    demo.list('Xen_GuestToolsIdentity').find(({ InstanceID }) => InstanceID === `Xen:${vm.uuid}/GuestTools`);

  test('tells the version, and whether it is current', () => {
    expect(tools()).toMatchObject({ VersionString: '7.30.0-12', BuildNumber: 12, HealthState: 5 });
    demo.change('VM_guest_metrics', guest.uuid, { PV_drivers_up_to_date: false });
    expect(tools()).toMatchObject({ HealthState: 10, OperationalStatus: [3] });
    const old = { major: '6', minor: '2', micro: '-1', build: '-1' };
    demo.change('VM_guest_metrics', guest.uuid, { PV_drivers_version: old });
    expect(tools()).toMatchObject({ VersionString: '6.2', RevisionNumber: null, BuildNumber: null });
    demo.change('VM_guest_metrics', guest.uuid, { PV_drivers_version: {} });
    expect(tools()).toBeUndefined();
    demo.change('VM_guest_metrics', guest.uuid, guest);
  });

  test('is tied to its machine', () => {
    const system = demo.one('Xen_ComputerSystem', 'Name', vm.uuid);
    const expected = [`Xen_GuestToolsIdentity Xen:${vm.uuid}/GuestTools`];
    expect(demo.tied(system, 'Xen_InstalledSoftwareIdentity')).toEqual(expected);
    expect(demo.tied(system, 'Xen_ElementSoftwareIdentity')).toEqual(expected);
  });
});

describe('Xen_UpdateIdentity', () => {
  const [update] = demo.records('pool_update');
  const hostsOf = (name: string) =>
    demo.tied(demo.one('Xen_UpdateIdentity', 'InstanceID', `Xen:${update!.uuid}`), name);

  test('is installed on the hosts that have it and on no others', () => {
    const expected = update!.hosts.map((ref) => `Xen_HostComputerSystem ${demo.store.get('host', ref)!.uuid}`).sort();
    expect(expected).toHaveLength(2);
    expect(hostsOf('Xen_InstalledSoftwareIdentity').sort()).toEqual(expected);
    expect(hostsOf('Xen_ElementSoftwareIdentity').sort()).toEqual(expected);
    const other = demo.records('host').find(({ updates }) => updates.length === 0)!;
    const found = demo.tied(demo.one('Xen_HostComputerSystem', 'Name', other.uuid), 'Xen_InstalledSoftwareIdentity');
    expect(found.filter((text) => text.startsWith('Xen_UpdateIdentity'))).toEqual([]);
  });
});

test.each([
  ['4.17.3', [4n, 17n, 3n], null],
  ['4.13.5-9.40', [4n, 13n, 5n], null],
  ['4.19.0+1', [4n, 19n, 0n], 1n],
  ['24.11', [24n, 11n, null], null],
  ['1.2.3.45', [1n, 2n, 3n], 45n],
  ['U32', [null, null, null], null],
  ['', [null, null, null], null],
])('the numbers of version "%s"', (version, numbers, build) => {
  expect(numbersOf(version)).toEqual(numbers);
  expect(buildOf(version, undefined)).toBe(build);
});

test('a build that is told counts for the one in the version', () => {
  expect(buildOf('1.2.3.4', '99')).toBe(99n);
  expect(buildOf('1.2.3.4', 'cloud')).toBeNull();
});
