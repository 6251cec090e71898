import type { RemoteClass } from '../xenapi/records.js';
import type { AnyRecord } from './type.js';

/** One event of event.from: no obj_uuid, a useless timestamp, and for `del` no snapshot (facts 2.1). */
export interface PoolEvent {
  /** The database generation; `0` for messages. */
  readonly id: string;
  readonly timestamp: string;
  readonly of: RemoteClass;
  readonly operation: 'add' | 'mod' | 'del';
  readonly ref: string;
  readonly snapshot?: AnyRecord;
}

/** What event.from answers: everything since the token, the number of objects by class in lower case, the next token. */
export interface EventBatch {
  readonly events: readonly PoolEvent[];
  readonly counts: Readonly<Record<string, number>>;
  readonly token: string;
}
