import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '../../src/xenapi/turns.js';

test('pieces of work are done in order, and other work in between', async () => {
  const turns = new Turns();
  let order = '';
  const write = (name: string) => (): void => {
    order += name;
  };
  const works = ['a', 'b', 'c'].map((name) => turns.take(write(name)));
  while (!order.includes('c')) {
    await nextTurn();
    order += '.';
  }
  await Promise.all(works);
  expect(order).toMatch(/^\.*a\.+b\.+c\.*$/);
});

test('what fails tells him who gave it, and holds up nobody', async () => {
  const turns = new Turns();
  const bad = turns.take(() => {
    throw new Error('unreadable');
  });
  const good = turns.take(() => 7);
  await expect(bad).rejects.toThrow('unreadable');
  expect(await good).toBe(7);
});
