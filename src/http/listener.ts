import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '../log.js';
import { allowedMethods } from './capability.js';
import { answerClientError } from './client-error.js';
import { framingFault } from './framing.js';
import { MandatoryConnection, wasMandatory } from './mandatory-connection.js';
import type { Metrics } from './metrics.js';
import type { Arrival, OperationHandler } from './operation-handler.js';
import { peek } from './peek.js';
import { refuse } from './refuse.js';
import { RecallingRequest } from './request-head.js';
import { isOwnPage } from './request-path.js';
import { checkTls, type TlsMaterial, tlsOptions } from './tls.js';

/** An address to listen on; port 0 takes a free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What a connection may cost; times in milliseconds. */
export interface ConnectionLimits {
  /** For a head, and for a whole request, to arrive. */
  readonly headTime: number;
  readonly requestTime: number;
  /** For which a connection is kept after an answer. Clients that poll once a minute find it open. */
  readonly idleTime: number;
  /** How often the two times above are looked after. */
  readonly checkEvery: number;
  readonly headBytes: number;
  readonly connections: number;
  /** Those from one address: who opens them and goes away leaves room for others. */
  readonly connectionsPerAddress: number;
}

export const defaultConnectionLimits: ConnectionLimits = {
  headTime: 20_000,
  requestTime: 60_000,
  idleTime: 75_000,
  checkEvery: 5_000,
  headBytes: 32 * 1024,
  connections: 2_000,
  connectionsPerAddress: 1_500,
};

/** For how long a warning is not repeated; milliseconds. */
const quiet = 10_000;

export interface ListenerOptions {
  readonly operations: OperationHandler;
  /** Who serves all that is no operation. */
  readonly app: RequestListener;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly http?: Endpoint;
  readonly https?: Endpoint & { readonly tls: TlsMaterial };
  readonly limits?: Partial<ConnectionLimits>;
}

