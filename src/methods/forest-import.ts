import { XenApiError } from '../xenapi/error.js';
import type { Ref } from '../xenapi/records.js';
import type { Grown } from './forest.js';
import { readArchive, writeArchive } from './forest-archive.js';
import { type DescribedImage, ForestDescription } from './forest-description.js';
import { mappedImages } from './forest-images.js';
import { createNextDisk } from './forest-sequence.js';
import { formatContext, type Instruction, parseMap } from './import-context.js';
import { type Input, invalid, missing } from './input.js';
import { face, type Method, type Work } from './method.js';
import type { Referred } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { coordinatorPlace, placeOf } from './transfer-place.js';

/*
 * A snapshot forest comes back in four steps. The client puts the description into an image, and PrepareSnapshotForestImport
 * makes instructions of it. CreateNextDiskInImportSequence carries them out one image at a time, which the client fills.
 * FinalizeSnapshotForestImport has the pool import the description with the new images in place of the old ones.
 * CleanupSnapshotForestImport takes away what no machine has.
 */

const job = 'Xen_VirtualSystemManagementServiceJob';

/** The permission to read an image by a handler (XenAPI session.rbac_permissions). */
const reading = 'http/get_export_raw_vdi';

const metadataImage = (input: Input): Referred<'VDI'> =>
  input.refer('MetadataDiskImage', 'VDI') ??
  missing('MetadataDiskImage', 'the image that the description was put into');

/** Reads the description from the image that a client put it into, as far as it goes. */
async function describedIn(steps: Steps, image: Referred<'VDI'>): Promise<ForestDescription> {
  const { address } = placeOf(steps.view, image);
  const path = `/export_raw_vdi?vdi=${image.record.uuid}&format=raw`;
  return ForestDescription.read(await steps.read({ address, path }, readArchive));
}

/**
 * A disk that is told by its difference from a state before is written over that state's image, once a snapshot keeps
 * it; any other has an image of its own.
 */
const instructionsFor = ({ image, base }: Grown<DescribedImage>): readonly Instruction[] => [
  base ? { kind: 'reuse', disk: image.uuid, from: base.uuid } : { kind: 'create', disk: image.uuid, size: image.size },
  { kind: image.isSnapshot ? 'snap' : 'leaf', disk: image.uuid },
];

/** PrepareSnapshotForestImport: gives what CreateNextDiskInImportSequence is to do. Changes nothing. */
const prepareImport: Method = {
  run: ({ input, view }): Work => {
    const image = metadataImage(input);
    placeOf(view, image);
    return {
      job,
      answers: 'done',
      subject: image.record.uuid,
      codes: serviceCodes,
      needs: [reading],
      affects: { VDIs: [image.ref] },
      run: async (steps) => {
        const { images } = await describedIn(steps, image);
        return { ImportContext: formatContext(images.flatMap(instructionsFor)) };
      },
    };
  },
};

/** Refuses images that machines have, and images elsewhere than the description will say. */
function assertFree(images: ReadonlyMap<string, Referred<'VDI'>>, sr: Referred<'SR'>): void {
  for (const { record } of images.values()) {
    if (record.SR !== sr.ref)
      invalid(`DiskImageMap: the image ${record.uuid} is not in the repository ${sr.record.name_label}`);
    if (record.VBDs.length > 0)
      throw new Refusal(serviceCodes.InUse, `DiskImageMap: the image ${record.uuid} belongs to a machine already`);
  }
  const uuids = [...images.values()].map(({ record }) => record.uuid);
  if (new Set(uuids).size < uuids.length) invalid('DiskImageMap names one image for several disks');
}

/** Gives images the names that the disks had. */
async function nameAll(steps: Steps, { images }: ForestDescription, by: ReadonlyMap<string, Referred<'VDI'>>) {
  for (const { image } of images) {
    const { ref, record } = by.get(image.uuid)!;
    const names = { name_label: image.name, name_description: image.description };
    for (const [field, text] of Object.entries(names) as [keyof typeof names, string][]) {
      if (record[field] === text) continue;
      await steps.call(`VDI.set_${field}`, ref, text);
      steps.undo(`the name of the image ${record.uuid}`, `VDI.set_${field}`, ref, record[field]);
    }
  }
}

function machineIn(result: unknown): Ref<'VM'> {
  const [ref] = Array.isArray(result) ? result : [];
  if (typeof ref === 'string') return ref as Ref<'VM'>;
  throw new XenApiError('INTERNAL_ERROR', ['the host does not say which machine it has imported']);
}

/** FinalizeSnapshotForestImport: the machine with its snapshots, on the images that were filled (XenAPI /import_metadata). */
const finalizeImport: Method = {
  run: ({ input, view }): Work => {
    const metadata = metadataImage(input);
    const repository = input.refer('StoragePool', 'SR') ?? missing('StoragePool', 'the repository of the images');
    const by = mappedImages(view, parseMap(input.text('DiskImageMap')));
    assertFree(by, repository);
    placeOf(view, metadata);
    return {
      job,
      answers: 'done',
      subject: metadata.record.uuid,
      codes: serviceCodes,
      needs: [reading, 'http/put_import_metadata', 'VDI.set_name_label'],
      affects: { VDIs: [...by.values()].map(({ ref }) => ref), SRs: [repository.ref] },
      run: async (steps) => {
        const description = await describedIn(steps, metadata);
        const lacking = description.images.find(({ image }) => !by.has(image.uuid));
        if (lacking) invalid(`DiskImageMap has no image for the disk ${lacking.image.uuid}`);
        const images = new Map([...by].map(([disk, { record }]) => [disk, record]));
        const text = description.remapped(images, repository.record.uuid);
        await nameAll(steps, description, by);
        const { address } = coordinatorPlace(steps.view);
        const machine = machineIn(await steps.write({ address, path: '/import_metadata' }, writeArchive(text)));
        steps.affect({ VMs: [machine] });
        return { VirtualSystem: face('Xen_ComputerSystem', machine) };
      },
    };
  },
};

/**
 * CleanupSnapshotForestImport: destroys the image of the description and those that were made, but for those that a
 * machine has by now. What is gone already is passed over, so that it can be called again. An image that could not be
 * destroyed is told of; it is tried once more, as the others are.
 */
const cleanupImport: Method = {
  run: ({ input, view }): Work => {
    const metadata = metadataImage(input);
    const made = [...parseMap(input.text('DiskImageMap')).values()].flatMap((uuid) => view.byUuid('VDI', uuid) ?? []);
    const free = [...new Set([...made, metadata.ref])].filter((ref) => view.get('VDI', ref)?.VBDs.length === 0);
    return {
      job,
      answers: 'done',
      subject: metadata.record.uuid,
      codes: serviceCodes,
      needs: ['VDI.destroy'],
      affects: { VDIs: free },
      steps: free.length,
      run: async (steps) => {
        for (const ref of [...free].reverse()) {
          const uuid = view.get('VDI', ref)?.uuid ?? ref;
          steps.undo(`the image ${uuid}`, 'VDI.destroy', ref);
        }
        for (const ref of free) {
          await steps.task('VDI.destroy', ref);
          steps.keep(ref);
        }
        return {};
      },
    };
  },
};

export const forestImportMethods = {
  PrepareSnapshotForestImport: prepareImport,
  CreateNextDiskInImportSequence: createNextDisk,
  FinalizeSnapshotForestImport: finalizeImport,
  CleanupSnapshotForestImport: cleanupImport,
};
