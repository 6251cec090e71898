import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { freeMemory } from '../placement.js';
import { vmAllowed } from '../vm-lifecycle.js';
import type { World } from '../world.js';
import { applianceAllowed } from './appliance-rule.js';
import { runningOn } from './clash.js';
import { hostAllowed } from './host-rule.js';
import { imageAllowed } from './image-rule.js';
import { poolAllowed } from './pool-rule.js';
import { repositoryAllowed } from './repository-rule.js';
import { vbdAllowed } from './vbd-rule.js';
import { vifAllowed } from './vif-rule.js';

type Refreshed = 'VM' | 'VBD' | 'VIF' | 'VDI' | 'SR' | 'host' | 'network' | 'pool' | 'VM_appliance' | 'VTPM' | 'VUSB';

type Allowed<C extends Refreshed> = (world: World, ref: Ref<C>) => Records[C]['allowed_operations'];

/** What may be done to an object of a class now. */
const rules: { readonly [C in Refreshed]: Allowed<C> } = {
  VM: vmAllowed,
  VBD: vbdAllowed,
  VIF: vifAllowed,
  VDI: imageAllowed,
  SR: repositoryAllowed,
  host: hostAllowed,
  network: (world, ref) => (runningOn(world.db.need('network', ref)).length === 0 ? ['attaching'] : []),
  pool: poolAllowed,
  VM_appliance: applianceAllowed,
  VTPM: (world, ref) =>
    world.db.get('VM', world.db.need('VTPM', ref).VM)?.power_state === 'Halted' ? ['destroy'] : [],
  VUSB: (world, ref) => {
    const { VM, currently_attached } = world.db.need('VUSB', ref);
    if (world.db.get('VM', VM)?.power_state !== 'Running') return ['attach'];
    return ['attach', currently_attached ? 'unplug' : 'plug'];
  },
};

/** Works out again what may be done to an object. */
export function refresh(world: World, of: string, ref: string): void {
  if (!Object.hasOwn(rules, of) || world.db.get(of as Refreshed, ref) === undefined) return;
  const allowed_operations = (rules[of as Refreshed] as Allowed<Refreshed>)(world, ref as Ref<Refreshed>);
  world.db.update(of as 'VM', ref, { allowed_operations } as Partial<Records['VM']>);
}

/** A machine, its devices and their images. */
export function refreshMachine(world: World, ref: Ref<'VM'>): void {
  refresh(world, 'VM', ref);
  const vm = world.db.get('VM', ref);
  for (const vbd of vm?.VBDs ?? []) {
    refresh(world, 'VBD', vbd);
    const image = world.db.get('VBD', vbd)?.VDI;
    if (image !== undefined && image !== NULL_REF) refresh(world, 'VDI', image);
  }
  for (const vif of vm?.VIFs ?? []) refresh(world, 'VIF', vif);
  for (const vusb of vm?.VUSBs ?? []) refresh(world, 'VUSB', vusb);
  if (vm !== undefined) refresh(world, 'VM_appliance', vm.appliance);
}

/** A host's free memory, as host_metrics has it, and what may be done to the host. */
export function refreshHost(world: World, ref: Ref<'host'>): void {
  const record = world.db.get('host', ref);
  if (record === undefined) return;
  const live = world.db.get('host_metrics', record.metrics)?.live === true;
  const memory_free = live ? freeMemory(world, ref) : 0n;
  if (world.db.get('host_metrics', record.metrics)?.memory_free !== memory_free)
    world.db.update('host_metrics', record.metrics, { memory_free, last_updated: world.clock.text() });
  refresh(world, 'host', ref);
}

/** Everything, once at the start and after faults. */
export function refreshAll(world: World): void {
  for (const of of Object.keys(rules)) for (const ref of world.db.refs(of as Refreshed)) refresh(world, of, ref);
  for (const ref of world.db.refs('host')) refreshHost(world, ref);
}
