import { describe, expect, test } from 'vitest';
import { instancePath } from '../../src/cim/path.js';
import { cimv2, demoEngine, schemas } from './demo-engine.js';

const demo = await demoEngine();
const pool = demo.records('pool')[0]!;
const coordinator = demo.store.get('host', pool.master)!;
const others = demo.records('host').filter(({ uuid }) => uuid !== coordinator.uuid);
const only = (name: string) => {
  const [found, ...more] = demo.all(name);
  if (!found || more.length > 0) throw new Error(`${name}: wanted one instance, got ${more.length + (found ? 1 : 0)}`);
  return found;
};

const services = [
  ['Xen_VirtualSystemManagementService', 'Xen Hypervisor', 'Xen_HostedVirtualSystemManagementService'],
  [
    'Xen_VirtualSwitchManagementService',
    'Xen Virtual Switch Management Service',
    'Xen_HostedVirtualSwitchManagementService',
  ],
  ['Xen_StoragePoolManagementService', 'XenServer SR Management Service', 'Xen_HostedStoragePoolManagementService'],
  ['Xen_VirtualSystemMigrationService', 'Xen Migration Service', 'Xen_HostedVirtualSystemMigrationService'],
  ['Xen_VirtualSystemSnapshotService', 'Xen Virtual System Snapshot Service', 'Xen_HostedVirtualSystemSnapshotService'],
  ['Xen_MetricService', 'Xen Metrics Service', 'Xen_HostedMetricService'],
] as const;

const pathOf = (cim: string, name: string, system: string) => {
  const keys = {
    CreationClassName: cim,
    Name: name,
    SystemCreationClassName: 'Xen_HostComputerSystem',
    SystemName: system,
  };
  return instancePath(
    cim,
    Object.entries(keys).map(([name, value]) => ({ name, type: 'string', value })),
    cimv2,
  );
};

describe.each(services)('%s', (cim, name, hosting) => {
  test('is one, of the coordinator, and works', () => {
    expect(demo.show(only(cim))).toMatchObject({
      SystemCreationClassName: 'Xen_HostComputerSystem',
      SystemName: coordinator.uuid,
      CreationClassName: cim,
      Name: name,
      ElementName: name,
      EnabledState: 2,
      Started: true,
      HealthState: 5,
      OperationalStatus: [2],
      CommunicationStatus: 2,
    });
  });

  test('is found under the name of any host, and under no other name of its own (decisions.md 24)', () => {
    for (const { uuid } of [coordinator, ...others]) {
      const found = demo.engine.find(cimv2, pathOf(cim, name, uuid))!;
      expect(demo.show(found)['SystemName']).toBe(coordinator.uuid);
    }
    expect(demo.engine.find(cimv2, pathOf(cim, `${name}!`, coordinator.uuid))).toBeUndefined();
  });

  test('is hosted by the coordinator alone', () => {
    expect(demo.tied(only(cim), hosting)).toEqual([`Xen_HostComputerSystem ${coordinator.uuid}`]);
    const hostOf = (uuid: string) => demo.one('Xen_HostComputerSystem', 'Name', uuid);
    expect(demo.tied(hostOf(coordinator.uuid), hosting)).toEqual([`${cim} ${name}`]);
    for (const { uuid } of others) expect(demo.tied(hostOf(uuid), hosting)).toEqual([]);
  });

  test('says that it cannot be reached while the pool is away', () => {
    const server = demo.store.get('server', 'server')!;
    const away = { ...server, pool: { ...server.pool, reachable: false, reason: 'no route to host' } };
    demo.store.apply([{ of: 'server', ref: 'server', after: away }]);
    expect(demo.show(only(cim))).toMatchObject({
      EnabledState: 0,
      Started: null,
      HealthState: 0,
      OperationalStatus: [13],
    });
    demo.store.apply([{ of: 'server', ref: 'server', after: server }]);
  });
});

test('a service moves with the coordinator', () => {
  const [next] = others;
  demo.change('pool', pool.uuid, { master: demo.store.byUuid('host', next!.uuid)! });
  expect(demo.show(only('Xen_VirtualSystemManagementService'))['SystemName']).toBe(next!.uuid);
  expect(demo.show(only('Xen_VirtualSystemManagementCapabilities'))).toMatchObject({
    InstanceID: next!.uuid,
    ElementName: next!.name_label,
  });
  demo.change('pool', pool.uuid, pool);
});

test('the management service tells the version of the product', () => {
  const { product_version, build_number } = coordinator.software_version;
  expect(demo.show(only('Xen_VirtualSystemManagementService'))['Version']).toBe(`${product_version}-${build_number}`);
});

describe('CIM_ServiceAffectsElement (DSP1042, DSP1097)', () => {
  test.each([
    ['Xen_VirtualSystemManagementService', 'AffectsComputerSystem', 'Xen_ComputerSystem'],
    ['Xen_VirtualSystemMigrationService', 'AffectsComputerSystem', 'Xen_ComputerSystem'],
    ['Xen_VirtualSystemSnapshotService', 'AffectsComputerSystem', 'Xen_ComputerSystem'],
    ['Xen_VirtualSystemSnapshotService', 'AffectsSnapshot', 'Xen_ComputerSystemSnapshot'],
    ['Xen_VirtualSwitchManagementService', 'AffectsVirtualSwitch', 'Xen_VirtualSwitch'],
    ['Xen_StoragePoolManagementService', 'AffectsStoragePool', 'Xen_StoragePool'],
  ])('%s %s: every %s, with its effect', (cim, suffix, target) => {
    const ties = demo.list(`${cim}${suffix}`);
    expect(ties).toHaveLength(demo.all(target).length);
    for (const tie of ties) {
      expect(tie['ElementEffects']).toEqual([5]);
      expect(tie['OtherElementEffectsDescriptions']).toHaveLength(1);
      expect(tie['AffectingElement']).toMatchObject({ className: cim });
      expect(tie['AffectedElement']).toMatchObject({ className: target });
    }
  });
});

