import type { CimInstance } from '../cim/instance.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { forestExportMethods } from './forest-export.js';
import { forestImportMethods } from './forest-import.js';
import { type Input, invalid, missing } from './input.js';
import { valueIn } from './instance.js';
import { face, type Method, type MethodTable, type Plan, type Work, type WriterTable } from './method.js';
import type { Referred } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import { systemOf } from './snapshot-system.js';
import { machineCompound } from './undo.js';

/** The job of a call that takes longer than the answer is waited for. */
const job = 'Xen_VirtualSystemManagementServiceJob';

/** CIM_VirtualSystemSnapshotService: 5 is Invalid State, 6 Invalid Type. */
const invalidType = 6;

type Message = 'VM.checkpoint' | 'VM.snapshot';

/** What each SnapshotType is: 2 Full Snapshot, with the memory; 3 Disk Snapshot. */
const messages: ReadonlyMap<number, Message> = new Map([
  [2, 'VM.checkpoint'],
  [3, 'VM.snapshot'],
]);

/** Without a type the disks alone. A machine that is halted has no memory: its disks are all of it, if not to the letter. */
function messageFor(type: number | undefined, vm: Records['VM'], strict: boolean): Message {
  const message = type === undefined ? 'VM.snapshot' : messages.get(type);
  if (!message) throw new Refusal(invalidType, `SnapshotType can be 2 (Full) or 3 (Disk), not ${type}`);
  if (message === 'VM.snapshot' || vm.power_state !== 'Halted') return message;
  if (!strict) return 'VM.snapshot';
  throw new Refusal(serviceCodes.InvalidState, `${vm.name_label} is Halted, and has no memory to take a snapshot of`);
}

/** A text of the settings; undefined where it is not there or empty. */
function textOf(settings: CimInstance, name: string): string | undefined {
  const value = valueIn(settings, name);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** CreateSnapshot (CIM_VirtualSystemSnapshotService, XenAPI VM.snapshot and VM.checkpoint). */
const createSnapshot: Method = {
  run: ({ input, strict }): Plan => {
    const { ref, record } = systemOf(input, 'AffectedSystem');
    const settings =
      input.instance('SnapshotSettings') ?? missing('SnapshotSettings', 'setting data with an ElementName');
    const name =
      textOf(settings, 'ElementName') ?? missing('ElementName of SnapshotSettings', 'the name of the snapshot');
    const description = textOf(settings, 'Description');
    const message = messageFor(input.number('SnapshotType'), record, strict);
    return {
      job,
      answers: 'done',
      subject: record.uuid,
      codes: serviceCodes,
      needs: [message, 'VM.add_to_other_config'],
      affects: { VMs: [ref] },
      run: async (steps) => {
        const undo = { what: `the snapshot ${name}`, message: machineCompound };
        const made = await steps.makeByTask<'VM'>(undo, message, ref, name);
        await steps.mark('VM', made);
        if (description !== undefined) await steps.call('VM.set_name_description', made, description);
        steps.affect({ VMs: [made] });
        return { ResultingSnapshot: face('Xen_ComputerSystemSnapshot', made) };
      },
    };
  },
};

function snapshotOf(input: Input, name: string): Referred<'VM'> {
  const found = input.refer(name, 'VM') ?? missing(name, 'a reference to a snapshot');
  return found.record.is_a_snapshot ? found : invalid(`${name}: ${found.record.name_label} is no snapshot`);
}

/** ApplySnapshot (XenAPI VM.revert): a machine that is gone is made again. */
const applySnapshot: Method = {
  run: ({ input, view }): Plan => {
    const { ref, record } = snapshotOf(input, 'Snapshot');
    const machine = record.snapshot_of;
    return {
      job,
      answers: 'done',
      subject: record.uuid,
      codes: serviceCodes,
      needs: ['VM.revert'],
      affects: { VMs: view.get('VM', machine) ? [machine, ref] : [ref] },
      run: async (steps) => {
        await steps.last('VM.revert', ref);
        return {};
      },
    };
  },
};

/** The images that nothing but this snapshot shows: of its disks, and of its memory. Media and shared ones stay. */
function imagesOf(view: View, { VBDs, suspend_VDI }: Records['VM']): readonly Ref<'VDI'>[] {
  const shown = VBDs.map((vbd) => view.get('VBD', vbd)).filter((vbd) => vbd?.type === 'Disk' && !vbd.empty);
  const disks = shown
    .map((vbd) => vbd!.VDI)
    .filter((vdi) => {
      const image = view.get('VDI', vdi);
      if (!image || image.VBDs.length > 1) return false;
      return image.is_a_snapshot || (!image.read_only && !image.sharable);
    });
  const memory = suspend_VDI === NULL_REF || !view.get('VDI', suspend_VDI) ? [] : [suspend_VDI];
  return [...new Set([...disks, ...memory])];
}

/**
 * Takes a snapshot away and then its images; should the first fail, nothing is lost. That an image could not be removed
 * is told; it is tried once more, as the others are.
 */
function removal(view: View, { ref, record }: Referred<'VM'>): Work {
  const images = imagesOf(view, record);
  return {
    job,
    answers: 'done',
    subject: record.uuid,
    codes: serviceCodes,
    needs: ['VM.destroy', ...(images.length > 0 ? ['VDI.destroy'] : [])],
    affects: { VMs: [ref] },
    steps: 1 + images.length,
    run: async (steps) => {
      await steps.task('VM.destroy', ref);
      for (const image of images) {
        const { name_label, uuid } = view.get('VDI', image) ?? { name_label: '', uuid: image };
        steps.undo(`the image ${name_label} (${uuid}) of the snapshot ${record.name_label}`, 'VDI.destroy', image);
      }
      for (const image of images) {
        await steps.task('VDI.destroy', image);
        steps.keep(image);
      }
      return {};
    },
  };
}

/** DestroySnapshot (XenAPI VM.destroy, which leaves all images where they are). */
const destroySnapshot: Method = {
  run: ({ input, view }): Plan => removal(view, snapshotOf(input, 'AffectedSnapshot')),
};

export const snapshotMethods: MethodTable = {
  Xen_VirtualSystemSnapshotService: {
    CreateSnapshot: createSnapshot,
    ApplySnapshot: applySnapshot,
    DestroySnapshot: destroySnapshot,
    ...forestExportMethods,
    ...forestImportMethods,
  },
};

/** DeleteInstance of a snapshot is DestroySnapshot. */
export const snapshotWriters: WriterTable = {
  Xen_ComputerSystemSnapshot: {
    remove: ({ target, view }) => removal(view, target as unknown as Referred<'VM'>),
  },
};
