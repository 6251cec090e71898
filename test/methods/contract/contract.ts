import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, stage } from '../stage.js';
import { type Ledger, ledgerOf, nameOf, titleOf } from './ledger.js';
import { methodTablePath, sectionIn, sectionOf } from './method-table.js';
import type { Part, Row } from './row.js';
import { trialsOf } from './trial.js';

/** What a way leaves to its row to show. */
const plain = { invalid: [], wrongState: '', refusedTo: 'reader' } as const;

/** Every row of a part with what its trials are to show. */
export const ledgersOf = ({ rows }: Part): readonly (readonly [row: Row, ledger: Ledger])[] =>
  Object.entries(rows).flatMap(([className, methods]) =>
    Object.entries(methods).flatMap(([method, row]) => [
      [row, ledgerOf(className, method)] as const,
      ...Object.entries(row.ways ?? {}).map(
        ([name, way]) => [{ ...plain, ...way }, ledgerOf(className, method, name)] as const,
      ),
    ]),
  );

/** Tries everything that the rows of a part say, and holds the table of methods against what came of it. */
export function contract(part: Part): void {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ ...part.stage, swift: true });
    await part.begin?.(on);
  });
  afterAll(async () => {
    await part.end?.();
    await on.end();
  });
  afterEach(() => on.simulator.faults.clear());

  const all = ledgersOf(part);
  for (const [row, ledger] of all) {
    describe(`${ledger.className}.${nameOf(ledger)}`, () => {
      test.each(Object.entries(trialsOf(ledger)))('%s', (_what, trial) => trial(on, row, ledger));
    });
  }
  const ledgers = all.map(([, ledger]) => ledger);
  test.each([...new Set(ledgers.map(titleOf))])(
    'the table of %s is fresh (node out/test/generate/method-table.js writes it anew)',
    (title) => {
      expect(sectionIn(readFileSync(methodTablePath, 'utf8'), title).trim()).toBe(sectionOf(title, ledgers).trim());
    },
  );
}
