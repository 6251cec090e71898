import { invalid } from './input.js';

/*
 * The two texts that clients carry from one call of an import to the next: what is still to be done, and which image was
 * made for which disk. They come back from clients, so nothing in them is believed: each line is of a known form, each
 * has its bounds, and every line is done once.
 */

/** What is done for one disk, by the uuid that it had where it was exported. */
export type Instruction =
  /** A new image of so many bytes is to be filled with the disk. */
  | { readonly kind: 'create'; readonly disk: string; readonly size: bigint }
  /** A clone of the image of another disk is to be filled. */
  | { readonly kind: 'clone'; readonly disk: string; readonly from: string }
  /** The image of another disk, which a snapshot keeps as it was, is to be filled. */
  | { readonly kind: 'reuse'; readonly disk: string; readonly from: string }
  /** The image is kept as it is, as a snapshot. */
  | { readonly kind: 'snap'; readonly disk: string }
  /** The image is the machine's own. */
  | { readonly kind: 'leaf'; readonly disk: string }
  | { readonly kind: 'pass' };

type Kind = Instruction['kind'];

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const form = (text: string): RegExp => new RegExp(`^${text}$`, 'i');

const forms: Readonly<Record<Kind, RegExp>> = {
  create: form(`create (${uuid}) (\\d{1,15})`),
  clone: form(`clone (${uuid}) (${uuid})`),
  reuse: form(`reuse (${uuid}) (${uuid})`),
  snap: form(`snap (${uuid})`),
  leaf: form(`leaf (${uuid})`),
  pass: form('pass'),
};

/** Characters of a context or a map, and how many instructions or images they may hold. */
const textLimit = 1 << 20;
const countLimit = 10_000;

function assertShort(name: string, text: string): void {
  if (text.length > textLimit) invalid(`${name} has ${text.length} characters, and ${textLimit} are read at most`);
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 100));

function read(line: string): Instruction {
  const kind = line.slice(0, line.search(/ |$/)).toLowerCase();
  const known = Object.hasOwn(forms, kind) ? (kind as Kind) : undefined;
  const [, first, second] = (known && forms[known].exec(line)) ?? [];
  if (known === 'pass' && forms.pass.test(line)) return { kind: known };
  if (known === undefined || known === 'pass' || first === undefined)
    return invalid(`ImportContext: ${quoted(line)} is no instruction of PrepareSnapshotForestImport`);
  const disk = first.toLowerCase();
  if (known === 'create') return { kind: known, disk, size: BigInt(second!) };
  if (known === 'clone' || known === 'reuse') return { kind: known, disk, from: second!.toLowerCase() };
  return { kind: known, disk };
}

/** What is still to be done, in whatever way the lines end. CIM_ERR_INVALID_PARAMETER for anything else. */
export function parseContext(text: string): readonly Instruction[] {
  assertShort('ImportContext', text);
  const lines = text.split(/[\r\n]+/).flatMap((line) => line.trim() || []);
  if (lines.length > countLimit)
    invalid(`ImportContext has ${lines.length} instructions; ${countLimit} are read at most`);
  return lines.map(read);
}

const written = (instruction: Instruction): string => {
  const { kind, disk, size, from } = instruction as { kind: Kind; disk?: string; size?: bigint; from?: string };
  return [kind, disk, size, from].filter((part) => part !== undefined).join(' ');
};

export const formatContext = (instructions: readonly Instruction[]): string => instructions.map(written).join('\n');

/** The images that were made, by the disks that they are for: uuids. */
export type DiskImageMap = ReadonlyMap<string, string>;

const pair = form(`(${uuid})=(${uuid})`);

/** Reads `old=new,old=new`; nothing is an empty map. CIM_ERR_INVALID_PARAMETER for anything else. */
export function parseMap(text: string | undefined): DiskImageMap {
  const map = new Map<string, string>();
  if (text === undefined || text.trim() === '') return map;
  assertShort('DiskImageMap', text);
  const parts = text.split(',');
  if (parts.length > countLimit) invalid(`DiskImageMap has ${parts.length} pairs; ${countLimit} are read at most`);
  for (const part of parts) {
    const [, old, made] = pair.exec(part.trim()) ?? [];
    if (old === undefined || made === undefined) invalid(`DiskImageMap wants old=new, both uuids; got ${quoted(part)}`);
    if (map.has(old!.toLowerCase())) invalid(`DiskImageMap names the disk ${old} twice`);
    map.set(old!.toLowerCase(), made!.toLowerCase());
  }
  return map;
}

export const formatMap = (map: DiskImageMap): string => [...map].map(([old, made]) => `${old}=${made}`).join(',');
