import { writeFileSync } from 'node:fs';
import { parts } from '../methods/contract/all.js';
import { type Ledger, ledgerOf } from '../methods/contract/ledger.js';
import { methodTable, methodTablePath, sectionOf } from '../methods/contract/method-table.js';
import type { Part } from '../methods/contract/row.js';
import { trials } from '../methods/contract/trial.js';
import { stage } from '../methods/stage.js';

/*
 * node out/test/generate/method-table.js: tries every row of the contract and writes mof/METHODS.md anew. The tests of
 * test/methods/contract prove it fresh. What is tried and is not so is told, and nothing is written.
 */

/** The sections of the classes of these rows, by class, after all of their trials. */
async function sections(
  { rows, size, end }: Part,
  faults: string[],
): Promise<readonly (readonly [className: string, text: string])[]> {
  const on = await stage({ swift: true, ...(size && { size }) });
  const found: [string, string][] = [];
  for (const [className, methods] of Object.entries(rows)) {
    const ledgers: Ledger[] = [];
    for (const [method, row] of Object.entries(methods)) {
      const ledger = ledgerOf(className, method);
      ledgers.push(ledger);
      for (const [what, trial] of Object.entries(trials)) {
        await trial(on, row, ledger).catch((reason: unknown) => {
          faults.push(`${className}.${method} ${what}: ${(reason as Error).message}`);
        });
        on.simulator.faults.clear();
      }
    }
    found.push([className, sectionOf(className, ledgers)]);
  }
  await end?.();
  await on.end();
  return found;
}

const faults: string[] = [];
const all: (readonly [className: string, text: string])[] = [];
for (const part of parts) all.push(...(await sections(part, faults)));
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
const sorted = all.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
if (faults.length === 0) writeFileSync(methodTablePath, methodTable(sorted));
