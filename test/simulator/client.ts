import type { Simulator } from '../../src/simulator/simulator.js';

/** What the pool said to a call. */
export type Outcome = { readonly value: unknown } | { readonly code: string; readonly params: readonly string[] };

interface Reply {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data: readonly string[] };
}

/** One JSON-RPC call without a session of its own; `url` is a host's. */
export async function post(url: string, method: string, params: readonly unknown[]): Promise<Outcome> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(`${url}/jsonrpc`, { method: 'POST', body, headers: { connection: 'close' } });
  const { result, error } = (await response.json()) as Reply;
  return error === undefined ? { value: result } : { code: error.message, params: error.data };
}

/** A session by which tests talk to a simulated pool. */
export interface TestClient {
  readonly session: string;
  /** The value of a call, or an error that shows what the pool said. */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  /** The failure of a call, as `[code, ...params]`. */
  refusal(method: string, ...params: readonly unknown[]): Promise<readonly string[]>;
}

export async function connect(
  simulator: Pick<Simulator, 'url'>,
  name = 'root',
  password = 'xenroot',
): Promise<TestClient> {
  const login = await post(simulator.url, 'session.login_with_password', [name, password, '1.0', 'test']);
  if (!('value' in login)) throw new Error(`login: ${login.code}`);
  const session = login.value as string;
  return {
    session,
    async call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
      const outcome = await post(simulator.url, method, [session, ...params]);
      if ('value' in outcome) return outcome.value as T;
      throw new Error(`${method}: ${outcome.code} [${outcome.params.join(', ')}]`);
    },
    async refusal(method, ...params) {
      const outcome = await post(simulator.url, method, [session, ...params]);
      if ('value' in outcome) throw new Error(`${method} was not refused: ${JSON.stringify(outcome.value)}`);
      return [outcome.code, ...outcome.params];
    },
  };
}

/** Settings that take no time. */
export const instant = { settings: { eventDelay: { before: 0, between: 0 } }, durations: { default: 0 } } as const;

/** The reference of the machine, host, repository or network of this name. */
export function named(simulator: Simulator, of: 'VM' | 'host' | 'SR' | 'network' | 'VDI', name: string): string {
  const found = simulator.db.find(of, (record) => record.name_label === name);
  if (found === undefined) throw new Error(`there is no ${of} "${name}"`);
  return found[0];
}
