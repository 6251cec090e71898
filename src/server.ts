import { NameMap } from './cim/name.js';
import { EncodedCache } from './cimxml/encoded-cache.js';
import { defaultLimits } from './cimxml/limit.js';
import type { Config } from './config.js';
import type { User } from './config-file.js';
import { type KeptEnumerations, keepEnumerations } from './enumeration-state.js';
import { poolTrouble, readiness } from './freshness.js';
import { Admission } from './http/admission.js';
import { createApp } from './http/app.js';
import { createAuthenticator } from './http/authentication.js';
import { type Bound, createListener, type Endpoint, type Listener } from './http/listener.js';
import { createMetrics, type Metrics } from './http/metrics.js';
import { createOperationHandler } from './http/operation-handler.js';
import { fingerprintOf, type TlsMaterial, type TlsWatch, watchTls } from './http/tls.js';
import { createLogger, type Logger } from './log.js';
import { rows } from './mapping/index.js';
import type { Schema } from './mof/schema.js';
import { compileSchemas, namespaceAliases } from './namespace.js';
import { createOperations, type Operations, operations } from './operations/table.js';
import { version } from './package.js';
import { type PoolAccess, readPoolAccess } from './pool-access.js';
import { guarded } from './pool-guard.js';
import { type PoolMethods, poolMethods, readEmbeddedText } from './pool-methods.js';
import { disagreements } from './provider/check.js';
import { Engine } from './provider/engine.js';
import { ServerRecordKeeper } from './server-record.js';
import { type Simulator, startSimulator } from './simulator/simulator.js';
import { prepareStateFolder } from './state-folder.js';
import { readTlsMaterial } from './tls-material.js';
import { Connection } from './xenapi/connection.js';
import { EventLoop } from './xenapi/events.js';
import { RrdReadings } from './xenapi/rrd.js';
import { RecordStore } from './xenapi/store.js';

/** A user of the simulated pool. */
interface SimulatedUser {
  readonly name: string;
  readonly password: string;
  readonly role: string;
}

/** A running bridge. */
export interface Bridge {
  readonly listeners: readonly Bound[];
  /** The simulated pool that it shows, where it is no real one. */
  readonly simulator: Simulator | undefined;
  /** Who may log in to the simulated pool. */
  readonly simulatedUsers: readonly SimulatedUser[];
  /** Those whom the configuration names; their passwords nobody knows here. */
  readonly configuredUsers: readonly Pick<User, 'name' | 'role'>[];
  /** Scheme, host and port of the pool's host that is talked to. */
  readonly poolOrigin: string;
  /** Resolves once the pool has been listed, or was found to be out of reach. */
  readonly settled: Promise<void>;
  /** Why the pool cannot be shown now, if so. */
  trouble(): string | undefined;
  /** Reads the files of the certificate again. */
  reload(): void;
  /** Lets requests finish, logs out of the pool, and ends everything. */
  close(): Promise<void>;
}

/** What was started, to be ended in the opposite order. */
class Started {
  readonly #ends: (() => unknown)[] = [];

  add(end: () => unknown): void {
    this.#ends.unshift(end);
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }
}

/** Starts a bridge. It listens when this resolves; the pool need not be there yet. Throws what keeps it from starting. */
export async function startBridge(config: Config): Promise<Bridge> {
  const started = new Started();
  try {
    return await start(config, started);
  } catch (reason) {
    await started.end();
    throw reason;
  }
}

