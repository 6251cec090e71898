import { XMLParser } from 'fast-xml-parser';
import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshMachine } from './allowed.js';
import { freeBlockDevices } from './device-name.js';
import { during, spend } from './during.js';
import { hostObstacle } from './host-rule.js';
import { addImage, assertPlugged, assertSize, removeImage, rounded, spaceOf } from './image.js';
import { addVmMetrics } from './vm-duplicate.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;
type Sr = Ref<'SR'>;

/** A disk that a template wants, as its other_config tells (facts 5.3). */
interface WantedDisk {
  readonly device: string;
  readonly size: bigint;
  readonly sr: Sr;
  readonly bootable: boolean;
  readonly type: 'system' | 'user';
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  isArray: (name) => name === 'disk',
});

/** A text that is no such XML is INTERNAL_ERROR, as it comes out of xapi's own parser. */
function elements(text: string): readonly Readonly<Record<string, string>>[] {
  const parsed = parser.parse(text) as {
    readonly provision?: { readonly disk?: readonly Record<string, string>[] } | '';
  };
  if (parsed.provision === undefined)
    refuse('INTERNAL_ERROR', `other_config:disks: wanted a provision element, got ${text.slice(0, 80)}`);
  return parsed.provision === '' ? [] : (parsed.provision.disk ?? []);
}

/** UUID_INVALID ["sr", uuid] for a repository that is not there, and for none: clients fill them in (facts 5.3). */
function repositoryOf({ db }: World, uuid: string): Sr {
  return db.byUuid('SR', uuid) ?? refuse('UUID_INVALID', 'sr', uuid);
}

function wantedDisks(world: World, text: string): WantedDisk[] {
  return elements(text).map(({ device = '', size = '', sr = '', bootable = '', type = 'user' }) => {
    if (!/^\d{1,19}$/.test(size)) refuse('INTERNAL_ERROR', `other_config:disks: wanted a size in bytes, got "${size}"`);
    const repository = repositoryOf(world, sr);
    assertPlugged(world, repository);
    assertSize(BigInt(size));
    const kind = type === 'system' ? 'system' : 'user';
    return { device, size: BigInt(size), sr: repository, bootable: bootable === 'true', type: kind };
  });
}

function addDisk(world: World, VM: Vm, disk: WantedDisk): Ref<'VDI'> {
  const { name_label } = world.db.need('VM', VM);
  const virtual_size = rounded(world, disk.sr, disk.size);
  const names = { name_label: `${name_label} ${disk.device}`, name_description: 'Created by template provisioner' };
  const own = { SR: disk.sr, type: disk.type, managed: true, virtual_size };
  const physical_utilisation = spaceOf(world, disk.sr, virtual_size);
  return addImage(world, blank('VDI', { ...names, ...own, physical_utilisation }) as never);
}

function addDevice(world: World, VM: Vm, VDI: Ref<'VDI'>, { device, bootable }: WantedDisk): void {
  const metrics = world.ids.ref() as Ref<'VBD_metrics'>;
  world.db.insert('VBD_metrics', metrics, blank('VBD_metrics', { uuid: world.ids.uuid() }));
  const free = freeBlockDevices(world, VM);
  const userdevice = free.includes(device) ? device : (free[0] as string);
  const own = { VM, VDI, userdevice, bootable, metrics, mode: 'RW', type: 'Disk', unpluggable: true } as const;
  world.db.insert(
    'VBD',
    world.ids.ref(),
    blank('VBD', { uuid: world.ids.uuid(), ...own, other_config: { owner: '' } }),
  );
}

/** All the disks, or none. */
function addDisks(world: World, vm: Vm, disks: readonly WantedDisk[]): void {
  const images: Ref<'VDI'>[] = [];
  try {
    for (const disk of disks) images.push(addDisk(world, vm, disk));
  } catch (error) {
    for (const image of images) removeImage(world, image);
    throw error;
  }
  for (const [i, disk] of disks.entries()) addDevice(world, vm, images[i] as Ref<'VDI'>, disk);
}

/** The template has become a machine: what it told of its disks goes with them. */
function becomeMachine(world: World, vm: Vm): void {
  const { other_config, metrics } = world.db.need('VM', vm);
  const { disks: _disks, postinstall: _script, ...rest } = other_config;
  const install_time = world.clock.text();
  const known = world.db.get('VM_metrics', metrics);
  if (known !== undefined) world.db.update('VM_metrics', metrics, { install_time });
  const own = known === undefined ? { metrics: addVmMetrics(world, install_time) } : {};
  world.db.update('VM', vm, { is_a_template: false, other_config: rest, ...own });
  refreshMachine(world, vm);
}

/** XenAPI VM.provision: a template with its disks described becomes a machine with disks (facts 5.3). */
const provision = (call: Call, vm: Vm): Promise<void> =>
  onVm(call, vm, 'provision', async () => {
    const { world } = call;
    const text = world.db.need('VM', vm).other_config['disks'] ?? '<provision/>';
    const disks = wantedDisks(world, text);
    const host = world.coordinator();
    const obstacle = () => hostObstacle(world, host, 'provision');
    await during(call, { of: 'host', ref: host, operation: 'provision', obstacle }, async () => {
      await spend(call, true);
      addDisks(world, vm, disks);
      becomeMachine(world, vm);
    });
  });

/** XenAPI VM.set_is_a_template: a template has neither metrics nor USB devices (facts 5.3). */
export function setIsTemplate(world: World, ref: Vm, value: boolean): void {
  const { VUSBs, metrics } = world.db.need('VM', ref);
  if (value) {
    for (const vusb of VUSBs) world.db.remove('VUSB', vusb);
    world.db.remove('VM_metrics', metrics);
    world.db.update('VM', ref, { is_a_template: true, metrics: NULL_REF as Ref<'VM_metrics'> });
  } else if (world.db.get('VM_metrics', metrics) === undefined)
    world.db.update('VM', ref, { is_a_template: false, metrics: addVmMetrics(world, world.clock.text()) });
  else world.db.update('VM', ref, { is_a_template: false });
  refreshMachine(world, ref);
}

/** The message that makes a machine of a template (facts 5.3). */
export const vmProvisionHandlers: HandlerTable = { 'VM.provision': provision };
