import { XenApiError } from '../xenapi/error.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { describing } from './describe.js';
import type { Input } from './input.js';
import { valueIn } from './instance.js';
import type { Method, MethodCall, MethodTable, Output, Plan, Work } from './method.js';
import { type Abroad, abroadOf, sendAbroad } from './migration-abroad.js';
import { disksOf, hostNamed, hostReferred, incompatible, machineOf, managementNetwork } from './migration-target.js';
import type { Referred } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { returnCompound } from './undo.js';

const job = 'Xen_VirtualSystemMigrationServiceJob';

type PowerState = Records['VM']['power_state'];

/** How a machine in some power state gets to a host. */
interface Way {
  /** The operation that must be allowed for it. */
  readonly operation: Records['VM']['allowed_operations'][number];
  /** What has to be done first, and what brings the machine back to where it was. */
  readonly first?: { readonly message: string; readonly back: 'VM.resume' | 'VM.start' };
  /** What brings it there: takes the machine, the host and `args`. */
  readonly last: string;
  readonly args: readonly CallValue[];
}

type Ways = Readonly<Partial<Record<PowerState, Way>>>;

const live: Way = { operation: 'pool_migrate', last: 'VM.pool_migrate', args: [{ live: 'true' }] };
const resume: Way = { operation: 'resume_on', last: 'VM.resume_on', args: [false, false] };
const start: Way = { operation: 'start_on', last: 'VM.start_on', args: [false, false] };

/** The ways of each MigrationType: 2 Live, 3 Resume (it sleeps on the way), 4 Restart (it is shut down on the way). */
const ways: ReadonlyMap<number, Ways> = new Map<number, Ways>([
  [2, { Running: live }],
  [
    3,
    {
      Suspended: resume,
      Running: { ...resume, operation: 'suspend', first: { message: 'VM.suspend', back: 'VM.resume' } },
    },
  ],
  [
    4,
    {
      Halted: start,
      Running: {
        ...start,
        operation: 'clean_shutdown',
        first: { message: 'VM.clean_shutdown', back: 'VM.start' },
      },
    },
  ],
]);

/** Power states from which a machine and its disks can be moved (XenAPI VM.migrate_send). */
const sendable: ReadonlySet<PowerState> = new Set(['Halted', 'Suspended', 'Running']);

/** What is wanted, by the parameters. */
interface Move {
  readonly machine: Referred<'VM'>;
  readonly host: Referred<'host'>;
  /** 2 Live unless said. */
  readonly type: number;
  /** Images and the repositories that they are to go to. */
  readonly disks: Readonly<Record<string, string>>;
  readonly view: View;
}

const unsupported = (message: string): never => {
  throw new Refusal(serviceCodes.NotSupported, message);
};

/** The MigrationType; what XenAPI cannot promise is Not Supported. */
function typeOf(input: Input): number {
  if (input.instance('NewSystemSettingData')) unsupported('a machine keeps its settings when it moves');
  const settings = input.instance('MigrationSettingData');
  if (!settings) return 2;
  for (const name of ['Bandwidth', 'TransportType']) {
    const value = valueIn(settings, name);
    if (typeof value === 'number' && value > 0) unsupported(`${name}: the hosts decide how they talk to each other`);
  }
  const type = Number(valueIn(settings, 'MigrationType') ?? 0);
  if (type === 0 || ways.has(type)) return type || 2;
  return unsupported(`MigrationType can be 2 (Live), 3 (Resume) or 4 (Restart), not ${type}`);
}

function moveOf({ input, view }: MethodCall, hostOf: (input: Input, view: View) => Referred<'host'>): Move {
  const machine = machineOf(input);
  const host = hostOf(input, view);
  const type = typeOf(input);
  const disks = disksOf(input, machine, view);
  if (Object.keys(disks).length > 0 && type !== 2)
    throw new Refusal(incompatible, 'the disks of a machine move with MigrationType 2 (Live) alone');
  return { machine, host, type, disks, view };
}

const movesDisks = ({ disks }: Move): boolean => Object.keys(disks).length > 0;

function wayOf({ machine: { record }, type }: Move): Way {
  const known = ways.get(type)!;
  const way = known[record.power_state];
  if (way) return way;
  const wanted = Object.keys(known).join(' or ');
  throw new Refusal(
    serviceCodes.InvalidState,
    `${record.name_label} is ${record.power_state}; for MigrationType ${type} it would have to be ${wanted}`,
  );
}

function assertSendable({ machine: { record } }: Pick<Move, 'machine'>): void {
  if (sendable.has(record.power_state)) return;
  const message = `${record.name_label} is ${record.power_state}, and its disks cannot be moved before it runs or rests`;
  throw new Refusal(serviceCodes.InvalidState, message);
}

/** What VM.migrate_send and VM.assert_can_migrate take: the disks move, networks stay as they are within a pool. */
async function sending(steps: Steps, move: Move): Promise<readonly CallValue[]> {
  const { machine, host, disks, view } = move;
  const destination = await steps.call('host.migrate_receive', host.ref, managementNetwork(view, host), {});
  return [machine.ref, destination as CallValue, machine.record.power_state === 'Running', disks, {}, {}, {}];
}

