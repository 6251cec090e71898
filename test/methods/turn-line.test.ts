import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TurnLine } from '../../src/methods/turn-line.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('lets one go on at once, and the others one after a pause each, in their order', async () => {
  const line = new TurnLine(5);
  const went: string[] = [];
  for (const name of ['a', 'b', 'c']) void line.next().then(() => went.push(name));
  await vi.advanceTimersByTimeAsync(0);
  expect(went).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(4);
  expect(went).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(1);
  expect(went).toEqual(['a', 'b']);
  await vi.advanceTimersByTimeAsync(5);
  expect(went).toEqual(['a', 'b', 'c']);
});

it('keeps nobody waiting when nobody went on a moment ago', async () => {
  const line = new TurnLine(5);
  await line.next();
  await vi.advanceTimersByTimeAsync(5);
  await line.next();
  expect(vi.getTimerCount()).toBe(1);
});
