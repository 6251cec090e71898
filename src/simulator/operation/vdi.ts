import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import { blank, construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh } from './allowed.js';
import { during, spend, type Work } from './during.js';
import {
  account,
  addImage,
  assertPlugged,
  assertSize,
  cloneImage,
  copyImage,
  dropImage,
  removeImage,
  rounded,
  snapshotImage,
  spaceOf,
  storageFails,
} from './image.js';
import { type ImageOperation, imageInUse, imageObstacle } from './image-rule.js';
import { type RepositoryOperation, repositoryObstacle } from './repository-rule.js';

type Vdi = Ref<'VDI'>;
type Sr = Ref<'SR'>;
type Image = Records['VDI'];

/** An operation on an image as work; its repository's kind must be able to do it. */
export const imageWork = (world: World, ref: Vdi, operation: ImageOperation): Work => ({
  of: 'VDI',
  ref,
  operation,
  obstacle: () => imageObstacle(world, ref, operation),
});

/** Does work on an image, one at a time (facts 5.4). */
function onImage<T>(call: Call, ref: Vdi, operation: ImageOperation, body: () => T): Promise<T> {
  return during(call, imageWork(call.world, ref, operation), async () => {
    await spend(call, operation === 'copy');
    return body();
  });
}

/** Does work on a repository, after another one there has ended. */
export const repositoryWork = (world: World, ref: Sr, operation: RepositoryOperation): Work => ({
  of: 'SR',
  ref,
  operation,
  obstacle: () => repositoryObstacle(world, ref, operation),
});

/** XenAPI VDI.create: on a plugged repository, sizes rounded up (facts 5.4). */
async function create(call: Call, given: AnyRecord): Promise<Vdi> {
  const { world } = call;
  const made = construct('VDI', given) as unknown as Image;
  assertPlugged(world, made.SR);
  if (world.db.need('SR', made.SR).content_type === 'iso') refuse('SR_OPERATION_NOT_SUPPORTED', made.SR);
  if (made.type === 'cbt_metadata') refuse('VDI_INCOMPATIBLE_TYPE', NULL_REF, made.type);
  assertSize(made.virtual_size);
  return during(call, repositoryWork(world, made.SR, 'vdi_create'), async () => {
    await spend(call);
    const virtual_size = rounded(world, made.SR, made.virtual_size);
    const physical_utilisation = spaceOf(world, made.SR, virtual_size);
    return addImage(world, { ...made, virtual_size, physical_utilisation, managed: true });
  });
}

/** XenAPI VDI.resize: storage managers refuse to shrink an image (facts 5.4). */
const resize = (call: Call, ref: Vdi, size: bigint): Promise<void> =>
  onImage(call, ref, 'resize', () => {
    const { world } = call;
    const { SR, virtual_size } = world.db.need('VDI', ref);
    assertSize(size);
    const now = rounded(world, SR, size);
    if (now < virtual_size) storageFails(79, 'VDI Invalid size [opterr=shrinking not allowed]');
    const grown = spaceOf(world, SR, now) - spaceOf(world, SR, virtual_size);
    account(world, SR, grown, now - virtual_size);
    const { physical_utilisation } = world.db.need('VDI', ref);
    world.db.update('VDI', ref, { virtual_size: now, physical_utilisation: physical_utilisation + grown });
  });

/** An image that a copy is to be written into must be free, and as large (XenAPI VDI.copy, into_vdi). */
function assertTakes(world: World, from: Vdi, into: Vdi): void {
  const { virtual_size, read_only } = world.db.need('VDI', into);
  const needed = world.db.need('VDI', from).virtual_size;
  if (imageInUse(world, world.db.need('VDI', into))) refuse('VDI_IN_USE', into, 'copy');
  if (read_only) refuse('VDI_READONLY', into);
  if (virtual_size < needed) refuse('VDI_TOO_SMALL', into, String(needed));
}

