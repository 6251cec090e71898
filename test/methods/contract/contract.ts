import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, stage } from '../stage.js';
import { type Ledger, ledgerOf } from './ledger.js';
import { methodTablePath, sectionOf } from './method-table.js';
import type { Rows } from './row.js';
import { trials } from './trial.js';

/** Tries everything that rows say, on one pool, and holds the table of methods against what came of it. */
export function contract(rows: Rows): void {
  let on: Stage;
  beforeAll(async () => {
    on = await stage({ swift: true });
  });
  afterAll(() => on.end());
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
      expect(readFileSync(methodTablePath, 'utf8')).toContain(sectionOf(className, ledgers));
    });
  }
}
