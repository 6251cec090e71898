import type { Ref } from '../xenapi/records.js';
import { type HttpHooks, httpHandler } from './http-handler.js';
import { type Listener, listen, type TlsMaterial } from './listener.js';
import type { World } from './world.js';

/** Where the pool listens: the same ports on every host's address. Port 0 takes any that is free everywhere. */
export interface Ports {
  readonly port: number;
  readonly tls?: TlsMaterial;
  readonly httpsPort?: number;
}

/** Addresses that the machine does not have are left out: then only the coordinator can be reached. */
const tolerated: ReadonlySet<string | undefined> = new Set(['EADDRNOTAVAIL', 'EINVAL']);
const attempts = 10;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The listening sockets of all hosts of a pool, each on its host's own address (decisions.md 41). */
export class Members {
  readonly #world: World;
  readonly #hooks: HttpHooks;
  readonly #listeners = new Map<string, Listener[]>();
  #ports: Ports;

  constructor(world: World, hooks: HttpHooks, ports: Ports) {
    [this.#world, this.#hooks, this.#ports] = [world, hooks, ports];
  }

  get ports(): Ports {
    return this.#ports;
  }

  /** Starts to listen on every host's address; a port that was taken by chance is tried again with another one. */
  async open(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#openAll();
      } catch (error) {
        await this.close();
        if (this.#ports.port !== 0 || codeOf(error) !== 'EADDRINUSE' || attempt === attempts) throw error;
      }
    }
  }

  /** Starts to listen for one host. */
  async openHost(host: Ref<'host'>): Promise<void> {
    if (this.#listeners.has(host)) return;
    this.#listeners.set(host, []);
    try {
      await this.#listen(host, this.#ports);
    } catch (error) {
      this.#listeners.delete(host);
      throw error;
    }
  }

  async closeHost(host: Ref<'host'>): Promise<void> {
    const listeners = this.#listeners.get(host) ?? [];
    this.#listeners.delete(host);
    await Promise.all(listeners.map((each) => each.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners.keys()].map((host) => this.closeHost(host as Ref<'host'>)));
  }

  /** Cuts the connections that there are now. */
  cut(): void {
    for (const listeners of this.#listeners.values()) for (const each of listeners) each.cut();
  }

  async #openAll(): Promise<void> {
    const coordinator = this.#world.coordinator();
    const asked = this.#ports;
    const first = await this.#listen(coordinator, asked);
    const found = { ...asked, ...first };
    const others = this.#world.db.refs('host').filter((host) => host !== coordinator);
    const results = await Promise.allSettled(others.map((host) => this.#listen(host, found)));
    for (const result of results)
      if (result.status === 'rejected' && !tolerated.has(codeOf(result.reason))) throw result.reason;
    this.#ports = found;
  }

  async #listen(host: Ref<'host'>, { port, tls, httpsPort }: Ports): Promise<{ port: number; httpsPort?: number }> {
    const { address } = this.#world.db.need('host', host);
    const handler = httpHandler(this.#world, host, this.#hooks);
    const opened = this.#listeners.get(host) ?? [];
    this.#listeners.set(host, opened);
    const plain = await listen({ address, port }, handler);
    opened.push(plain);
    if (tls === undefined) return { port: plain.port };
    const secure = await listen({ address, port: httpsPort ?? 0, tls }, handler);
    opened.push(secure);
    return { port: plain.port, httpsPort: secure.port };
  }
}
