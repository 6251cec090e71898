import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../xenapi/log.js';
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

/** The folder in which each job has a file, written as a whole or not at all. Only the owner can read it. */
export class JobFolder {
  readonly #folder: string;
  readonly #log: Log;

  constructor(stateDir: string, log: Log) {
    this.#folder = join(stateDir, 'jobs');
    this.#log = log;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** All jobs that were kept; a file that cannot be read is left where it is, and told of. */
  load(): readonly JobEntry[] {
    const entries: JobEntry[] = [];
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith('.part')) rmSync(path, { force: true });
      if (!name.endsWith('.json')) continue;
      try {
        const value: unknown = JSON.parse(readFileSync(path, 'utf8'), read);
        if (isEntry(value)) entries.push(value);
        else this.#log.warn({ file: name }, 'a file of the state folder is none of a job');
      } catch (err) {
        this.#log.warn({ file: name, err }, 'the file of a job cannot be read');
      }
    }
    return entries;
  }

  async save(entry: JobEntry): Promise<void> {
    const path = this.#path(entry.record.uuid);
    const file = await open(`${path}.part`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify({ form, ...kept(entry) }, written));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  }

  remove(uuid: string): Promise<void> {
    return rm(this.#path(uuid), { force: true });
  }

  #path(uuid: string): string {
    return join(this.#folder, `${uuid}.json`);
  }
}
