import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** PEM texts of a certificate and its key. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

/** Where a host listens; port 0 takes any free one. */
export interface Place {
  readonly address: string;
  readonly port: number;
  readonly tls?: TlsMaterial;
}

/** Header bytes and connections that xapi takes, and milliseconds for a request's headers (facts 1.1). */
const limits = { headerBytes: 16_384, connections: 800, headersTimeout: 60_000 };

/** One listening socket of a simulated host. */
export interface Listener {
  readonly port: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
  /** Cuts the connections that there are now. */
  cut(): void;
}

function create(handler: RequestListener, tls: TlsMaterial | undefined): Server {
  const options = { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headersTimeout, requestTimeout: 0 };
  return tls === undefined ? createServer(options, handler) : createSecureServer({ ...options, ...tls }, handler);
}

/** Listens for a host's requests. Rejects with the socket's error. */
export async function listen(place: Place, handler: RequestListener): Promise<Listener> {
  const server = create(handler, place.tls);
  server.maxConnections = limits.connections;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(place.port, place.address, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
