import { MalformedAnswer } from '../xenapi/protocol.js';
import { NameEscaper } from '../xenapi/xml-name.js';
import { type Edit, edited, type OutlinedValue, outline, textValue } from '../xenapi/xml-outline.js';
import { type ForestImage, forestOf, type Grown, memorySlot, type Stand } from './forest.js';
import { invalid } from './input.js';

/** A record of a description: its class, the name by which others refer to it, and its fields. */
interface Described {
  readonly id: string;
  readonly record: OutlinedValue;
  /** With class and name. */
  readonly whole: OutlinedValue;
}

/** An image of a description. */
export interface DescribedImage extends ForestImage, Described {
  readonly name: string;
  readonly description: string;
}

/** An image of the pool that takes the place of one that is described. */
export interface Replacement {
  readonly uuid: string;
  readonly location: string;
}

const unreadable = (why: string): never => invalid(`MetadataDiskImage: ${why}`);

/** Records that a description may have: those of a machine with hundreds of snapshots. */
const countLimit = 20_000;

const textOf = (value: OutlinedValue | undefined, name: string): string => value?.members.get(name)?.text ?? '';
const isTrue = ({ record }: Described, name: string): boolean => textOf(record, name).trim() === '1';
const sizeForm = /^\d{1,15}$/;
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The members of a list by what they have in common, each group in the list's order. */
function grouped<T>(list: readonly T[], keyOf: (each: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of list) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return groups;
}

/**
 * The description of an exported machine: the records of it, of its snapshots and of what belongs to them, under names
 * of their own (XenAPI /export_metadata, ova.xml). It is changed where it stands; what is not understood stays as it is.
 */
export class ForestDescription {
  readonly #text: string;
  readonly #objects: ReadonlyMap<string, readonly Described[]>;
  /** Every image that the machine or a snapshot shows. */
  readonly images: readonly Grown<DescribedImage>[];

  private constructor(text: string, root: OutlinedValue) {
    this.#text = text;
    const items = root.members.get('objects')?.items ?? [];
    if (items.length > countLimit) unreadable(`it has ${items.length} records, and ${countLimit} are read at most`);
    const objects = items.flatMap((whole) => {
      const record = whole.members.get('snapshot');
      return record ? [{ id: textOf(whole, 'id'), record, whole }] : [];
    });
    this.#objects = grouped(objects, ({ whole }) => textOf(whole, 'class'));
    this.images = forestOf(this.#stands());
  }

  /** Reads ova.xml. CIM_ERR_INVALID_PARAMETER for what describes no machine. */
  static async read(ova: string): Promise<ForestDescription> {
    const names = new NameEscaper();
    const text = names.write(ova) + names.end();
    const root = await outline(text).catch((reason: unknown) => {
      if (reason instanceof MalformedAnswer) return unreadable(`its description cannot be read: ${reason.message}`);
      throw reason;
    });
    return new ForestDescription(text, root);
  }

  /**
   * The description with the pool's images in place of those that are described, all in one repository. States of disks
   * that nobody shows go.
   */
  remapped(images: ReadonlyMap<string, Replacement>, repository: string): string {
    const shown = new Map(this.images.map(({ image }) => [image.id, image]));
    const moved = new Set([...shown.values()].map((image) => image.repository));
    const media = new Set(
      this.#of('SR')
        .filter(({ record }) => textOf(record, 'content_type') === 'iso')
        .map(({ id }) => id),
    );
    const edits: Edit[] = [];
    for (const image of this.#of('VDI')) {
      const { uuid } = shown.get(image.id) ?? {};
      const by = uuid === undefined ? undefined : images.get(uuid);
      if (by) edits.push(...replaced(image.record, by));
      else if (!media.has(textOf(image.record, 'SR'))) edits.push({ ...image.whole, text: '' });
    }
    for (const { id, record } of this.#of('SR'))
      if (moved.has(id)) edits.push(...exchanged(record, { uuid: textValue(repository) }));
    return edited(this.#text, edits);
  }

  #of(name: string): readonly Described[] {
    return this.#objects.get(name) ?? [];
  }

  #stands(): readonly Stand<DescribedImage>[] {
    const machines = this.#of('VM');
    const own = machines.filter((each) => !isTrue(each, 'is_a_snapshot'));
    if (own.length !== 1) unreadable(`it describes ${own.length} machines, and one is wanted`);
    const images = new Map(this.#of('VDI').map((each) => [each.id, imageOf(each)]));
    const disks = this.#of('VBD').filter(({ record }) => textOf(record, 'type') === 'Disk');
    const devices = grouped(disks, ({ record }) => textOf(record, 'VM'));
    return machines.map((each) => standOf(each, devices.get(each.id) ?? [], images));
  }
}

function standOf(
  machine: Described,
  devices: readonly Described[],
  images: ReadonlyMap<string, DescribedImage>,
): Stand<DescribedImage> {
  const { record } = machine;
  const uuid = textOf(record, 'uuid');
  const places = devices.map((vbd) => [textOf(vbd.record, 'userdevice'), textOf(vbd.record, 'VDI')] as const);
  const memory = [memorySlot(uuid), textOf(record, 'suspend_VDI')] as const;
  const found = [...places, memory].flatMap(([slot, image]) => {
    const described = images.get(image);
    return described ? [[slot, described] as const] : [];
  });
  const time = textOf(record, 'snapshot_time');
  return { uuid, isSnapshot: isTrue(machine, 'is_a_snapshot'), time, images: found };
}

function imageOf(described: Described): DescribedImage {
  const { record } = described;
  const [uuid, size] = [textOf(record, 'uuid'), textOf(record, 'virtual_size').trim()];
  if (!uuidForm.test(uuid)) return unreadable(`one of its images has no uuid: ${JSON.stringify(uuid.slice(0, 60))}`);
  if (!sizeForm.test(size)) return unreadable(`its image ${uuid} has no size`);
  return {
    ...described,
    uuid: uuid.toLowerCase(),
    size: BigInt(size),
    repository: textOf(record, 'SR'),
    shares: record.members.get('sm_config')?.members.has('vhd-parent') ?? false,
    isSnapshot: isTrue(described, 'is_a_snapshot'),
    name: textOf(record, 'name_label'),
    description: textOf(record, 'name_description'),
  };
}

/** Exchanges fields of a record. */
function exchanged(record: OutlinedValue, values: Readonly<Record<string, string>>): readonly Edit[] {
  return Object.entries(values).map(([name, text]) => {
    const field = record.members.get(name) ?? unreadable(`one of its records has no ${name}`);
    return { start: field.start, end: field.end, text };
  });
}

/** An image is found by its place in its repository; how its old repository kept it says nothing of the new one. */
const replaced = (record: OutlinedValue, { uuid, location }: Replacement): readonly Edit[] =>
  exchanged(record, {
    uuid: textValue(uuid),
    location: textValue(location),
    sm_config: '<value><struct></struct></value>',
  });
