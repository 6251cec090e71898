import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callXml, ofClass } from '../intrinsic-call.js';
import { visit } from '../server-stage.js';
import { departures, halfClosed } from './departure.js';
import { type HostileStage, quiet, startHostile } from './stage.js';

/** Clients that go away: nothing of them is left, and the others are served. */

let stage: HostileStage;
beforeAll(async () => {
  stage = await startHostile();
});
afterAll(() => stage?.end());

const served = async (): Promise<void> => {
  const names = callXml('EnumerateInstanceNames', ofClass('Xen_HostPool'));
  expect(await visit(stage.port, '/cimom', names)).toMatchObject({
    status: 200,
    body: expect.stringContaining('<INSTANCENAME'),
  });
};

describe('nothing is left of', () => {
  it.each(departures)('$name, and of a few dozen like it', async ({ leave }) => {
    await Promise.all([...Array.from({ length: 24 }, () => leave(stage.target)), served()]);
    await quiet(stage.target);
  });

  it('hundreds that go at once, at every moment, in every manner', async () => {
    const all = Array.from({ length: 30 }, () => departures).flat();
    await Promise.all(all.map(({ leave }) => leave(stage.target)));
    await served();
    await quiet(stage.target);
  });
});

it('a client that ends its half of the connection once it has asked counts as gone, unless its answer was ready', async () => {
  expect(await halfClosed(stage.target)).toMatch(/^(200|closed without an answer)$/);
  stage.bridge.simulator!.faults.delay('session.login_with_password', 100);
  const authorization = `Basic ${Buffer.from('reader:reader').toString('base64')}`;
  expect(await halfClosed({ ...stage.target, authorization })).toBe('closed without an answer');
  await quiet(stage.target);
});
