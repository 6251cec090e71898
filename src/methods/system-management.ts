import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { invalid, missing } from './input.js';
import { changed, textIn } from './instance.js';
import { type Face, face, type Method, type MethodCall, type MethodTable, type Work } from './method.js';
import { type Referred, resolve, shownPath } from './reference.js';
import type { NewResource, ResourceChange } from './resource.js';
import { findResource, foundResource, type ResourceClass } from './resource-kind.js';
import { Refusal, serviceCodes, statelessCodes } from './return-code.js';
import { addAll, clone, defineFromNothing, nameOf, newResources } from './system-definition.js';
import { applyChanges, changesOf } from './system-setting.js';

type Vm = Records['VM'];
type Machine = Referred<'VM'>;

const modifyJob = 'Xen_VirtualSystemModifyResourcesJob';
const plainJob = 'Xen_VirtualSystemManagementServiceJob';

/** The class of the settings of a machine, a template or a snapshot. */
export const settingClassOf = ({ is_a_snapshot, is_a_template }: Vm): string =>
  is_a_snapshot
    ? 'Xen_ComputerSystemSnapshot'
    : is_a_template
      ? 'Xen_ComputerSystemTemplate'
      : 'Xen_ComputerSystemSettingData';

const defineSystem: Method = {
  run: (call): Work => {
    const settings =
      call.input.instance('SystemSettings') ?? missing('SystemSettings', 'the settings of the new system');
    const given = call.input.instances('ResourceSettings') ?? [];
    const source = call.input.refer('ReferenceConfiguration', 'VM');
    nameOf(settings);
    const resources = newResources(given, call.view);
    if (!source) return defineFromNothing({ settings, resources }, call);
    return { job: modifyJob, ...clone(source, settings, call, { resources, announce: true }) };
  },
};

/** The images that go with a machine: of its disks, writable, not to be shared, and shown to no other; and its memory's. */
function ownImages(view: View, { VBDs, suspend_VDI }: Vm): readonly Referred<'VDI'>[] {
  const found: Referred<'VDI'>[] = [];
  const add = (ref: Ref<'VDI'>): void => {
    const record = view.get('VDI', ref);
    if (record) found.push({ ref, record });
  };
  for (const vbd of VBDs) {
    const device = view.get('VBD', vbd);
    const image = device && view.get('VDI', device.VDI);
    if (device?.type !== 'Disk' || !image || image.read_only || image.sharable || image.VBDs.length > 1) continue;
    add(device.VDI);
  }
  add(suspend_VDI);
  return found;
}

/** Takes a machine away with its disks, the machine first: what of it is left behind then is told (XenAPI VM.destroy, VDI.destroy). */
export function destruction({ ref, record }: Machine, view: View): Work {
  const images = ownImages(view, record);
  return {
    job: plainJob,
    answers: 'done',
    subject: record.name_label,
    codes: serviceCodes,
    needs: ['VM.destroy', ...(images.length > 0 ? ['VDI.destroy'] : [])],
    affects: { VMs: [ref] },
    steps: 1 + images.length,
    run: async (steps) => {
      await steps.task('VM.destroy', ref);
      const left: string[] = [];
      let first: unknown;
      for (const image of images) {
        try {
          await steps.task('VDI.destroy', image.ref);
        } catch (reason) {
          first ??= reason;
          left.push(`${image.record.name_label} (${image.record.uuid}): ${(reason as Error).message}`);
        }
      }
      if (left.length === 0) return {};
      const text = `the system is destroyed, but not all of its images: ${left.join('; ')}`;
      const tail = first instanceof Error ? ` XenError:${first.message}` : '';
      throw new CimError('FAILED', text + tail, { cause: first });
    },
  };
}

const destroySystem: Method = {
  run: (call): Work => {
    const machine = call.input.refer('AffectedSystem', 'VM') ?? missing('AffectedSystem', 'a reference to the system');
    const { name_label, power_state } = machine.record;
    if (power_state !== 'Halted')
      throw new Refusal(serviceCodes.InvalidState, `${name_label} is ${power_state}: shut it down first`);
    return destruction(machine, call.view);
  },
};

/** The machine that a reference to a configuration or a system means. */
const configuration = ({ input }: MethodCall, name: string): Machine =>
  input.refer(name, 'VM') ?? missing(name, 'a reference to the settings of a system');

/** Adds resources to a machine; `single` as AddResourceSetting does it, which answers when it is done. */
export function addition(machine: Machine, resources: readonly NewResource[], single: boolean): Work {
  const onlyPairs = resources.every(({ needs }) => needs.every((message) => message.includes('xenstore_data')));
  return {
    job: modifyJob,
    answers: single || onlyPairs ? 'done' : 'job',
    subject: machine.record.name_label,
    codes: statelessCodes,
    needs: resources.flatMap(({ needs }) => needs),
    affects: { VMs: [machine.ref] },
    steps: Math.max(
      1,
      resources.reduce((sum, { tasks }) => sum + tasks, 0),
    ),
    run: async (steps) => {
      const faces = await addAll(steps, machine, resources);
      await steps.result({ AffectedResources: faces });
      return single
        ? { ...(faces[0] && { ResultingResourceSetting: faces[0] }) }
        : { ResultingResourceSettings: faces };
    },
  };
}

