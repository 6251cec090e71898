import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileRequests } from './request.js';
import { type HostileStage, quiet, startHostile } from './stage.js';

/** What a started bridge makes of requests that no client should send: a proper refusal of each, and nothing more. */

let stage: HostileStage;
beforeAll(async () => {
  stage = await startHostile();
});
afterAll(() => stage?.end());

describe('a request that no client should send', () => {
  it.each(hostileRequests)('$name: $wanted', async ({ wanted, send }) => {
    expect(await send(stage.target)).toBe(wanted);
    await quiet(stage.target);
  });
});
