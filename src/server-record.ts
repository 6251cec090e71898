import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from './config.js';
import type { Bound } from './http/listener.js';
import { namespaces } from './namespace.js';
import { version } from './package.js';
import type { PoolStatus } from './xenapi/pool-status.js';
import type { ServerRecord } from './xenapi/records.js';
import type { Store } from './xenapi/view.js';

/** The reference of the one record that stands for the bridge itself. */
export const serverRef = 'OpaqueRef:server';

/** The same for the same bridge after every restart: by the machine, what it shows and where it listens. */
function identity({ pool, httpPort, httpsPort }: Config): string {
  const hash = createHash('sha256').update(['xen-cim-bridge', hostname(), pool, httpPort, httpsPort].join('\0'));
  const [a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hash.digest('hex'))!.slice(1);
  return `${a}-${b}-8${c}-8${d}-${e}`;
}

/** Keeps the record of the bridge itself in the store. */
export class ServerRecordKeeper {
  readonly #store: Store;
  #record: ServerRecord;

  constructor(store: Store, config: Config, status: PoolStatus) {
    this.#store = store;
    this.#record = {
      uuid: identity(config),
      name: 'xen-cim-bridge',
      version,
      namespaces,
      pool: poolOf(status),
      listeners: [],
      started: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    this.#apply({});
  }

  setPool(status: PoolStatus): void {
    this.#apply({ pool: poolOf(status) });
  }

  setListeners(listeners: readonly Bound[]): void {
    this.#apply({ listeners });
  }

  #apply(change: Partial<ServerRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#store.apply([{ of: 'server', ref: serverRef, after: this.#record }]);
  }
}

const poolOf = ({ reachable, since, reason }: PoolStatus): ServerRecord['pool'] => ({ reachable, since, reason });
