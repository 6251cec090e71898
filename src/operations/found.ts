import { setImmediate as afterOthers } from 'node:timers/promises';
import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { Page } from '../cim/operation.js';
import type { Provider, Subject } from '../provider/provider.js';
import type { Namespace } from './namespace.js';
import type { Trial } from './trial.js';

/** An object of an answer before it is worked out: who has it, where, and its place in the order of all. */
export interface Found {
  readonly provider: Provider;
  readonly subject: Subject;
  readonly namespace: string;
  readonly mark: () => string;
}

/** Milliseconds of looking through objects after which others have a turn. */
const turn = 8;

/** Milliseconds after which a search gives what it has: clients wait for half a minute. */
const patience = 10_000;

const slice = 64;

/** Fetches what only live readings can tell of these objects. */
export async function ready(found: readonly Found[], wanted?: NameSet): Promise<void> {
  const byProvider = new Map<Provider, Subject[]>();
  for (const { provider, subject } of found) {
    const subjects = byProvider.get(provider);
    if (subjects) subjects.push(subject);
    else byProvider.set(provider, [subject]);
  }
  await Promise.all([...byProvider].map(([provider, subjects]) => provider.ready(subjects, wanted)));
}

/** The object as the client is to see it. */
export const instanceOf = (
  { renaming }: Namespace,
  { provider, namespace, subject }: Found,
  wanted?: NameSet,
): CimInstance => renaming.outwardInstance(provider.instance(namespace, subject, wanted));

/** The objects as a page that is made for one answer alone. */
export function pageOf(
  namespace: Namespace,
  found: readonly Found[],
  wanted: NameSet | undefined,
  shown: (object: CimInstance) => CimInstance,
): Page {
  return {
    lasting: false,
    *instances() {
      for (const one of found) yield shown(instanceOf(namespace, one, wanted));
    },
    *paths() {
      for (const { provider, namespace: at, subject } of found) {
        yield namespace.renaming.outward(provider.path(at, subject));
      }
    },
  };
}

function take<T>(items: Iterator<T>, most: number): readonly T[] {
  const taken: T[] = [];
  while (taken.length < most) {
    const next = items.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

async function passing(namespace: Namespace, found: readonly Found[], trial: Trial): Promise<readonly Found[]> {
  await ready(found, trial.wanted);
  return found.filter((one) => trial.passes(instanceOf(namespace, one, trial.wanted)));
}

export interface Search {
  readonly found: readonly Found[];
  /** Where to go on: the last object that was looked at; undefined when all have been. */
  readonly mark: string | undefined;
}

/**
 * The first so many objects that pass, all unless a number is given. Others have their turn meanwhile; a search that goes on
 * for long stops with what it has, unless everything is wanted.
 */
export async function search(
  namespace: Namespace,
  objects: Iterable<Found>,
  trial: Trial | undefined,
  most = Number.POSITIVE_INFINITY,
): Promise<Search> {
  const items = objects[Symbol.iterator]();
  const found: Found[] = [];
  const started = performance.now();
  let since = started;
  for (;;) {
    const wanted = trial ? slice : Math.min(slice, most + 1 - found.length);
    const taken = take(items, wanted);
    found.push(...(trial ? await passing(namespace, taken, trial) : taken));
    if (found.length > most) return { found: found.slice(0, most), mark: found[most - 1]?.mark() ?? '' };
    if (taken.length < wanted) return { found, mark: undefined };
    const now = performance.now();
    if (most < Number.POSITIVE_INFINITY && now - started > patience) return { found, mark: taken.at(-1)!.mark() };
    if (now - since < turn) continue;
    await afterOthers();
    since = performance.now();
  }
}
