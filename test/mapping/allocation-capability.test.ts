import { describe, expect, test } from 'vitest';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const MIB = 1n << 20n;
const hosts = demo.records('host');
const repositories = demo.records('SR');
const disks = repositories.find(({ type }) => type === 'nfs')!;
const media = repositories.find(({ content_type }) => content_type === 'iso')!;
const network = demo.records('network')[0]!;
const host = hosts[0]!;
const metrics = demo.store.get('host_metrics', host.metrics)!;

const limit = (kind: string, owner: string, role: string) =>
  demo.show(demo.one(`Xen_${kind}CapabilitiesSettingData`, 'InstanceID', `Xen:${owner}/${kind}${role}`));
const three = (amount: bigint) => ({ VirtualQuantity: amount, Reservation: amount, Limit: amount });

describe.each([
  ['Memory', hosts.map(({ uuid }) => uuid), { ResourceType: 4, SharingMode: 2 }],
  ['Processor', hosts.map(({ uuid }) => uuid), { ResourceType: 3, SharingMode: 3, SupportedRemoveStates: [3] }],
  ['Storage', repositories.map(({ uuid }) => uuid), { SharingMode: 2, RequestTypesSupported: 4 }],
  ['NetworkConnection', demo.records('network').map(({ uuid }) => uuid), { ResourceType: 33, SharingMode: 3 }],
])('Xen_%sAllocationCapabilities (DSP1043)', (kind, owners, expected) => {
  const cim = `Xen_${kind}AllocationCapabilities`;
  test('there is one a pool', () => {
    const shown = demo.list(cim);
    expect(shown.map(({ InstanceID }) => InstanceID).sort()).toEqual(
      owners.map((uuid) => `Xen:${uuid}/${kind}AllocationCapabilities`).sort(),
    );
    for (const one of shown) {
      expect(one).toMatchObject({ ...expected, SupportedAddStates: [2, 3] });
      expect(one['ElementName']).not.toBeNull();
      expect(one['RequestTypesSupported']).not.toBeNull();
    }
  });

  test('is defined by four settings of the same pool, each with its policy, role and range', () => {
    const ties = demo.list(`Xen_${kind}SettingsDefineCapabilities`);
    expect(ties).toHaveLength(4 * owners.length);
    const roles: Record<string, [number, number]> = {
      Default: [0, 0],
      Minimum: [3, 1],
      Maximum: [3, 2],
      Increment: [3, 3],
    };
    for (const tie of ties) {
      const id = (role: string) =>
        (tie[role] as { keys: readonly { name: string; value: string }[] }).keys.find(
          ({ name }) => name === 'InstanceID',
        )!.value;
      const [owner, part] = id('PartComponent').slice(4).split('/') as [string, string];
      expect(id('GroupComponent')).toBe(`Xen:${owner}/${kind}AllocationCapabilities`);
      const [ValueRole, ValueRange] = roles[part.slice(kind.length)]!;
      expect(tie).toMatchObject({ PropertyPolicy: 0, ValueRole, ValueRange });
    }
  });
});

