import { embedded, path, type Stage, settingPath, shown, systemPath, uuidIn } from '../stage.js';
import { assertSeen, fresh, type Machine, machineAt } from './arrangement.js';
import { forestRows } from './forest.js';
import type { Arrange, Case, Row, Rows } from './row.js';

const at = path('Xen_VirtualSystemSnapshotService', { Name: 'Xen Virtual System Snapshot Service' });

export const snapshotPath = (uuid: string) => settingPath(uuid, 'Xen_ComputerSystemSnapshot');

const settings = (values: Parameters<typeof embedded>[1]) => embedded('Xen_ComputerSystemSettingData', values);

/** A snapshot of a machine of its own. */
export async function snapshot(on: Stage): Promise<{ readonly machine: Machine; readonly shot: Machine }> {
  const machine = await fresh(on);
  const { output } = await on.invoke(at, 'CreateSnapshot', {
    AffectedSystem: systemPath(machine.uuid),
    SnapshotSettings: settings({ ElementName: 'before' }),
  });
  return { machine, shot: machineAt(on, uuidIn(output['ResultingSnapshot'])) };
}

/** What the pool was told not to do with a machine. */
const blocked =
  (operation: string, arrange: Row['arrange'], of: (on: Stage) => Machine): Arrange =>
  async (on) => {
    const call = await arrange(on);
    const { ref } = of(on);
    on.db.update('VM', ref, { blocked_operations: { [operation]: 'audit' } } as never);
    await on.events.caughtUp(10_000);
    return call;
  };

const template = (on: Stage) => on.one('VM', (vm) => vm.is_a_template && !vm.is_a_snapshot)[1].uuid;

let last: Machine;

const arrangeCreation: Row['arrange'] = async (on) => {
  last = await fresh(on);
  return {
    at,
    given: {
      AffectedSystem: systemPath(last.uuid),
      SnapshotSettings: settings({ ElementName: 'before', Description: 'nightly' }),
      SnapshotType: 3,
    },
    seen: async ({ output }) => {
      assertSeen(shown(await on.get(output['ResultingSnapshot'] as never), 'ElementName') === 'before');
    },
  };
};

const createSnapshot: Row = {
  ways: {
    'with the memory': {
      arrange: async (on) => {
        const call = await arrangeCreation(on);
        const vm = on.one('VM', ({ allowed_operations, power_state }) => {
          return power_state === 'Running' && allowed_operations.includes('checkpoint');
        });
        return { ...call, given: { ...call.given, AffectedSystem: systemPath(vm[1].uuid), SnapshotType: 2 } };
      },
      remade: 'a machine is suspended for it, and runs in another domain then',
      gives: ['ResultingSnapshot'],
    },
  },
  arrange: arrangeCreation,
  gives: ['ResultingSnapshot'],
  optional: ['SnapshotType'],
  invalid: [
    { what: 'a type that there is not', given: { SnapshotType: 7 }, answers: '6' },
    {
      what: 'settings without a name',
      given: { SnapshotSettings: settings({ Description: 'x' }) },
      answers: 'INVALID_PARAMETER',
    },
    {
      what: 'a template',
      arrange: (on) => ({
        at,
        given: { AffectedSystem: systemPath(template(on)), SnapshotSettings: settings({ ElementName: 'x' }) },
      }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a machine that the pool is told not to take snapshots of',
      arrange: blocked('snapshot', arrangeCreation, () => last),
      answers: 'FAILED',
      says: /XenError:OPERATION_BLOCKED/,
    },
  ],
  refusedTo: 'vm-operator',
};

const arrangeApplication: Row['arrange'] = async (on) => {
  const { machine, shot } = await snapshot(on);
  last = shot;
  const { name_description } = machine.now();
  await on.connection.call('VM.set_name_description', machine.ref, 'changed since');
  await on.events.caughtUp(10_000);
  return {
    at,
    given: { Snapshot: snapshotPath(shot.uuid) },
    seen: () => assertSeen(on.store.get('VM', machine.ref)!.name_description === name_description),
  };
};

const noSnapshot = (name: string): Case => ({
  what: 'a machine that is no snapshot',
  arrange: (on) => ({ at, given: { [name]: systemPath(on.machine('Halted')[1].uuid) } }),
  answers: 'INVALID_PARAMETER',
});

const applySnapshot: Row = {
  arrange: arrangeApplication,
  invalid: [noSnapshot('Snapshot')],
  wrongState: [
    {
      what: 'a snapshot that the pool is told not to go back to',
      arrange: blocked('revert', arrangeApplication, () => last),
      answers: 'FAILED',
      says: /XenError:OPERATION_BLOCKED/,
    },
  ],
  refusedTo: 'vm-operator',
};

const arrangeDestruction: Row['arrange'] = async (on) => {
  const { shot } = await snapshot(on);
  last = shot;
  return {
    at,
    given: { AffectedSnapshot: snapshotPath(shot.uuid) },
    seen: () => assertSeen(on.store.get('VM', shot.ref) === undefined),
  };
};

const destroySnapshot: Row = {
  arrange: arrangeDestruction,
  invalid: [noSnapshot('AffectedSnapshot')],
  wrongState: [
    {
      what: 'a snapshot that the pool is told to keep',
      arrange: blocked('destroy', arrangeDestruction, () => last),
      answers: 'FAILED',
      says: /XenError:OPERATION_BLOCKED/,
    },
  ],
  refusedTo: 'vm-operator',
  lasting: { 'VDI.destroy': 'the snapshot is gone: its images are tried again, and those that stay are named' },
};

/** Rows of the service that takes snapshots. */
export const snapshotRows: Rows = {
  Xen_VirtualSystemSnapshotService: {
    CreateSnapshot: createSnapshot,
    ApplySnapshot: applySnapshot,
    DestroySnapshot: destroySnapshot,
    ...forestRows,
  },
};
