import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, path, type Stage, systemPath } from '../stage.js';
import { assertSeen, fresh, hostPath } from './arrangement.js';
import type { Call, Case, Given, Row, Rows, Way } from './row.js';

const at = path('Xen_VirtualSystemMigrationService', { Name: 'Xen Migration Service' });

const settings = (values: Parameters<typeof embedded>[1]) => embedded('CIM_VirtualSystemMigrationSettingData', values);

/** A machine that runs on a host and can go to another that takes it. */
function movable(on: Stage): { readonly vm: Ref<'VM'>; readonly to: Ref<'host'> } {
  const lies = (vbd: Ref<'VBD'>): boolean => {
    const { empty, VDI } = on.db.need('VBD', vbd);
    return empty || on.db.need('SR', on.db.need('VDI', VDI).SR).shared;
  };
  const [vm, { resident_on }] = on.one(
    'VM',
    ({ allowed_operations, VBDs }) => allowed_operations.includes('pool_migrate') && VBDs.every(lies),
  );
  const to = on.db.refs('host').find((host) => host !== resident_on && on.db.need('host', host).enabled)!;
  return { vm, to };
}

type Destination = (on: Stage, host: Records['host']) => Given;

const arrangement =
  (destination: Destination, moves: boolean) =>
  (on: Stage): Call => {
    const { vm, to } = movable(on);
    return {
      at,
      given: {
        ComputerSystem: systemPath(on.db.need('VM', vm).uuid),
        ...destination(on, on.db.need('host', to)),
        MigrationSettingData: settings({ MigrationType: 2 }),
      },
      seen: ({ output }) => {
        if (moves) assertSeen(on.store.get('VM', vm)!.resident_on === to);
        else assertSeen(output['IsMigratable'] === true && on.store.get('VM', vm)!.resident_on !== to);
      },
    };
  };

const template = (on: Stage): string => on.one('VM', (vm) => vm.is_a_template)[1].uuid;

const refusals = (arrange: (on: Stage) => Call): readonly Case[] => [
  {
    what: 'a template',
    arrange: (on) => {
      const call = arrange(on);
      return { ...call, given: { ...call.given, ComputerSystem: systemPath(template(on)) } };
    },
    answers: 'INVALID_PARAMETER',
  },
  {
    what: 'a MigrationType that XenAPI has not',
    given: { MigrationSettingData: settings({ MigrationType: 1 }) },
    answers: '1',
  },
  { what: 'a bandwidth', given: { MigrationSettingData: settings({ Bandwidth: 100 }) }, answers: '1' },
  {
    what: 'new settings of the machine',
    given: { NewSystemSettingData: embedded('Xen_ComputerSystemSettingData', { ElementName: 'x' }) },
    answers: '1',
  },
  {
    what: 'new settings of what is no disk',
    given: { NewResourceSettingData: [embedded('Xen_NetworkPortSettingData', { InstanceID: 'Xen:none/none' })] },
    answers: '6',
  },
];

const ignored = {
  NewSystemSettingData: 'a machine keeps its settings: it is refused',
  NewResourceSettingData: 'it says where disks go, which is a test of its own',
};

const optional = ['MigrationSettingData'];

/** The same move with the machine asleep or shut down on the way. */
const by = (arrange: (on: Stage) => Call, MigrationType: number): Way => ({
  arrange: (on) => {
    const call = arrange(on);
    return { ...call, given: { ...call.given, MigrationSettingData: settings({ MigrationType }) } };
  },
  answers: '4096',
  remade: 'a machine that was asleep or shut down runs in another domain',
});

const migration = (destination: Destination, invalid: readonly Case[]): Row => {
  const arrange = arrangement(destination, true);
  return {
    ways: { 'asleep on the way': by(arrange, 3), 'shut down on the way': by(arrange, 4) },
    arrange,
    answers: '4096',
    optional,
    ignored,
    invalid: [...refusals(arrange), ...invalid],
    wrongState: [
      {
        what: 'a machine that is halted',
        arrange: async (on) => {
          const call = arrange(on);
          return { ...call, given: { ...call.given, ComputerSystem: systemPath((await fresh(on)).uuid) } };
        },
        answers: '5',
      },
    ],
    refusedTo: 'vm-operator',
  };
};

const check = (destination: Destination, invalid: readonly Case[]): Row => {
  const arrange = arrangement(destination, false);
  return {
    arrange,
    gives: ['IsMigratable'],
    optional,
    ignored,
    invalid: [...refusals(arrange), ...invalid],
    wrongState: 'it is the question: the answer is that the machine cannot be moved',
    refusedTo: { nobody: 'it only reads' },
    forgiven: {
      'VM.assert_operation_valid': 'what the pool says is the answer',
      'VM.assert_can_boot_here': 'what the pool says is the answer',
    },
  };
};

const named: Destination = (_on, { address }) => ({ DestinationHost: address });
const referred: Destination = (_on, { uuid }) => ({ DestinationSystem: hostPath(uuid) });
const unnamed: readonly Case[] = [
  { what: 'a host that the pool has not', given: { DestinationHost: '192.0.2.99' }, answers: 'INVALID_PARAMETER' },
  { what: 'a host without a name', given: { DestinationHost: ' ' }, answers: 'INVALID_PARAMETER' },
];

/** Rows of the service that moves virtual systems. */
export const migrationRows: Rows = {
  Xen_VirtualSystemMigrationService: {
    MigrateVirtualSystemToHost: migration(named, unnamed),
    MigrateVirtualSystemToSystem: migration(referred, []),
    CheckVirtualSystemIsMigratableToHost: check(named, unnamed),
    CheckVirtualSystemIsMigratableToSystem: check(referred, []),
  },
};
