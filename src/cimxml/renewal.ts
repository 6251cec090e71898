import type { Shape } from '../cim/instance.js';
import type { Alteration } from '../cim/operation.js';
import type { DraftPage } from './encoded-cache.js';
import { type ColumnText, columnOf } from './instance-out.js';

/** Bytes that take the place of others. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  readonly item: number;
}

/** Where each item of a page ends. */
interface Ends {
  readonly ends: readonly number[];
}

/** What a page is renewed from. */
export interface Laid extends Ends {
  readonly bytes: Buffer;
}

/** Where each item of a page ends, each of which ends with the same bytes that stand nowhere else in it. */
export function endsOf(bytes: Buffer, items: number, closing: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = 0; ends.length < items; ) {
    at = bytes.indexOf(closing, at) + closing.length;
    ends.push(at);
  }
  return ends;
}

/** The element of a property that stands between two places; it is always there, if only as a NULL. */
function find(bytes: Buffer, from: number, { start, end }: ColumnText): readonly [start: number, end: number] {
  const at = bytes.indexOf(start, from);
  return [at, bytes.indexOf(end, at) + end.length];
}

function* splicesOf({ bytes, ends }: Laid, { item, shape, properties, value }: Alteration): Iterable<Splice> {
  let from = ends[item - 1] ?? 0;
  for (const property of inOrder(shape, properties)) {
    const column = columnOf(shape, property);
    const [start, end] = find(bytes, from, column);
    yield { start, end, bytes: Buffer.from(column.text(value(property)), 'utf8'), item };
    from = end;
  }
}

const inOrder = ({ properties: { length } }: Shape, properties: ReadonlySet<number>): readonly number[] =>
  [...properties].filter((property) => property < length).sort((a, b) => a - b);

/** Puts the old bytes somewhere, with the splices, which come in order, in their places. */
function splice(old: Buffer, splices: readonly Splice[], made: Buffer, at: number): void {
  let [from, to] = [0, at];
  for (const { start, end, bytes } of splices) {
    to += old.copy(made, to, from, start);
    to += bytes.copy(made, to);
    from = end;
  }
  old.copy(made, to, from);
}

/** The same page with the properties that were altered written anew, and all else as it was. */
export function renewed(laid: Laid, alterations: Iterable<Alteration>): Pick<DraftPage, 'length' | 'write'> & Ends {
  const ordered = [...alterations].sort((a, b) => a.item - b.item);
  const splices = ordered.flatMap((alteration) => [...splicesOf(laid, alteration)]);
  let shift = 0;
  let next = 0;
  const ends = laid.ends.map((end, item) => {
    for (; splices[next]?.item === item; next++) {
      const { start, end: last, bytes } = splices[next]!;
      shift += bytes.length - (last - start);
    }
    return end + shift;
  });
  return { ends, length: laid.bytes.length + shift, write: (to, at) => splice(laid.bytes, splices, to, at) };
}
