import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '../xenapi/log.js';
import { entryIn, entryText, type JobEntry, removalText } from './job-entry.js';

/** Who waits for a line to be on the disk. */
interface Waiting {
  readonly text: string;
  readonly written: () => void;
  readonly failed: (reason: unknown) => void;
}

/** The journal is written anew when so much of it, in characters, is of the past. */
const longestPast = 4 * 1024 * 1024;

/**
 * The file of all jobs, to which each state of a job is added as a line: of several lines of a job the last counts. What is
 * saved while the disk is at work goes there in one write. Only the owner can read it.
 */
export class JobJournal {
  readonly #path: string;
  readonly #log: Log;
  /** The last line of each job. */
  readonly #lines = new Map<string, string>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** Undefined where the file has to be written anew before anything is added: it may end amid a line. */
  #file: FileHandle | undefined;
  #past = 0;

  constructor(stateDir: string, log: Log) {
    const folder = join(stateDir, 'jobs');
    this.#path = join(folder, 'journal');
    this.#log = log;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** All jobs that were kept. What cannot be read is told of, and a copy of the file left beside it. */
  load(): readonly JobEntry[] {
    const entries = new Map<string, JobEntry>();
    this.#lines.clear();
    let unread = 0;
    for (const line of this.#read()) {
      const entry = this.#entry(line);
      if (entry === undefined) unread++;
      else if ('removed' in entry) {
        entries.delete(entry.removed);
        this.#lines.delete(entry.removed);
      } else {
        entries.set(entry.record.uuid, entry);
        this.#lines.set(entry.record.uuid, line);
      }
    }
    if (unread > 0) this.#leaveCopy(unread);
    return [...entries.values()];
  }

  /** The lines that are whole: the last may have been cut off by a crash, and then nobody was told that it was written. */
  #read(): readonly string[] {
    if (!existsSync(this.#path)) return [];
    return readFileSync(this.#path, 'utf8').split('\n').slice(0, -1);
  }

  #entry(line: string): ReturnType<typeof entryIn> {
    try {
      return entryIn(line);
    } catch {
      return undefined;
    }
  }

  #leaveCopy(unread: number): void {
    const copy = `${this.#path}.unread`;
    copyFileSync(this.#path, copy);
    this.#log.warn({ file: copy, lines: unread }, 'lines of the journal of jobs cannot be read; a copy of it was left');
  }

  /** Resolves when the job is on the disk as it is now. */
  save(entry: JobEntry): Promise<void> {
    const text = entryText(entry);
    const { uuid } = entry.record;
    this.#past += this.#lines.get(uuid)?.length ?? 0;
    this.#lines.set(uuid, text);
    return this.#add(text);
  }

  /** Resolves when the disk says that the job is forgotten. */
  remove(uuid: string): Promise<void> {
    const text = removalText(uuid);
    this.#past += text.length + (this.#lines.get(uuid)?.length ?? 0);
    this.#lines.delete(uuid);
    return this.#add(text);
  }

  /** Waits until everything is on the disk. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  #add(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, written: resolve, failed: reject });
      this.#writing ??= this.#write();
    });
  }

  /** Writes what waits until nothing does; what comes within one turn of the event loop is written at once. */
  async #write(): Promise<void> {
    await nextTurn();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await this.#put(lines.map(({ text }) => `${text}\n`).join(''));
        for (const { written } of lines) written();
      } catch (reason) {
        await this.#giveUp();
        for (const { failed } of lines) failed(reason);
      }
    }
    // At once: whoever hears that it was written may save again.
    this.#writing = undefined;
  }

  async #put(text: string): Promise<void> {
    if (this.#file === undefined || this.#past > longestPast) return this.#renew();
    await this.#file.appendFile(text);
    await this.#file.datasync();
  }

  /** Puts a file with the last line of each job in the place of the journal. */
  async #renew(): Promise<void> {
    await this.#giveUp();
    const file = await open(`${this.#path}.part`, 'w', 0o600);
    try {
      await file.appendFile([...this.#lines.values()].map((line) => `${line}\n`).join(''));
      await file.datasync();
      await rename(`${this.#path}.part`, this.#path);
    } catch (reason) {
      await file.close();
      throw reason;
    }
    this.#file = file;
    this.#past = 0;
  }

  /** The file is of no more use: the next write begins it anew. */
  async #giveUp(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch((err: unknown) => this.#log.warn({ err }, 'the journal of jobs could not be closed'));
  }
}
