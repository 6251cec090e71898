import { once } from 'node:events';
import type { Socket } from 'node:net';
import { callXml, ofClass } from '../intrinsic-call.js';
import type { RawClient } from '../raw-client.js';
import { alone, head, outcome, type Target, whole } from './target.js';

/** How a connection ends. */
const manners = {
  closes: (socket: Socket) => socket.destroy(),
  resets: (socket: Socket) => socket.resetAndDestroy(),
} as const;

const large = callXml('EnumerateInstances', ofClass('CIM_ManagedElement'));

/** What a client does before it goes. */
const moments: Readonly<Record<string, (target: Target, client: RawClient) => unknown>> = {
  'before it says anything': () => undefined,
  'in the head': (target, client) => client.send(head(target, 10).slice(0, 60)),
  'in the body': (target, client) => client.send(whole(target, large).subarray(0, -20)),
  'while it is answered': (target, client) => client.send(whole(target, large)),
  'in the midst of the answer': async (target, client) => {
    client.send(whole(target, large));
    await once(client.socket, 'data');
    client.socket.pause();
  },
};

/** A client that goes away, and how. */
export interface Departure {
  readonly name: string;
  readonly leave: (target: Target) => Promise<void>;
}

/** Every moment at which a client may go away, in every manner. */
export const departures: readonly Departure[] = Object.entries(moments).flatMap(([moment, until]) =>
  Object.entries(manners).map(([manner, end]) => ({
    name: `a client that ${manner} its connection ${moment}`,
    leave: (target: Target) =>
      alone(target, async (client) => {
        await until(target, client);
        const gone = once(client.socket, 'close');
        end(client.socket);
        await gone;
      }),
  })),
);

/** A client that ends its half of the connection once it has asked; what it is told. */
export const halfClosed = (target: Target): Promise<string> =>
  alone(target, (client) => {
    client.send(whole(target, callXml('EnumerateInstanceNames', ofClass('Xen_HostPool'))));
    client.socket.end();
    return outcome(client);
  });
