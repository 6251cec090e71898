import type { RemoteClass } from './records.js';

/** How one class has compared with the pool's count of it so far. */
interface Comparison {
  /** How many answers in a row have differed. */
  streak: number;
  /** By how much the count differed when the class was last listed again. */
  listedAt: number | undefined;
  /** A difference that listing again does not remove: the pool counts what it does not list. */
  accepted: number;
}

const enough = 2;

/** A count as JSON or XML-RPC has it; NaN for anything else. */
const countIn = (wire: unknown): number =>
  typeof wire === 'number' || typeof wire === 'string' || typeof wire === 'bigint' ? Number(wire) : Number.NaN;

/**
 * Finds deletions that the pool did not tell: an answer of event.from leaves out all but the newest 256 to 511
 * deletions of a class, and only `valid_ref_counts` shows it. A count may run ahead of its answer, so a class has to
 * differ in two answers in a row before it is listed again.
 */
export class ReferenceCounts {
  readonly #comparisons = new Map<RemoteClass, Comparison>();

  /** The classes to be listed again. `counts` is by lower-case class name, as the pool sends it. */
  stale(counts: unknown, classes: readonly RemoteClass[], held: (of: RemoteClass) => number): readonly RemoteClass[] {
    if (typeof counts !== 'object' || counts === null) return [];
    return classes.filter((of) => {
      // Messages are kept outside of the pool's database, and counted as none.
      const count = of === 'message' ? Number.NaN : countIn((counts as Record<string, unknown>)[of.toLowerCase()]);
      return Number.isInteger(count) && this.#isStale(of, count - held(of));
    });
  }

  /** Forgets everything: the pool was listed as a whole. */
  clear(): void {
    this.#comparisons.clear();
  }

  #isStale(of: RemoteClass, difference: number): boolean {
    const comparison = this.#comparisons.get(of) ?? { streak: 0, listedAt: undefined, accepted: 0 };
    this.#comparisons.set(of, comparison);
    if (difference === comparison.accepted) {
      comparison.streak = 0;
      if (difference === 0) comparison.listedAt = undefined;
      return false;
    }
    if (++comparison.streak < enough) return false;
    comparison.streak = 0;
    if (comparison.listedAt === difference) {
      comparison.accepted = difference;
      return false;
    }
    comparison.listedAt = difference;
    return true;
  }
}
