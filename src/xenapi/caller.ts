import type { CallLimits, Endpoint, Page } from './endpoint.js';
import { TransportError, XenApiError } from './error.js';
import { Gate } from './gate.js';
import type { HandlerAnswer, HandlerRequest } from './handler.js';
import type { CallValue, TakePart } from './protocol.js';

/** Told of every call that was made: for metrics. `outcome` is `ok`, a XenAPI code, or a transport fault. */
export type CallObserver = (method: string, ms: number, outcome: string) => void;

/** How one call differs from the others. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The call waits on purpose (event.from) or must not wait (a login): it takes no place among those in flight. */
  readonly waits?: true;
  /** Who takes the records of a listing while they arrive; not all protocols have it do so. The call gives the others. */
  readonly take?: TakePart;
  /** Headers of this call, beside those of every one. */
  readonly headers?: Readonly<Record<string, string>>;
}

function outcomeOf(error: unknown): string {
  if (error instanceof XenApiError) return error.code;
  return error instanceof TransportError ? error.fault : 'fault';
}

/** Sends calls: so many at once, each with a time limit, each observed. */
export class Caller {
  readonly #gate: Gate;
  readonly #timeoutMs: number;
  readonly #observer: CallObserver | undefined;

  constructor(maxInFlight: number, timeoutMs: number, observer?: CallObserver) {
    this.#gate = new Gate(maxInFlight);
    this.#timeoutMs = timeoutMs;
    this.#observer = observer;
  }

  /** Calls under way, and calls that wait for a place. */
  get load(): { readonly inside: number; readonly waiting: number } {
    return this.#gate.load;
  }

  send(endpoint: Endpoint, method: string, params: readonly CallValue[], options: CallOptions = {}): Promise<unknown> {
    const work = () => this.#observed(method, () => endpoint.call(method, params, this.#limits(options)));
    return options.waits ? work() : this.#gate.pass(work);
  }

  /** Gets a page from a host, observed under its path; it is no operation of the coordinator, and takes no place. */
  async get(
    endpoint: Endpoint,
    path: string,
    headers: Readonly<Record<string, string>>,
    options: CallOptions = {},
  ): Promise<Page> {
    return this.#observed(path.split('?', 1)[0]!, () => endpoint.get(path, headers, this.#limits(options)));
  }

  /** Asks an HTTP handler of a host, observed under its path; a transfer takes no place among the calls. */
  ask<T>(
    endpoint: Endpoint,
    request: HandlerRequest,
    headers: Readonly<Record<string, string>>,
    take: (answer: HandlerAnswer) => Promise<T>,
  ): Promise<T> {
    return this.#observed(request.path.split('?', 1)[0]!, () => endpoint.ask(request, headers, this.#limits({}), take));
  }

  #limits({ signal, headers, take, timeoutMs = this.#timeoutMs }: CallOptions): CallLimits {
    return { timeoutMs, ...(signal && { signal }), ...(headers && { headers }), ...(take && { take }) };
  }

  async #observed<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      this.#observer?.(name, performance.now() - start, outcome);
    }
  }
}
