import type { CimInstance } from '../cim/instance.js';
import { type InstancePath, instancePath } from '../cim/path.js';
import { parseInstancePath } from '../cim/path-text.js';
import type { CallValue } from '../xenapi/protocol.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { plugIfLive, unplugIfHeld } from './hotplug.js';
import { invalid } from './input.js';
import { booleanIn, integerIn, textIn, textsIn } from './instance.js';
import { face } from './method.js';
import { makeImage, type NewImage } from './new-image.js';
import { type Referred, resolve } from './reference.js';
import type { Existing, Machine, NewResource, ResourceChange, ResourceKind } from './resource.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { lost } from './undo.js';
import { bytesOfUnit } from './unit.js';

type Vbd = Records['VBD'];
type Vdi = Records['VDI'];
type Image = Referred<'VDI'>;

/** ResourceTypes of drives for media that can be changed; all others of disks are disks. */
const drives: ReadonlySet<bigint> = new Set([15n, 16n]);

const isDrive = (settings: CimInstance): boolean => drives.has(integerIn(settings, 'ResourceType') ?? 0n);

/** Access: 1 readable, 2 and 3 writable (CIM_StorageAllocationSettingData). */
function modeOf(settings: CimInstance): 'RO' | 'RW' | undefined {
  const access = integerIn(settings, 'Access');
  if (access === undefined || access === 0n) return undefined;
  return access === 1n ? 'RO' : 'RW';
}

