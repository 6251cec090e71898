import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { server } from '../../mapping/demo-engine.js';
import { type Stage, stage } from '../stage.js';
import { declined } from './all.js';
import { decline } from './declined.js';
import { declinedSection, declinedTitle, methodTablePath, sectionIn } from './method-table.js';

let on: Stage;
beforeAll(async () => {
  on = await stage({ swift: true });
  on.store.apply([{ of: 'server', ref: 'server', after: server }]);
});
afterAll(() => on.end());

test.each(declined.map((each) => [`${each.className}.${each.method}`, each] as const))(
  '%s says why it does nothing, and does nothing',
  (_name, each) => decline(on, each),
);

test('the table of what is declined is fresh (node out/test/generate/method-table.js writes it anew)', () => {
  expect(sectionIn(readFileSync(methodTablePath, 'utf8'), declinedTitle).trim()).toBe(declinedSection(declined).trim());
});
