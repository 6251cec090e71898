import { afterEach, expect, it } from 'vitest';
import { Turnstile } from '../../src/http/turnstile.js';
import { RawClient } from '../raw-client.js';
import { basic, openStage, rawRequest, requestXml, type Stage } from './stage.js';

/** Keeps the thread for so many milliseconds, as a long operation does. */
function work(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('short operations begin at once', () => {
  const turnstile = new Turnstile(60_000);
  expect(Array.from({ length: 100 }, () => turnstile.pass('a')).every((wait) => wait === undefined)).toBe(true);
});

it('those that wait go one a turn, the users in turn; afterwards it is open again', async () => {
  const turnstile = new Turnstile();
  turnstile.pass('a');
  work(20);
  const done: string[] = [];
  const waiting = ['a', 'a', 'a', 'b', 'c', 'b'].map(async (user) => {
    await turnstile.pass(user);
    done.push(user);
    work(20);
  });
  expect(done).toEqual([]);
  await Promise.all(waiting);
  expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
  await nextTurn();
  await nextTurn();
  expect(turnstile.pass('a')).toBeUndefined();
});

let stage: Stage;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.close();
});

it('many long operations of one user hold up that of another by few of them, though it came last', async () => {
  const done: string[] = [];
  stage = await openStage({
    act: (_call, { name }) => {
      if (name === 'heavy') work(60);
      done.push(name);
      return { kind: 'void' };
    },
  });
  const connect = async (): Promise<RawClient> => {
    const client = await RawClient.connect(stage.port);
    clients.push(client);
    return client;
  };
  const ask = async (client: RawClient, user: string): Promise<void> => {
    client.send(rawRequest(requestXml(), { Authorization: basic(user, 'secret') }));
    expect((await client.response(20_000)).status).toBe(200);
  };
  const heavy = await Promise.all(Array.from({ length: 12 }, connect));
  const light = await connect();
  await ask(heavy[0]!, 'heavy');
  await ask(light, 'light');
  done.length = 0;
  await Promise.all([...heavy.map((client) => ask(client, 'heavy')), ask(light, 'light')]);
  expect(done).toHaveLength(13);
  expect(done.indexOf('light')).toBeLessThan(6);
});