describe('limits', () => {
  test('of memory: from 64 MiB in steps of 64 MiB up to what is free, 256 MiB unless said', () => {
    expect(limit('Memory', host.uuid, 'Minimum')).toMatchObject(three(64n * MIB));
    expect(limit('Memory', host.uuid, 'Increment')).toMatchObject(three(64n * MIB));
    expect(limit('Memory', host.uuid, 'Default')).toMatchObject(three(256n * MIB));
    expect(limit('Memory', host.uuid, 'Maximum')).toMatchObject({
      VirtualQuantity: metrics.memory_free,
      Reservation: metrics.memory_free,
      Limit: metrics.memory_total,
      AllocationUnits: 'byte',
      PoolID: `Xen:${host.uuid}/MemoryPool`,
    });
  });
  test('of processors: one at least, those of the host at most; weights are 1 to 65535', () => {
    expect(limit('Processor', host.uuid, 'Minimum')).toMatchObject({ ...three(1n), Weight: 1 });
    expect(limit('Processor', host.uuid, 'Default')).toMatchObject({ ...three(1n), Weight: 256 });
    expect(limit('Processor', host.uuid, 'Maximum')).toMatchObject({
      ...three(BigInt(host.host_CPUs.length || host.cpu_info['cpu_count']!)),
      Weight: 65_535,
    });
  });
  test('of a repository: its size at most; of a library, one medium', () => {
    expect(limit('Storage', disks.uuid, 'Minimum')).toMatchObject({ ...three(512n * MIB), AllocationUnits: 'byte' });
    expect(limit('Storage', disks.uuid, 'Maximum')).toMatchObject(three(disks.physical_size));
    for (const role of ['Minimum', 'Maximum', 'Increment', 'Default']) {
      expect(limit('Storage', media.uuid, role)).toMatchObject({
        ...three(1n),
        AllocationUnits: 'count',
        ResourceType: 16,
      });
    }
  });
  test('a size that XenAPI does not know is NULL, not 2^64 - 1', () => {
    demo.change('SR', disks.uuid, { physical_size: -1n });
    expect(limit('Storage', disks.uuid, 'Maximum')).toMatchObject({ VirtualQuantity: null, Limit: null });
    demo.change('SR', disks.uuid, disks);
  });
  test('of a network: one connection at a time', () => {
    expect(limit('NetworkConnection', network.uuid, 'Maximum')).toMatchObject(three(1n));
  });
});

describe('CIM_ElementCapabilities of pools and systems (DSP1043)', () => {
  const capabilities = (kind: string, owner: string) =>
    demo.one(`Xen_${kind}AllocationCapabilities`, 'InstanceID', `Xen:${owner}/${kind}AllocationCapabilities`);
  test.each(['Memory', 'Processor'])('%s: the pool and the host of the same uuid', (kind) => {
    const own = capabilities(kind, host.uuid);
    expect(demo.tied(own, `Xen_${kind}PoolAllocationCapabilities`)).toEqual([
      `Xen_${kind}Pool Xen:${host.uuid}/${kind}Pool`,
    ]);
    expect(demo.tied(own, `Xen_Host${kind}AllocationCapabilities`)).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
  });
  test('Storage: every host that has a PBD to it, no other', () => {
    const local = repositories.find(({ shared, PBDs }) => !shared && PBDs.length === 1)!;
    const plug = demo.store.get('PBD', local.PBDs[0]!)!;
    expect(demo.tied(capabilities('Storage', local.uuid), 'Xen_HostStorageAllocationCapabilities')).toEqual([
      `Xen_HostComputerSystem ${demo.store.get('host', plug.host)!.uuid}`,
    ]);
    expect(demo.tied(capabilities('Storage', disks.uuid), 'Xen_HostStorageAllocationCapabilities')).toHaveLength(
      hosts.length,
    );
  });
  test('NetworkConnection: every host that has a port on the network, and none on one that stays inside', () => {
    for (const one of demo.records('network')) {
      const own = capabilities('NetworkConnection', one.uuid);
      const wired = one.PIFs.map((ref) => demo.store.get('host', demo.store.get('PIF', ref)!.host)!.uuid);
      const expected = [...new Set(wired)].map((uuid) => `Xen_HostComputerSystem ${uuid}`).sort();
      expect(demo.tied(own, 'Xen_HostNetworkConnectionAllocationCapabilities').sort()).toEqual(expected);
      const pool = demo.one('Xen_NetworkConnectionPool', 'PoolID', one.uuid);
      expect(demo.tied(pool, 'Xen_HostNetworkConnectionPool').sort()).toEqual(expected);
    }
  });
  test('NetworkConnection: the pool and the switch of the network', () => {
    const own = capabilities('NetworkConnection', network.uuid);
    expect(demo.tied(own, 'Xen_NetworkConnectionPoolAllocationCapabilities')).toHaveLength(1);
    expect(demo.tied(own, 'Xen_VirtualSwitchPortAllocationCapabilities')).toEqual([
      `Xen_VirtualSwitch ${network.uuid}`,
    ]);
  });
});
