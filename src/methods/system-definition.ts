import type { CimInstance } from '../cim/instance.js';
import type { CallValue } from '../xenapi/protocol.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { defaultRepository } from './disk-resource.js';
import { invalid } from './input.js';
import { textIn } from './instance.js';
import { type Face, face, type MethodCall, type Work } from './method.js';
import type { Referred } from './reference.js';
import type { Machine, NewResource } from './resource.js';
import { kindOf } from './resource-kind.js';
import { statelessCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { applyChanges, changesOf, recordOf } from './system-setting.js';
import { machineCompound } from './undo.js';

const gibibyte = 1n << 30n;

/** A machine as XenAPI VM.create wants it, before settings and resources say more. */
const bare: Readonly<Record<string, CallValue>> = {
  name_description: '',
  user_version: 1n,
  is_a_template: false,
  affinity: NULL_REF,
  memory_static_min: gibibyte,
  memory_dynamic_min: gibibyte,
  memory_dynamic_max: gibibyte,
  memory_static_max: gibibyte,
  VCPUs_params: {},
  VCPUs_max: 1n,
  VCPUs_at_startup: 1n,
  actions_after_shutdown: 'destroy',
  actions_after_reboot: 'restart',
  actions_after_crash: 'restart',
  PV_bootloader: '',
  PV_kernel: '',
  PV_ramdisk: '',
  PV_args: '',
  PV_bootloader_args: '',
  PV_legacy_args: '',
  HVM_boot_policy: '',
  HVM_boot_params: {},
  HVM_shadow_multiplier: 1,
  platform: {},
  PCI_bus: '',
  other_config: {},
  xenstore_data: {},
  recommendations: '',
};

/** What the kind of virtualization adds, where the settings do not say otherwise. */
const virtualization: Readonly<Record<'hvm' | 'pv', Readonly<Record<string, CallValue>>>> = {
  hvm: {
    HVM_boot_policy: 'BIOS order',
    HVM_boot_params: { order: 'dc' },
    platform: { acpi: '1', apic: 'true', nx: 'true', pae: 'true', viridian: 'false' },
  },
  pv: { PV_bootloader: 'pygrub' },
};

function kindOfSystem(settings: CimInstance): 'hvm' | 'pv' {
  const type = textIn(settings, 'VirtualSystemType') ?? '';
  if (/hvm/i.test(type)) return 'hvm';
  if (/pv/i.test(type)) return 'pv';
  return invalid(
    `VirtualSystemType is DMTF:Xen:HVM or DMTF:Xen:PV for a system that is made from nothing, not "${type.slice(0, 60)}"`,
  );
}

export function nameOf(settings: CimInstance): string {
  const name = textIn(settings, 'ElementName');
  return name ? name : invalid('SystemSettings want an ElementName: the name of the new system');
}

/** The resources that were asked for, each checked. */
export const newResources = (given: readonly CimInstance[], view: View): readonly NewResource[] =>
  given.map((settings) => kindOf(settings).kind.add(settings, view));

const tasksOf = (resources: readonly NewResource[]): number => resources.reduce((sum, { tasks }) => sum + tasks, 0);

const needsOf = (resources: readonly NewResource[]): readonly string[] => resources.flatMap(({ needs }) => needs);

/** Adds resources one after the other; tells the job of each. */
export async function addAll(
  steps: Steps,
  machine: Machine,
  resources: readonly NewResource[],
): Promise<readonly Face[]> {
  const faces: Face[] = [];
  for (const resource of resources) {
    const made = await resource.apply(steps, machine);
    if (made) faces.push(made);
  }
  return faces;
}

/** The record of a machine that was just made, as soon as the view shows it. */
async function recordNow(steps: Steps, ref: Ref<'VM'>): Promise<Records['VM']> {
  await steps.settle();
  const record = steps.view.get('VM', ref);
  if (record) return record;
  throw new Error('the pool does not show the new machine');
}

interface Definition {
  readonly settings: CimInstance;
  readonly resources: readonly NewResource[];
}

function fromNothing({ settings, resources }: Definition, view: View): Record<string, CallValue> {
  const base = {
    ...bare,
    ...virtualization[kindOfSystem(settings)],
    ...recordOf(settings, view),
    name_label: nameOf(settings),
  };
  return resources.reduce<Record<string, CallValue>>((record, { fields }) => fields?.(record) ?? record, base);
}

/** DefineSystem without a reference: a new machine with these resources and no others (XenAPI VM.create). */
export function defineFromNothing(definition: Definition, { view }: MethodCall): Work {
  const record = fromNothing(definition, view);
  const { resources } = definition;
  const devices = resources.filter(({ fields }) => !fields);
  const name = String(record['name_label']);
  return {
    job: 'Xen_VirtualSystemModifyResourcesJob',
    answers: resources.length > 0 ? 'announced' : 'done',
    subject: name,
    codes: statelessCodes,
    needs: ['VM.create', ...needsOf(devices)],
    steps: Math.max(1, tasksOf(devices)),
    run: async (steps) => {
      const other_config = { ...(record['other_config'] as Record<string, string>), ...steps.tag };
      const undo = { what: `the machine ${name}`, message: machineCompound };
      const vm = await steps.make<'VM'>(undo, 'VM.create', { ...record, other_config });
      steps.affect({ VMs: [vm] });
      const output = { ResultingSystem: face('Xen_ComputerSystem', vm) };
      if (devices.length > 0 || resources.length > 0) await steps.announce(output);
      const own = resources.filter(({ fields }) => fields);
      const machine = { ref: vm, record: undefined };
      const faces = [...(await addAll(steps, machine, own)), ...(await addAll(steps, machine, devices))];
      await steps.result({ AffectedResources: faces });
      return output;
    },
  };
}

/** The description of a template's disks with a repository for those that have none; undefined where nothing is missing. */
export function withRepository(
  disks: string | undefined,
  sr: string | undefined,
  everywhere: boolean,
): string | undefined {
  const form = everywhere ? /\bsr="[^"]*"/g : /\bsr=""/g;
  if (disks === undefined || sr === undefined || !form.test(disks)) return undefined;
  return disks.replace(form, `sr="${sr}"`);
}

