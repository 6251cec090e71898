import { alone, head, outcome, patience, type Target, whole } from '../../hostile/target.js';
import { callXml, ofClass } from '../../intrinsic-call.js';
import { RawClient } from '../../raw-client.js';
import { basic } from '../request-bytes.js';
import type { Case, Scene } from './scene.js';

/*
 * Many clients at once: who guess passwords, who say nothing, and who take their time.
 */

const names = callXml('EnumerateInstanceNames', ofClass('Xen_HostPool'));

const connections = ({ port }: Target, count: number): Promise<RawClient[]> =>
  Promise.all(Array.from({ length: count }, () => RawClient.connect(port)));

/** What becomes of an ordinary request meanwhile. */
const meanwhile = (target: Target): Promise<string> =>
  alone(target, (client) => outcome(client.send(whole(target, names))));

async function calls({ simulator }: Scene): Promise<number> {
  const all = (await (await fetch(new URL('/simulator/calls', simulator.url))).json()) as Record<string, number>;
  return all['session.login_with_password'] ?? 0;
}

const guesses = 2_000;

/** Wrong passwords, each another one, on a hundred connections. */
async function guess(scene: Scene): Promise<string> {
  const { target } = scene;
  const before = await calls(scene);
  let guessed = 0;
  const waiting = new Set<RawClient>();
  const guesser = async (): Promise<void> => {
    while (guessed < guesses) {
      const authorization = basic('root', `guess ${guessed++}`);
      await alone(target, (client) => {
        waiting.add(client);
        return outcome(client.send(whole({ ...target, authorization }, names))).finally(() => waiting.delete(client));
      });
    }
  };
  const guessing = Promise.all(Array.from({ length: 100 }, () => guesser().catch(() => undefined)));
  while (guessed < guesses) await new Promise((resolve) => setTimeout(resolve, 10));
  const other = await meanwhile(target);
  for (const client of waiting) client.close();
  await guessing;
  const asked = (await calls(scene)) - before;
  const few = asked <= guesses / 20;
  console.log(`    of ${guesses} wrong passwords the pool was asked about ${asked}`);
  return `${few ? 'the pool asked about few' : 'THE POOL ASKED ABOUT TOO MANY'}, a right one ${other}`;
}

/** Connections that do something and then no more; until the bridge closes them. */
const idle =
  (count: number, begin: (client: RawClient, target: Target) => unknown) =>
  async ({ target }: Scene): Promise<string> => {
    const clients = await connections(target, count);
    await Promise.all(clients.map((client) => begin(client, target)));
    const other = await meanwhile(target);
    await Promise.all(clients.map((client) => client.end(patience)));
    return `all closed, another request ${other}`;
  };

/** Requests that come a byte a second. */
const slow =
  (count: number, begin: (target: Target) => string) =>
  async ({ target }: Scene): Promise<string> => {
    const clients = await connections(target, count);
    for (const client of clients) client.send(begin(target));
    const timer = setInterval(() => {
      for (const client of clients) client.send(' ');
    }, 1_000);
    const ended = Promise.all(clients.map(outcome));
    const other = await meanwhile(target);
    const told = new Set(await ended.finally(() => clearInterval(timer)));
    for (const client of clients) client.close();
    return `${[...told].join(' or ')}, another request ${other}`;
  };

const healthy = 'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n';

export const guessing: Case = {
  name: `${guesses} wrong passwords`,
  wanted: 'the pool asked about few, a right one 200',
  times: 1,
  run: guess,
};

/** Cases that take the bridge's own patience to end, and hence go beside all others. */
export const patient: readonly Case[] = [
  {
    name: '700 connections that say nothing',
    wanted: 'all closed, another request 200',
    times: 1,
    run: idle(700, () => undefined),
  },
  {
    name: '300 connections that ask once and no more',
    wanted: 'all closed, another request 200',
    times: 1,
    run: idle(300, (client) => client.send(healthy).response(patience)),
  },
  {
    name: '100 heads that come a byte a second',
    wanted: '408, another request 200',
    times: 1,
    run: slow(100, (target) => head(target, 10).slice(0, -4)),
  },
  {
    name: '100 bodies that come a byte a second',
    wanted: '408, another request 200',
    times: 1,
    run: slow(100, (target) => head(target, 1_000_000)),
  },
];
