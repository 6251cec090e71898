import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { begin } from '../../src/http/beginning.js';
import { armful, type Chunks, type Made } from '../../src/http/pump.js';

// The clock stands still: what a moment is depends on what else the machine does.
beforeEach(() => {
  vi.spyOn(performance, 'now').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const chunk = Buffer.alloc(armful / 4, 'x');

function* several(count: number): Made {
  for (let i = 0; i < count; i++) yield chunk;
}

async function octets(chunks: Chunks | readonly Buffer[]): Promise<number> {
  let sum = 0;
  for await (const next of chunks) sum += next?.length ?? 0;
  return sum;
}

it.each([0, 1, 3])('is the whole answer where its %d chunks are at hand', async (count) => {
  const beginning = await begin(several(count));
  expect(beginning.kind).toBe('whole');
  expect(await octets(beginning.chunks)).toBe(count * chunk.length);
});

it('is a part of what is more than goes out at once, and nothing of that is lost', async () => {
  let made = 0;
  const chunks = function* (): Made {
    for (; made < 20; made++) yield chunk;
  };
  const beginning = await begin(chunks());
  expect(beginning.kind).toBe('part');
  expect(made).toBeLessThan(5);
  expect(await octets(beginning.chunks)).toBe(20 * chunk.length);
});

it('is a part of what takes its time, but two chunks at least', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now++);
  expect((await begin(several(1))).kind).toBe('whole');
  const beginning = await begin(several(3));
  expect(beginning.kind).toBe('part');
  expect(await octets(beginning.chunks)).toBe(3 * chunk.length);
});

it('waits where nothing is at hand, and not where something is', async () => {
  let come = (): void => {};
  const delay = new Promise<void>((resolve) => {
    come = resolve;
  });
  const chunks = function* (first: boolean): Made {
    if (first) yield chunk;
    yield delay;
    yield chunk;
  };
  expect((await begin(chunks(true))).kind).toBe('part');
  const waiting = begin(chunks(false));
  come();
  const beginning = await waiting;
  expect(beginning.kind).toBe('whole');
  expect(await octets(beginning.chunks)).toBe(chunk.length);
});

it('throws what fails before anything was sent, however much was made', async () => {
  const failing = function* (count: number): Made {
    yield* several(count);
    throw new Error('it went away');
  };
  let now = 0;
  for (const count of [0, 1, 3]) await expect(begin(failing(count))).rejects.toThrow('it went away');
  vi.spyOn(performance, 'now').mockImplementation(() => now++);
  await expect(begin(failing(1))).rejects.toThrow('it went away');
  const delayed = function* (): Made {
    yield Promise.reject(new Error('not to be had'));
  };
  await expect(begin(delayed())).rejects.toThrow('not to be had');
});

it('of what has to be waited for takes two chunks', async () => {
  const later = async function* (count: number): AsyncGenerator<Buffer> {
    for (let i = 0; i < count; i++) yield chunk;
  };
  expect((await begin(later(1))).kind).toBe('whole');
  const beginning = await begin(later(3));
  expect(beginning.kind).toBe('part');
  expect(await octets(beginning.chunks)).toBe(3 * chunk.length);
});
