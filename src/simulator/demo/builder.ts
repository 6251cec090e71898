import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import type { Entry } from '../database.js';
import { dateText } from '../decode.js';
import type { IdentitySource } from '../identity.js';
import type { MessageRecord } from '../message-log.js';
import { blank } from '../record.js';

/** Bytes. */
export const MIB = 1n << 20n;
export const GIB = 1n << 30n;

/** Gathers the records of a pool that is being made up; fields that lead back are left to the database. */
export class PoolBuilder {
  readonly ids: IdentitySource;
  /** The second number of the hosts' addresses. */
  readonly subnet: number;
  readonly messages: { readonly ref: string; readonly record: MessageRecord }[] = [];
  /** What the agents inside machines report when these run. */
  readonly agents = new Map<string, Partial<Records['VM_guest_metrics']>>();
  readonly #entries = new Map<string, Entry>();
  readonly #now: number;

  constructor(ids: IdentitySource, now: number, subnet = 0) {
    this.ids = ids;
    this.subnet = subnet;
    this.#now = now;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** A reference to be used before its record is there. */
  ref<C extends RemoteClass>(_of: C): Ref<C> {
    return this.ids.ref() as Ref<C>;
  }

  /** Adds a whole record: the given fields, a uuid of its own, the data model's defaults. */
  add<C extends RemoteClass>(of: C, fields: Partial<Records[C]>, ref: Ref<C> = this.ref(of)): Ref<C> {
    this.#entries.set(ref, { of, ref, record: blank(of, { uuid: this.ids.uuid(), ...fields } as Partial<Records[C]>) });
    return ref;
  }

  get<C extends RemoteClass>(_of: C, ref: Ref<C>): Records[C] {
    return this.#entries.get(ref)?.record as unknown as Records[C];
  }

  /** Adds what is known only later. */
  amend<C extends RemoteClass>(of: C, ref: Ref<C>, fields: Partial<Records[C]>): void {
    const known = this.#entries.get(ref) as Entry;
    this.#entries.set(ref, { of, ref, record: { ...known.record, ...fields } });
  }

  message(fields: Omit<MessageRecord, 'uuid'>): void {
    this.messages.push({ ref: this.ids.ref(), record: { uuid: this.ids.uuid(), ...fields } });
  }

  /** So many hours before the pool starts, as xapi writes it. */
  hoursAgo(hours: number): string {
    return dateText(new Date(this.#now - hours * 3_600_000));
  }
}
