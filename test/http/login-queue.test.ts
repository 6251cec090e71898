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

it('those who have gone are not tried, and keep neither a place nor a turn from others', async () => {
  const options = { concurrent: 1, waiting: 100, waitingPerSource: 4, freeFailures: 0, longestPause: 5_000 };
  const queue = new LoginQueue(options);
  const tried: string[] = [];
  const log = (name: string, wanted: () => boolean) =>
    queue.run(
      'one',
      false,
      async () => void tried.push(name),
      () => false,
      wanted,
    );
  for (let n = 0; n < 8; n++) {
    await vi.advanceTimersByTimeAsync(5_000);
    await log('wrong', () => true);
  }
  tried.length = 0;
  let here = true;
  const dropped = Array.from({ length: 4 }, () => log('gone', () => here)!.catch((error: Error) => error.message));
  expect(log('no room', () => true)).toBeUndefined();
  here = false;
  const asked = log('right', () => true);
  expect(await Promise.all(dropped)).toEqual(Array(4).fill('nobody waits for the login any more'));
  await vi.advanceTimersByTimeAsync(5_000);
  await asked;
  expect(tried).toEqual(['right']);
  expect(queue.waiting).toBe(0);
});