export interface CopyOptions {
  /** The repository for disks; undefined: that of the template, or the pool's default. */
  readonly sr?: Referred<'SR'> | undefined;
  readonly resources: readonly NewResource[];
  readonly announce: boolean;
}

/** Makes the disks that a template describes (XenAPI VM.provision), which turns the copy of it into a machine. */
async function provision(
  steps: Steps,
  vm: Ref<'VM'>,
  disks: string | undefined,
  view: View,
  sr: Referred<'SR'> | undefined,
): Promise<void> {
  const chosen = sr ?? defaultRepository(view);
  const mended = withRepository(disks, chosen?.record.uuid, sr !== undefined);
  if (mended !== undefined) {
    await steps.call('VM.remove_from_other_config', vm, 'disks');
    await steps.call('VM.add_to_other_config', vm, 'disks', mended);
  }
  await steps.task('VM.provision', vm);
}

/** What has to be there before a template is copied whose disks name no repository. */
function checkDisks({ record }: Referred<'VM'>, view: View, sr: Referred<'SR'> | undefined): void {
  if (!record.is_a_template || !/\bsr=""/.test(record.other_config['disks'] ?? '')) return;
  if (sr || defaultRepository(view)) return;
  invalid(`the disks of ${record.name_label} want a storage repository, and the pool has no default one`);
}

/**
 * Makes a machine of another, of a template or of a snapshot, quickly (XenAPI VM.clone); a template's disks are made
 * then, and resources added.
 */
export function clone(
  source: Referred<'VM'>,
  settings: CimInstance,
  { view }: MethodCall,
  { sr, resources, announce }: CopyOptions,
): Omit<Work, 'job'> {
  const name = nameOf(settings);
  const changes = changesOf(settings, view).filter(({ message }) => message !== 'VM.set_name_label');
  const { is_a_template, other_config } = source.record;
  checkDisks(source, view, sr);
  return {
    answers: announce ? 'announced' : 'job',
    subject: name,
    codes: statelessCodes,
    needs: [
      'VM.clone',
      ...(is_a_template ? ['VM.provision'] : []),
      ...changes.map(({ message }) => message),
      ...needsOf(resources),
    ],
    steps: 1 + (is_a_template ? 1 : 0) + tasksOf(resources),
    run: async (steps) => {
      const undo = { what: `the machine ${name}`, message: machineCompound };
      const vm = await steps.makeByTask<'VM'>(undo, 'VM.clone', source.ref, name);
      await steps.mark('VM', vm);
      steps.affect({ VMs: [vm] });
      const first = await recordNow(steps, vm);
      await applyChanges(steps, vm, first, changes);
      if (is_a_template) await provision(steps, vm, other_config['disks'], view, sr);
      const output = { ResultingSystem: face('Xen_ComputerSystem', vm) };
      if (announce) await steps.announce(output);
      const faces: Face[] = [];
      for (const resource of resources) {
        const made = await resource.apply(steps, { ref: vm, record: await recordNow(steps, vm) });
        if (made) faces.push(made);
      }
      await steps.result(announce ? { AffectedResources: faces } : output);
      return output;
    },
  };
}