/** Where the bridge listens, as it turned out. */
export interface Bound {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

export interface Listener {
  /** Begins to listen; rejects where an address cannot be had, and then listens nowhere. */
  start(): Promise<readonly Bound[]>;
  /** Takes no more connections, lets requests finish for so many milliseconds, then cuts what is left. */
  stop(grace?: number): Promise<void>;
  /** Uses another certificate for connections from now on. Throws where it is none, and keeps the one in use. */
  setTls(material: TlsMaterial): void;
}

/** Makes the listener on HTTP, HTTPS or both: operations go straight to their handler, the rest to the app. */
export function createListener(options: ListenerOptions): Listener {
  return new HttpListener(options);
}

interface Listening {
  readonly scheme: Bound['scheme'];
  readonly server: Server | TlsServer;
  readonly endpoint: Endpoint;
}

class HttpListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #limits: ConnectionLimits;
  readonly #listening: Listening[] = [];
  readonly #sockets = new Set<Socket>();
  /** How many connections there are, by the address they come from. */
  readonly #byAddress = new Map<string, number>();
  /** Connections of which no byte has come yet, so that no server knows them. */
  readonly #silent = new Set<Socket>();
  /** Answers that are being made or written, the earliest first. */
  readonly #open: ServerResponse[] = [];
  /** The listener of every response, made once. */
  readonly #failed: (error: Error) => void;
  #stopping = false;
  #warned = Number.NEGATIVE_INFINITY;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#limits = { ...defaultConnectionLimits, ...options.limits };
    this.#failed = (error) => options.log.debug({ err: error }, 'an answer could not be written');
    const { http, https } = options;
    if (http !== undefined) {
      this.#add({ scheme: 'http', endpoint: http, server: createServer(this.#serverOptions()) });
    }
    if (https !== undefined) {
      const server = createTlsServer({ ...this.#serverOptions(), ...tlsOptions(https.tls) });
      this.#add({ scheme: 'https', endpoint: https, server });
    }
  }

  async start(): Promise<readonly Bound[]> {
    try {
      return await Promise.all(this.#listening.map(listen));
    } catch (reason) {
      await this.stop(0);
      throw reason;
    }
  }

  async stop(grace = 10_000): Promise<void> {
    this.#stopping = true;
    for (const socket of this.#silent) socket.destroy();
    for (const answer of this.#open) if (!answer.headersSent) answer.setHeader('Connection', 'close');
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, grace);
    await Promise.all(this.#listening.map(({ server }) => close(server)));
    clearTimeout(timer);
  }

  setTls(material: TlsMaterial): void {
    checkTls(material);
    for (const { server } of this.#listening)
      if ('setSecureContext' in server) server.setSecureContext(tlsOptions(material));
  }

  #serverOptions() {
    const { headTime, requestTime, idleTime, checkEvery, headBytes } = this.#limits;
    return {
      IncomingMessage: RecallingRequest,
      headersTimeout: headTime,
      requestTimeout: requestTime,
      keepAliveTimeout: idleTime,
      connectionsCheckingInterval: checkEvery,
      maxHeaderSize: headBytes,
      requireHostHeader: false,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
    } as const;
  }

  #add(listening: Listening): void {
    const { server, scheme } = listening;
    server.maxConnections = this.#limits.connections;
    // All of them: the size of the head is their limit, and one that were left out could be the one that counts.
    server.maxHeadersCount = 0;
    this.#peekAt(server, scheme === 'http' ? 'connection' : 'secureConnection');
    server.on('request', (request, response) => this.#serve(request, response, false));
    server.on('checkContinue', (request, response) => this.#serve(request, response, true));
    server.on('clientError', (error, socket) => {
      const open = this.#open.filter(({ req }) => req.socket === socket);
      const { code } = error as NodeJS.ErrnoException;
      this.#options.log.debug({ code, client: (socket as Socket).remoteAddress }, 'unreadable request');
      answerClientError(error, socket, open);
    });
    server.on('connect', (_request, socket) => refuseTunnel(socket));
    server.on('drop', (dropped) => this.#warn(dropped?.remoteAddress, 'too many connections'));
    this.#listening.push(listening);
  }

  /** Puts the look at the first two bytes before the server's own taking over of a connection. */
  #peekAt(server: Server | TlsServer, event: 'connection' | 'secureConnection'): void {
    const takeOver = server.listeners(event);
    server.removeAllListeners(event);
    if (event === 'secureConnection') server.on('connection', (socket) => this.#count(socket));
    server.on(event, (socket: Socket) => {
      if (event === 'connection') this.#count(socket);
      if (socket.destroyed) return;
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
      peek(socket, this.#limits.headTime, (mandatory) => {
        this.#silent.delete(socket);
        const connection = mandatory ? new MandatoryConnection(socket, this.#limits.headBytes) : socket;
        for (const listener of takeOver) Reflect.apply(listener, server, [connection]);
      });
    });
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    this.#sockets.add(socket);
    this.#addTo(address, 1);
    this.#options.metrics.connection(1);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#addTo(address, -1);
      this.#options.metrics.connection(-1);
    });
    if (this.#byAddress.get(address)! <= this.#limits.connectionsPerAddress) return;
    this.#warn(address, 'too many connections from one address');
    socket.destroy();
  }

  /** Says so at most once in a while: who floods us does not flood the log. */
  #warn(client: string | undefined, message: string): void {
    const now = performance.now();
    if (now < this.#warned + quiet) return;
    this.#warned = now;
    this.#options.log.warn({ client }, message);
  }

  #addTo(address: string, change: 1 | -1): void {
    const count = (this.#byAddress.get(address) ?? 0) + change;
    if (count > 0) this.#byAddress.set(address, count);
    else this.#byAddress.delete(address);
  }

  #serve(request: IncomingMessage, response: ServerResponse, waits: boolean): void {
    response.on('error', this.#failed);
    if (this.#stopping) response.setHeader('Connection', 'close');
    const arrival = { mandatory: wasMandatory(request), waits };
    const fault = framingFault(request);
    if (fault !== undefined) {
      refuse(request, response, fault, undefined);
      return;
    }
    this.#open.push(response);
    if (isOperation(request)) {
      this.#operate(request, response, arrival);
      return;
    }
    response.on('close', () => this.#leave(response));
    if (waits) response.writeContinue();
    this.#options.app(request, response);
  }

  #operate(request: IncomingMessage, response: ServerResponse, arrival: Arrival): void {
    this.#options.operations(request, response, arrival).then(
      () => this.#leave(response),
      (reason: unknown) => {
        this.#leave(response);
        this.#options.log.error({ err: reason }, 'an operation was served badly');
        response.destroy();
      },
    );
  }

  #leave(response: ServerResponse): void {
    const at = this.#open.lastIndexOf(response);
    if (at >= 0) this.#open.splice(at, 1);
    if (this.#stopping) setImmediate(() => this.#closeIdle());
  }

  #closeIdle(): void {
    for (const { server } of this.#listening) server.closeIdleConnections();
  }
}

/** CONNECT asks for a tunnel, for which Node has no response at hand. */
function refuseTunnel(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.end(
    `HTTP/1.1 405 Method Not Allowed\r\nAllow: ${allowedMethods}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  );
}

const isOperation = ({ method, url = '/' }: IncomingMessage): boolean =>
  (method === 'POST' || method === 'OPTIONS') && !isOwnPage(url);

function listen({ server, scheme, endpoint: { host, port } }: Listening): Promise<Bound> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve({ scheme, host, port: (server.address() as AddressInfo).port });
    });
  });
}

function close(server: Server | TlsServer): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
