import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { World } from '../world.js';
import { account, removeImage } from './image.js';
import { isPlugged } from './repository-rule.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;

/** Where a machine's memory is kept: its own repository for that, else the pool's, else that of its host (facts 5.1). */
function suspendRepository(world: World, ref: Vm): Ref<'SR'> {
  const vm = world.db.need('VM', ref);
  const host = world.db.get('host', vm.resident_on)?.suspend_image_sr;
  const candidates = [vm.suspend_SR, world.db.need('pool', world.pool()).suspend_image_SR, host];
  const found = candidates.find((sr) => sr !== undefined && isPlugged(world, sr));
  return found ?? refuse('VM_NO_SUSPEND_SR', ref);
}

/** Bytes of the image of a machine's memory: 1.2 * 1.05 * static_max + 100 MiB (facts 5.1). */
const sizeOf = (staticMax: bigint): bigint => (staticMax * 126n) / 100n + 100n * (1n << 20n);

/** Makes the image of a machine's memory on a repository that has room: SR_SUSPEND_SPACE_INSUFFICIENT [sr] (facts 5.1). */
export function makeMemoryImage(world: World, ref: Vm): Vdi {
  const SR = suspendRepository(world, ref);
  const { physical_size, physical_utilisation } = world.db.need('SR', SR);
  const virtual_size = sizeOf(world.db.need('VM', ref).memory_static_max);
  if (physical_size - physical_utilisation < virtual_size) refuse('SR_SUSPEND_SPACE_INSUFFICIENT', SR);
  account(world, SR, virtual_size, virtual_size);
  const vdi = world.ids.ref() as Vdi;
  const uuid = world.ids.uuid();
  const names = { name_label: 'Suspend image', name_description: 'Suspend image' };
  const sizes = { virtual_size, physical_utilisation: virtual_size };
  const own = { uuid, SR, location: uuid, type: 'suspend', managed: true } as const;
  world.db.insert('VDI', vdi, blank('VDI', { ...own, ...names, ...sizes }));
  return vdi;
}

/** The image of a machine's memory goes with the state that it held. */
export function dropMemoryImage(world: World, vm: Vm): void {
  const { suspend_VDI } = world.db.need('VM', vm);
  if (suspend_VDI === NULL_REF) return;
  removeImage(world, suspend_VDI);
  world.db.update('VM', vm, { suspend_VDI: NULL_REF as Vdi });
}
