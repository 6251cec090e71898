import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { agent } from './client.js';
import { hostile } from './hostile.js';
import { type Effort, enumerating, type Figure, getting, starting, startPair } from './measure.js';
import { pulling } from './pulling.js';
import { scaling } from './scaling.js';
import { spreadText } from './statistic.js';

/*
 * npm run bench [-- quick|full|classes|hostile]: what the bridge reaches, beside what a bare Node http server reaches on the same machine in
 * the same run. Simulator, bridge and bare server are processes of their own. Every figure is the median of alternating
 * rounds, with the lowest and the highest.
 */

/** The whole run ends here, whatever it is doing. */
const limit = 15 * 60_000;

const efforts: Readonly<Record<'quick' | 'full', Effort & { readonly starts: number }>> = {
  quick: { rounds: 3, duration: 1_000, starts: 1 },
  full: { rounds: 15, duration: 3_000, starts: 3 },
};

const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
};

function line({ name, unit, bridge, bare, fraction, notes }: Figure): string {
  const lines = [`${name}`, `    bridge ${spreadText(bridge, unit)}`];
  if (bare) lines.push(`    bare   ${spreadText(bare, unit)}`);
  if (fraction !== undefined) lines.push(`    ${(fraction * 100).toFixed(1)} % of bare`);
  for (const [what, value] of Object.entries(notes ?? {})) lines.push(`    ${what}: ${value.toFixed(2)}`);
  return lines.join('\n');
}

async function main(mode: 'quick' | 'full'): Promise<void> {
  const effort = efforts[mode];
  const figures: Figure[] = [];
  const add = (found: readonly Figure[]): void => {
    for (const figure of found) {
      figures.push(figure);
      console.log(line(figure));
    }
  };
  console.log(Object.values(machine).join(', '));
  const pair = await startPair('64x10000');
  try {
    add(await enumerating(pair, effort));
    add(await pulling(pair, effort));
    add(await getting(pair, effort));
  } finally {
    agent.destroy();
    await pair.stop();
  }
  add(await starting('64x5000', effort.starts));
  const folder = fileURLToPath(new URL('../../bench', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const at = new Date().toISOString();
  const path = `${folder}/${at.replace(/[:.]/g, '-')}.json`;
  writeFileSync(path, `${JSON.stringify({ at, mode, machine, figures }, null, 2)}\n`);
  console.log(`kept in ${path}`);
}

setTimeout(() => {
  console.error(`the benchmark was not done after ${limit / 60_000} minutes and is given up`);
  process.exit(1);
}, limit).unref();

const mode = process.argv[2] ?? 'full';
if (mode === 'hostile') {
  await hostile();
} else if (mode === 'classes') {
  await scaling();
} else if (mode === 'quick' || mode === 'full') {
  await main(mode);
} else {
  console.error(`bench: wanted quick, full, classes or hostile; got "${mode}"`);
  process.exit(2);
}
agent.destroy();
