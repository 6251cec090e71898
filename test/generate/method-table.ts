import { writeFileSync } from 'node:fs';
import { server } from '../mapping/demo-engine.js';
import { declined, parts } from '../methods/contract/all.js';
import { ledgersOf } from '../methods/contract/contract.js';
import { decline } from '../methods/contract/declined.js';
import { nameOf, titleOf } from '../methods/contract/ledger.js';
import { declinedSection, methodTable, methodTablePath, sectionOf } from '../methods/contract/method-table.js';
import type { Part } from '../methods/contract/row.js';
import { trialsOf } from '../methods/contract/trial.js';
import { stage } from '../methods/stage.js';

/*
 * node out/test/generate/method-table.js: tries every row of the contract and writes mof/METHODS.md anew. The tests of
 * test/methods/contract prove it fresh. What is tried and is not so is told, and nothing is written.
 */

/** The sections of a part, by title, after all of its trials. */
async function sections(part: Part, faults: string[]): Promise<readonly (readonly [title: string, text: string])[]> {
  const on = await stage({ ...part.stage, swift: true });
  await part.begin?.(on);
  const all = ledgersOf(part);
  for (const [row, ledger] of all) {
    for (const [what, trial] of Object.entries(trialsOf(ledger))) {
      await trial(on, row, ledger).catch((reason: unknown) => {
        faults.push(`${ledger.className}.${nameOf(ledger)} ${what}: ${(reason as Error).message}`);
      });
      on.simulator.faults.clear();
    }
  }
  await part.end?.();
  await on.end();
  const ledgers = all.map(([, ledger]) => ledger);
  return [...new Set(ledgers.map(titleOf))].map((title) => [title, sectionOf(title, ledgers)]);
}

const faults: string[] = [];
const all: (readonly [title: string, text: string])[] = [];
for (const part of parts) all.push(...(await sections(part, faults)));
const on = await stage({ swift: true });
on.store.apply([{ of: 'server', ref: 'server', after: server }]);
for (const each of declined) {
  await decline(on, each).catch((reason: unknown) => {
    faults.push(`${each.className}.${each.method}: ${(reason as Error).message}`);
  });
}
await on.end();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
const sorted = all.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
if (faults.length === 0) writeFileSync(methodTablePath, methodTable([...sorted, declinedSection(declined)]));
