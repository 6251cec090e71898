import type { Ref } from '../xenapi/records.js';
import { fieldTables } from './catalogue.js';
import { Clock, type Duration } from './clock.js';
import { controlPaths } from './control.js';
import { Database } from './database.js';
import { PoolBuilder } from './demo/builder.js';
import { addDemoPool } from './demo/demo-pool.js';
import { addGeneratedPool, parsePoolSize } from './demo/generator.js';
import { FaultTable } from './fault.js';
import { type Faults, faultHandle } from './fault-handle.js';
import type { HttpHooks } from './http-handler.js';
import { IdentitySource } from './identity.js';
import { ImageContents } from './image-content.js';
import { imagePaths } from './image-transfer.js';
import type { TlsMaterial } from './listener.js';
import { machinePaths } from './machine-transfer.js';
import { Members } from './member.js';
import { MessageLog } from './message-log.js';
import { refreshAll } from './operation/allowed.js';
import { dismiss, enlist, type Site } from './peer.js';
import { readingPaths } from './rrd.js';
import { ReadingManners } from './rrd-manner.js';
import { Sessions } from './session.js';
import { defaultSettings } from './setting.js';
import { Shelf } from './shelf.js';
import { Tasks } from './task.js';
import type { Settings, World } from './world.js';

/** How a simulated pool is to be. */
export interface SimulatorOptions {
  /** `demo`, or `HOSTSxVMS` such as `64x5000`. */
  readonly size?: string;
  /** The port on every host's address; 0 takes any that is free. */
  readonly port?: number;
  /** Listens by TLS as well, on `httpsPort`. */
  readonly tls?: TlsMaterial;
  readonly httpsPort?: number;
  /** Hosts are at 127.<subnet>.0.1, .2, ...: pools that are to meet need addresses of their own. */
  readonly subnet?: number;
  /** The same seed gives the same references and uuids. */
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
  /** Milliseconds that messages take (`VM.start`), or `default`: 0 to 20 unless told otherwise. */
  readonly durations?: Readonly<Record<string, Duration>>;
  /** Lets other processes work the faults. */
  readonly control?: boolean;
}

/** A running simulated pool. */
export interface Simulator {
  /** Of the coordinator at the start. */
  readonly url: string;
  readonly httpsUrl: string | undefined;
  readonly port: number;
  readonly faults: Faults;
  /** Its state, for tests. */
  readonly world: World;
  readonly db: Database;
  /** How often each message was sent, by its name with `Async.` */
  calls(): ReadonlyMap<string, number>;
  resetCalls(): void;
  /** xapi restarts: sessions and tasks are lost, everything else is kept. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

function fill(world: World, size: string, subnet: number): void {
  const builder = new PoolBuilder(world.ids, world.clock.now(), subnet);
  const { users } = world.settings;
  const wanted = size === 'demo' ? undefined : parsePoolSize(size);
  if (size === 'demo') addDemoPool(builder, users);
  else if (wanted !== undefined) addGeneratedPool(builder, wanted, users);
  else throw new Error(`The size of a simulated pool: wanted "demo" or HOSTSxVMS such as "64x5000", got "${size}"`);
  world.db.load(builder.entries);
  for (const [ref, report] of builder.agents) world.agents.set(ref, report);
  for (const { ref, record } of builder.messages) world.messages.add(ref, record);
  refreshAll(world);
}

function makeWorld(options: SimulatorOptions, stopping: AbortSignal, site: Site): World {
  const ids = new IdentitySource(options.seed ?? 1);
  const clock = new Clock(new IdentitySource((options.seed ?? 1) + 1), { durations: options.durations ?? {} });
  const settings = { ...defaultSettings, ...options.settings };
  const db = new Database(fieldTables.keys());
  const pool = (): Ref<'pool'> => db.refs('pool')[0] as Ref<'pool'>;
  const coordinator = (): Ref<'host'> => db.need('pool', pool()).master;
  const sessions = new Sessions(db, clock, ids, settings);
  const tasks = new Tasks(db, clock, ids, coordinator);
  const messages = new MessageLog();
  return {
    db,
    clock,
    ids,
    settings,
    sessions,
    tasks,
    messages,
    pool,
    coordinator,
    stopping,
    waiting: 0,
    site,
    agents: new Map(),
    contents: new ImageContents(),
    shelf: new Shelf(),
    faults: new FaultTable(),
    readings: new ReadingManners(),
  };
}

/** Counts calls by name. */
function counter(): { counts: ReadonlyMap<string, number>; add: (name: string) => void; reset: () => void } {
  const counts = new Map<string, number>();
  return { counts, add: (name) => counts.set(name, (counts.get(name) ?? 0) + 1), reset: () => counts.clear() };
}

/** Starts a XenAPI pool made of data on real sockets: 127.0.0.1 and the addresses of its other hosts. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const stopping = new AbortController();
  const site: Site = {
    urlOf: (host) => `http://${world.db.need('host', host).address}:${members.ports.port}`,
    open: (host) => members.openHost(host),
    close: (host) => members.closeHost(host),
  };
  const world = makeWorld(options, stopping.signal, site);
  fill(world, options.size ?? 'demo', options.subnet ?? 0);
  const calls = counter();
  const refusal = { refuse: false };
  const [images, machines] = [imagePaths(calls.add), machinePaths(calls.add)];
  const hooks: HttpHooks = {
    called: calls.add,
    cut: () => refusal.refuse,
    get: { ...readingPaths(calls.add), ...images.get, ...machines.get },
    post: {},
    put: { ...images.put, ...machines.put },
  };
  const ports = {
    port: options.port ?? 0,
    ...(options.tls && { tls: options.tls, httpsPort: options.httpsPort ?? 0 }),
  };
  const members = new Members(world, hooks, ports);
  const faults = faultHandle(world, members, refusal);
  const control = { faults, calls: () => calls.counts, resetCalls: calls.reset };
  if (options.control === true) {
    Object.assign(hooks.get, controlPaths(control).get);
    Object.assign(hooks.post, controlPaths(control).post);
  }
  await members.open();
  enlist(world);
  const sweep = setInterval(() => {
    world.sessions.sweep((session) => world.tasks.busy(session));
    world.tasks.sweep();
  }, world.settings.sweepInterval);
  sweep.unref();
  const { address } = world.db.need('host', world.coordinator());
  const { port, httpsPort } = members.ports;
  return {
    ...control,
    url: `http://${address}:${port}`,
    httpsUrl: httpsPort === undefined ? undefined : `https://${address}:${httpsPort}`,
    port,
    world,
    db: world.db,
    restart: faults.restart,
    stop: async () => {
      dismiss(world);
      clearInterval(sweep);
      stopping.abort();
      world.clock.stop();
      await members.close();
    },
  };
}
