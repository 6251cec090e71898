import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callXml, ofClass } from '../intrinsic-call.js';
import { RawClient } from '../raw-client.js';
import { visit } from '../server-stage.js';
import { type HostileStage, startHostile } from './stage.js';
import { outcome, whole } from './target.js';

/** A flood of wrong passwords: the pool hears of few of them, and those who know theirs get in. */

let stage: HostileStage;
beforeAll(async () => {
  stage = await startHostile();
});
afterAll(() => stage?.end());

const names = callXml('EnumerateInstanceNames', ofClass('Xen_HostPool'));
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A user's request from another address of this machine. */
function fromElsewhere(user: string): Promise<string> {
  const { port } = stage;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }, () => {
      socket.write(whole({ port, authorization: basic(user, user) }, names));
    });
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1').split('\r\n')[0]!);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

it('of which each is another', async () => {
  const flood = 400;
  const logins = (): number => stage.bridge.simulator!.calls().get('session.login_with_password') ?? 0;
  expect((await visit(stage.port, '/cimom', names)).status).toBe(200);
  const before = logins();
  const clients = await Promise.all(Array.from({ length: flood }, () => RawClient.connect(stage.port)));
  const outcomes: string[] = [];
  clients.forEach((client, i) => {
    client.send(whole({ port: stage.port, authorization: basic('root', `guess ${i}`) }, names));
    outcome(client).then(
      (told) => outcomes.push(told),
      () => undefined,
    );
  });
  // Those that wait for their turn may wait long; the others are told at once.
  await expect.poll(() => outcomes.length).toBeGreaterThan(flood - 40);
  expect(new Set(outcomes)).toEqual(new Set(['401', '503']));
  // Who was right before, and who comes from another address, does not wait behind them.
  expect((await visit(stage.port, '/cimom', names)).status).toBe(200);
  expect(await fromElsewhere('operator')).toBe('HTTP/1.1 200 OK');
  expect(logins() - before).toBeLessThan(flood / 8);
  for (const client of clients) client.close();
});
