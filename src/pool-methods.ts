import { defaultLimits } from './cimxml/limit.js';
import { readEmbedded } from './cimxml/value-in.js';
import type { Config } from './config.js';
import type { Logger } from './log.js';
import { JobJournal } from './methods/job-journal.js';
import { JobKeeper } from './methods/job-keeper.js';
import { LentSessions } from './methods/lent-session.js';
import type { Faces } from './methods/model.js';
import { recoverJobs } from './methods/recovery.js';
import { MethodRunner } from './methods/runner.js';
import { methods, writers } from './methods/table.js';
import { TaskWatch } from './methods/task-watch.js';
import type { Schema } from './mof/schema.js';
import type { Connection } from './xenapi/connection.js';
import { XenApiError } from './xenapi/error.js';
import type { EventLoop } from './xenapi/events.js';
import type { RecordStore } from './xenapi/store.js';
import { UserSessions } from './xenapi/user-sessions.js';

type Part = 'loginLifetime' | 'stateDir' | 'strict' | 'methodWait' | 'poolOperations';

export interface PoolMethodsOptions {
  readonly config: Pick<Config, Part>;
  readonly connection: Connection;
  readonly events: EventLoop;
  readonly store: RecordStore;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly canonical: (namespace: string) => string | undefined;
  readonly faces: () => Faces;
  readonly log: Logger;
}

/** What changes the pool: methods, jobs, and the sessions of users in which they run. */
export interface PoolMethods {
  readonly sessions: UserSessions;
  readonly runner: MethodRunner;
  readonly jobs: JobKeeper;
  /** Sees to the jobs of the bridge's last run, as soon as the pool has been listed. */
  recover(): void;
  stop(): Promise<void>;
}

/** Beyond what the authenticator remembers of a login, so that a session never ends before its login does. */
const sessionMarginMs = 60_000;

/** How long a stop waits for methods that are under way; what is not done then is seen to at the next start. */
const stopWaitMs = 5_000;

/** How long a session lasts that a user was given to open a console with. */
const lentMs = 600_000;

/** How long a job that is undone waits for the events of that. */
const recoveryWaitMs = 10_000;

/** What a method's parameter embeds as text. */
export const readEmbeddedText = (text: string) => readEmbedded(text, defaultLimits);

export function poolMethods(options: PoolMethodsOptions): PoolMethods {
  const { config, connection, events, store, log } = options;
  const sessions = new UserSessions({ connection, lifetime: config.loginLifetime * 1000 + sessionMarginMs });
  const lent = new LentSessions(sessions, lentMs);
  const journal = config.stateDir === undefined ? undefined : new JobJournal(config.stateDir, log);
  const jobs = new JobKeeper({ store, log, ...(journal && { journal }) });
  const tasks = new TaskWatch({
    store,
    ask: async (ref) => {
      try {
        return events.readers.reader('task')(await connection.call('task.get_record', ref));
      } catch (reason) {
        if (reason instanceof XenApiError && reason.code === 'HANDLE_INVALID') return undefined;
        throw reason;
      }
    },
  });
  const runner = new MethodRunner({
    ...options,
    methods,
    writers,
    sessions,
    lent,
    jobs,
    tasks,
    caughtUp: (timeoutMs) => events.caughtUp(timeoutMs),
    away: () =>
      new Promise((resolve) => {
        const unlisten = events.onStatus(({ reachable }) => {
          if (reachable) return;
          unlisten();
          resolve();
        });
      }),
    page: (address, path, accept, signal) => connection.get(address, path, accept, { signal }),
    pool: () => connection.origin,
    admission: {
      account: connection.user,
      admit: (address, administrator, coordinator) => connection.admit(address, administrator, coordinator),
    },
    strict: config.strict,
    patienceMs: config.methodWait * 1000,
    maxOperations: config.poolOperations,
  });
  events.onStatus(({ reachable }) => {
    if (!reachable) sessions.lost();
  });
  return {
    sessions,
    runner,
    jobs,
    recover: () => {
      const unfinished = jobs.restore();
      if (unfinished.length === 0) return;
      log.info({ jobs: unfinished.length }, 'jobs were under way when the bridge last stopped');
      void events.waitReady(2 ** 31 - 1).then((ready) => {
        if (ready)
          return recoverJobs(unfinished, {
            view: store,
            tasks,
            log,
            caughtUp: () => events.caughtUp(recoveryWaitMs).catch(() => false),
            send: (message, ...args) => connection.call(message, ...args),
          });
        return undefined;
      });
    },
    stop: async () => {
      await runner.stop(stopWaitMs);
      tasks.stop();
      await jobs.close();
      lent.stop();
      await sessions.stop();
    },
  };
}
