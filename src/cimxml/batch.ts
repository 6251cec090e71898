import type { CimInstance } from '../cim/instance.js';
import type { BatchForm, Page, Result, Selection, Stretch } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { encodeClass } from './class-out.js';
import type { EncodedCache } from './encoded-cache.js';
import { encodeInstance } from './instance-out.js';
import { lengthOf, type PageForm, type PageText, pageOut } from './page-out.js';
import { encodeFullPath, type Place } from './path-out.js';
import { pathOf } from './result.js';
import type { Piece } from './run.js';
import { everything } from './selection.js';
import { encodeValue } from './value-out.js';

/** What one Open or Pull operation answers. */
export type BatchResult = Extract<Result, { readonly kind: 'batch' }>;

function withPath(item: CimInstance, selection: Selection, place: Place): string {
  const path = encodeFullPath(pathOf(item), place);
  return `<VALUE.INSTANCEWITHPATH>${path}${encodeInstance(item, selection)}</VALUE.INSTANCEWITHPATH>`;
}

/** The items of a page as elements of each form (DSP0201 5.2.6, IRETURNVALUE). */
const items: {
  readonly [F in BatchForm]: (page: Page, selection: Selection, place: Place) => Iterable<string>;
} = {
  *instancesWithPath(page, selection, place) {
    for (const item of page.instances()) yield withPath(item, selection, place);
  },
  *instancePaths(page, _selection, place) {
    for (const path of page.paths() as Iterable<InstancePath>) yield encodeFullPath(path, place);
  },
  *instances(page, selection) {
    for (const item of page.instances()) yield encodeInstance(item, selection);
  },
};

/** A page as a text, with the place where each item ends. */
function encodePage(page: Page, form: BatchForm, place: Place): PageText {
  const texts: string[] = [];
  const ends: number[] = [];
  let end = 0;
  for (const text of items[form](page, { classOrigin: false }, place)) {
    end += Buffer.byteLength(text, 'utf8');
    texts.push(text);
    ends.push(end);
  }
  return { text: texts.join(''), items: texts.length, ends, host: place.host };
}

/** A page is kept for few hosts at once: whoever names many gets his pages made anew. */
function slot(form: BatchForm, host: string): string {
  let sum = 0;
  for (const character of host) sum += character.charCodeAt(0);
  return `${form} ${sum % 4}`;
}

/** What each item of a form ends with; undefined where they are paths. */
const closings: Readonly<Record<BatchForm, Buffer | undefined>> = {
  instancesWithPath: Buffer.from('</VALUE.INSTANCEWITHPATH>'),
  instancePaths: undefined,
  instances: Buffer.from('</INSTANCE>'),
};

const formOf = (form: BatchForm, place: Place): PageForm => ({
  name: slot(form, place.host),
  closing: closings[form],
  encode: (page) => encodePage(page, form, place),
  suits: ({ host }) => host === place.host,
});

function pieceOf({ page, start, end }: Stretch, form: PageForm, cache: EncodedCache | undefined): Piece {
  const encoded = pageOut(page, form, cache);
  const endOf = (item: number): number => (item === encoded.items ? lengthOf(encoded) : (encoded.ends![item - 1] ?? 0));
  return { page, form: form.name, encoded, start: start === 0 ? 0 : endOf(start), end: endOf(end) };
}

/** What is written next: several items that were encoded once, or the text of one. */
export type BatchPiece = { readonly piece: Piece; readonly items: number } | { readonly text: string };

/** The content of the IRETURNVALUE, piece by piece. */
export function* encodeBatch(
  { form, stretches, selection }: BatchResult,
  place: Place,
  cache: EncodedCache | undefined,
): Iterable<BatchPiece> {
  const whole = selection.properties === undefined && !selection.classOrigin;
  const pageForm = formOf(form, place);
  for (const stretch of stretches) {
    const { page, start, end } = stretch;
    if (whole && page.lasting) {
      yield { piece: pieceOf(stretch, pageForm, cache), items: end - start };
      continue;
    }
    let number = 0;
    for (const text of items[form](page, selection, place)) {
      if (number >= start && number < end) yield { text };
      if (++number >= end) break;
    }
  }
}

/**
 * The output parameters behind the IRETURNVALUE. At the end the context is an empty text and not NULL: so OpenPegasus has
 * it, and all clients read that. Others than these two come only when asked for: wbem-java takes no more.
 */
export function encodeBatchEnd({ context, resultClass }: BatchResult): string {
  const parameter = (name: string, type: 'string' | 'boolean', value: string | boolean): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="${type}">${encodeValue(type, value)}</PARAMVALUE>`;
  const cls = resultClass
    ? `<PARAMVALUE NAME="QueryResultClass">${encodeClass(resultClass, everything)}</PARAMVALUE>`
    : '';
  return (
    parameter('EnumerationContext', 'string', context ?? '') +
    parameter('EndOfSequence', 'boolean', context === null) +
    cls
  );
}
