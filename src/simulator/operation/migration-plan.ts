import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { isSelf, peerAt } from '../peer.js';
import { bootObstacle } from '../placement.js';
import type { World } from '../world.js';
import { assertPlugged } from './image.js';
import { featuresOf, isPlugged } from './repository-rule.js';
import { disksOf } from './vm-duplicate.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;
type Sr = Ref<'SR'>;
type Host = Ref<'host'>;
type Strings = Readonly<Record<string, string>>;

/** A migration as it was asked for. */
export interface Sending {
  readonly vm: Vm;
  /** From host.migrate_receive: host, master, session_id and more. */
  readonly dest: Strings;
  readonly vdis: Readonly<Record<string, Sr>>;
  readonly vifs: Readonly<Record<string, Ref<'network'>>>;
  readonly options: Strings;
}

/** Where a machine goes to: its own pool, or another one. */
export interface Destination {
  readonly world: World;
  readonly host: Host;
  readonly within: boolean;
}

/** CANNOT_CONTACT_HOST [host], SESSION_INVALID [session], HANDLE_INVALID: who asked must be known there. */
function destinationOf(world: World, { dest }: Sending): Destination {
  const { host = '', master = '', session_id = '' } = dest;
  const within = isSelf(master, world);
  const there = within ? world : peerAt(master, world);
  if (there === undefined) return refuse('CANNOT_CONTACT_HOST', host);
  if (there.sessions.get(session_id) === undefined) refuse('SESSION_INVALID', session_id);
  there.db.need('host', host);
  return { world: there, host: host as Host, within };
}

const version = (host: Records['host']): readonly number[] =>
  (host.software_version['product_version'] ?? '').split('.').map(Number);

/** Whether a host runs an older release than another one. */
function isOlder(one: Records['host'], other: Records['host']): boolean {
  const [a, b] = [version(one), version(other)];
  const at = b.findIndex((number, i) => number !== a[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] as number);
}

const pluggedOn = ({ db }: World, sr: Sr, host: Host): boolean =>
  (db.get('SR', sr)?.PBDs ?? []).some((ref) => {
    const pbd = db.need('PBD', ref);
    return pbd.host === host && pbd.currently_attached;
  });

/** The repository that an image goes to; undefined when it stays where it is (facts 5.2). */
function targetOf(
  world: World,
  { vdis }: Sending,
  { world: there, host, within }: Destination,
  vdi: Vdi,
): Sr | undefined {
  const { SR } = world.db.need('VDI', vdi);
  const wanted = vdis[vdi];
  if (wanted !== undefined) {
    assertPlugged(there, wanted);
    if (!pluggedOn(there, wanted, host)) refuse('VM_REQUIRES_SR', NULL_REF, wanted);
    return within && wanted === SR ? undefined : wanted;
  }
  if (within) return pluggedOn(world, SR, host) ? undefined : refuse('VDI_NOT_IN_MAP', vdi);
  const { default_SR } = there.db.need('pool', there.pool());
  return isPlugged(there, default_SR) ? default_SR : refuse('VDI_NOT_IN_MAP', vdi);
}

/** SR_DOES_NOT_SUPPORT_MIGRATION [sr, capabilities], VDI_CBT_ENABLED [vdi]: an image that moves must be able to. */
function assertMovable(world: World, vdi: Vdi, live: boolean): void {
  const { SR, cbt_enabled } = world.db.need('VDI', vdi);
  const features = featuresOf(world, SR);
  const able = live ? ['VDI_MIRROR', 'VDI_SNAPSHOT'] : ['VDI_SNAPSHOT'];
  if (!able.every((feature) => features.has(feature)))
    refuse('SR_DOES_NOT_SUPPORT_MIGRATION', SR, [...features].join(', '));
  if (cbt_enabled) refuse('VDI_CBT_ENABLED', vdi);
}

/** Networks of the other pool for all interfaces: VIF_NOT_IN_MAP [vif]; within a pool they stay (facts 5.2). */
function assertNetworks(world: World, { vm, vifs }: Sending, { world: there, within }: Destination): void {
  if (within) {
    if (Object.keys(vifs).length > 0)
      refuse('OPERATION_NOT_ALLOWED', 'VIF mapping is not allowed for intra-pool migration');
    return;
  }
  for (const vif of world.db.need('VM', vm).VIFs) {
    const network = vifs[vif];
    if (network === undefined) refuse('VIF_NOT_IN_MAP', vif);
    there.db.need('network', network);
  }
}

/** What a host of this pool says to a machine whose unreachable images come along. */
function assertHere(world: World, vm: Vm, host: Host, moves: boolean): void {
  const failure = bootObstacle(world, vm, host);
  if (failure === undefined || (failure.code === 'VM_REQUIRES_SR' && moves)) return;
  throw failure;
}

/** The images that move, and where to. */
export type Plan = ReadonlyMap<Vdi, Sr>;

/** Where a machine goes and what moves with it, or what keeps it from going there, first thing first (facts 5.2). */
export function planOf(world: World, sending: Sending): { destination: Destination; images: Plan } {
  const { vm } = sending;
  const destination = destinationOf(world, sending);
  const { world: there, host, within } = destination;
  const record = there.db.need('host', host);
  const machine = world.db.need('VM', vm);
  const live = machine.power_state === 'Running';
  const source = world.db.get('host', machine.resident_on) ?? world.db.need('host', world.coordinator());
  if (isOlder(record, source)) refuse('VM_HOST_INCOMPATIBLE_VERSION_MIGRATE', host, vm);
  if (!record.enabled) refuse('HOST_DISABLED', host);
  assertNetworks(world, sending, destination);
  const memory = machine.suspend_VDI === NULL_REF ? [] : [machine.suspend_VDI];
  const images = new Map<Vdi, Sr>();
  for (const vdi of [...disksOf(world, machine), ...memory]) {
    const target = targetOf(world, sending, destination, vdi);
    if (target === undefined) continue;
    assertMovable(world, vdi, live);
    images.set(vdi, target);
  }
  if (within && live && machine.resident_on !== host) assertHere(world, vm, host, images.size > 0);
  return { destination, images };
}
