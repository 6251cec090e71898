import type { Ref } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh } from './allowed.js';
import { during, spend, spendFor } from './during.js';
import { copyImage, removeImage } from './image.js';
import { admit, gather, type Making, makeImages } from './machine-bundle.js';
import { type Destination, type Plan, planOf, type Sending } from './migration-plan.js';
import { dissolve } from './vm-destroy.js';
import { disksOf } from './vm-duplicate.js';
import { migrationObstacle, settle } from './vm-migrate.js';
import { onItsWay } from './vm-power.js';
import { boot, leave, tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;
type Host = Ref<'host'>;
type Strings = Readonly<Record<string, string>>;

/** Images move to their new repositories, all or none; block devices follow them. */
function moveImages(world: World, images: Plan): void {
  const made = new Map<Vdi, Vdi>();
  try {
    for (const [vdi, sr] of images) made.set(vdi, copyImage(world, vdi, sr));
  } catch (error) {
    for (const each of made.values()) removeImage(world, each);
    throw error;
  }
  for (const [vdi, now] of made) {
    for (const vbd of world.db.need('VDI', vdi).VBDs) world.db.update('VBD', vbd, { VDI: now });
    for (const [vm, { suspend_VDI }] of world.db.entries('VM'))
      if (suspend_VDI === vdi) world.db.update('VM', vm, { suspend_VDI: now });
    removeImage(world, vdi);
    refresh(world, 'VDI', now);
  }
}

/** Within the pool: images move, and a running machine with them. */
async function sendWithin(call: Call, { vm }: Sending, host: Host, images: Plan): Promise<Vm> {
  const { world } = call;
  const live = world.db.need('VM', vm).power_state === 'Running';
  const time = world.clock.duration(call.message.name);
  if (live) await onItsWay(call, vm, host, 'vm_migrate', () => spendFor(call, time, true));
  else await spend(call, true);
  moveImages(world, images);
  if (live) settle(world, vm, host);
  if (live) tellOf(world, vm, 'VM_MIGRATED', 'was migrated with its storage');
  return vm;
}

/** To another pool: the machine is put in there with its snapshots, runs on, and is gone here unless it is a copy. */
async function sendAway(call: Call, sending: Sending, { world: there, host }: Destination): Promise<Vm> {
  const { world } = call;
  const { vm, vifs, vdis, options } = sending;
  await spend(call, true);
  const machine = world.db.need('VM', vm);
  const { default_SR } = there.db.need('pool', there.pool());
  const making: Making = {
    repository: (vdi) => vdis[vdi] ?? default_SR,
    fill: (from, to) => world.contents.give(from, there.contents, to),
  };
  const names = admit(there, gather(world, vm, { snapshots: true }), {
    images: (bundle) => makeImages(there, bundle, making),
    network: (vif, { network }) =>
      vifs[vif] ??
      there.db.find('network', (n) => n.bridge === world.db.get('network', network)?.bridge)?.[0] ??
      firstNetwork(there),
    same: options['copy'] !== 'true',
  });
  const made = names.get(vm) as Vm;
  const agent = world.agents.get(vm);
  if (agent !== undefined) there.agents.set(made, agent);
  if (machine.power_state === 'Running') await boot(there, made, host, false, true);
  tellOf(there, made, 'VM_MIGRATED', 'was migrated from another pool');
  if (options['copy'] !== 'true') takeAway(world, vm);
  return made;
}

const firstNetwork = ({ db }: World): Ref<'network'> => db.refs('network')[0] as Ref<'network'>;

/** A machine that lives elsewhere now, its snapshots and their images. */
function takeAway(world: World, vm: Vm): void {
  if (world.db.need('VM', vm).power_state !== 'Halted') leave(world, vm, 'Halted');
  for (const each of [vm, ...world.db.need('VM', vm).snapshots]) {
    const machine = world.db.need('VM', each);
    const images = [...disksOf(world, machine), machine.suspend_VDI];
    dissolve(world, each);
    for (const vdi of images) removeImage(world, vdi);
  }
}

/** Migrations of storage that a host takes part in at a time. */
const most = 3;

/** TOO_MANY_STORAGE_MIGRATES [n]: this one counts too. */
function assertFew({ db }: World): void {
  const moving = [...db.entries('VM')].filter(([, vm]) =>
    Object.values(vm.current_operations).includes('migrate_send'),
  );
  if (moving.length > most) refuse('TOO_MANY_STORAGE_MIGRATES', String(most));
}

/** XenAPI VM.migrate_send: to a host of this pool or another one, with storage (facts 5.2). */
function send(call: Call, sending: Sending): Promise<Vm> {
  const { world } = call;
  const { vm, options } = sending;
  const obstacle = () => migrationObstacle(world, vm, 'migrate_send', options);
  return during(call, { of: 'VM', ref: vm, operation: 'migrate_send', obstacle }, () => {
    const { destination, images } = planOf(world, sending);
    assertFew(world);
    return destination.within
      ? sendWithin(call, sending, destination.host, images)
      : sendAway(call, sending, destination);
  });
}

/** XenAPI VM.assert_can_migrate: the first thing that keeps a machine from going there (facts 5.2). */
function assertCanMigrate(world: World, sending: Sending): void {
  refuseIf(migrationObstacle(world, sending.vm, 'migrate_send', sending.options));
  planOf(world, sending);
}

const sendingOf = (vm: Vm, dest: Strings, vdis: Sending['vdis'], vifs: Sending['vifs'], options: Strings): Sending => ({
  vm,
  dest,
  vdis,
  vifs,
  options,
});

/** XenAPI host.migrate_receive: where and under which session a machine may be sent to this host (facts 5.2). */
function receive({ world, session }: Call, host: Host, network: Ref<'network'>): Strings {
  world.db.need('host', host);
  const pif = world.db
    .need('network', network)
    .PIFs.map((ref) => [ref, world.db.need('PIF', ref)] as const)
    .find(([, each]) => each.host === host);
  if (pif === undefined) return refuse('PIF_NOT_PRESENT', host, network);
  if (pif[1].IP === '') refuse('INTERFACE_HAS_NO_IP', pif[1].device);
  const [own, master] = [world.site.urlOf(host), world.site.urlOf(world.coordinator())];
  const session_id = session?.ref ?? '';
  return {
    host,
    session_id,
    master: `${master}/`,
    SM: `${own}/services/SM?session_id=${session_id}`,
    xenops: `${own}/services/xenops?session_id=${session_id}`,
  };
}

type SendArguments = [
  vm: Vm,
  dest: Strings,
  live: boolean,
  vdis: Sending['vdis'],
  vifs: Sending['vifs'],
  options: Strings,
];

/** The messages that send machines elsewhere (facts 5.2). */
export const vmSendHandlers: HandlerTable = {
  'VM.assert_can_migrate': ({ world }: Call, ...[vm, dest, , vdis, vifs, options]: SendArguments) =>
    assertCanMigrate(world, sendingOf(vm, dest, vdis, vifs, options)),
  'VM.migrate_send': (call: Call, ...[vm, dest, , vdis, vifs, options]: SendArguments) =>
    send(call, sendingOf(vm, dest, vdis, vifs, options)),
  'host.migrate_receive': receive,
};
