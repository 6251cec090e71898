import type { Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { ForestImages } from './forest-images.js';
import {
  type DiskImageMap,
  formatContext,
  formatMap,
  type Instruction,
  parseContext,
  parseMap,
} from './import-context.js';
import { awaitedKey } from './import-image.js';
import { invalid, missing } from './input.js';
import { face, type Method, type Output } from './method.js';
import { makeImage } from './new-image.js';
import type { Referred } from './reference.js';
import { serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';

/** CreateNextDiskInImportSequence: no more disks to be imported (Xen_VirtualSystemSnapshotService). */
const noMoreDisks = 32_768;

type Vdi = Ref<'VDI'>;
type Of<K extends Instruction['kind']> = Extract<Instruction, { readonly kind: K }>;

/** The image that is now to be filled, and the disk that it is to be filled with. */
interface Awaited {
  readonly disk: string;
  readonly image: Vdi;
}

const isFilled = ({ kind }: Instruction): boolean => kind === 'create' || kind === 'clone' || kind === 'reuse';

/** One call: as many instructions as it takes until there is an image to fill, or until there are no more. */
class Sequence {
  readonly #steps: Steps;
  readonly #images: ForestImages;
  readonly #repository: Referred<'SR'> | undefined;
  /** Images that snapshots stand for from now on, and that nothing reuses. They go last, when all else has been done. */
  readonly #needless: Vdi[] = [];
  readonly #carriers: {
    readonly [K in Instruction['kind']]: (each: Of<K>, reused: ReadonlySet<string>) => Promise<Awaited | undefined>;
  } = {
    create: (each) => this.#create(each),
    clone: (each) => this.#clone(each),
    reuse: async (each) => ({ disk: each.disk, image: this.#images.reused(each.disk, each.from) }),
    snap: (each, reused) => this.#snap(each, reused),
    leaf: ({ disk }) => this.#label(this.#images.of(disk), disk),
    pass: async () => undefined,
  };

  constructor(steps: Steps, map: DiskImageMap, repository: Referred<'SR'> | undefined) {
    this.#steps = steps;
    this.#images = new ForestImages(steps.view, map);
    this.#repository = repository;
  }

  async run(now: readonly Instruction[], later: readonly Instruction[]): Promise<Output> {
    let awaited: Awaited | undefined;
    const reused = new Set([...now, ...later].flatMap((each) => (each.kind === 'reuse' ? each.from : [])));
    for (const each of now) awaited = await this.#carryOut(each, reused);
    for (const image of this.#needless) {
      await this.#steps.task('VDI.destroy', image);
      this.#steps.keep(image);
    }
    return {
      ImportContext: formatContext(later),
      DiskImageMap: formatMap(this.#images.map),
      ...(awaited && { NewDiskImage: face('Xen_DiskImage', awaited.image), OldDiskID: awaited.disk }),
    };
  }

  async #carryOut(instruction: Instruction, reused: ReadonlySet<string>): Promise<Awaited | undefined> {
    const carry = this.#carriers[instruction.kind] as (
      each: Instruction,
      reused: ReadonlySet<string>,
    ) => Promise<Awaited | undefined>;
    return carry(instruction, reused);
  }

  async #create({ disk, size }: Of<'create'>): Promise<Awaited> {
    const sr = this.#repository ?? missing('StoragePool', 'the repository in which the images are to be made');
    const made = { sr, size, name: nameFor(disk), description: '', marks: { [awaitedKey]: disk } };
    return this.#put(disk, await makeImage(this.#steps, made));
  }

  async #clone({ disk, from }: Of<'clone'>): Promise<Awaited> {
    const image = await this.#copy('VDI.clone', this.#images.of(from), disk);
    await this.#label(image, disk);
    return this.#put(disk, image);
  }

  /** Keeps an image as it is. What it was taken of is kept where a later disk is to be written into it. */
  async #snap({ disk }: Of<'snap'>, reused: ReadonlySet<string>): Promise<undefined> {
    const image = this.#images.of(disk);
    const snapshot = await this.#copy('VDI.snapshot', image, disk);
    this.#images.snapped(disk, snapshot, await this.#uuidOf(snapshot));
    if (!reused.has(disk)) this.#needless.push(image);
  }

  async #copy(message: 'VDI.clone' | 'VDI.snapshot', image: Vdi, disk: string): Promise<Vdi> {
    const undo = { what: `the image of the disk ${disk}`, message: 'VDI.destroy' };
    const made = await this.#steps.makeByTask<'VDI'>(undo, message, image, {});
    await this.#steps.mark('VDI', made);
    return made;
  }

  async #label(image: Vdi, disk: string): Promise<undefined> {
    const { name_label } = this.#steps.view.get('VDI', image) ?? { name_label: '' };
    await this.#steps.call('VDI.set_name_label', image, nameFor(disk));
    this.#steps.undo('the new name', 'VDI.set_name_label', image, name_label);
  }

  async #put(disk: string, image: Vdi): Promise<Awaited> {
    this.#images.put(disk, image, await this.#uuidOf(image));
    return { disk, image };
  }

  async #uuidOf(image: Vdi): Promise<string> {
    return String(await this.#steps.ask('VDI.get_uuid', image));
  }
}

