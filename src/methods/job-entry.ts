import type { JobRecord } from '../xenapi/records.js';
import { secretKeys } from '../xenapi/secret.js';
import type { ReturnCodes } from './return-code.js';
import { lost, type UndoOf, type UndoStep } from './undo.js';

/** What has to survive the bridge of one job. */
export interface JobEntry {
  readonly record: JobRecord;
  /** Whether clients have been told of it. */
  readonly shown: boolean;
  /** What would have to be undone if it failed now. */
  readonly undo: readonly UndoStep[];
  /** What the task under way is to the job. */
  readonly kind: TaskKind;
  /** The return codes that failures of its method become. */
  readonly codes?: ReturnCodes;
}

export interface TaskKind {
  /** The mark that the task carries: by it the task is found where its reference was not heard of any more. */
  readonly mark?: string;
  /** It is the last step, so that how it ends is how the job ends. */
  readonly last?: true;
  /** It takes the pool away: where the pool is gone, or has forgotten the task, it has been done. */
  readonly parting?: true;
  /** It was the last step, and has been done. */
  readonly done?: true;
  /** It makes something, which is undone so. */
  readonly undo?: UndoOf;
  /** What it does is undone so. */
  readonly back?: UndoStep;
}

const form = 1;

/** Integers of XenAPI have no form of their own in JSON. */
const written = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? { $int: String(value) } : value;
const read = (_key: string, value: unknown): unknown => {
  const int = typeof value === 'object' && value !== null && (value as { readonly $int?: unknown }).$int;
  return typeof int === 'string' ? BigInt(int) : value;
};

const isSecret = secretKeys('job', 'result');

/**
 * What is written of a job: everything but secrets. A result that is one is NULL after a restart, and a step that needs
 * one to be taken back is reported as lost.
 */
export const kept = (entry: JobEntry): JobEntry => ({
  ...entry,
  record: {
    ...entry.record,
    result: Object.fromEntries(Object.entries(entry.record.result).filter(([name]) => !isSecret(name))),
  },
  undo: entry.undo.map(({ secret, ...step }) => (secret ? { what: step.what, message: lost, args: [] } : step)),
});

const uuidForm = /^[0-9a-f-]{36}$/;

function isEntry(value: unknown): value is JobEntry {
  const entry = value as (JobEntry & { readonly form: unknown }) | null;
  if (typeof entry !== 'object' || entry === null || entry.form !== form || !Array.isArray(entry.undo)) return false;
  if (entry.codes !== undefined && (typeof entry.codes !== 'object' || entry.codes === null)) return false;
  return typeof entry.record === 'object' && uuidForm.test(String(entry.record?.uuid));
}

/** What is written of a job, or of one that is forgotten: text without a line end. */
export const entryText = (entry: JobEntry): string => JSON.stringify({ form, ...kept(entry) }, written);
export const removalText = (uuid: string): string => JSON.stringify({ form, removed: uuid });

/** What such a text says; undefined where it is of another form. Throws SyntaxError where it is no JSON. */
export function entryIn(text: string): JobEntry | { readonly removed: string } | undefined {
  const value: unknown = JSON.parse(text, read);
  if (isEntry(value)) return value;
  const removed = typeof value === 'object' && value !== null && (value as { readonly removed?: unknown }).removed;
  return typeof removed === 'string' ? { removed } : undefined;
}
