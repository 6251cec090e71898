import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { blank } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { addImage, removeImage } from './image.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;
const none = NULL_REF as Ref<never>;

/** Classes whose records make up a machine that leaves its pool. */
export type Bundled = 'VM' | 'VBD' | 'VIF' | 'VDI' | 'VM_metrics' | 'VM_guest_metrics' | 'network' | 'SR';

/** Records by class and reference: a machine, with its snapshots and all that belongs to them. */
export type Bundle = { readonly [C in Bundled]: ReadonlyMap<string, Records[C]> };

const emptyBundle = (): { [C in Bundled]: Map<string, Records[C]> } => ({
  VM: new Map(),
  VBD: new Map(),
  VIF: new Map(),
  VDI: new Map(),
  VM_metrics: new Map(),
  VM_guest_metrics: new Map(),
  network: new Map(),
  SR: new Map(),
});

/** What goes with a machine that is exported. */
export interface Extent {
  readonly snapshots: boolean;
  /** The images that others hold their difference from (VDI.sm_config vhd-parent), as far as the pool has records of them. */
  readonly parents?: boolean;
}

/** The records of a machine, and of what is to go with it; the machine itself is the first. */
export function gather({ db }: World, vm: Vm, { snapshots, parents = false }: Extent): Bundle {
  const bundle = emptyBundle();
  const take = <C extends Bundled>(of: C, ref: string): Records[C] | undefined => {
    const record = db.get(of, ref);
    if (record !== undefined) (bundle[of] as Map<string, Records[C]>).set(ref, record);
    return record;
  };
  const takeImage = (ref: Vdi): void => {
    if (bundle.VDI.has(ref)) return;
    const image = take('VDI', ref);
    if (image === undefined) return;
    take('SR', image.SR);
    const parent = parents ? db.byUuid('VDI', image.sm_config['vhd-parent'] ?? '') : undefined;
    if (parent !== undefined) takeImage(parent);
  };
  const takeMachine = (ref: Vm): void => {
    const machine = take('VM', ref) as Records['VM'];
    take('VM_metrics', machine.metrics);
    take('VM_guest_metrics', machine.guest_metrics);
    takeImage(machine.suspend_VDI);
    for (const each of machine.VBDs) {
      const vbd = take('VBD', each) as Records['VBD'];
      if (vbd.type !== 'CD') takeImage(vbd.VDI);
    }
    for (const each of machine.VIFs) take('network', (take('VIF', each) as Records['VIF']).network);
  };
  takeMachine(vm);
  if (snapshots) for (const snapshot of db.need('VM', vm).snapshots) takeMachine(snapshot);
  return bundle;
}

/** Images of the pool by the names that they have in a bundle. */
export type Names = Map<string, string>;

/** How a machine comes into a pool. */
export interface Admission {
  /** The images that it is to have, made or found; all of them or a failure. */
  readonly images: (bundle: Bundle) => Names;
  /** The network of an interface. */
  readonly network: (vif: string, record: Records['VIF']) => Ref<'network'>;
  /** Whether it stays the same machine: uuids and addresses are kept. */
  readonly same: boolean;
}

/** How images are made for a machine that comes with their contents. */
export interface Making {
  /** Where an image is put. */
  readonly repository: (vdi: string, record: Records['VDI']) => Ref<'SR'>;
  /** What was in an image, for one that has been put in. */
  readonly fill: (from: string, to: Vdi) => void;
}

/** New images for all that are in a bundle, or none. */
export function makeImages(world: World, bundle: Bundle, { repository, fill }: Making): Names {
  const places = [...bundle.VDI].map(([ref, record]) => [ref, record, repository(ref, record)] as const);
  const names: Names = new Map();
  try {
    for (const [ref, record, SR] of places) {
      const made = addImage(world, { ...record, SR, managed: true, missing: false, allowed_operations: [] });
      names.set(ref, made);
      fill(ref, made);
    }
  } catch (error) {
    for (const made of names.values()) removeImage(world, made as Vdi);
    throw error;
  }
  for (const [ref, made] of names) {
    const { snapshot_of } = bundle.VDI.get(ref) as Records['VDI'];
    world.db.update('VDI', made, { snapshot_of: (names.get(snapshot_of) ?? none) as Vdi });
  }
  return names;
}

