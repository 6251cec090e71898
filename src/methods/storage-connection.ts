import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { Referred } from './reference.js';
import { poolCodes, Refusal } from './return-code.js';
import type { Steps } from './steps.js';

type Pbd = Records['PBD'];
type Config = Readonly<Record<string, string>>;

interface Plug {
  readonly ref: Ref<'PBD'>;
  readonly record: Pbd;
}

/** The coordinator of the pool. */
export const coordinatorOf = (view: View): Ref<'host'> => view.get('pool', [...view.refs('pool')][0]!)!.master;

const isLive = (view: View, host: Ref<'host'>): boolean => {
  const record = view.get('host', host);
  return record !== undefined && view.get('host_metrics', record.metrics)?.live === true;
};

/** The hosts that live, the coordinator first: some storage wants to be connected there before anywhere else. */
export function liveHosts(view: View): readonly Ref<'host'>[] {
  const coordinator = coordinatorOf(view);
  const others = [...view.refs('host')].filter((ref) => ref !== coordinator && isLive(view, ref));
  return [coordinator, ...others];
}

/** A repository's connections to hosts. */
export const plugsOf = (view: View, { PBDs }: Records['SR']): readonly Plug[] =>
  PBDs.flatMap((ref) => {
    const record = view.get('PBD', ref);
    return record ? [{ ref, record }] : [];
  });

const nameOf = (view: View, { host, SR }: Pbd): string =>
  `the connection of the host ${view.get('host', host)?.name_label ?? ''} to ${view.get('SR', SR)?.name_label ?? 'the repository'}`;

/** Connects by a PBD that is there; taken back by disconnecting (XenAPI PBD.plug). */
export async function plug(steps: Steps, ref: Ref<'PBD'>, what: string): Promise<void> {
  await steps.reversible({ what, message: 'PBD.unplug', args: [ref] }, 'PBD.plug', ref);
}

const hostName = (view: View, host: Ref<'host'>): string =>
  `the connection of the host ${view.get('host', host)?.name_label ?? ''}`;

const newPlug = (steps: Steps, SR: Ref<'SR'>, host: Ref<'host'>, config: Config) => ({
  SR,
  host,
  device_config: config,
  other_config: steps.tag,
});

/** Connects a host that has no PBD yet. */
export async function connect(steps: Steps, SR: Ref<'SR'>, host: Ref<'host'>, config: Config): Promise<void> {
  const what = hostName(steps.view, host);
  const undo = { what, message: 'PBD.destroy' };
  await plug(steps, await steps.make<'PBD'>(undo, 'PBD.create', newPlug(steps, SR, host, config)), what);
}

/** The same for a new repository: its PBDs go with it when it is forgotten. */
export async function connectNew(steps: Steps, SR: Ref<'SR'>, host: Ref<'host'>, config: Config): Promise<void> {
  const ref = String(await steps.call('PBD.create', newPlug(steps, SR, host, config)));
  await plug(steps, ref as Ref<'PBD'>, hostName(steps.view, host));
}

/** Refuses to take away from machines what they use: 6. */
export function assertUnused(view: View, { record }: Referred<'SR'>): void {
  for (const vdi of record.VDIs) {
    const { name_label = '', VBDs = [] } = view.get('VDI', vdi) ?? {};
    const vbd = VBDs.map((ref) => view.get('VBD', ref)).find((each) => each?.currently_attached);
    if (!vbd) continue;
    const machine = view.get('VM', vbd.VM)?.name_label ?? '';
    throw new Refusal(poolCodes.InUse, `the machine ${machine} uses the image ${name_label} of ${record.name_label}`);
  }
}

/** Disconnects all hosts, the coordinator last; a failure, now or later, connects them again (XenAPI PBD.unplug). */
export async function disconnect(steps: Steps, { record }: Referred<'SR'>): Promise<void> {
  const { view } = steps;
  const coordinator = coordinatorOf(view);
  const plugged = plugsOf(view, record).filter((each) => each.record.currently_attached);
  const last = plugged.filter((each) => each.record.host === coordinator);
  for (const each of [...plugged.filter((other) => !last.includes(other)), ...last]) {
    const back = { what: nameOf(view, each.record), message: 'PBD.plug', args: [each.ref] };
    await steps.reversible(back, 'PBD.unplug', each.ref);
  }
}