async function start(config: Config, started: Started): Promise<Bridge> {
  const log = createLogger({ level: config.logLevel });
  const tls = readTlsMaterial(config);
  const access = readPoolAccess(config);
  if (config.stateDir !== undefined) prepareStateFolder(config.stateDir);
  const schemas = compileSchemas(config);
  for (const sentence of disagreements(schemas, rows)) log.error({ sentence }, 'a row and the MOF disagree');

  const simulator = access ? undefined : await simulate(config, started);
  const enumerations = keepEnumerations(config.stateDir, log);
  started.add(() => enumerations.close());
  const pool = showPool(config, access ?? simulatedAccess(simulator!), schemas, enumerations, log);
  started.add(() => pool.connection.stop());
  started.add(() => pool.events.stop());
  started.add(() => pool.methods.stop());
  pool.methods.recover();
  const listener = makeListener(config, pool, tls, log);
  const listeners = await listener.start().catch((reason) => {
    throw addressError(reason, config);
  });
  started.add(() => listener.stop());
  pool.record.setListeners(listeners);
  const watch = tls && watchCertificate(config, listener, tls, log);
  if (watch) started.add(() => watch.stop());
  pool.events.start();
  log.info({ listeners, pool: pool.connection.origin, version }, 'listening');
  return {
    listeners,
    simulator,
    simulatedUsers: simulator?.world.settings.users ?? [],
    configuredUsers: config.users.map(({ name, role }) => ({ name, role })),
    poolOrigin: pool.connection.origin,
    settled: pool.settled,
    trouble: () => poolTrouble(config, pool.events.status()),
    reload: () => watch?.reload(),
    close: async () => {
      await started.end();
      log.info('stopped');
    },
  };
}

async function simulate({ simulator: size, simulatorPort }: Config, started: Started): Promise<Simulator> {
  const text = size === 'demo' ? size : `${size.hosts}x${size.vms}`;
  const simulator = await startSimulator({ size: text, port: simulatorPort }).catch((reason) => {
    throw new Error(`simulator-port: ${(reason as Error).message}`, { cause: reason });
  });
  started.add(() => simulator.stop());
  return simulator;
}

function simulatedAccess({ url, world }: Simulator): PoolAccess {
  const { name, password } = world.settings.users[0]!;
  return { url, user: name, password };
}

/** The pool as the bridge shows it: the connection, the records it keeps current, and the operations upon them. */
interface ShownPool {
  readonly connection: Connection;
  readonly events: EventLoop;
  readonly record: ServerRecordKeeper;
  readonly metrics: Metrics;
  readonly admission: Admission;
  readonly operations: Operations;
  readonly methods: PoolMethods;
  readonly cache: EncodedCache;
  readonly settled: Promise<void>;
}

function showPool(
  config: Config,
  access: PoolAccess,
  schemas: ReadonlyMap<string, Schema>,
  enumerations: KeptEnumerations,
  log: Logger,
): ShownPool {
  const store = new RecordStore((error) => log.error({ err: error }, 'a listener of the records failed'));
  const admission = new Admission();
  const metrics = makeMetrics(schemas, () => events.status(), admission);
  const connection: Connection = new Connection({
    ...access,
    version,
    timeoutMs: config.poolTimeout * 1000,
    log,
    onCall: (method, ms, outcome) => metrics.xenApiCall(method, outcome === 'ok' ? 'ok' : 'error', ms / 1000),
  });
  const events: EventLoop = new EventLoop({ connection, store, log });
  const record = new ServerRecordKeeper(store, config, events.status());
  const settled = new Promise<void>((resolve) => {
    events.onStatus((status) => {
      record.setPool(status);
      resolve();
    });
  });
  const names = new NameMap([...schemas.keys()].map((name) => [name, name]));
  for (const [alias, name] of Object.entries(namespaceAliases)) names.set(alias, name);
  const readings = new RrdReadings({
    view: store,
    log,
    get: (address, path, accept, signal) => connection.get(address, path, accept, { signal }),
  });
  const cache = new EncodedCache(config.encodedBudget);
  const canonical = (name: string): string | undefined => names.get(name);
  const faces = (): Engine => engine;
  const methods = poolMethods({ config, connection, events, store, schemas, canonical, faces, log });
  const engine: Engine = new Engine({
    store,
    schemas,
    rows,
    readings,
    canonical,
    carrier: methods.runner,
    onStale: (page) => cache.drop(page),
  });
  const provider = guarded(engine, () => poolTrouble(config, events.status()), ownClasses());
  const carriedOut = createOperations({
    schemas,
    aliases: namespaceAliases,
    providers: [provider],
    readOnly: config.readOnly,
    readEmbedded: readEmbeddedText,
    strict: config.strict,
    enumerations: enumerations.book,
  });
  return { connection, events, record, metrics, admission, operations: carriedOut, methods, cache, settled };
}

