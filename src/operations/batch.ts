import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { BatchForm, Selection, Stretch } from '../cim/operation.js';
import type { PageRun } from '../provider/provider.js';
import { type ClassPart, objectsFrom, placeIn } from './enumeration.js';
import { type Found, pageOf, ready, search } from './found.js';
import type { Namespace } from './namespace.js';
import type { Trial } from './trial.js';

/** What is enumerated, made ready to be gone through from any place on. */
export interface Enumeration {
  readonly namespace: Namespace;
  readonly form: BatchForm;
  readonly selection: Selection;
  /** The properties that have to be worked out; all unless given. */
  readonly wanted: NameSet | undefined;
  readonly trial: Trial | undefined;
  /** The classes that it goes through; none for what a walk leads to. */
  readonly parts: readonly ClassPart[] | undefined;
  /** Whether objects are given as they are: then pages that are kept will do. */
  readonly whole: boolean;
  objects(mark: string | null): Iterable<Found>;
  /** What is shown of an object. */
  shown(object: CimInstance): CimInstance;
}

/** Some objects, and where to go on: undefined at the end. */
export interface Batch {
  readonly stretches: readonly Stretch[];
  readonly mark: string | undefined;
}

async function searched(enumeration: Enumeration, mark: string | null, most: number): Promise<Batch> {
  const { namespace, form, wanted, trial, shown } = enumeration;
  const result = await search(namespace, enumeration.objects(mark), trial, most);
  const { found } = result;
  if (form !== 'instancePaths') await ready(found, wanted);
  const page = pageOf(namespace, found, wanted, shown);
  return { stretches: found.length > 0 ? [{ page, start: 0, end: found.length }] : [], mark: result.mark };
}

/** Gathers parts of pages up to a number of items. */
class Gathering {
  readonly stretches: Stretch[] = [];
  #room: number;
  /** The run of which items were taken last, and how many of its page's are behind now. */
  #last: { readonly className: string; readonly run: PageRun; readonly end: number } | undefined;

  constructor(room: number) {
    this.#room = room;
  }

  get isEmpty(): boolean {
    return this.stretches.length === 0;
  }

  /** Where to go on: behind the last record that was taken. */
  get mark(): string | undefined {
    if (this.#last === undefined) return undefined;
    const { className, run, end } = this.#last;
    return JSON.stringify([className, run.bookmark(end)]);
  }

  /** Takes what there is room for, by whole records; false when something had to be left. */
  add(className: string, run: PageRun): boolean {
    const { page, start } = run;
    const end = run.end - start <= this.#room ? run.end : run.endWithin(start + this.#room);
    if (end > start) {
      this.stretches.push({ page, start, end });
      this.#room -= end - start;
      this.#last = { className, run, end };
    }
    return end === run.end;
  }
}

const hasItems = ({ start, end }: PageRun): boolean => end > start;

/**
 * A batch out of pages that are kept; undefined where a class has none, or where a record alone has more instances than
 * were asked for. It may hold a few objects less than asked for, never none.
 */
function paged({ namespace }: Enumeration, parts: readonly ClassPart[], mark: string | null, most: number) {
  const [first, from] = placeIn(parts, mark);
  const gathering = new Gathering(most);
  for (const [number, { className, provider }] of parts.slice(first).entries()) {
    const runs = provider.pagesFrom?.(namespace.name, className, number === 0 ? from : undefined);
    // What comes behind a class without pages waits for the next batch.
    if (!runs) return gathering.isEmpty ? undefined : gathering;
    for (const run of runs) {
      if (hasItems(run) && !gathering.add(className, run)) return gathering.isEmpty ? undefined : gathering;
    }
  }
  return { stretches: gathering.stretches, mark: undefined };
}

/** The next objects behind the mark, at most so many (DSP0200 5.4.2.24.2). */
export async function nextBatch(enumeration: Enumeration, mark: string | null, most: number): Promise<Batch> {
  const { parts, whole } = enumeration;
  const kept = parts && whole ? paged(enumeration, parts, mark, most) : undefined;
  return kept ?? searched(enumeration, mark, most);
}

/** How many objects are left; undefined where only a search could tell. */
export function remaining({ parts, trial, objects }: Enumeration, mark: string | null): bigint | undefined {
  if (trial) return undefined;
  let number = 0n;
  for (const _one of parts ? objectsFrom(parts, mark) : objects(mark)) number++;
  return number;
}
