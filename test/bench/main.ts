import { join } from 'node:path';
import { packageFolder } from '../../src/package.js';
import { readArguments, type Task } from './argument.js';
import { benchmark } from './benchmark.js';
import { compareText } from './compare.js';
import { efforts, type Mode } from './effort.js';
import type { Figure } from './figure.js';
import { hostile } from './hostile.js';
import { jobEffort, jobs } from './jobs.js';
import { machineText, thisMachine } from './machine.js';
import { keepResult, lastResults, readResult } from './result-file.js';
import { scaling } from './scaling.js';
import { soak } from './soak.js';
import { figureText, tableText } from './table.js';

/*
 * npm run bench: what the bridge reaches, beside what a bare Node http server reaches on the same machine in the same run.
 * Simulator, bridge and bare server are processes of their own.
 */

const folder = join(packageFolder, 'bench');

/** The table takes less than 15 minutes where nothing else loads the machine; what takes so many hangs, and is given up. */
const limit = 40;

function giveUp(): void {
  console.error(`the benchmark was not done after ${limit} minutes and is given up`);
  process.exit(1);
}

async function measure(mode: Mode): Promise<void> {
  setTimeout(giveUp, limit * 60_000).unref();
  const machine = thisMachine();
  const at = new Date().toISOString();
  const figures: Figure[] = [];
  console.log(`${machineText(machine)}\n`);
  await benchmark(efforts[mode], (found) => {
    figures.push(...found);
    for (const figure of found) console.log(figureText(figure));
  });
  console.log(`\n${tableText(figures)}\n\n${machineText(machine)}; ${mode}`);
  if (mode !== 'smoke') console.log(`kept in ${keepResult(folder, 'table', { at, mode, machine, figures })}`);
}

const kinds: { readonly [K in Task['kind']]: (task: Extract<Task, { readonly kind: K }>) => Promise<void> | void } = {
  table: ({ mode }) => measure(mode),
  soak: async ({ minutes }) => {
    if (!(await soak(minutes, folder))) process.exitCode = 1;
  },
  compare: ({ files }) => {
    const [older, newer] = files ?? lastResults(folder);
    console.log(compareText(readResult(older), readResult(newer)));
  },
  classes: () => scaling(),
  jobs: async () => {
    if (!(await jobs(jobEffort))) process.exitCode = 1;
  },
  hostile: () => hostile(),
};

try {
  const task = readArguments(process.argv.slice(2));
  await (kinds[task.kind] as (task: Task) => Promise<void> | void)(task);
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
// Connections that are kept would keep the process.
process.exit();
