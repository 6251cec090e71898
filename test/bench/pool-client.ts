import { Connection } from './connection.js';
import { type Prepared, prepare } from './request-bytes.js';

const connections = 8;

/** Those calls by which the pool is followed, whatever is read. */
const following = /^event\./;

export interface Machine {
  readonly ref: string;
  readonly halted: boolean;
}

/** A XenAPI client of the simulator: changes machines, and tells what calls were made. */
export class PoolClient {
  readonly #url: URL;
  readonly #lanes: (Connection | undefined)[] = [];
  #session = '';

  private constructor(url: URL) {
    this.#url = url;
  }

  static async enter(simulator: URL): Promise<PoolClient> {
    const url = new URL('/jsonrpc', simulator);
    const client = new PoolClient(url);
    const login = ['root', 'xenroot', '1.0', 'bench'];
    client.#session = (await client.#call(0, 'session.login_with_password', login)) as string;
    return client;
  }

  /** All machines, templates and snapshots among them, by uuid. */
  async machines(): Promise<ReadonlyMap<string, Machine>> {
    const all = await this.#call(0, 'VM.get_all_records', [this.#session]);
    const records = Object.entries(all as Record<string, { uuid: string; power_state: string }>);
    return new Map(records.map(([ref, { uuid, power_state }]) => [uuid, { ref, halted: power_state === 'Halted' }]));
  }

  describe(ref: string, description: string, lane = 0): Promise<unknown> {
    return this.#call(lane, 'VM.set_name_description', [this.#session, ref, description]);
  }

  /** A network that nothing is connected to; its reference. */
  createNetwork(name: string): Promise<string> {
    const record = {
      name_label: name,
      name_description: '',
      MTU: 1500,
      other_config: {},
      bridge: '',
      managed: true,
      tags: [],
    };
    return this.#call(0, 'network.create', [this.#session, record]) as Promise<string>;
  }

  destroyNetwork(ref: string): Promise<unknown> {
    return this.#call(0, 'network.destroy', [this.#session, ref]);
  }

  /** Gives all of them another description, the first one last. */
  async describeAll(refs: readonly string[], description: string): Promise<void> {
    const [first, ...rest] = refs;
    let next = 0;
    const work = async (lane: number): Promise<void> => {
      while (next < rest.length) await this.describe(rest[next++]!, description, lane);
    };
    await Promise.all(Array.from({ length: connections }, (_, lane) => work(lane)));
    if (first !== undefined) await this.describe(first, description);
  }

  /** Stops machines, however they run. */
  async halt(refs: readonly string[]): Promise<void> {
    let next = 0;
    const work = async (lane: number): Promise<void> => {
      while (next < refs.length) await this.#call(lane, 'VM.hard_shutdown', [this.#session, refs[next++]!]);
    };
    await Promise.all(Array.from({ length: connections }, (_, lane) => work(lane)));
  }

  /** How often each XenAPI message was sent, but for those by which the pool is followed. */
  async calls(): Promise<ReadonlyMap<string, number>> {
    const response = await fetch(new URL('/simulator/calls', this.#url));
    const counted = Object.entries((await response.json()) as Readonly<Record<string, number>>);
    return new Map(counted.filter(([name]) => !following.test(name)));
  }

  close(): void {
    for (const connection of this.#lanes) connection?.close();
  }

  async #connection(lane: number): Promise<Connection> {
    const kept = this.#lanes[lane];
    if (kept?.open) return kept;
    kept?.close();
    const connection = await Connection.open(this.#url);
    this.#lanes[lane] = connection;
    return connection;
  }

  /** One call; a lane carries one at a time. */
  async #call(lane: number, method: string, params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });
    const request: Prepared = prepare(this.#url, body, { 'Content-Type': 'application/json' });
    const connection = await this.#connection(lane);
    const { pieces } = await connection.ask(request, true);
    const { result, error } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as {
      result?: unknown;
      error?: unknown;
    };
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }
}
