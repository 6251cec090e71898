import { XenApiFailure } from '../failure.js';

/** A running operation: the task under which it runs, and what it is called on the object. */
export type Running = readonly [task: string, operation: string];

/** One as it is, several in braces. */
const listed = (items: readonly string[]): string =>
  items.length === 1 ? (items[0] as string) : `{${items.join(',')}}`;

/** The operations that an object's current_operations show. */
export const runningOn = (record: { readonly current_operations: Readonly<Record<string, string>> }): Running[] =>
  Object.entries(record.current_operations);

/** OTHER_OPERATION_IN_PROGRESS [class, ref, operation, task] for operations that clash; undefined for none (facts 5.1). */
export function clashOf(of: string, ref: string, clashing: readonly Running[]): XenApiFailure | undefined {
  if (clashing.length === 0) return undefined;
  const [tasks, operations] = [clashing.map(([task]) => task), clashing.map(([, operation]) => operation)];
  return new XenApiFailure('OTHER_OPERATION_IN_PROGRESS', of, ref, listed(operations), listed(tasks));
}
