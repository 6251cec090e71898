import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LoginQueue } from '../../src/http/login-queue.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('an address that is slowed down little does not wait for one that is slowed down much', async () => {
  const options = { concurrent: 4, waiting: 100, waitingPerSource: 32, freeFailures: 0, longestPause: 60_000 };
  const queue = new LoginQueue(options);
  const wrong = (source: string) =>
    queue.run(
      source,
      false,
      async () => undefined,
      () => false,
    )!;
  for (let n = 0; n < 8; n++) {
    const asked = wrong('long');
    await vi.advanceTimersByTimeAsync(60_000);
    await asked;
  }
  const done: string[] = [];
  void wrong('long').then(() => wrong('long').then(() => done.push('long')));
  await vi.advanceTimersByTimeAsync(0);
  await wrong('short');
  void wrong('short').then(() => done.push('short'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(done).toEqual(['short']);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(done).toEqual(['short', 'long']);
});
