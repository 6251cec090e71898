import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { assertAnswer } from '../dtd.js';
import { readResponse } from '../raw-client.js';

/** Stands between a client and the bridge, hands everything on as it is, and holds the answers against the DTD. */
export interface Witness {
  readonly port: number;
  /** Rejects with the first answer that was not valid, and where there was none to see. */
  end(): Promise<void>;
}

function attest(bytes: Buffer): number {
  let count = 0;
  for (let rest = bytes; rest.length > 0; count++) {
    const read = readResponse(rest, true);
    if (read === undefined) throw new Error(`an answer was not complete: ${rest.subarray(0, 300).toString('latin1')}`);
    assertAnswer(read.value);
    rest = rest.subarray(read.length);
  }
  return count;
}

/** A witness before what listens on that port of the loopback address, over HTTP. */
export async function startWitness(port: number): Promise<Witness> {
  const heard: Promise<number>[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const bridge = connect(port, '127.0.0.1');
    const bytes: Buffer[] = [];
    bridge.on('data', (chunk) => bytes.push(chunk));
    for (const [from, to] of [
      [client, bridge],
      [bridge, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
    }
    const attested = once(bridge, 'close').then(() => attest(Buffer.concat(bytes)));
    attested.catch(() => undefined);
    heard.push(attested);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    end: async () => {
      for (const socket of sockets) socket.end();
      server.close();
      const counts = await Promise.all(heard);
      if (counts.every((count) => count === 0)) throw new Error('wanted answers of the bridge, got none');
    },
  };
}
