import type { CimInstance } from '../../../src/cim/instance.js';
import type { InstancePath } from '../../../src/cim/path.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, path, type Stage, settingPath, shown, systemPath } from '../stage.js';
import {
  assertSeen,
  managementService as at,
  disk,
  diskOf,
  drive,
  fresh,
  hvm,
  type Machine,
  machineAt,
  memory,
  networks,
  pair,
  port,
  processors,
  repository,
  running,
  settingId,
  system,
  template,
} from './arrangement.js';
import type { Call, Case, Given, Row, Rows } from './row.js';

const seesNamed =
  (on: Stage, name: string): NonNullable<Call['seen']> =>
  async ({ output }) => {
    const found = await on.get(output['ResultingSystem'] as InstancePath);
    assertSeen(shown(found, 'ElementName') === name);
  };

/** The other ways to define a system. */
const definitions: Row['ways'] = {
  'from nothing': {
    arrange: (on) => ({
      at,
      given: {
        SystemSettings: hvm('from nothing'),
        ResourceSettings: [processors(2n), memory(512n), disk(on), disk(on), drive, port(on), pair('k', 'v')],
      },
      seen: seesNamed(on, 'from nothing'),
    }),
    answers: '4096',
    gives: ['ResultingSystem'],
  },
  'from another system': {
    arrange: async (on) => ({
      at,
      given: {
        SystemSettings: system({ ElementName: 'cloned' }),
        ReferenceConfiguration: settingPath((await fresh(on)).uuid),
      },
      seen: seesNamed(on, 'cloned'),
    }),
    answers: '4096',
    gives: ['ResultingSystem'],
  },
};

const defineSystem: Row = {
  ways: definitions,
  arrange: (on) => ({
    at,
    given: {
      SystemSettings: system({ ElementName: 'defined', Description: 'by the contract' }),
      ResourceSettings: [memory(512n), processors(2n), disk(on), port(on), pair('k', 'v')],
      ReferenceConfiguration: settingPath(template(on, 'Debian Bookworm 12').uuid, 'Xen_ComputerSystemTemplate'),
    },
    seen: async ({ output }) => {
      const found = await on.get(output['ResultingSystem'] as never);
      if (shown(found, 'ElementName') !== 'defined') throw new Error('the next read does not see the machine');
    },
  }),
  answers: '4096',
  gives: ['ResultingSystem'],
  optional: ['ResourceSettings', 'ReferenceConfiguration'],
  invalid: [
    {
      what: 'settings without a name',
      given: { SystemSettings: system({ Description: 'x' }) },
      answers: 'INVALID_PARAMETER',
      says: /ElementName/,
    },
    {
      what: 'a machine of no type that is made from nothing',
      given: { SystemSettings: system({ ElementName: 'x' }), ReferenceConfiguration: null },
      answers: 'INVALID_PARAMETER',
      says: /VirtualSystemType/,
    },
    {
      what: 'a resource of no kind',
      given: { ResourceSettings: [embedded('CIM_ResourceAllocationSettingData', { ElementName: 'x' })] },
      answers: 'INVALID_PARAMETER',
    },
    {
      what: 'a disk in no repository',
      given: (call) => ({
        ...call.given,
        ResourceSettings: [embedded('Xen_DiskSettingData', { ResourceType: 19, PoolID: 'none', VirtualQuantity: 1n })],
      }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a clone of a machine that runs',
      arrange: (on) => ({
        at,
        given: { SystemSettings: hvm('never'), ReferenceConfiguration: settingPath(running(on).uuid) },
      }),
      answers: 'FAILED',
      says: /XenError:VM_BAD_POWER_STATE/,
    },
  ],
  refusedTo: 'vm-operator',
};

const destroySystem: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return {
      at,
      given: { AffectedSystem: systemPath(uuid) },
      seen: async () => {
        if (on.store.get('VM', ref)) throw new Error('the next read still sees the machine');
      },
    };
  },
  invalid: [],
  wrongState: [
    {
      what: 'a machine that runs',
      arrange: (on) => ({ at, given: { AffectedSystem: systemPath(running(on).uuid) } }),
      answers: '5',
    },
  ],
  refusedTo: 'vm-operator',
  lasting: { 'VDI.destroy': 'the machine is gone: the answer names the images that are not' },
};

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

