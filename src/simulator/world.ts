import type { Records, Ref } from '../xenapi/records.js';
import type { Message } from './catalogue.js';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import type { FaultTable } from './fault.js';
import type { IdentitySource } from './identity.js';
import type { ImageContents } from './image-content.js';
import type { MessageLog } from './message-log.js';
import type { Site } from './peer.js';
import type { Role } from './role.js';
import type { ReadingManners } from './rrd-manner.js';
import type { Session, Sessions } from './session.js';
import type { Shelf } from './shelf.js';
import type { Tasks } from './task.js';

/** Somebody who may log in. The local superuser is no subject of a directory and may do everything. */
export interface User {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
  readonly localSuperuser?: boolean;
}

/** What a simulated pool can be told to do otherwise; times in milliseconds. */
export interface Settings {
  /** How long a refused login takes; 5,000 on real hosts (facts 0.8). */
  readonly loginDelay: number;
  /** How long event.from gathers before and between rounds; facts 2.1. */
  readonly eventDelay: { readonly before: number; readonly between: number };
  /** How long an operation waits for another one on the same object before it gives up; facts 0.2. */
  readonly operationWait: number;
  /** Calls that may wait so at a time, beyond which TOO_MANY_PENDING_TASKS. */
  readonly operationWaiters: number;
  /** How long a guest has to shut down when it is asked to; 1,200 s on real hosts (facts 5.1). */
  readonly guestPatience: number;
  /** How long a session lives without being used. */
  readonly sessionLife: number;
  /** Sessions a bucket may hold (facts 1.6). */
  readonly sessionLimits: {
    readonly perOriginator: number;
    readonly perUser: number;
    readonly rootWithoutOriginator: number;
  };
  /** How often sessions and tasks are swept. */
  readonly sweepInterval: number;
  readonly users: readonly User[];
}

/** One simulated pool: everything that its calls act on. */
export interface World {
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: IdentitySource;
  readonly messages: MessageLog;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly faults: FaultTable;
  readonly settings: Settings;
  /** How hosts give their readings. */
  readonly readings: ReadingManners;
  /** Ends when the simulator stops, and with it all that waits. */
  readonly stopping: AbortSignal;
  /** What the agent inside a machine reports when it runs; machines without one are not here. */
  readonly agents: Map<string, Partial<Records['VM_guest_metrics']>>;
  /** Where its hosts can be reached. */
  readonly site: Site;
  /** What is in the images. */
  readonly contents: ImageContents;
  /** What lies on the storage beside what the records tell. */
  readonly shelf: Shelf;
  /** Calls that wait for another operation to end. */
  waiting: number;
  readonly pool: () => Ref<'pool'>;
  readonly coordinator: () => Ref<'host'>;
}

/** One call while it runs. */
export interface Call {
  readonly world: World;
  /** The message's name without `Async.` */
  readonly name: string;
  readonly message: Message;
  /** The host that was asked. */
  readonly host: Ref<'host'>;
  /** Undefined only for what takes no session. */
  readonly session: Session | undefined;
  /** The task under which it runs: that of `Async.`, else one that is made when first asked for and goes with the call. */
  readonly task: () => Ref<'task'>;
}

/** What a message does: gets its arguments decoded, without the session; answers what the message's type says. */
export type Handler = (call: Call, ...args: never[]) => unknown;

/** Messages by name, and what they do. */
export type HandlerTable = Readonly<Record<string, Handler>>;
