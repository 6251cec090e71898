import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { during, spend } from './during.js';
import {
  account,
  addImage,
  assertPlugged,
  cloneImage,
  copyImage,
  removeImage,
  rounded,
  snapshotImage,
} from './image.js';
import { imageInUse } from './image-rule.js';
import { featuresOf, isPlugged } from './repository-rule.js';

type Vdi = Ref<'VDI'>;
type Sr = Ref<'SR'>;

/** One operation on an image at a time; what its kind of storage cannot do is SR_OPERATION_NOT_SUPPORTED [sr] (facts 5.4). */
function onImage<T>(
  call: Call,
  ref: Vdi,
  operation: string,
  rules: { feature?: string; idle?: boolean },
  body: () => T,
): Promise<T> {
  const { world } = call;
  const obstacle = (): XenApiFailure | undefined => {
    const vdi = world.db.need('VDI', ref);
    const [task, current] = Object.entries(vdi.current_operations)[0] ?? [];
    if (task !== undefined)
      return new XenApiFailure('OTHER_OPERATION_IN_PROGRESS', 'VDI', ref, current as string, task);
    if (rules.feature !== undefined && !featuresOf(world, vdi.SR).has(rules.feature))
      return new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', vdi.SR);
    if (rules.idle === true && imageInUse(world, vdi)) return new XenApiFailure('VDI_IN_USE', ref, operation);
    return isPlugged(world, vdi.SR) ? undefined : new XenApiFailure('SR_HAS_NO_PBDS', vdi.SR);
  };
  return during(call, { of: 'VDI', ref, operation, obstacle }, async () => {
    await spend(call);
    return body();
  });
}

/** XenAPI VDI.create: on a plugged repository, sizes rounded up (facts 5.4). */
async function createImage(call: Call, given: AnyRecord): Promise<Vdi> {
  const { world } = call;
  const made = construct('VDI', given) as unknown as Records['VDI'];
  assertPlugged(world, made.SR);
  if (!featuresOf(world, made.SR).has('VDI_CREATE') || world.db.need('SR', made.SR).content_type === 'iso')
    throw new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', made.SR);
  if (made.type === 'cbt_metadata') throw new XenApiFailure('VDI_INCOMPATIBLE_TYPE', NULL_REF, 'cbt_metadata');
  await spend(call);
  const virtual_size = rounded(world, made.SR, made.virtual_size);
  return addImage(world, { ...made, virtual_size, physical_utilisation: 2n << 20n, managed: true });
}

function destroyImage(call: Call, ref: Vdi): Promise<void> {
  const { world } = call;
  const { SR } = world.db.need('VDI', ref);
  const { content_type, type } = world.db.need('SR', SR);
  if (type === 'udev') throw new XenApiFailure('VDI_IS_A_PHYSICAL_DEVICE', ref);
  if (content_type === 'iso') throw new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', SR);
  return onImage(call, ref, 'destroy', { feature: 'VDI_DELETE', idle: true }, () => {
    const machines = world.db.need('VDI', ref).VBDs.map((vbd) => world.db.need('VBD', vbd).VM);
    removeImage(world, ref);
    for (const vm of machines) refreshMachine(world, vm);
  });
}

/** The storage manager refuses to shrink an image. */
const resizeImage = (call: Call, ref: Vdi, size: bigint): Promise<void> =>
  onImage(call, ref, 'resize', { feature: 'VDI_RESIZE', idle: true }, () => {
    const { SR, virtual_size } = call.world.db.need('VDI', ref);
    if (size < virtual_size)
      throw new XenApiFailure('SR_BACKEND_FAILURE_79', '', 'VDI Invalid size', 'shrinking not allowed');
    const now = rounded(call.world, SR, size);
    account(call.world, SR, 0n, now - virtual_size);
    call.world.db.update('VDI', ref, { virtual_size: now });
  });

function forgetImage(call: Call, ref: Vdi): Promise<void> {
  return onImage(call, ref, 'forget', { idle: true }, () => {
    for (const vbd of call.world.db.need('VDI', ref).VBDs) call.world.db.remove('VBD', vbd);
    call.world.db.remove('VDI', ref);
  });
}

const images: HandlerTable = {
  'VDI.create': createImage,
  'VDI.destroy': destroyImage,
  'VDI.resize': resizeImage,
  'VDI.forget': forgetImage,
  'VDI.update': ({ world }: Call, ref: Vdi) => void world.db.need('VDI', ref),
  'VDI.snapshot': (call: Call, ref: Vdi) =>
    onImage(call, ref, 'snapshot', { feature: 'VDI_SNAPSHOT' }, () => snapshotImage(call.world, ref)),
  'VDI.clone': (call: Call, ref: Vdi) =>
    onImage(call, ref, 'clone', { feature: 'VDI_CLONE' }, () => cloneImage(call.world, ref)),
  'VDI.copy': (call: Call, ref: Vdi, sr: Sr) =>
    onImage(call, ref, 'copy', {}, () =>
      copyImage(call.world, ref, sr === NULL_REF ? call.world.db.need('VDI', ref).SR : sr),
    ),
};

