import type { Records, Ref } from '../../../src/xenapi/records.js';
import type { Stage } from '../stage.js';
import { assertSeen, hostPath } from './arrangement.js';
import type { Call, Row, Rows, Way } from './row.js';

const isHeld = ({ blocked_operations, allowed_operations, is_control_domain }: Records['VM']): boolean =>
  !is_control_domain && (Object.keys(blocked_operations).length > 0 || !allowed_operations.includes('pool_migrate'));

/** A host that is not the coordinator, that takes machines, and whose machines can all move. */
async function member(on: Stage): Promise<Ref<'host'>> {
  const { master } = on.db.need('pool', on.db.refs('pool')[0]!);
  const ref = on.db.refs('host').find((host) => host !== master)!;
  for (const vm of on.db.need('host', ref).resident_VMs.filter((each) => isHeld(on.db.need('VM', each)))) {
    on.db.update('VM', vm, { blocked_operations: {} });
    await on.connection.call('VM.hard_shutdown', vm);
  }
  if (!on.db.need('host', ref).enabled) {
    await on.connection.call('host.remove_from_other_config', ref, 'MAINTENANCE_MODE');
    await on.connection.call('host.enable', ref);
  }
  await on.events.caughtUp(10_000);
  return ref;
}

const arrange = async (on: Stage): Promise<Call> => {
  const ref = await member(on);
  return {
    at: hostPath(on.db.need('host', ref).uuid),
    given: { RequestedState: 3, TimeoutPeriod: '00000000000000.000000:000' },
    seen: () => {
      const { enabled, other_config } = on.store.get('host', ref)!;
      assertSeen(!enabled && other_config['MAINTENANCE_MODE'] === 'true');
    },
  };
};

/** The host in maintenance. */
const maintained: Way['arrange'] = async (on) => {
  const call = await arrange(on);
  const ref = await member(on);
  await on.connection.call('host.disable', ref);
  await on.connection.call('host.add_to_other_config', ref, 'MAINTENANCE_MODE', 'true');
  await on.events.caughtUp(10_000);
  return {
    ...call,
    given: { RequestedState: 2 },
    seen: () => {
      const { enabled, other_config } = on.store.get('host', ref)!;
      assertSeen(enabled && other_config['MAINTENANCE_MODE'] === undefined);
    },
  };
};

const requestStateChange: Row = {
  ways: {
    'back from maintenance': { arrange: maintained, answers: '4096' },
    'to be rebooted': {
      arrange: async (on) => {
        const { seen: _seen, ...call } = await arrange(on);
        return { ...call, given: { RequestedState: 10 } };
      },
      answers: '4096',
    },
  },
  arrange,
  answers: '4096',
  optional: ['TimeoutPeriod'],
  invalid: [
    { what: 'an unknown state', given: { RequestedState: 77 }, answers: '5' },
    { what: 'a state beyond its type', given: { RequestedState: 70_000 }, answers: 'INVALID_PARAMETER' },
    { what: 'a time limit', given: { TimeoutPeriod: '00000000000100.000000:000' }, answers: '4098' },
  ],
  wrongState: [
    { what: 'enabling a host that takes machines', given: { RequestedState: 2 }, answers: '4096 4097' },
    { what: 'a state that no host has', given: { RequestedState: 6 }, answers: '4096 4097' },
    {
      what: 'maintenance of a host with a machine that can go nowhere',
      arrange: async (on) => {
        const { master } = on.db.need('pool', on.db.refs('pool')[0]!);
        const [vm, { resident_on }] = on.one(
          'VM',
          (each) => each.allowed_operations.includes('pool_migrate') && each.resident_on !== master,
        );
        on.db.update('VM', vm, { blocked_operations: { pool_migrate: 'it stays' } });
        await on.events.caughtUp(10_000);
        return { ...(await arrange(on)), at: hostPath(on.db.need('host', resident_on).uuid) };
      },
      answers: '4096 4',
      says: /XenError:CANNOT_EVACUATE_HOST:.*OPERATION_BLOCKED/,
    },
  ],
  refusedTo: 'vm-power-admin',
};

/** Rows of hosts. */
export const hostStateRows: Rows = { Xen_HostComputerSystem: { RequestStateChange: requestStateChange } };