const addResourceSettings: Row = {
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

const addResourceSetting: Row = {
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

const modifyResourceSettings: Row = {
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

const removeResourceSettings: Row = {
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

const modifySystemSettings: Row = {
  arrange: async (on) => {
    const { uuid } = await fresh(on);
    const values = { ElementName: 'after', Description: 'said', HVM_Boot_Params: 'ndc', Other_Config: ['x=y'] };
    const affinity = on.db.need('host', on.db.refs('host')[0]!).uuid;
    return {
      at,
      given: {
        SystemSettings: system({
          InstanceID: `Xen:${uuid}`,
          AutomaticRecoveryAction: 2,
          HostAffinity: affinity,
          ...values,
        }),
      },
      seen: async () => assertSeen(shown(await on.get(settingPath(uuid)), 'ElementName') === 'after'),
    };
  },
  invalid: [
    {
      what: 'settings of no machine',
      given: { SystemSettings: system({ InstanceID: 'Xen:x' }) },
      answers: 'NOT_FOUND',
    },
    {
      what: 'settings without an InstanceID',
      given: { SystemSettings: system({ ElementName: 'x' }) },
      answers: 'INVALID_PARAMETER',
    },
    ...[{ AutomaticShutdownAction: 3 }, { HostAffinity: 'none' }, { Other_Config: ['nothing'] }].map((wrong) => ({
      what: `${Object.keys(wrong)[0]} that is none`,
      given: ({ given }: Call) => {
        const InstanceID = String(shown(given['SystemSettings'] as CimInstance, 'InstanceID'));
        return { SystemSettings: system({ InstanceID, ...(wrong as object) }) };
      },
      answers: 'INVALID_PARAMETER',
    })),
  ],
  wrongState: 'every setting can be changed in every state: what XenAPI refuses of it, it says itself',
  refusedTo: 'vm-operator',
};

const copySystem: Row = {
  ways: {
    'of a template': {
      arrange: (on) => ({
        at,
        given: {
          SystemSettings: system({ ElementName: 'of a template' }),
          StoragePool: repository(on).uuid,
          ReferenceConfiguration: settingPath(template(on, 'Rocky Linux 9').uuid),
        },
        seen: ({ job }) => assertSeen(/Name=/.test(String(shown(job!, 'ResultingSystem')))),
      }),
      answers: '4096',
    },
  },
  arrange: async (on) => {
    const { uuid } = await fresh(on);
    return {
      at,
      given: {
        SystemSettings: system({ ElementName: 'the copy', Description: 'copied' }),
        StoragePool: `Xen:Shared/${repository(on).uuid}`,
        ReferenceConfiguration: settingPath(uuid),
      },
      seen: ({ job }) => assertSeen(/Name=/.test(String(shown(job!, 'ResultingSystem')))),
    };
  },
  answers: '4096',
  optional: ['StoragePool'],
  invalid: [
    {
      what: 'a copy without a name',
      given: { SystemSettings: system({ Description: 'x' }) },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a machine that runs',
      arrange: (on) => ({
        at,
        given: { SystemSettings: system({ ElementName: 'x' }), ReferenceConfiguration: settingPath(running(on).uuid) },
      }),
      answers: '4096 2',
      says: /XenError:VM_BAD_POWER_STATE/,
    },
  ],
  refusedTo: 'vm-operator',
};

const snapshotOf = (on: Stage): string => on.one('VM', (vm) => vm.is_a_snapshot)[1].uuid;

const convertToTemplate: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return { at, given: { System: systemPath(uuid) }, seen: () => assertSeen(on.store.get('VM', ref)!.is_a_template) };
  },
  gives: ['ResultingTemplate'],
  invalid: [
    {
      what: 'a snapshot',
      arrange: (on) => ({ at, given: { System: systemPath(snapshotOf(on)) } }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a machine that runs',
      arrange: (on) => ({ at, given: { System: systemPath(running(on).uuid) } }),
      answers: 'FAILED',
      says: /XenError:VM_BAD_POWER_STATE/,
    },
  ],
  refusedTo: 'vm-operator',
};

const templatePath = (uuid: string): InstancePath => settingPath(uuid, 'Xen_ComputerSystemTemplate');

const convertFromTemplate: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    await on.connection.call('VM.set_is_a_template', ref, true);
    await on.events.caughtUp(10_000);
    return {
      at,
      given: { Template: templatePath(uuid) },
      seen: () => assertSeen(!on.store.get('VM', ref)!.is_a_template),
    };
  },
  gives: ['ResultingSystem'],
  invalid: [
    {
      what: 'a snapshot',
      arrange: (on) => ({ at, given: { Template: templatePath(snapshotOf(on)) } }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: 'a template is always halted',
  refusedTo: 'vm-operator',
};

const findPossibleHosts: Row = {
  arrange: async (on) => ({ at, given: { System: systemPath((await fresh(on)).uuid) } }),
  gives: ['PossibleHosts'],
  invalid: [],
  wrongState: 'it may be asked of every machine',
  refusedTo: { nobody: 'it only reads' },
};

/** Rows of the service that manages virtual systems. */
export const systemManagementRows: Rows = {
  Xen_VirtualSystemManagementService: {
    DefineSystem: defineSystem,
    DestroySystem: destroySystem,
    AddResourceSettings: addResourceSettings,
    AddResourceSetting: addResourceSetting,
    ModifyResourceSettings: modifyResourceSettings,
    RemoveResourceSettings: removeResourceSettings,
    ModifySystemSettings: modifySystemSettings,
    CopySystem: copySystem,
    ConvertToXenTemplate: convertToTemplate,
    ConvertFromXenTemplate: convertFromTemplate,
    FindPossibleHostsToRunOn: findPossibleHosts,
  },
};
