import type { CallValue } from '../xenapi/protocol.js';
import type { Records } from '../xenapi/records.js';
import { missing } from './input.js';
import type { Method, MethodCall, MethodTable, Plan } from './method.js';
import { Refusal, stateCodes, timeoutNotSupported } from './return-code.js';

type PowerState = Records['VM']['power_state'];

/** A message that changes a machine's power state, and what it takes behind the machine. */
type Change = readonly [message: string, ...args: CallValue[]];

const start: Change = ['VM.start', false, false];
const resume: Change = ['VM.resume', false, false];
const cleanShutdown: Change = ['VM.clean_shutdown'];
const hardShutdown: Change = ['VM.hard_shutdown'];
const hardReboot: Change = ['VM.hard_reboot'];

interface Transition {
  readonly name: string;
  readonly from: Readonly<Partial<Record<PowerState, Change>>>;
}

const shutDown = { Running: cleanShutdown, Paused: hardShutdown, Suspended: hardShutdown } as const;
const reset = { Running: hardReboot, Paused: hardReboot } as const;

/** What each RequestedState does in each power state; where it says nothing, the transition is not possible. */
const transitions: ReadonlyMap<number, Transition> = new Map([
  [2, { name: 'Enabled', from: { Halted: start, Paused: ['VM.unpause'], Suspended: resume } }],
  [3, { name: 'Disabled', from: shutDown }],
  [4, { name: 'Shut Down', from: shutDown }],
  [6, { name: 'Offline', from: { Running: ['VM.suspend'] } }],
  [7, { name: 'Test', from: {} }],
  [8, { name: 'Defer', from: {} }],
  [9, { name: 'Quiesce', from: { Running: ['VM.pause'] } }],
  [10, { name: 'Reboot', from: { Running: ['VM.clean_reboot'] } }],
  [11, { name: 'Reset', from: reset }],
  [32768, { name: 'Hard Shutdown', from: { ...shutDown, Running: hardShutdown } }],
  [32769, { name: 'Hard Reboot', from: reset }],
] satisfies [number, Transition][]);

const noPeriod = /^0{14}\.0{6}:000$/;

/** Refuses a period: no time that XenAPI needs can be promised. */
export function refusePeriod({ input }: MethodCall): void {
  const period = input.text('TimeoutPeriod');
  if (period === undefined || noPeriod.test(period)) return;
  throw new Refusal(timeoutNotSupported, 'TimeoutPeriod: the pool promises no time for a change; leave it out');
}

/** Refuses a state that the class does not have. */
export function unknownState(wanted: number, known: Iterable<number>): Refusal {
  const message = `RequestedState can be one of ${[...known].join(', ')}; got ${wanted}`;
  return new Refusal(stateCodes.InvalidParameter, message);
}

function impossible({ name, from }: Transition, { name_label, power_state }: Records['VM']): Refusal {
  const states = Object.keys(from);
  const wanted = states.length > 0 ? `it would have to be ${states.join(' or ')}` : 'machines have no such state';
  const message = `${name_label} is ${power_state}, and cannot be brought to ${name}: ${wanted}`;
  return new Refusal(stateCodes.InvalidState, message);
}

/**
 * RequestStateChange of a virtual system (CIM_EnabledLogicalElement, DSP1052, DSP1057): always a job. A state that is
 * known and not possible now is that job's failure; to the letter it is the answer (decisions.md 31).
 */
const requestStateChange: Method = {
  run: (call): Plan => {
    const wanted =
      call.input.number('RequestedState') ?? missing('RequestedState', 'one of the states of its ValueMap');
    const transition = transitions.get(wanted);
    if (!transition) throw unknownState(wanted, transitions.keys());
    refusePeriod(call);
    const { ref, record } = call.target;
    const vm = record as Records['VM'];
    const change = transition.from[vm.power_state];
    if (!change && call.strict) throw impossible(transition, vm);
    return {
      job: 'Xen_SystemStateChangeJob',
      answers: 'job',
      subject: vm.uuid,
      codes: stateCodes,
      needs: change ? [change[0]] : [],
      affects: { VMs: [ref as Records['VBD']['VM']] },
      run: async (steps) => {
        if (!change) throw impossible(transition, vm);
        const [message, ...args] = change;
        await steps.last(message, ref, ...args);
        return {};
      },
    };
  },
};

/**
 * SetupKVPCommunication: xs-cim had a port and a daemon set up on the host for it. Nothing has to be today: keys are in
 * the machine's own store from the first on (XenAPI VM.xenstore_data, `vm-data/`), and its guest reads them there.
 */
const setupPairs: Method = { access: 'read', run: () => ({ returned: 0 }) };

export const systemStateMethods: MethodTable = {
  Xen_ComputerSystem: { RequestStateChange: requestStateChange, SetupKVPCommunication: setupPairs },
};
