import { describe, expect, test } from 'vitest';
import { profiles } from '../../src/mapping/profile.js';
import { cimv2, demoEngine, interop } from './demo-engine.js';

const demo = await demoEngine();
const inInterop = (name: string) => demo.list(name, interop);

describe('the object manager', () => {
  test('there is exactly one, and clients can read its version', () => {
    const [manager, ...more] = inInterop('Xen_ObjectManager');
    expect(more).toEqual([]);
    expect(String(manager!['ElementName']).split(' ')[0]).toBe('xen-cim-bridge');
    expect(/.+ *Version *([^ ]+)/.exec(String(manager!['Description']))?.[1]).toBe('1.2.3');
  });

  test('says since when and why the pool is away (decisions.md 7)', () => {
    const server = demo.store.get('server', 'server')!;
    const away = { ...server, pool: { reachable: false, since: '2026-02-03T04:05:06Z', reason: 'connection refused' } };
    demo.store.apply([{ of: 'server', ref: 'server', after: away }]);
    expect(inInterop('Xen_ObjectManager')).toMatchObject([
      { OperationalStatus: [13], HealthState: 10, StatusDescriptions: [expect.stringContaining('connection refused')] },
    ]);
    demo.store.apply([{ of: 'server', ref: 'server', after: server }]);
    expect(inInterop('Xen_ObjectManager')).toMatchObject([{ OperationalStatus: [2], HealthState: 5 }]);
  });

  test('lists the namespaces by their own names, whatever the name that was asked', () => {
    const names = (asked: string) => demo.list('Xen_Namespace', asked).map(({ Name }) => Name);
    for (const asked of [interop, 'interop', 'root/pg_interop']) expect(names(asked)).toEqual([cimv2, interop]);
  });

  test('its namespaces, its host and its ways in are tied to it', () => {
    const [manager] = demo.all('Xen_ObjectManager', interop);
    expect(demo.tied(manager!, 'Xen_NamespaceInManager', interop)).toEqual([
      `Xen_Namespace ${cimv2}`,
      `Xen_Namespace ${interop}`,
    ]);
    expect(demo.tied(manager!, 'Xen_HostedObjectManager', interop)).toHaveLength(1);
    expect(demo.tied(manager!, 'Xen_CommMechanismForManager', interop)).toEqual([
      'Xen_CIMXMLCommunicationMechanism http:127.0.0.1:5988',
    ]);
  });
});

describe('profiles (DSP1033)', () => {
  test('what each references is registered too', () => {
    const known = profiles.map(({ name }) => name);
    for (const { references } of profiles) for (const name of references) expect(known).toContain(name);
  });

  test('the referenced profile is the Antecedent (decisions.md 29)', () => {
    const system = demo
      .all('Xen_RegisteredProfile', interop)
      .find((one) => demo.show(one, interop)['Caption'] === 'DSP1042')!;
    const ties = [...demo.engine.ties(interop, system, { association: (name) => name === 'Xen_ReferencedProfile' })];
    const role = (other: string) =>
      ties
        .filter((tie) => demo.show(tie.other as never, interop)['Caption'] === other)
        .map(({ otherRole }) => otherRole);
    expect(role('DSP1044')).toEqual(['Antecedent']);
    expect(ties.every(({ role }) => role === 'Dependent')).toBe(true);
  });

  test.each([
    ['Xen_ComputerSystem', 'DSP1057'],
    ['Xen_ProcessorPool', 'DSP1044'],
    ['Xen_MemoryPool', 'DSP1045'],
    ['Xen_StoragePool', 'DSP1047'],
    ['Xen_NetworkConnectionPool', 'DSP1050'],
  ])('every %s conforms to %s, as both namespaces tell', (name, profile) => {
    for (const asked of [interop, cimv2]) {
      for (const element of demo.all(name)) {
        expect(demo.tied(element, 'Xen_ElementConformsToProfile', asked)).toContainEqual(
          expect.stringContaining(profile),
        );
      }
    }
    const standard = demo
      .all('Xen_RegisteredProfile', interop)
      .find((one) => demo.show(one, interop)['Caption'] === profile)!;
    const ties = [
      ...demo.engine.ties(interop, standard, { association: (cim) => cim === 'Xen_ElementConformsToProfile' }),
    ];
    const central = ties.filter(({ other }) => other.className === name);
    expect(central).toHaveLength(demo.all(name).length);
    expect(new Set(central.map(({ otherNamespace }) => otherNamespace))).toEqual(new Set([cimv2]));
  });

  test('the seven of earlier providers stay where and as they were', () => {
    const old = [
      ['SystemVirtualizationProfile', 'SystemVirtualizationProfile', 'System Virtualization'],
      ['VirtualSystemProfile', 'VirtualSystemProfile', 'Virtual System Profile'],
      ['GenericDeviceAllocationProfile', 'GenericDeviceAllocationProfile', 'Generic Device Allocation Profile'],
      ['MemoryAllocationProfile', 'MemoryAllocationProfile', 'Memory Allocation Profile'],
      ['ProcessorAllocationProfile', 'ProcessorAllocationProfile', 'Processor Allocation Profile'],
      [
        'StorageVirtualizationProfile',
        'StorageResourceVirtualizationProfile',
        'Storage Resource Virtualization Profile',
      ],
      [
        'EthernetPortVirtualizationProfile',
        'EthernetPortResourceVirtualizationProfile',
        'Ethernet Port Resource Virtualization Profile',
      ],
    ];
    for (const [stem, id, name] of old) {
      expect(demo.list(`Xen_Registered${stem}`)).toMatchObject([
        {
          InstanceID: `Xen:${id}`,
          RegisteredName: name,
          RegisteredOrganization: 2,
          RegisteredVersion: '1.0.0',
          AdvertiseTypes: [3],
        },
      ]);
    }
  });

  test('the old references keep System Virtualization as the Antecedent', () => {
    const [system] = demo.all('Xen_RegisteredSystemVirtualizationProfile');
    const ties = [...demo.engine.ties(cimv2, system!, { association: (name) => name.startsWith('Xen_Referenced') })];
    expect(ties.map(({ role, otherRole }) => [role, otherRole])).toEqual(Array(5).fill(['Antecedent', 'Dependent']));
  });
});