const addResourceSettings: Method = {
  run: (call): Work => {
    const machine = configuration(call, 'AffectedConfiguration');
    const given = call.input.instances('ResourceSettings') ?? [];
    if (given.length === 0) missing('ResourceSettings', 'the settings of at least one resource');
    return addition(machine, newResources(given, call.view), false);
  },
};

const addResourceSetting: Method = {
  run: (call): Work => {
    const machine = configuration(call, 'AffectedSystem');
    const given = call.input.instance('ResourceSetting') ?? missing('ResourceSetting', 'the settings of the resource');
    return addition(machine, newResources([given], call.view), true);
  },
};

/** Changes of resources as one work: all of them, or none. */
function changing(machines: readonly Machine[], changes: readonly ResourceChange[], owners: readonly Machine[]): Work {
  return {
    job: modifyJob,
    answers: 'done',
    subject: machines.map(({ record }) => record.name_label).join(', '),
    codes: serviceCodes,
    needs: changes.flatMap(({ needs }) => needs),
    affects: { VMs: [...new Set(machines.map(({ ref }) => ref))] },
    steps: Math.max(
      1,
      changes.reduce((sum, { tasks }) => sum + tasks, 0),
    ),
    run: async (steps) => {
      const faces: Face[] = [];
      for (const [i, change] of changes.entries()) {
        const made = await change.apply(steps, owners[i]!);
        if (made) faces.push(made);
      }
      for (const change of changes) await change.finish?.(steps);
      await steps.result({ AffectedResources: faces });
      return { ResultingResourceSettings: faces };
    },
  };
}

interface Change {
  readonly machine: Machine;
  readonly change: ResourceChange;
}

/** A change to settings that are shown as they are: nothing is done, and they are given back. */
const unchanged = (className: ResourceClass, ref: string, part: string | undefined): ResourceChange => ({
  needs: [],
  tasks: 0,
  apply: async () => face(className, ref, part),
});

function modification(settings: CimInstance, call: Pick<MethodCall, 'view' | 'show'>): Change {
  const { className, kind, existing } = foundResource(call.view, settings);
  const { machine, ref, part } = existing;
  const wanted = changed(settings, call.show(face(className, ref, part)));
  const change = wanted.values.length > 0 ? kind.modify(wanted, existing, call.view) : unchanged(className, ref, part);
  return { machine, change };
}

const together = (changes: readonly Change[]): Work => {
  const machines = changes.map(({ machine }) => machine);
  return changing(
    machines,
    changes.map(({ change }) => change),
    machines,
  );
};

/** ModifyResourceSettings, and ModifyInstance of settings of resources. */
export const modifyResources = (given: readonly CimInstance[], call: Pick<MethodCall, 'view' | 'show'>): Work =>
  together(given.map((settings) => modification(settings, call)));

const modifyResourceSettings: Method = {
  run: (call): Work => {
    const given = call.input.instances('ResourceSettings') ?? [];
    if (given.length === 0) missing('ResourceSettings', 'the settings of at least one resource');
    return modifyResources(given, call);
  },
};

/** RemoveResourceSettings, and DeleteInstance of settings of resources. What is named twice goes once. */
export function removals(paths: readonly InstancePath[], { view }: Pick<MethodCall, 'view'>): Work {
  const found = paths.map((path) => findResource(view, path));
  const once = new Map(found.map((each) => [`${each.existing.ref} ${each.existing.part ?? ''}`, each]));
  return together(
    [...once.values()].map(({ kind, existing }) => ({
      machine: existing.machine,
      change: kind.remove(existing, view),
    })),
  );
}

const removeResourceSettings: Method = {
  run: (call): Work => {
    const paths = call.input.paths('ResourceSettings') ?? [];
    if (paths.length === 0) missing('ResourceSettings', 'references to the settings of at least one resource');
    return removals(paths, call);
  },
};

/** ModifySystemSettings, and ModifyInstance of the settings of a system. */
export function modifySystem(
  { ref, record }: Machine,
  settings: CimInstance,
  call: Pick<MethodCall, 'view' | 'show'>,
): Work {
  const wanted = changed(settings, call.show(face(settingClassOf(record), ref)));
  const changes = changesOf(wanted, call.view);
  return {
    job: plainJob,
    answers: 'done',
    subject: record.name_label,
    codes: serviceCodes,
    needs: changes.map(({ message }) => message).filter((message) => message.startsWith('VM.set_')),
    affects: { VMs: [ref] },
    run: async (steps) => {
      await applyChanges(steps, ref, record, changes);
      return {};
    },
  };
}