const insert = (world: World, of: RemoteClass, record: AnyRecord): string => {
  const ref = world.ids.ref();
  world.db.insert(of, ref, record);
  return ref;
};

function admitVm(world: World, vm: Records['VM'], same: boolean, images: Names): string {
  const install_time = world.clock.text();
  const metrics = insert(world, 'VM_metrics', blank('VM_metrics', { uuid: world.ids.uuid(), install_time }));
  const taken = world.db.byUuid('VM', vm.uuid) !== undefined;
  const uuid = same && !taken ? vm.uuid : world.ids.uuid();
  const gone = {
    allowed_operations: [],
    current_operations: {},
    resident_on: none,
    scheduled_to_be_resident_on: none,
    affinity: none,
    guest_metrics: none,
    consoles: [],
    VBDs: [],
    VIFs: [],
    VUSBs: [],
    VTPMs: [],
    VGPUs: [],
    attached_PCIs: [],
    crash_dumps: [],
    snapshots: [],
    children: [],
    blobs: {},
    appliance: none,
    snapshot_schedule: none,
    protection_policy: none,
    suspend_SR: none,
    parent: none,
    snapshot_of: none,
    domid: -1n,
    metrics: metrics as Ref<'VM_metrics'>,
    is_default_template: false,
  };
  const suspend_VDI = (images.get(vm.suspend_VDI) ?? none) as Vdi;
  const power_state = suspend_VDI === NULL_REF ? ('Halted' as const) : ('Suspended' as const);
  const seed = same ? {} : { mac_seed: world.ids.uuid() };
  const other_config = { ...vm.other_config, ...seed };
  return insert(world, 'VM', { ...vm, ...gone, uuid, suspend_VDI, power_state, other_config });
}

function admitDevices(world: World, bundle: Bundle, how: Admission, names: Names, networks: Names): void {
  const idle = { allowed_operations: [], current_operations: {}, currently_attached: false };
  for (const vbd of bundle.VBD.values()) {
    const metrics = insert(world, 'VBD_metrics', blank('VBD_metrics', { uuid: world.ids.uuid() }));
    const VDI = names.get(vbd.VDI) ?? NULL_REF;
    const VM = names.get(vbd.VM) as string;
    if (vbd.type === 'CD' || VDI !== NULL_REF)
      insert(world, 'VBD', {
        ...vbd,
        ...idle,
        uuid: world.ids.uuid(),
        VM,
        VDI,
        empty: VDI === NULL_REF,
        metrics,
        device: '',
      });
  }
  for (const [ref, vif] of bundle.VIF) {
    const metrics = insert(world, 'VIF_metrics', blank('VIF_metrics', { uuid: world.ids.uuid() }));
    const MAC = how.same || !vif.MAC_autogenerated ? vif.MAC : world.ids.mac();
    const [VM, network] = [names.get(vif.VM), networks.get(ref)];
    insert(world, 'VIF', { ...vif, ...idle, uuid: world.ids.uuid(), VM, network, MAC, metrics });
  }
}

/** Puts a machine into a pool, halted or asleep, with its snapshots; all of it or nothing. Answers the new references. */
export function admit(world: World, bundle: Bundle, how: Admission): ReadonlyMap<string, string> {
  const networks: Names = new Map([...bundle.VIF].map(([ref, vif]) => [ref, how.network(ref, vif)]));
  const names = how.images(bundle);
  for (const [ref, vm] of bundle.VM) names.set(ref, admitVm(world, vm, how.same, names));
  admitDevices(world, bundle, how, names, networks);
  for (const [ref, { parent, snapshot_of }] of bundle.VM) {
    const leads = { parent: (names.get(parent) ?? none) as Vm, snapshot_of: (names.get(snapshot_of) ?? none) as Vm };
    world.db.update('VM', names.get(ref) as string, leads);
  }
  for (const ref of bundle.VM.keys()) refreshMachine(world, names.get(ref) as Vm);
  for (const ref of bundle.VDI.keys()) if (names.has(ref)) refresh(world, 'VDI', names.get(ref) as string);
  return names;
}