/** XenAPI VDI.copy: a new image on a repository (its own unless told otherwise), or into one that is there. */
function copy(call: Call, ref: Vdi, given: Sr, _base: Vdi, into: Vdi): Promise<Vdi> {
  const { world } = call;
  const { SR } = world.db.need('VDI', ref);
  if (into !== NULL_REF) {
    assertTakes(world, ref, into);
    return onImage(call, ref, 'copy', () => {
      assertTakes(world, ref, into);
      world.contents.copy(ref, into);
      return into;
    });
  }
  const sr = given === NULL_REF ? SR : given;
  assertPlugged(world, sr);
  if (world.db.need('SR', sr).content_type === 'iso') refuse('SR_OPERATION_NOT_SUPPORTED', sr);
  return onImage(call, ref, 'copy', () => copyImage(world, ref, sr));
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Fields of XenAPI VDI.introduce after uuid, names and repository, in its order. */
const introduced = [
  'type',
  'sharable',
  'read_only',
  'other_config',
  'location',
  'xenstore_data',
  'sm_config',
  'managed',
  'virtual_size',
  'physical_utilisation',
  'metadata_of_pool',
  'is_a_snapshot',
  'snapshot_time',
  'snapshot_of',
] as const;

/** XenAPI VDI.introduce: a record for what lies on the storage (facts 5.4). */
async function introduce(
  call: Call,
  uuid: string,
  name_label: string,
  name_description: string,
  SR: Sr,
  ...rest: readonly unknown[]
): Promise<Vdi> {
  const { world } = call;
  const given = Object.fromEntries(introduced.map((field, i) => [field, rest[i]])) as Partial<Image>;
  const own = { uuid, name_label, name_description, SR, ...given };
  const location = own.location ?? '';
  assertPlugged(world, SR);
  refuseIf(repositoryObstacle(world, SR, 'vdi_introduce'));
  if (!uuidPattern.test(uuid) || world.db.byUuid('VDI', uuid) !== undefined) refuse('UUID_INVALID', 'VDI', uuid);
  if (world.db.need('SR', SR).VDIs.some((vdi) => world.db.need('VDI', vdi).location === location))
    refuse('LOCATION_NOT_UNIQUE', SR, location);
  return during(call, repositoryWork(world, SR, 'vdi_introduce'), async () => {
    await spend(call);
    const ref = world.ids.ref() as Vdi;
    world.db.insert('VDI', ref, blank('VDI', own));
    refresh(world, 'VDI', ref);
    return ref;
  });
}

/** Machines that live with an image: it moves to another repository only while one of them does (XenAPI VDI.pool_migrate). */
function assertHeld(world: World, ref: Vdi): void {
  const live = world.db.need('VDI', ref).VBDs.some((vbd) => {
    const { VM, currently_attached } = world.db.need('VBD', vbd);
    return currently_attached && world.db.need('VM', VM).power_state === 'Running';
  });
  if (!live) refuse('VDI_NEEDS_VM_FOR_MIGRATE', ref);
}

function migrate(call: Call, ref: Vdi, sr: Sr): Promise<Vdi> {
  const { world } = call;
  const { cbt_enabled } = world.db.need('VDI', ref);
  assertPlugged(world, sr);
  assertHeld(world, ref);
  if (cbt_enabled) refuse('VDI_CBT_ENABLED', ref);
  return onImage(call, ref, 'mirror', () => {
    const { VBDs, current_operations: _own, ...image } = world.db.need('VDI', ref);
    const made = copyImage(world, ref, sr);
    world.db.update('VDI', made, { name_label: image.name_label, sharable: image.sharable });
    for (const vbd of VBDs) world.db.update('VBD', vbd, { VDI: made });
    removeImage(world, ref);
    refresh(world, 'VDI', made);
    return made;
  });
}

/** One bit a block of 64 KiB that changed between two states of an image, in base64 (XenAPI VDI.list_changed_blocks). */
function changedBlocks({ world }: Call, from: Vdi, to: Vdi): string {
  for (const vdi of [from, to]) refuseIf(imageObstacle(world, vdi, 'list_changed_blocks'));
  const { virtual_size } = world.db.need('VDI', to);
  const block = 65_536;
  const count = Math.ceil(Number(virtual_size) / block);
  const bits = Buffer.alloc(Math.ceil(count / 8));
  for (let i = 0; i < count; i++)
    if (world.contents.holds(to, i * block, block))
      bits[i >> 3] = (bits[i >> 3] as number) | (world.contents.holds(from, i * block, block) ? 0 : 0x80 >> (i & 7));
  return bits.toString('base64');
}

/** Where an image can be read by NBD: on every host's address on a network with that purpose; else nowhere. */
function nbdInfo({ world, session }: Call, ref: Vdi): readonly AnyRecord[] {
  const { uuid, SR } = world.db.need('VDI', ref);
  const plugged = new Set(
    world.db
      .need('SR', SR)
      .PBDs.map((pbd) => world.db.need('PBD', pbd))
      .filter((pbd) => pbd.currently_attached)
      .map((pbd) => pbd.host as string),
  );
  const open = [...world.db.entries('PIF')].filter(([, { network, host, currently_attached, IP }]) => {
    const purposes: readonly string[] = world.db.get('network', network)?.purpose ?? [];
    return plugged.has(host) && currently_attached && IP !== '' && purposes.some((each) => /nbd/.test(each));
  });
  return open.map(([, { IP, host }]) => ({
    exportname: `/${uuid}?session_id=${session?.ref ?? ''}`,
    address: IP,
    port: 10_809n,
    cert: '',
    subject: world.db.need('host', host).hostname,
  }));
}

const setTracked =
  (cbt_enabled: boolean) =>
  (call: Call, ref: Vdi): Promise<void> =>
    onImage(call, ref, cbt_enabled ? 'enable_cbt' : 'disable_cbt', () =>
      call.world.db.update('VDI', ref, { cbt_enabled }),
    );

/** The messages of class VDI (facts 5.4). */
export const vdiHandlers: HandlerTable = {
  'VDI.create': create,
  'VDI.destroy': (call: Call, ref: Vdi) => onImage(call, ref, 'destroy', () => removeImage(call.world, ref)),
  'VDI.forget': (call: Call, ref: Vdi) => onImage(call, ref, 'forget', () => dropImage(call.world, ref)),
  'VDI.resize': resize,
  'VDI.snapshot': (call: Call, ref: Vdi) => onImage(call, ref, 'snapshot', () => snapshotImage(call.world, ref)),
  'VDI.clone': (call: Call, ref: Vdi) => onImage(call, ref, 'clone', () => cloneImage(call.world, ref)),
  'VDI.copy': copy,
  'VDI.introduce': introduce,
  'VDI.pool_migrate': migrate,
  'VDI.update': ({ world }: Call, ref: Vdi) => refuseIf(imageObstacle(world, ref, 'update')),
  'VDI.set_on_boot': (call: Call, ref: Vdi, on_boot: Image['on_boot']) =>
    onImage(call, ref, 'set_on_boot', () => call.world.db.update('VDI', ref, { on_boot })),
  'VDI.enable_cbt': setTracked(true),
  'VDI.disable_cbt': setTracked(false),
  'VDI.data_destroy': (call: Call, ref: Vdi) =>
    onImage(call, ref, 'data_destroy', () => {
      call.world.contents.drop(ref);
      call.world.db.update('VDI', ref, { type: 'cbt_metadata', physical_utilisation: 0n });
    }),
  'VDI.list_changed_blocks': changedBlocks,
  'VDI.get_nbd_info': nbdInfo,
};
