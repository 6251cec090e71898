import type { CimInstance } from '../../../src/cim/instance.js';
import type { InstancePath } from '../../../src/cim/path.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, path, type Stage, settingPath, systemPath } from '../stage.js';
import {
  assertSeen,
  managementService as at,
  disk,
  diskOf,
  fresh,
  type Machine,
  machineAt,
  memory,
  networks,
  pair,
  port,
  processors,
  running,
  settingId,
} from './arrangement.js';
import type { Case, Given, Row } from './row.js';

const resource = (className: string, values: Parameters<typeof embedded>[1] = {}): CimInstance =>
  embedded(className, values);

/** Settings that no new resource can have, in a parameter that takes one of them or several. */
const badResources = (name: string, given: (one: CimInstance) => Given[string]): readonly Case[] =>
  [
    ['a resource of no kind', resource('CIM_ResourceAllocationSettingData')],
    ['a resource of one kind that says it is of another', resource('Xen_ProcessorSettingData', { ResourceType: 4 })],
    ['a key without a value', resource('Xen_KVP', { Key: 'k' })],
    ['a disk in no repository', resource('Xen_DiskSettingData', { PoolID: 'none', VirtualQuantity: 1n })],
    ['a disk of no size', resource('Xen_DiskSettingData', { ResourceType: 19 })],
    ['a port in no network', resource('Xen_NetworkPortSettingData', { PoolID: 'none' })],
    ['memory in acres', resource('Xen_MemorySettingData', { VirtualQuantity: 1n, AllocationUnits: 'acre' })],
  ].map(([what, one]) => ({
    what: what as string,
    given: { [name]: given(one as CimInstance) },
    answers: 'INVALID_PARAMETER',
  }));

const tooManyProcessors = (on: Stage): CimInstance => processors(running(on).now().VCPUs_max + 1n);

/** A machine of a test's own that runs. */
async function freshRunning(on: Stage): Promise<Machine> {
  const machine = await fresh(on);
  await on.connection.call('VM.start', machine.ref, false, false);
  await on.events.caughtUp(10_000);
  return machine;
}

export const addResourceSettings: Row = {
  ways: {
    'to a system that runs': {
      arrange: (on) => {
        const { uuid, ref, now } = running(on);
        const held = (vm: Records['VM']): number =>
          [
            ...vm.VBDs.map((each) => on.store.get('VBD', each)!),
            ...vm.VIFs.map((each) => on.store.get('VIF', each)!),
          ].filter(({ currently_attached }) => currently_attached).length;
        const before = held(now());
        return {
          at,
          given: { AffectedConfiguration: settingPath(uuid), ResourceSettings: [disk(on), port(on)] },
          seen: () => assertSeen(held(on.store.get('VM', ref)!) === before + 2),
        };
      },
      answers: '4096',
    },
  },
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    const ResourceSettings = [disk(on), port(on), pair('k', 'v'), processors(2n), memory(512n)];
    return {
      at,
      given: { AffectedConfiguration: settingPath(uuid), ResourceSettings },
      seen: () => {
        const { VBDs, VIFs, xenstore_data, VCPUs_max } = on.store.get('VM', ref)!;
        assertSeen(VBDs.length === 3 && VIFs.length === 2 && VCPUs_max === 2n && 'vm-data/k' in xenstore_data);
      },
    };
  },
  answers: '4096',
  invalid: badResources('ResourceSettings', (one) => [one]),
  wrongState: [
    {
      what: 'more processors than a machine that runs can have',
      arrange: (on) => ({
        at,
        given: { AffectedConfiguration: settingPath(running(on).uuid), ResourceSettings: [tooManyProcessors(on)] },
      }),
      answers: '4096 2',
      says: /only while it is halted/,
    },
  ],
  refusedTo: 'vm-operator',
};

export const addResourceSetting: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return {
      at,
      given: { AffectedSystem: systemPath(uuid), ResourceSetting: disk(on) },
      seen: async ({ output }) => {
        assertSeen(on.store.get('VM', ref)!.VBDs.length === 3);
        await on.get(output['ResultingResourceSetting'] as InstancePath);
      },
    };
  },
  gives: ['ResultingResourceSetting'],
  invalid: badResources('ResourceSetting', (one) => one),
  wrongState: [
    {
      what: 'more processors than a machine that runs can have',
      arrange: (on) => ({
        at,
        given: { AffectedSystem: systemPath(running(on).uuid), ResourceSetting: tooManyProcessors(on) },
      }),
      answers: '2',
    },
  ],
  refusedTo: 'vm-operator',
};

const setting = (className: string, InstanceID: string, values: Parameters<typeof embedded>[1]): CimInstance =>
  embedded(className, { InstanceID, ...values });

const modifications: Row['ways'] = {
  'of a system that runs': {
    arrange: async (on) => {
      const { uuid, ref } = await freshRunning(on);
      return {
        at,
        given: {
          ResourceSettings: [
            setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, { Weight: 300 }),
            setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { VirtualQuantity: 192n }),
          ],
        },
        seen: () => assertSeen(on.store.get('VM', ref)!.memory_dynamic_max === 192n << 20n),
      };
    },
  },
  'a port that becomes another': {
    arrange: async (on) => {
      const machine = await fresh(on);
      const id = settingId(on, machine, machine.now().VIFs[0]!);
      return {
        at,
        given: {
          ResourceSettings: [setting('Xen_NetworkPortSettingData', id, { Address: '00:16:3e:aa:bb:cc' })],
        },
        seen: () => assertSeen(on.store.get('VIF', machine.now().VIFs[0]!)!.MAC === '00:16:3e:aa:bb:cc'),
      };
    },
    remade: 'XenAPI has no way to give a port another address: it is made anew',
  },
  'a medium for a drive': {
    arrange: async (on) => {
      const machine = await fresh(on);
      const ref = machine.now().VBDs.find((each) => on.db.need('VBD', each).type === 'CD')!;
      const [VDI, { uuid }] = on.one('VDI', (vdi) => on.db.need('SR', vdi.SR).content_type === 'iso');
      const HostResource = [`root/cimv2:Xen_DiskImage.DeviceID="Xen:x/${uuid}"`];
      return {
        at,
        given: { ResourceSettings: [setting('Xen_DiskSettingData', settingId(on, machine, ref), { HostResource })] },
        seen: () => assertSeen(on.store.get('VBD', ref)!.VDI === VDI),
      };
    },
  },
};