/** What an image is called until the machine has it. */
const nameFor = (disk: string): string => `disk ${disk}`;

/** Refuses what the instructions cannot be carried out with before anything is done. */
function check(
  now: readonly Instruction[],
  map: DiskImageMap,
  view: View,
  repository: Referred<'SR'> | undefined,
): void {
  const images = new ForestImages(view, map);
  const known = new Set(map.keys());
  for (const each of now) {
    if (each.kind === 'pass') continue;
    const wanted = each.kind === 'create' ? undefined : 'from' in each ? each.from : each.disk;
    if (wanted !== undefined && !known.has(wanted)) images.of(wanted);
    if (each.kind === 'create') {
      if (!repository) missing('StoragePool', 'the repository in which the images are to be made');
      if (each.size <= 0n) invalid(`ImportContext: the disk ${each.disk} has no size`);
    }
    if (isFilled(each) && known.has(each.disk)) invalid(`ImportContext: the disk ${each.disk} has an image already`);
    known.add(each.disk);
  }
}

const imagesOf = (view: View, map: DiskImageMap): readonly Vdi[] =>
  [...map.values()].flatMap((uuid) => view.byUuid('VDI', uuid) ?? []);

const messagesOf: Readonly<Record<Instruction['kind'], readonly string[]>> = {
  create: ['VDI.create'],
  clone: ['VDI.clone'],
  reuse: [],
  snap: ['VDI.snapshot', 'VDI.destroy'],
  leaf: ['VDI.set_name_label'],
  pass: [],
};

/**
 * CreateNextDiskInImportSequence: makes the image that the client is to fill next, and gives what is to be handed to the
 * next call. 32768 when nothing is left to be filled. A call that fails has done nothing, and can be made again.
 */
export const createNextDisk: Method = {
  run: ({ input, view }) => {
    const text = input.text('ImportContext') ?? missing('ImportContext', 'that of PrepareSnapshotForestImport');
    const all = parseContext(text);
    const map = parseMap(input.text('DiskImageMap'));
    const repository = input.refer('StoragePool', 'SR');
    const at = all.findIndex(isFilled);
    const [now, later] = at < 0 ? [all, []] : [all.slice(0, at + 1), all.slice(at + 1)];
    check(now, map, view, repository);
    const returned = at < 0 ? noMoreDisks : 0;
    if (now.length === 0) return { returned, output: { ImportContext: '', DiskImageMap: formatMap(map) } };
    return {
      job: 'Xen_VirtualSystemManagementServiceJob',
      answers: 'done',
      subject: 'import of a snapshot forest',
      codes: serviceCodes,
      needs: now.flatMap(({ kind }) => messagesOf[kind]),
      affects: { VDIs: imagesOf(view, map), ...(repository && { SRs: [repository.ref] }) },
      steps: now.length,
      returned,
      run: (steps) => new Sequence(steps, map, repository).run(now, later),
    };
  },
};