async function go(steps: Steps, move: Move, way: Way): Promise<void> {
  const { machine, host } = move;
  if (way.first) {
    await steps.call('VM.assert_can_boot_here', machine.ref, host.ref);
    const { name_label, resident_on } = machine.record;
    const what = `${name_label}, which is not on any host now,`;
    const args = [way.first.back, machine.ref, resident_on];
    await steps.reversible({ what, message: returnCompound, args }, way.first.message, machine.ref);
  }
  await steps.last(way.last, machine.ref, host.ref, ...way.args);
}

/** What the pool says to a question, and if it says no, why; what is no such answer is thrown. */
async function said(view: View, question: Promise<unknown>): Promise<Output> {
  try {
    await question;
    return { IsMigratable: true };
  } catch (reason) {
    if (reason instanceof Refusal) return { IsMigratable: false, Reason: reason.message };
    if (!(reason instanceof XenApiError) || ['denied', 'notFound'].includes(reason.trouble)) throw reason;
    return { IsMigratable: false, Reason: reason.text(describing(view)) };
  }
}

/** The work of moving to another pool, or of asking whether that can be; undefined where none is named. */
function emigration(call: MethodCall, asking = false): Omit<Work, 'answers'> | undefined {
  const { input, view } = call;
  const machine = machineOf(input);
  const abroad: Abroad | undefined = abroadOf(input, machine, view);
  if (!abroad) return undefined;
  if (typeOf(input) !== 2)
    throw new Refusal(incompatible, 'machines move to other pools with MigrationType 2 (Live) alone');
  if (!asking) assertSendable({ machine });
  const send = (steps: Steps, args: readonly CallValue[]) => steps.last('VM.migrate_send', ...args);
  const ask = (steps: Steps, args: readonly CallValue[]) => steps.call('VM.assert_can_migrate', ...args);
  return {
    job,
    subject: machine.record.uuid,
    codes: serviceCodes,
    affects: { VMs: [machine.ref] },
    run: async (steps) => {
      if (asking) return said(view, sendAbroad(ask, steps, abroad, machine));
      await sendAbroad(send, steps, abroad, machine);
      return {};
    },
  };
}

/** MigrateVirtualSystemTo… (CIM_VirtualSystemMigrationService, DSP1081): always a job. */
const migrate = (hostOf: (input: Input, view: View) => Referred<'host'>): Method => ({
  run: (call): Plan => {
    const away = emigration(call);
    if (away) return { ...away, answers: 'job', needs: ['VM.migrate_send'] };
    const move = moveOf(call, hostOf);
    const { machine, host } = move;
    const shared = {
      job,
      answers: 'job',
      subject: machine.record.uuid,
      codes: serviceCodes,
      affects: { VMs: [machine.ref], hosts: [host.ref] },
    } as const;
    if (movesDisks(move)) {
      assertSendable(move);
      return {
        ...shared,
        needs: ['host.migrate_receive', 'VM.migrate_send'],
        run: async (steps) => {
          await steps.last('VM.migrate_send', ...(await sending(steps, move)));
          return {};
        },
      };
    }
    const way = wayOf(move);
    return {
      ...shared,
      needs: way.first ? [way.first.message, way.last] : [way.last],
      steps: way.first ? 2 : 1,
      run: async (steps) => {
        await go(steps, move, way);
        return {};
      },
    };
  },
});

/** Asks the pool whether nothing stands against it; throws what does. */
async function assertPossible(steps: Steps, move: Move): Promise<void> {
  const { machine, host } = move;
  if (movesDisks(move)) {
    assertSendable(move);
    await steps.call('VM.assert_can_migrate', ...(await sending(steps, move)));
    return;
  }
  await steps.call('VM.assert_operation_valid', machine.ref, wayOf(move).operation);
  await steps.call('VM.assert_can_boot_here', machine.ref, host.ref);
}

/** CheckVirtualSystemIsMigratableTo…: changes nothing, and whoever may read may ask unless disks are to move. */
const check = (hostOf: (input: Input, view: View) => Referred<'host'>): Method => ({
  access: 'read',
  run: (call): Plan => {
    const away = emigration(call, true);
    if (away) return { ...away, answers: 'done', needs: ['VM.assert_can_migrate'] };
    const move = moveOf(call, hostOf);
    return {
      job,
      answers: 'done',
      subject: move.machine.record.uuid,
      codes: serviceCodes,
      needs: movesDisks(move) ? ['host.migrate_receive', 'VM.assert_can_migrate'] : [],
      run: (steps) => said(call.view, assertPossible(steps, move)),
    };
  },
});

export const migrationMethods: MethodTable = {
  Xen_VirtualSystemMigrationService: {
    MigrateVirtualSystemToHost: migrate(hostNamed),
    MigrateVirtualSystemToSystem: migrate(hostReferred),
    CheckVirtualSystemIsMigratableToHost: check(hostNamed),
    CheckVirtualSystemIsMigratableToSystem: check(hostReferred),
  },
};
