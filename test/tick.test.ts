import { expect, it } from 'vitest';
import { keepTick } from '../src/tick.js';

it('what is kept is an object that process.nextTick has made, with computed names', async () => {
  const tick = await keepTick();
  expect(tick).toHaveProperty('callback');
  const names = Object.getOwnPropertySymbols(tick).map(String);
  expect(names).toEqual(expect.arrayContaining(['Symbol(async_id_symbol)', 'Symbol(trigger_async_id_symbol)']));
});