const modifySystemSettings: Method = {
  run: (call): Work => {
    const settings =
      call.input.instance('SystemSettings') ?? missing('SystemSettings', 'the settings with their InstanceID');
    const value =
      textIn(settings, 'InstanceID') ??
      invalid('SystemSettings want the InstanceID of the settings that are to be changed');
    const path: InstancePath = {
      kind: 'path',
      className: settings.shape.className,
      keys: [{ name: '', type: 'string', value }],
    };
    const machine = resolve(call.view, 'VM', path);
    if (!machine) throw new CimError('NOT_FOUND', `SystemSettings: the pool has no machine for ${shownPath(path)}`);
    return modifySystem(machine, settings, call);
  },
};

/** A full copy of a machine (XenAPI VM.copy); the copy of a template is made a machine with disks of its own. */
function fullCopy(source: Machine, sr: Referred<'SR'> | undefined, settings: CimInstance, call: MethodCall): Work {
  const job = 'Xen_VirtualSystemCreateJob';
  const { is_a_template, is_a_snapshot } = source.record;
  if (is_a_template && !is_a_snapshot && source.record.VBDs.length === 0) {
    return { job, ...clone(source, settings, call, { sr, resources: [], announce: false }) };
  }
  const name = nameOf(settings);
  const changes = changesOf(settings, call.view).filter(({ message }) => message !== 'VM.set_name_label');
  return {
    job,
    answers: 'job',
    subject: name,
    codes: statelessCodes,
    needs: ['VM.copy', ...(is_a_template ? ['VM.provision'] : []), ...changes.map(({ message }) => message)],
    affects: { VMs: [source.ref] },
    steps: is_a_template ? 2 : 1,
    run: async (steps) => {
      const undo = { what: `the machine ${name}`, message: '@machine' };
      const vm = await steps.makeByTask<'VM'>(undo, 'VM.copy', source.ref, name, sr?.ref ?? 'OpaqueRef:NULL');
      await steps.mark('VM', vm);
      steps.affect({ VMs: [vm] });
      await steps.settle();
      await applyChanges(steps, vm, steps.view.get('VM', vm) ?? source.record, changes);
      if (is_a_template) await steps.task('VM.provision', vm);
      const output = { ResultingSystem: face('Xen_ComputerSystem', vm) };
      await steps.result(output);
      return output;
    },
  };
}

const copySystem: Method = {
  run: (call): Work => {
    const settings = call.input.instance('SystemSettings') ?? missing('SystemSettings', 'the settings of the copy');
    const source = configuration(call, 'ReferenceConfiguration');
    return fullCopy(source, call.input.refer('StoragePool', 'SR'), settings, call);
  },
};

/** Turns a machine into a template or back (XenAPI VM.set_is_a_template). */
function conversion({ ref, record }: Machine, into: boolean, output: string, className: string): Work {
  return {
    job: plainJob,
    answers: 'done',
    subject: record.name_label,
    codes: statelessCodes,
    needs: ['VM.set_is_a_template'],
    affects: { VMs: [ref] },
    run: async (steps) => {
      if (record.is_a_template !== into) {
        await steps.call('VM.set_is_a_template', ref, into);
        steps.undo(`the conversion of ${record.name_label}`, 'VM.set_is_a_template', ref, !into);
      }
      return { [output]: face(className, ref) };
    },
  };
}

const noSnapshot = (machine: Machine, name: string): Machine =>
  machine.record.is_a_snapshot ? invalid(`${name}: ${machine.record.name_label} is a snapshot`) : machine;

const convertToTemplate: Method = {
  run: (call): Work => {
    const machine = call.input.refer('System', 'VM') ?? missing('System', 'a reference to the system');
    return conversion(noSnapshot(machine, 'System'), true, 'ResultingTemplate', 'Xen_ComputerSystemTemplate');
  },
};

const convertFromTemplate: Method = {
  run: (call): Work => {
    const machine = call.input.refer('Template', 'VM') ?? missing('Template', 'a reference to the template');
    return conversion(noSnapshot(machine, 'Template'), false, 'ResultingSystem', 'Xen_ComputerSystem');
  },
};

const findPossibleHosts: Method = {
  access: 'read',
  run: (call): Work => {
    const { ref, record } = call.input.refer('System', 'VM') ?? missing('System', 'a reference to the system');
    return {
      job: plainJob,
      answers: 'done',
      subject: record.name_label,
      codes: statelessCodes,
      run: async (steps) => {
        const hosts = (await steps.ask('VM.get_possible_hosts', ref)) as readonly string[];
        return { PossibleHosts: hosts.map((host) => face('Xen_HostComputerSystem', host)) };
      },
    };
  },
};

/** The methods of the service that manages virtual systems (CIM_VirtualSystemManagementService, DSP1042). */
export const systemManagementMethods: MethodTable = {
  Xen_VirtualSystemManagementService: {
    DefineSystem: defineSystem,
    DestroySystem: destroySystem,
    AddResourceSettings: addResourceSettings,
    AddResourceSetting: addResourceSetting,
    ModifyResourceSettings: modifyResourceSettings,
    RemoveResourceSettings: removeResourceSettings,
    ModifySystemSettings: modifySystemSettings,
    CopySystem: copySystem,
    ConvertToXenTemplate: convertToTemplate,
    ConvertFromXenTemplate: convertFromTemplate,
    FindPossibleHostsToRunOn: findPossibleHosts,
  },
};