const pathLike = /^[^"'=]*[.]\w+\s*=/;

/** A text that names an object: the path of an instance, or the value of its identifying key alone. */
export function namedPath(text: string): InstancePath {
  if (!pathLike.test(text)) return instancePath('', [{ name: '', type: 'string', value: text }]);
  const unquoted = /=([^"',]+)$/.exec(text)?.[1];
  return unquoted === undefined ? parseInstancePath(text) : namedPath(unquoted);
}

/** What HostResource or HostExtentName say: an image, none (an empty key, which ejects), or nothing. */
function imageOf(settings: CimInstance, view: View): Image | 'none' | undefined {
  const text = textsIn(settings, 'HostResource')?.[0] ?? textIn(settings, 'HostExtentName');
  if (text === undefined) return undefined;
  if (text === '' || /=(?:""|'')?$/.test(text)) return 'none';
  return resolve(view, 'VDI', namedPath(text)) ?? invalid(`the pool has no image ${text.slice(0, 150)}`);
}

/** The repository for a new image: PoolID, else the default of the pool. */
function repositoryOf(settings: CimInstance, view: View): Referred<'SR'> {
  const id = textIn(settings, 'PoolID');
  if (id !== undefined && id !== '') {
    return (
      resolve(view, 'SR', namedPath(id)) ?? invalid(`PoolID: the pool has no storage repository ${id.slice(0, 100)}`)
    );
  }
  return defaultRepository(view) ?? invalid('a new disk wants a PoolID: the pool has no default storage repository');
}

/** The default storage repository of the pool. */
export function defaultRepository(view: View): Referred<'SR'> | undefined {
  const [pool] = view.refs('pool');
  const ref = pool && view.get('pool', pool)?.default_SR;
  const record = ref && view.get('SR', ref);
  return ref && record ? { ref, record } : undefined;
}

function sizeOf(settings: CimInstance): bigint | undefined {
  const count = integerIn(settings, 'VirtualQuantity');
  if (count === undefined) return undefined;
  const size = count * bytesOfUnit(textIn(settings, 'AllocationUnits') ?? 'byte');
  return size > 0n ? size : invalid('VirtualQuantity of a disk is more than 0');
}

/** The slot: a number or a name such as `xvdb`; the first that is free where nothing is said. */
const slotOf = (settings: CimInstance): string | undefined =>
  textIn(settings, 'AddressOnParent') ?? textIn(settings, 'Address');

type Planned = Pick<NewImage, 'sr' | 'size'>;

interface NewDisk {
  readonly drive: boolean;
  readonly image: Image | Planned | undefined;
  readonly slot: string;
  readonly mode: 'RO' | 'RW';
  readonly bootable: boolean;
  readonly name: string;
  readonly description: string;
}

function imageFor(settings: CimInstance, view: View, drive: boolean): Image | Planned | undefined {
  const given = imageOf(settings, view);
  if (given !== undefined && given !== 'none') return given;
  if (drive) return undefined;
  const size =
    sizeOf(settings) ?? invalid('a disk wants a VirtualQuantity, or the image that it shows in HostResource');
  return { sr: repositoryOf(settings, view), size };
}

function newDisk(settings: CimInstance, view: View): NewDisk {
  if (integerIn(settings, 'ResourceType') === 14n) invalid('machines have no floppy drives here');
  const drive = isDrive(settings);
  const image = imageFor(settings, view, drive);
  const readOnly = image && 'record' in image && image.record.read_only;
  return {
    drive,
    image,
    slot: slotOf(settings) ?? 'autodetect',
    mode: drive || readOnly ? 'RO' : (modeOf(settings) ?? 'RW'),
    bootable: booleanIn(settings, 'Bootable') ?? false,
    name: textIn(settings, 'ElementName') ?? '',
    description: textIn(settings, 'Description') ?? '',
  };
}

async function attach(steps: Steps, machine: Machine, disk: NewDisk): Promise<Ref<'VBD'>> {
  const { drive, image } = disk;
  const fresh = image && !('ref' in image);
  const VDI = !image
    ? NULL_REF
    : fresh
      ? await makeImage(steps, { ...image, name: disk.name, description: disk.description })
      : image.ref;
  const vbd = await steps.make<'VBD'>(
    { what: `the device of the disk ${disk.name}`, message: 'VBD.destroy' },
    'VBD.create',
    {
      VM: machine.ref,
      VDI,
      userdevice: disk.slot,
      bootable: disk.bootable,
      mode: disk.mode,
      type: drive ? 'CD' : 'Disk',
      unpluggable: true,
      empty: VDI === NULL_REF,
      other_config: { ...steps.tag, ...(fresh && { owner: '' }) },
      qos_algorithm_type: '',
      qos_algorithm_params: {},
    },
  );
  if (!drive) await plugIfLive(steps, 'VBD', vbd, machine);
  return vbd;
}

function add(settings: CimInstance, view: View): NewResource {
  const disk = newDisk(settings, view);
  const makes = disk.image !== undefined && !('ref' in disk.image);
  return {
    needs: [...(makes ? ['VDI.create'] : []), 'VBD.create'],
    tasks: makes ? 1 : 0,
    apply: async (steps, machine) => face('Xen_DiskSettingData', await attach(steps, machine, disk)),
  };
}

function find(view: View, path: InstancePath): Existing | undefined {
  const found = resolve(view, 'VBD', path);
  const record = found && view.get('VM', found.record.VM);
  return found && record && { machine: { ref: found.record.VM, record }, ref: found.ref };
}

interface Step {
  readonly needs: string;
  run(steps: Steps): Promise<void>;
}

/** A setter, with what it was before as its undoing. */
const set = (message: string, ref: string, value: CallValue, before: CallValue): Step => ({
  needs: message,
  run: async (steps) => {
    await steps.call(message, ref, value);
    steps.undo(`what ${message} changed`, message, ref, before);
  },
});

/** Another medium in a drive: the old one out, the new one in. */
function changeMedium(ref: string, { VDI, empty }: Vbd, image: Image | 'none'): Step[] {
  const steps: Step[] = [];
  if (!empty) {
    steps.push({
      needs: 'VBD.eject',
      run: async (each) => {
        await each.call('VBD.eject', ref);
        each.undo('the medium that was in the drive', 'VBD.insert', ref, VDI);
      },
    });
  }
  if (image === 'none') return steps;
  steps.push({
    needs: 'VBD.insert',
    run: async (each) => {
      await each.call('VBD.insert', ref, image.ref);
      each.undo('the medium in the drive', 'VBD.eject', ref);
    },
  });
  return steps;
}

function changeImage(vbd: Vbd, ref: string, settings: CimInstance, view: View): Step[] {
  const image = imageOf(settings, view);
  if (image === undefined || (image !== 'none' && image.ref === vbd.VDI)) return [];
  if (vbd.type === 'CD') return image === 'none' && vbd.empty ? [] : changeMedium(ref, vbd, image);
  throw new Refusal(6, 'a disk keeps its image: remove the disk, and add another that shows the other image');
}

/** An image grows, and cannot shrink again: where a later step fails, it is told that it stays as large. */
function resize({ virtual_size, name_label }: Vdi, ref: string, settings: CimInstance): Step[] {
  const size = sizeOf(settings);
  if (size === undefined || size === virtual_size) return [];
  if (size < virtual_size)
    throw new Refusal(6, `the image ${name_label} has ${virtual_size} bytes and cannot shrink to ${size}`);
  const run = async (steps: Steps): Promise<void> => {
    await steps.task('VDI.resize', ref, size);
    steps.undo(`the size of the image ${name_label}`, lost);
  };
  return [{ needs: 'VDI.resize', run }];
}

function modify(settings: CimInstance, { ref, machine }: Existing, view: View): ResourceChange {
  const vbd = view.get('VBD', ref)!;
  const vdi = view.get('VDI', vbd.VDI);
  const changes: Step[] = [];
  const [name, description] = [textIn(settings, 'ElementName'), textIn(settings, 'Description')];
  if (vdi && vbd.type === 'Disk') {
    if (name !== undefined) changes.push(set('VDI.set_name_label', vbd.VDI, name, vdi.name_label));
    if (description !== undefined)
      changes.push(set('VDI.set_name_description', vbd.VDI, description, vdi.name_description));
  }
  const [slot, mode, bootable] = [slotOf(settings), modeOf(settings), booleanIn(settings, 'Bootable')];
  if (slot !== undefined && slot !== vbd.userdevice) changes.push(set('VBD.set_userdevice', ref, slot, vbd.userdevice));
  if (mode !== undefined && mode !== vbd.mode) changes.push(set('VBD.set_mode', ref, mode, vbd.mode));
  if (bootable !== undefined && bootable !== vbd.bootable)
    changes.push(set('VBD.set_bootable', ref, bootable, vbd.bootable));
  changes.push(...changeImage(vbd, ref, settings, view));
  const growth = vdi && vbd.type === 'Disk' ? resize(vdi, vbd.VDI, settings) : [];
  checkState(machine.record, vbd, changes);
  return {
    needs: [...changes, ...growth].map(({ needs }) => needs),
    tasks: growth.length,
    apply: async (steps) => {
      for (const change of changes) await change.run(steps);
      return face('Xen_DiskSettingData', ref);
    },
    finish: async (steps) => {
      for (const change of growth) await change.run(steps);
    },
  };
}

/** What a machine that holds the disk does not let go of. */
function checkState(
  { name_label, power_state }: Records['VM'],
  { currently_attached }: Vbd,
  changes: readonly Step[],
): void {
  const stuck = changes.find(({ needs }) => needs === 'VBD.set_userdevice' || needs === 'VBD.set_mode');
  if (!currently_attached || !stuck) return;
  const message = `${name_label} is ${power_state} and holds the disk: its slot and access can be changed when it is detached`;
  throw new Refusal(serviceCodes.InvalidState, message);
}

/** A disk goes from the machine; its image stays. A device that goes can only be brought back as a new one. */
function remove({ ref, machine }: Existing, view: View): ResourceChange {
  const vbd = view.get('VBD', ref)!;
  const held = vbd.currently_attached;
  if (held && machine.record.power_state !== 'Running') {
    const { name_label, power_state } = machine.record;
    throw new Refusal(serviceCodes.InvalidState, `${name_label} is ${power_state} and holds the disk`);
  }
  return {
    needs: [...(held ? ['VBD.unplug'] : []), 'VBD.destroy'],
    tasks: 0,
    apply: async (steps) => {
      await unplugIfHeld(steps, 'VBD', ref, held);
      await steps.call('VBD.destroy', ref);
      steps.keep(ref);
      steps.undo(`the disk in slot ${vbd.userdevice}`, '@device', 'VBD', deviceRecord(vbd), held);
      return undefined;
    },
  };
}

/** What XenAPI VBD.create takes to make the same device anew. */
const deviceRecord = (vbd: Vbd): CallValue => ({
  VM: vbd.VM,
  VDI: vbd.VDI,
  userdevice: vbd.userdevice,
  bootable: vbd.bootable,
  mode: vbd.mode,
  type: vbd.type,
  unpluggable: vbd.unpluggable,
  empty: vbd.empty,
  other_config: vbd.other_config,
  qos_algorithm_type: vbd.qos_algorithm_type,
  qos_algorithm_params: vbd.qos_algorithm_params,
});

export const diskResource: ResourceKind = { add, find, modify, remove };
