import type { Delay } from '../src/cim/operation.js';

/** All items of a result in their order, each taken when what stands before it has been waited for. */
export async function arrived<T>(items: Iterable<T | Delay>): Promise<T[]> {
  const all: T[] = [];
  for (const item of items) {
    if (item instanceof Promise) await item;
    else all.push(item);
  }
  return all;
}
