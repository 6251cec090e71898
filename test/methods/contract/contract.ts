import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, stage } from '../stage.js';
import { type Ledger, ledgerOf } from './ledger.js';
import { methodTablePath, sectionIn, sectionOf } from './method-table.js';
import type { Part } from './row.js';
import { trials } from './trial.js';

/** Tries everything that the rows of a part say, and holds the table of methods against what came of it. */
export function contract({ rows, size, end }: Part): void {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ swift: true, ...(size && { size }) });
  });
  afterAll(async () => {
    await end?.();
    await on.end();
  });
  afterEach(() => on.simulator.faults.clear());

  for (const [className, methods] of Object.entries(rows)) {
    const ledgers: Ledger[] = [];
    for (const [method, row] of Object.entries(methods)) {
      const ledger = ledgerOf(className, method);
      ledgers.push(ledger);
      describe(`${className}.${method}`, () => {
        test.each(Object.entries(trials))('%s', (_what, trial) => trial(on, row, ledger));
      });
    }
    test(`the table of ${className} is fresh (node out/test/generate/method-table.js writes it anew)`, () => {
      expect(sectionIn(readFileSync(methodTablePath, 'utf8'), className).trim()).toBe(
        sectionOf(className, ledgers).trim(),
      );
    });
  }
}