/** The classes that show the bridge itself and nothing of the pool. */
function ownClasses(): readonly string[] {
  const isOwn = ({ of }: { readonly of: string }): boolean => of === 'server';
  const ties = rows.associations.filter(({ from, to }) => [...from.rows, ...to.rows].every(isOwn));
  return [...rows.elements.filter(isOwn), ...ties].map(({ cim }) => cim);
}

function makeMetrics(
  schemas: ReadonlyMap<string, Schema>,
  status: () => ReturnType<EventLoop['status']>,
  admission: Admission,
): Metrics {
  const known = new NameMap(Object.keys(operations).map((name) => [name, name]));
  const age = (): number | undefined => {
    const { ageMs } = status();
    return ageMs === undefined ? undefined : ageMs / 1000;
  };
  return createMetrics({
    operation: (name) => known.get(name),
    className: (name) => {
      for (const schema of schemas.values()) {
        const found = schema.class(name);
        if (found) return found.name;
      }
      return undefined;
    },
    cacheAge: age,
    eventLag: () => status().eventLagMs / 1000,
    ready: () => status().ready && status().reachable,
    inProgress: () => admission.requests,
  });
}

function makeListener(config: Config, pool: ShownPool, tls: TlsMaterial | undefined, log: Logger): Listener {
  const { metrics, admission, events } = pool;
  const authenticator = createAuthenticator({
    users: config.users,
    lifetime: config.loginLifetime * 1000,
    logins: (user, password) => pool.methods.sessions.login(user, password),
    alive: (principal) => pool.methods.sessions.alive(principal),
  });
  const handler = createOperationHandler({
    executor: pool.operations,
    authenticator,
    admission,
    metrics,
    log,
    strict: config.strict,
    gzip: config.gzip,
    cache: pool.cache,
    limits: { ...defaultLimits, size: config.maxBody },
  });
  const status = () => readiness(config, events.status());
  const endpoint = (host: string, port: number | 'off'): Endpoint | undefined =>
    port === 'off' ? undefined : { host, port };
  const http = endpoint(config.httpHost, config.httpPort);
  const https = endpoint(config.httpsHost, config.httpsPort);
  return createListener({
    operations: handler,
    app: createApp({ operations: handler, metrics, status, log, version }),
    metrics,
    log,
    ...(http && { http }),
    ...(https && tls && { https: { ...https, tls } }),
  });
}

function watchCertificate(config: Config, listener: Listener, tls: TlsMaterial, log: Logger): TlsWatch {
  log.info({ fingerprint: fingerprintOf(tls) }, 'the certificate of HTTPS');
  const files = { cert: config.tlsCert!, key: config.tlsKey! };
  return watchTls(files, (material) => listener.setTls(material), log);
}

const addressReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this account may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'no such name is known',
};

/** Names the setting whose address cannot be had. */
function addressError(reason: unknown, config: Config): Error {
  const { code = '', port, message } = reason as NodeJS.ErrnoException & { readonly port?: number };
  const secure = config.httpPort === 'off' || (port !== undefined && port === config.httpsPort);
  const [scheme, host] = secure ? ['https', config.httpsHost] : ['http', config.httpHost];
  const at = secure ? config.httpsPort : config.httpPort;
  const why = addressReasons[code] ?? message;
  return new Error(`${scheme}-host and ${scheme}-port: ${host} port ${at} cannot be listened on: ${why}`, {
    cause: reason,
  });
}
