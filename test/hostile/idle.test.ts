import { expect, it } from 'vitest';
import { openStage, rawRequest, requestXml } from '../http/stage.js';
import { callXml, ofClass } from '../intrinsic-call.js';
import { RawClient } from '../raw-client.js';
import { visit } from '../server-stage.js';
import { figure, quiet, startHostile } from './stage.js';
import { head, outcome } from './target.js';

/** Connections that ask nothing, or never come to their end: others are served, and they are gone in the end. */

const names = callXml('EnumerateInstanceNames', ofClass('Xen_HostPool'));

const connections = (port: number, count: number): Promise<RawClient[]> =>
  Promise.all(Array.from({ length: count }, () => RawClient.connect(port)));

it('a thousand connections that say nothing keep nobody from being served, and leave nothing behind', async () => {
  const stage = await startHostile();
  try {
    const idle = await connections(stage.port, 1_000);
    await expect.poll(() => figure(stage.port, 'xen_cim_connections')).toBe(1_001);
    for (let i = 0; i < 3; i++) expect((await visit(stage.port, '/cimom', names)).status).toBe(200);
    for (const client of idle) client.close();
    await quiet(stage.target);
  } finally {
    await stage.end();
  }
});

it('a thousand connections that were answered once and ask no more are closed by the bridge', async () => {
  const stage = await openStage({ listener: { limits: { idleTime: 500, checkEvery: 50 } } });
  try {
    const clients = await connections(stage.port, 1_000);
    const answers = clients.map((client) => client.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n').response());
    for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
    await Promise.all(clients.map((client) => client.end()));
    await expect.poll(() => stage.metrics.registry.metrics()).toMatch(/^xen_cim_connections 0$/m);
  } finally {
    await stage.close();
  }
});

it('requests that come a byte at a time are ended with 408, and keep nobody from being served', async () => {
  const limits = { headTime: 3_000, requestTime: 3_000, checkEvery: 50 };
  const stage = await openStage({ listener: { limits } });
  const authorization = 'Basic cmVhZGVyOnNlY3JldA==';
  const target = { port: stage.port, authorization };
  const slow = await connections(stage.port, 200);
  const timer = setInterval(() => {
    for (const client of slow) client.send(' ');
  }, 50);
  try {
    for (const [i, client] of slow.entries()) {
      client.send(i % 2 === 0 ? head(target, 10).slice(0, -4) : head(target, 1_000_000));
    }
    const answered = Promise.all(slow.map(outcome));
    const other = await RawClient.connect(stage.port);
    expect((await other.send(rawRequest(requestXml())).response()).status).toBe(200);
    other.close();
    // One that the bridge found silent for that long was cut before it came to be a request.
    for (const told of await answered) expect(['408', 'closed without an answer']).toContain(told);
    expect(await answered).toContain('408');
    await Promise.all(slow.map((client) => client.end()));
    await expect.poll(() => stage.metrics.registry.metrics()).toMatch(/^xen_cim_connections 0$/m);
  } finally {
    clearInterval(timer);
    await stage.close();
  }
});
