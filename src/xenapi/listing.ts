import { XenApiError } from './error.js';
import type { Log } from './log.js';
import type { CallValue, TakePart } from './protocol.js';
import { RecordListing } from './record-listing.js';
import type { RecordReaders } from './record-reader.js';
import type { RemoteClass } from './records.js';
import type { View } from './view.js';
import type { Weight } from './watched-class.js';

/** What a listing needs: a call in the session, the readers, what is known, and where to say what was left out. */
export interface Lister {
  readonly call: (method: string, params: readonly CallValue[], take: TakePart) => Promise<unknown>;
  readonly readers: RecordReaders;
  readonly view: View;
  readonly log: Log;
}

export type ClassRecords = ReadonlyMap<string, unknown>;

const atOnce = 6;

/** Answers of a release that does not know the class, or no longer. */
const absent: ReadonlySet<string> = new Set([
  'MESSAGE_METHOD_UNKNOWN',
  'MESSAGE_REMOVED',
  'MESSAGE_DEPRECATED',
  'NOT_IMPLEMENTED',
]);
/** Failures that say nothing about the class. */
const general: ReadonlySet<string> = new Set([
  'SESSION_INVALID',
  'HOST_IS_SLAVE',
  'HOST_STILL_BOOTING',
  'TOO_MANY_PENDING_TASKS',
]);

/** All records of a class, or undefined when the pool has no such class or, for an optional one, cannot list it. */
export async function listClass(lister: Lister, of: RemoteClass, weight: Weight): Promise<ClassRecords | undefined> {
  try {
    const { readers, view } = lister;
    const listing = new RecordListing((ref, wire) => readers.renewed(of, wire, view.get(of, ref)));
    const rest = await lister.call(`${of}.get_all_records`, [], (records) => listing.take(records));
    await listing.take(rest);
    return listing.records;
  } catch (error) {
    if (!(error instanceof XenApiError) || general.has(error.code)) throw error;
    const lacking = absent.has(error.code);
    if (!lacking && weight === 'needed') throw error;
    if (lacking) lister.log.debug({ class: of }, 'this release has no such class');
    else lister.log.warn({ class: of, code: error.code }, 'the pool does not list this class; it is left out');
    return undefined;
  }
}

/**
 * Lists classes, a few at a time, and hands each over as soon as it is there. Gives those that the pool has; throws
 * the first error and then lists no further.
 */
export async function listClasses(
  lister: Lister,
  classes: Readonly<Partial<Record<RemoteClass, Weight>>>,
  take: (of: RemoteClass, records: ClassRecords | undefined) => void,
): Promise<readonly RemoteClass[]> {
  const queue = Object.entries(classes) as [RemoteClass, Weight][];
  const present = new Set<RemoteClass>();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next && !failed; next = queue.shift()) {
      const [of, weight] = next;
      const records = await listClass(lister, of, weight);
      if (records) present.add(of);
      if (!failed) take(of, records);
    }
  };
  const guarded = () =>
    lane().catch((error: unknown) => {
      failed = true;
      throw error;
    });
  await Promise.all(Array.from({ length: atOnce }, guarded));
  return (Object.keys(classes) as RemoteClass[]).filter((of) => present.has(of));
}
