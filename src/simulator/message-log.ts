import type { Records, Ref } from '../xenapi/records.js';

/** A message (alert) of the pool. */
export type MessageRecord = Records['message'];

interface LogEntry {
  readonly generation: number;
  readonly operation: 'add' | 'del';
  readonly ref: string;
  readonly record: MessageRecord;
}

/** Only the newest additions and deletions are told to event.from (facts 2.1). */
const kept = { from: 512, to: 256 };
/** Messages that are kept at all (facts 5.6). */
const limit = 10_000;

/** The pool's messages (alerts): no table of the database, but a list of their own with generations of their own. */
export class MessageLog {
  readonly #messages = new Map<string, MessageRecord>();
  readonly #listeners = new Set<() => void>();
  #log: LogEntry[] = [];
  #generation = 1;

  get generation(): number {
    return this.#generation;
  }

  get(ref: string): MessageRecord | undefined {
    return this.#messages.get(ref);
  }

  get entries(): ReadonlyMap<string, MessageRecord> {
    return this.#messages;
  }

  add(ref: string, record: MessageRecord): void {
    this.#messages.set(ref, record);
    this.#note('add', ref, record);
    const oldest = this.#messages.keys().next().value;
    if (this.#messages.size > limit && oldest !== undefined) this.remove(oldest);
  }

  remove(ref: string): boolean {
    const record = this.#messages.get(ref);
    if (record === undefined) return false;
    this.#messages.delete(ref);
    this.#note('del', ref, record);
    return true;
  }

  /** Additions and deletions after a generation, oldest first. */
  changes(since: number): readonly LogEntry[] {
    return this.#log.filter((entry) => entry.generation > since);
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #note(operation: 'add' | 'del', ref: string, record: MessageRecord): void {
    this.#log.push({ generation: ++this.#generation, operation, ref: ref as Ref<'message'>, record });
    if (this.#log.length >= kept.from) this.#log = this.#log.slice(-kept.to);
    for (const listener of [...this.#listeners]) listener();
  }
}