/** Machines whose images a plug of a repository serves on its host. */
function imagesInUse({ db }: World, { SR, host }: Records['PBD']): Vdi[] {
  return (db.get('SR', SR)?.VDIs ?? []).filter((vdi) =>
    db.need('VDI', vdi).VBDs.some((ref) => {
      const vbd = db.need('VBD', ref);
      return vbd.currently_attached && db.get('VM', vbd.VM)?.resident_on === host;
    }),
  );
}

/** Plugs or unplugs a repository on a host; doing so twice is nothing. In use it stays: VDI_IN_USE [vdi...] (facts 5.4). */
const setPlugged =
  (currently_attached: boolean) =>
  async (call: Call, ref: Ref<'PBD'>): Promise<void> => {
    const { world } = call;
    const pbd = world.db.need('PBD', ref);
    if (pbd.currently_attached === currently_attached) return;
    const used = currently_attached ? [] : imagesInUse(world, pbd);
    if (used.length > 0) throw new XenApiFailure('VDI_IN_USE', ...used);
    const elsewhere = world.db
      .need('SR', pbd.SR)
      .PBDs.some((other) => other !== ref && world.db.need('PBD', other).currently_attached);
    if (currently_attached && elsewhere && !world.db.need('SR', pbd.SR).shared)
      throw new XenApiFailure('SR_NOT_SHARABLE', pbd.SR, pbd.host);
    await spend(call);
    world.db.update('PBD', ref, { currently_attached });
    refreshRepository(world, pbd.SR);
  };

function refreshRepository(world: World, ref: Sr): void {
  refresh(world, 'SR', ref);
  for (const vdi of world.db.get('SR', ref)?.VDIs ?? []) refresh(world, 'VDI', vdi);
}

function createPlug({ world }: Call, given: AnyRecord): Ref<'PBD'> {
  const made = construct('PBD', given) as unknown as Records['PBD'];
  world.db.need('host', made.host);
  const known = world.db.need('SR', made.SR).PBDs.find((pbd) => world.db.need('PBD', pbd).host === made.host);
  if (known !== undefined) throw new XenApiFailure('PBD_EXISTS', made.SR, made.host, known);
  const ref = world.ids.ref() as Ref<'PBD'>;
  world.db.insert('PBD', ref, { ...made, uuid: world.ids.uuid(), currently_attached: false });
  refresh(world, 'SR', made.SR);
  return ref;
}

function destroyPlug({ world }: Call, ref: Ref<'PBD'>): void {
  const { currently_attached, SR } = world.db.need('PBD', ref);
  if (currently_attached) throw new XenApiFailure('OPERATION_NOT_ALLOWED', 'PBD is currently attached');
  world.db.remove('PBD', ref);
  refresh(world, 'SR', SR);
}

/** XenAPI SR.forget: the record goes with those of its images and plugs; the bytes stay where they are (facts 5.4). */
function forget({ world }: Call, ref: Sr): void {
  const { PBDs, VDIs } = world.db.need('SR', ref);
  if (isPlugged(world, ref)) throw new XenApiFailure('SR_HAS_PBD', ref);
  for (const vdi of VDIs) {
    for (const vbd of world.db.need('VDI', vdi).VBDs) world.db.remove('VBD', vbd);
    world.db.remove('VDI', vdi);
  }
  for (const pbd of PBDs) world.db.remove('PBD', pbd);
  world.db.remove('SR', ref);
}

async function scan(call: Call, ref: Sr): Promise<void> {
  assertPlugged(call.world, ref);
  await during(call, { of: 'SR', ref, operation: 'scan', obstacle: () => undefined }, () => spend(call));
}

/** The messages of classes VDI, SR and PBD (facts 5.4). */
export const storageHandlers: HandlerTable = {
  ...images,
  'PBD.plug': setPlugged(true),
  'PBD.unplug': setPlugged(false),
  'PBD.create': createPlug,
  'PBD.destroy': destroyPlug,
  'SR.scan': scan,
  'SR.update': ({ world }: Call, ref: Sr) => void world.db.need('SR', ref),
  'SR.forget': forget,
  'SR.get_supported_types': ({ world }: Call) => [...world.db.entries('SM')].map(([, { type }]) => type),
};
