import type { CimInstance } from '../../../src/cim/instance.js';
import type { InstancePath } from '../../../src/cim/path.js';
import { embedded, type Stage, settingPath, shown, systemPath } from '../stage.js';
import {
  assertSeen,
  managementService as at,
  disk,
  drive,
  fresh,
  hvm,
  memory,
  pair,
  port,
  processors,
  repository,
  running,
  system,
  template,
} from './arrangement.js';
import { addResourceSetting, addResourceSettings, modifyResourceSettings, removeResourceSettings } from './resource.js';
import type { Call, Row, Rows } from './row.js';

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