describe('capabilities', () => {
  const management = [2, 3, 5, 6, 7, 10];
  test.each([
    [
      'Xen_VirtualSystemManagementCapabilities',
      'Xen_VirtualSystemManagementServiceCapabilities',
      {
        SynchronousMethodsSupported: [...management, 32768],
        AsynchronousMethodsSupported: [...management, 32768],
        VirtualSystemTypesSupported: ['DMTF:Xen:HVM', 'DMTF:Xen:PV'],
        IndicationsSupported: [],
        ElementNameEditSupported: true,
      },
    ],
    [
      'Xen_VirtualSwitchManagementCapabilities',
      'Xen_VirtualSwitchManagementServiceCapabilities',
      {
        SynchronousMethodsSupported: management,
        AsynchronousMethodsSupported: management,
        VirtualSystemTypesSupported: ['DMTF:Virtual Ethernet Switch'],
      },
    ],
    [
      'Xen_StoragePoolManagementCapabilities',
      'Xen_StoragePoolManagementServiceCapabilities',
      {
        SynchronousMethodsSupported: [4, 32768, 32769, 32770, 32771, 32772],
        AsynchronousMethodsSupported: [4, 32768, 32773, 32774],
      },
    ],
    [
      'Xen_VirtualSystemMigrationCapabilities',
      'Xen_VirtualSystemMigrationServiceCapabilities',
      {
        SynchronousMethodsSupported: [4, 5],
        AsynchronousMethodsSupported: [2, 3],
        DestinationHostFormatsSupported: [2, 3, 4],
      },
    ],
    ['Xen_MetricsServiceCapabilities', 'Xen_MetricServiceElementCapabilities', { SupportedMethods: [4, 5, 6] }],
    [
      'Xen_VirtualSystemSnapshotServiceCapabilities',
      'Xen_VirtualSystemSnapshotServiceElementCapabilities',
      { SynchronousMethodsSupported: [2, 3, 4], AynchronousMethodsSupported: [2, 3, 4] },
    ],
  ])('%s: one, with the uuid of the coordinator, tied to its service alone', (cim, association, expected) => {
    const capabilities = only(cim);
    expect(demo.show(capabilities)).toMatchObject({ InstanceID: coordinator.uuid, ...expected });
    expect(demo.tied(capabilities, association)).toHaveLength(1);
    const [tie] = demo.list(association);
    expect(tie).toMatchObject({ Characteristics: [2], Capabilities: { className: cim } });
  });

  test('are found by the uuid of any host, of now or of once, and by nothing else (decisions.md 24)', () => {
    const cim = 'Xen_VirtualSystemManagementCapabilities';
    const find = (value: string) =>
      demo.engine.find(cimv2, { kind: 'path', className: cim, keys: [{ name: 'InstanceID', type: 'string', value }] });
    for (const { uuid } of [coordinator, ...others]) expect(find(uuid)).toBeDefined();
    expect(find(`Xen:${coordinator.uuid}`)).toBeDefined();
    for (const wrong of ['', 'x', `${coordinator.uuid}/1`, coordinator.uuid.slice(1)])
      expect(find(wrong)).toBeUndefined();
  });

  test('method codes are those of the schema 2.49, with our own from 32768 on (decisions.md 33)', () => {
    const cls = schemas.get(cimv2)!.class('Xen_VirtualSystemManagementCapabilities')!;
    for (const name of ['SynchronousMethodsSupported', 'AsynchronousMethodsSupported']) {
      const { qualifiers } = cls.properties.get(name)!;
      const codes = qualifiers.get('ValueMap')!.value as string[];
      const texts = qualifiers.get('Values')!.value as string[];
      expect(codes).toHaveLength(texts.length);
      expect(texts[codes.indexOf('10')]).toBe('AddResourcesSupported');
      expect(texts[codes.indexOf('32768')]).toBe('AddResourceSettingSupported');
    }
  });

  test('every host has the management capabilities and the four kinds of virtualization', () => {
    for (const { uuid } of [coordinator, ...others]) {
      const host = demo.one('Xen_HostComputerSystem', 'Name', uuid);
      expect(demo.tied(host, 'Xen_HostVSMSElementCapabilities')).toEqual([
        `Xen_VirtualSystemManagementCapabilities ${coordinator.uuid}`,
      ]);
      expect(demo.tied(host, 'Xen_HasVirtualizationCapabilities')).toHaveLength(4);
    }
  });

  test('the four kinds keep their names', () => {
    expect(
      demo.list('Xen_VirtualizationCapabilities').map((one) => [one['InstanceID'], one['Shared'], one['Mutable']]),
    ).toEqual([
      ['Xen_ProcessorVirtualizationCapability', true, false],
      ['Xen_MemoryVirtualizationCapability', false, true],
      ['Xen_DiskVirtualizationCapability', true, false],
      ['Xen_NetworkPortVirtualizationCapability', false, false],
    ]);
  });
});