export const modifyResourceSettings: Row = {
  ways: modifications,
  arrange: async (on) => {
    const machine = await fresh(on, [pair('k', 'old')]);
    const { uuid, ref, now } = machine;
    const network = networks(on)[1]!;
    const vif = now().VIFs[0]!;
    return {
      at,
      given: {
        ResourceSettings: [
          setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, { VirtualQuantity: 4n, Weight: 100 }),
          setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { VirtualQuantity: 2048n }),
          setting('Xen_DiskSettingData', settingId(on, machine, diskOf(on, machine)), {
            VirtualQuantity: 2n << 30n,
            ElementName: 'larger',
            AddressOnParent: '7',
          }),
          setting('Xen_NetworkPortSettingData', settingId(on, machine, vif), { PoolID: network.uuid }),
          setting('Xen_KVPSettingData', `Xen:${uuid}/k`, { value: 'new' }),
        ],
      },
      seen: () => {
        const { VCPUs_max, memory_static_max, xenstore_data } = on.store.get('VM', ref)!;
        const { network: now } = on.store.get('VIF', vif)!;
        assertSeen(VCPUs_max === 4n && memory_static_max === 2048n << 20n && xenstore_data['vm-data/k'] === 'new');
        assertSeen(on.store.get('network', now)!.uuid === network.uuid);
      },
    };
  },
  gives: ['ResultingResourceSettings'],
  invalid: [
    { what: 'settings without an InstanceID', given: { ResourceSettings: [memory(5n)] } },
    {
      what: 'settings of nothing',
      given: { ResourceSettings: [setting('Xen_DiskSettingData', 'Xen:none/none', { ElementName: 'x' })] },
    },
  ].map((each) => ({ ...each, answers: 'INVALID_PARAMETER' })),
  wrongState: [
    {
      what: 'more processors than a machine that runs can have',
      arrange: (on) => {
        const { uuid, now } = running(on);
        const VirtualQuantity = now().VCPUs_max + 1n;
        const more = setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, { VirtualQuantity });
        return { at, given: { ResourceSettings: [more] } };
      },
      answers: '5',
    },
    {
      what: 'a disk that is to shrink',
      arrange: async (on) => {
        const machine = await fresh(on);
        const id = settingId(on, machine, diskOf(on, machine));
        const smaller = setting('Xen_DiskSettingData', id, { VirtualQuantity: 1n << 20n });
        return { at, given: { ResourceSettings: [smaller] } };
      },
      answers: '6',
    },
  ],
  refusedTo: 'vm-operator',
};

export const removeResourceSettings: Row = {
  ways: {
    'from a system that runs': {
      arrange: async (on) => {
        const machine = running(on);
        const before = machine.now().VIFs;
        const AffectedConfiguration = settingPath(machine.uuid);
        await on.job(
          await on.invoke(at, 'AddResourceSettings', { AffectedConfiguration, ResourceSettings: [port(on)] }),
        );
        const vif = machine.now().VIFs.find((each) => !before.includes(each))!;
        return {
          at,
          given: { ResourceSettings: [settingId(on, machine, vif)] },
          seen: () => assertSeen(on.store.get('VIF', vif) === undefined),
        };
      },
      remade: 'XenAPI has no way back for a device that is destroyed: it is made anew, of the same record',
    },
  },
  arrange: async (on) => {
    const machine = await fresh(on, [pair('k', 'v')]);
    const { uuid, ref, now } = machine;
    const devices = [...now().VBDs, ...now().VIFs].map((each) => settingId(on, machine, each));
    return {
      at,
      given: { ResourceSettings: [...devices, `Xen:${uuid}/k`] },
      seen: () => {
        const { VBDs, VIFs, xenstore_data } = on.store.get('VM', ref)!;
        assertSeen(VBDs.length + VIFs.length === 0 && !('vm-data/k' in xenstore_data));
      },
    };
  },
  invalid: [
    {
      what: 'processors',
      given: ({ given }) => {
        const [, uuid] = /^Xen:([^/]+)/.exec(String((given['ResourceSettings'] as string[])[0]))!;
        return { ResourceSettings: [path('Xen_ProcessorSettingData', { InstanceID: `Xen:${uuid}/Processor` })] };
      },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a disk that a suspended machine holds',
      arrange: (on) => {
        const held = (ref: Ref<'VBD'>): boolean => on.db.need('VBD', ref).currently_attached;
        const [, { uuid, VBDs }] = on.one('VM', (vm) => vm.power_state === 'Suspended' && vm.VBDs.some(held));
        return { at, given: { ResourceSettings: [settingId(on, machineAt(on, uuid), VBDs.find(held)!)] } };
      },
      answers: '5',
    },
  ],
  refusedTo: 'vm-operator',
  remade: 'XenAPI has no way back for a device that is destroyed: it is made anew, of the same record',
};
