import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callXml, ofClass } from '../intrinsic-call.js';
import { startChild } from './child.js';
import { download } from './client.js';
import type { Effort, Figure, Pair } from './measure.js';
import { quantile, spread } from './statistic.js';

const most = 1_000;

const value = (name: string, text: string | number): string =>
  `<IPARAMVALUE NAME="${name}"><VALUE>${text}</VALUE></IPARAMVALUE>`;

/** The context in the end of an answer; empty at the end of the enumeration. */
function contextIn(chunks: readonly Buffer[]): string {
  const end = Buffer.concat(chunks.slice(-2)).subarray(-4_096).toString('latin1');
  return /NAME="EnumerationContext" PARAMTYPE="string"><VALUE>([^<]*)/.exec(end)?.[1] ?? '';
}

interface Pulled {
  readonly time: number;
  readonly answers: readonly (readonly Buffer[])[];
}

/** Opens an enumeration and pulls from it to its end. */
async function pulled(url: URL, className: string): Promise<Pulled> {
  const answers: (readonly Buffer[])[] = [];
  const started = performance.now();
  let body = callXml('OpenEnumerateInstances', ofClass(className) + value('MaxObjectCount', most));
  for (;;) {
    const { chunks } = await download(url, body, true);
    answers.push(chunks);
    const context = contextIn(chunks);
    if (context === '') return { time: performance.now() - started, answers };
    body = callXml('PullInstancesWithPath', value('EnumerationContext', context) + value('MaxObjectCount', most));
  }
}

async function repeated(url: URL, times: number): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < times; i++) await download(url, callXml('Bare'), true);
  return performance.now() - started;
}

/** All Xen_ComputerSystem in pulls of 1,000, against a bare server that sends as many octets in as many answers. */
export async function pulling({ bridge, folder }: Pair, { rounds }: Effort): Promise<readonly Figure[]> {
  const className = 'Xen_ComputerSystem';
  const first = await pulled(bridge.url, className);
  const bytes = first.answers.flat().reduce((sum, { length }) => sum + length, 0);
  const count = first.answers.reduce(
    (sum, chunks) => sum + Buffer.concat(chunks).toString('latin1').split('<VALUE.INSTANCEWITHPATH>').length - 1,
    0,
  );
  const path = join(folder, 'pull.xml');
  writeFileSync(path, Buffer.alloc(Math.round(bytes / first.answers.length), 120));
  const bare = await startChild('bare.js', [path]);
  const times: { readonly bridge: number[]; readonly bare: number[] } = { bridge: [], bare: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      times.bridge.push((await pulled(bridge.url, className)).time);
      times.bare.push(await repeated(bare.url, first.answers.length));
    }
  } finally {
    await bare.stop();
  }
  const rates = (all: readonly number[]) => spread(all.map((time) => (count / time) * 1000));
  return [
    {
      name: `${count} ${className} in pulls of ${most}`,
      unit: 'instances/s',
      bridge: rates(times.bridge),
      bare: rates(times.bare),
      fraction: quantile(times.bare, 0.5) / quantile(times.bridge, 0.5),
      notes: { 'octets an instance': bytes / count, answers: first.answers.length, 'first time, ms': first.time },
    },
  ];
}
