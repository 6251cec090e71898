import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { missing } from './input.js';
import type { Method, MethodTable, Plan } from './method.js';
import { Refusal, stateCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { coordinatorOf } from './storage-connection.js';
import { refusePeriod, unknownState } from './system-state.js';

type Host = Records['host'];

/** `up`: it takes machines; `held`: it does not; `away`: it does not answer. */
type Condition = 'up' | 'held' | 'away';

/** The key of other_config that says to other managers of the pool that a host is in maintenance. */
const maintenanceKey = 'MAINTENANCE_MODE';

interface Target {
  readonly ref: Ref<'host'>;
  readonly record: Host;
}

interface Transition {
  readonly name: string;
  readonly from: readonly Condition[];
  /** The messages that it needs the right to send. */
  readonly needs: (condition: Condition) => readonly string[];
  /** How many tasks it takes. */
  readonly tasks: number;
  readonly run: (steps: Steps, target: Target, condition: Condition) => Promise<void>;
}

const keyMessages = ['host.remove_from_other_config', 'host.add_to_other_config'];

async function leaveMaintenance(steps: Steps, { ref, record }: Target): Promise<void> {
  const value = record.other_config[maintenanceKey];
  if (value === undefined) return;
  await steps.call('host.remove_from_other_config', ref, maintenanceKey);
  const what = `that ${record.name_label} is in maintenance`;
  steps.undo(what, 'host.add_to_other_config', ref, maintenanceKey, value);
}

async function enterMaintenance(steps: Steps, { ref, record }: Target): Promise<void> {
  if (record.other_config[maintenanceKey] === 'true') return;
  await leaveMaintenance(steps, { ref, record });
  await steps.call('host.add_to_other_config', ref, maintenanceKey, 'true');
  const what = `${record.name_label}, which says that it is in maintenance,`;
  steps.undo(what, 'host.remove_from_other_config', ref, maintenanceKey);
}

/** No machine comes to the host any more. Where not all can leave it, nothing is done, and all reasons are told. */
async function close(steps: Steps, { ref, record }: Target): Promise<void> {
  await steps.call('host.assert_can_evacuate', ref);
  if (!record.enabled) return;
  await steps.call('host.disable', ref);
  steps.undo(`${record.name_label}, which takes no machines now,`, 'host.enable', ref);
}

/** The network that machines leave by, and how many at a time, are the pool's affair. */
const emptying = ['host.evacuate', NULL_REF, 0n] as const;

async function maintain(steps: Steps, target: Target): Promise<void> {
  await close(steps, target);
  await enterMaintenance(steps, target);
  const [message, network, batch] = emptying;
  await steps.last(message, target.ref, network, batch);
}

/**
 * Running machines do not keep XenAPI from stopping a host: they are moved away first. The host takes none while it goes
 * down; it says itself that it does again when it is back, unless it is in maintenance.
 */
const stop =
  (message: 'host.shutdown' | 'host.reboot') =>
  async (steps: Steps, target: Target): Promise<void> => {
    await close(steps, target);
    const [evacuate, network, batch] = emptying;
    await steps.task(evacuate, target.ref, network, batch);
    if (target.ref === coordinatorOf(steps.view)) await steps.parting(message, target.ref);
    else await steps.last(message, target.ref);
  };

async function enable(steps: Steps, target: Target, condition: Condition): Promise<void> {
  await leaveMaintenance(steps, target);
  await steps.last(condition === 'away' ? 'host.power_on' : 'host.enable', target.ref);
}

const stopping = (message: 'host.shutdown' | 'host.reboot', name: string): Transition => ({
  name,
  from: ['up', 'held'],
  needs: () => ['host.assert_can_evacuate', 'host.disable', 'host.evacuate', message],
  tasks: 2,
  run: stop(message),
});

/** What each RequestedState does, and in which conditions it is possible. */
const transitions: ReadonlyMap<number, Transition> = new Map<number, Transition>([
  [
    2,
    {
      name: 'Enabled',
      from: ['held', 'away'],
      needs: (condition) => [condition === 'away' ? 'host.power_on' : 'host.enable'],
      tasks: 1,
      run: enable,
    },
  ],
  [
    3,
    {
      name: 'Disabled',
      from: ['up', 'held'],
      needs: () => ['host.assert_can_evacuate', 'host.disable', 'host.evacuate', ...keyMessages],
      tasks: 1,
      run: maintain,
    },
  ],
  [4, stopping('host.shutdown', 'Shut Down')],
  [10, stopping('host.reboot', 'Reboot')],
]);

/** States that the schema knows and no host can be brought to. */
const impossible: ReadonlyMap<number, string> = new Map([
  [6, 'Offline'],
  [7, 'Test'],
  [8, 'Defer'],
  [9, 'Quiesce'],
  [11, 'Reset'],
]);

const inWords: Readonly<Record<Condition, string>> = {
  up: 'takes machines',
  held: 'takes no machines',
  away: 'does not answer',
};

const conditionOf = ({ enabled, metrics }: Host, view: View): Condition => {
  if (view.get('host_metrics', metrics)?.live === false) return 'away';
  return enabled ? 'up' : 'held';
};

function refusal(name: string, { name_label }: Host, condition: Condition): Refusal {
  const message = `${name_label} ${inWords[condition]}, and cannot be brought to ${name} from there`;
  return new Refusal(stateCodes.InvalidState, message);
}

/**
 * RequestStateChange of a host: Disabled is maintenance, for which its machines are moved to other hosts, as they are
 * before it is stopped. It fails, and the host is as before, where they cannot be. What is not possible now is the job's
 * failure, and to the letter the answer (decisions.md 31).
 */
const requestStateChange: Method = {
  run: (call): Plan => {
    const wanted =
      call.input.number('RequestedState') ?? missing('RequestedState', 'one of the states of its ValueMap');
    const transition = transitions.get(wanted);
    const name = transition?.name ?? impossible.get(wanted);
    if (name === undefined)
      throw unknownState(
        wanted,
        [...transitions.keys(), ...impossible.keys()].sort((a, b) => a - b),
      );
    refusePeriod(call);
    const target: Target = { ref: call.target.ref as Ref<'host'>, record: call.target.record as Host };
    const condition = conditionOf(target.record, call.view);
    const possible = transition?.from.includes(condition) ? transition : undefined;
    if (!possible && call.strict) throw refusal(name, target.record, condition);
    return {
      job: 'Xen_SystemStateChangeJob',
      answers: 'job',
      subject: target.record.uuid,
      codes: stateCodes,
      needs: possible?.needs(condition) ?? [],
      affects: { hosts: [target.ref] },
      steps: possible?.tasks ?? 1,
      run: async (steps) => {
        if (!possible) throw refusal(name, target.record, condition);
        await possible.run(steps, target, condition);
        return {};
      },
    };
  },
};

export const hostStateMethods: MethodTable = { Xen_HostComputerSystem: { RequestStateChange: requestStateChange } };
