import type { Ref } from '../xenapi/records.js';
import type { Duration } from './clock.js';
import { XenApiFailure } from './failure.js';
import type { Members } from './member.js';
import { refreshAll } from './operation/allowed.js';
import type { ReadingManner } from './rrd-manner.js';
import type { World } from './world.js';

/** What can be made to go wrong in a simulated pool. Objects are named by reference, uuid or name_label. */
export interface Faults {
  /** The host dies: nobody answers at its address, host_metrics.live is false; its machines still claim to run there. */
  killHost(host: string): Promise<void>;
  /** The host is back. */
  reviveHost(host: string): Promise<void>;
  /** A repository loses its connection to a host. */
  unplugPbd(pbd: string): void;
  plugPbd(pbd: string): void;
  /** Cuts all connections that there are now. */
  cutConnections(): void;
  /** While set, connections are cut instead of answered. */
  refuseConnections(refuse: boolean): void;
  /** Every call of a message (`*`: of any) takes so many milliseconds more; 0 ends it. */
  delay(message: string, milliseconds: number): void;
  /** The next `times` calls of a message fail with this code and these parameters. */
  failNext(message: string, code: string, params?: readonly string[], times?: number): void;
  /**
   * The call of this number from now on (1 is the next) of a message fails so: `*` counts calls of any message, `writes`
   * those of any that changes something. A test can make each step of a method fail with it.
   */
  failAt(message: string, number: number, code: string, params?: readonly string[]): void;
  /** Every call of a message is carried out, and answered so many milliseconds later; 0 ends it. */
  holdAnswer(message: string, milliseconds: number): void;
  /** The next `times` calls of a message are carried out, and the connection is cut in place of the answer. */
  loseAnswer(message: string, times?: number): void;
  /** The messages that have failed because they were told to, since the last `clear`. */
  failed(): readonly string[];
  /** A message takes so many milliseconds from now on, or so many between two bounds. */
  takeTime(message: string, duration: Duration): void;
  /** A file appears in a repository: its next scan finds it. */
  addFile(sr: string, name: string, bytes?: number): void;
  /** The file of an image goes: the next scan of its repository finds that. */
  loseFile(vdi: string): void;
  /** event.from no longer tells of what was deleted: only valid_ref_counts show it (facts 0.1). */
  forgetDeletions(): void;
  /** The database is as put back from a backup: tokens that are out point into its future, and hear nothing. */
  loseTokens(): void;
  /** Ends all sessions. */
  evictSessions(): void;
  /** Another host becomes coordinator; sessions and tasks are gone (facts 1.6). */
  changeCoordinator(host: string): void;
  /** Nobody answers at any address; the state is kept. */
  stopListening(): Promise<void>;
  resumeListening(): Promise<void>;
  /** xapi restarts: connections, sessions and tasks are gone, the state is kept. */
  restart(): Promise<void>;
  /** A repository is full: whatever needs room there fails (facts 0.3). */
  fillRepository(sr: string): void;
  /** How a host gives its readings from now on: today's release is `text`. */
  giveReadings(host: string, manner: ReadingManner): void;
  /** Takes back delays, failures, refusals and manners of giving readings. */
  clear(): void;
}

type Named = 'host' | 'PBD' | 'SR' | 'VDI';

function find<C extends Named>(world: World, of: C, text: string): Ref<C> {
  if (world.db.get(of, text) !== undefined) return text as Ref<C>;
  const ref = world.db.byUuid(of, text) ?? world.db.find(of, (r) => 'name_label' in r && r.name_label === text)?.[0];
  if (ref === undefined)
    throw new Error(`There is no ${of} with the reference, uuid or name "${text}" in the simulated pool`);
  return ref;
}

/** What a dead host leaves behind. */
function bury(world: World, host: Ref<'host'>, live: boolean): void {
  world.db.update('host_metrics', world.db.need('host', host).metrics, { live, last_updated: world.clock.text() });
  refreshAll(world);
}

/** Sessions and tasks are in memory only. */
function forget(world: World): void {
  world.sessions.closeAll();
  world.tasks.clear();
}

/** The handle by which a pool's faults are worked; `refusal` is looked at by its listeners. */
export function faultHandle(world: World, members: Members, refusal: { refuse: boolean }): Faults {
  const plug = (pbd: string, currently_attached: boolean): void => {
    world.db.update('PBD', find(world, 'PBD', pbd), { currently_attached });
    refreshAll(world);
  };
  return {
    killHost: async (text) => {
      const host = find(world, 'host', text);
      await members.closeHost(host);
      bury(world, host, false);
    },
    reviveHost: async (text) => {
      const host = find(world, 'host', text);
      await members.openHost(host);
      bury(world, host, true);
    },
    unplugPbd: (pbd) => plug(pbd, false),
    plugPbd: (pbd) => plug(pbd, true),
    cutConnections: () => members.cut(),
    refuseConnections: (refuse) => {
      refusal.refuse = refuse;
      if (refuse) members.cut();
    },
    delay: (message, milliseconds) => world.faults.delay(message, milliseconds),
    failNext: (message, code, params = [], times = 1) =>
      world.faults.failNext(message, new XenApiFailure(code, ...params), times),
    failAt: (message, number, code, params = []) =>
      world.faults.failAt(message, number, new XenApiFailure(code, ...params)),
    holdAnswer: (message, milliseconds) => world.faults.holdAnswer(message, milliseconds),
    loseAnswer: (message, times) => world.faults.loseAnswer(message, times),
    failed: () => [...world.faults.failed],
    takeTime: (message, duration) => world.clock.take(message, duration),
    addFile: (sr, name, bytes = 1_048_576) =>
      void world.shelf.changesOf(find(world, 'SR', sr)).found.push({ name, size: BigInt(bytes) }),
    loseFile: (text) => {
      const vdi = find(world, 'VDI', text);
      world.shelf.changesOf(world.db.need('VDI', vdi).SR).lost.push(vdi);
    },
    forgetDeletions: () => world.db.forgetDeletions(),
    loseTokens: () => world.db.rewind(),
    evictSessions: () => world.sessions.closeAll(),
    changeCoordinator: (text) => {
      const host = find(world, 'host', text);
      forget(world);
      world.db.update('pool', world.pool(), { master: host });
    },
    stopListening: () => members.close(),
    resumeListening: () => members.open(),
    restart: async () => {
      await members.close();
      forget(world);
      await members.open();
    },
    fillRepository: (text) => {
      const sr = find(world, 'SR', text);
      world.db.update('SR', sr, { physical_utilisation: world.db.need('SR', sr).physical_size });
    },
    giveReadings: (text, manner) => world.readings.set(world.db.need('host', find(world, 'host', text)).uuid, manner),
    clear: () => {
      world.faults.clear();
      world.readings.clear();
      refusal.refuse = false;
    },
  };
}
