import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TurnLine } from '../../src/methods/turn-line.js';

it('lets one go on at once, and the others one a turn of the event loop, in their order', async () => {
  const line = new TurnLine();
  const went: string[] = [];
  const goes = (name: string) => line.next().then(() => went.push(name));
  const all = Promise.all(['a', 'b', 'c'].map(goes));
  await Promise.resolve();
  expect(went).toEqual(['a']);
  await nextTurn();
  expect(went).toEqual(['a', 'b']);
  await all;
  expect(went).toEqual(['a', 'b', 'c']);
});

it('keeps nobody waiting when nobody went on in this turn', async () => {
  const line = new TurnLine();
  await line.next();
  await nextTurn();
  let went = false;
  const next = line.next().then(() => {
    went = true;
  });
  await Promise.resolve();
  expect(went).toBe(true);
  await next;
});
