import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rows as elements } from '../../../src/mapping/index.js';
import { methods, writers } from '../../../src/methods/table.js';
import { server } from '../../mapping/demo-engine.js';
import { type Stage, stage } from '../stage.js';
import { declined, parts } from './all.js';
import { ledgersOf } from './contract.js';
import { decline } from './declined.js';
import { titleOf } from './ledger.js';
import { declinedSection, declinedTitle, methodTablePath, sectionIn } from './method-table.js';

const have = parts.flatMap(({ rows }) =>
  Object.entries(rows).flatMap(([className, own]) => Object.keys(own).map((method) => `${className}.${method}`)),
);

/** The ways of writing that are carried out, by the writers and by the setters of rows. */
const written = [
  ...Object.entries(writers).flatMap(([className, { modify, remove, create }]) => [
    ...(modify ? [`${className}.ModifyInstance`] : []),
    ...(remove ? [`${className}.DeleteInstance`] : []),
    ...(create ? [`${className}.CreateInstance`] : []),
  ]),
  ...elements.elements.filter(({ setters }) => setters).map(({ cim }) => `${cim}.ModifyInstance`),
];

const carriedOut = Object.entries(methods).flatMap(([className, own]) =>
  Object.keys(own).map((method) => `${className}.${method}`),
);

const declines: readonly string[] = declined.map(({ className, method }) => `${className}.${method}`);

test('every method that is carried out has a row of the contract', () => {
  expect(carriedOut.filter((name) => !have.includes(name) && !declines.includes(name))).toEqual([]);
});

test('every way of writing instances has a row of the contract', () => {
  expect(written.filter((name) => !have.includes(name))).toEqual([]);
});

test('no row is of what is not carried out, and none is there twice', () => {
  expect(have.filter((name) => ![...carriedOut, ...written].includes(name))).toEqual([]);
  expect(have.filter((name, at) => have.indexOf(name) !== at)).toEqual([]);
});

test('the table of methods has a section of all that has rows, and no other', () => {
  const sections = [...readFileSync(methodTablePath, 'utf8').matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  const titles = parts.flatMap((part) => ledgersOf(part).map(([, ledger]) => titleOf(ledger)));
  expect(sections).toEqual([...[...new Set(titles)].sort(), declinedTitle]);
});

describe('What is declined', () => {
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

  test('the table of it is fresh (node out/test/generate/method-table.js writes it anew)', () => {
    const section = sectionIn(readFileSync(methodTablePath, 'utf8'), declinedTitle);
    expect(section.trim()).toBe(declinedSection(declined).trim());
  });
});
