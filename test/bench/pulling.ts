import { callXml, ofClass } from '../intrinsic-call.js';
import { alternate, occurrences, rateFigure } from './alternating.js';
import { machineClass } from './call.js';
import { download } from './client.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import { type Pair, startBare } from './pair.js';

const most = 1_000;

const value = (name: string, text: string | number): string =>
  `<IPARAMVALUE NAME="${name}"><VALUE>${text}</VALUE></IPARAMVALUE>`;

export const openCall = (className: string, count: number): string =>
  callXml('OpenEnumerateInstances', ofClass(className) + value('MaxObjectCount', count));

export const pullCall = (context: string, count: number): string =>
  callXml('PullInstancesWithPath', value('EnumerationContext', context) + value('MaxObjectCount', count));

/** The context in the end of an answer; empty at the end of the enumeration. */
export function contextIn(chunks: readonly Buffer[]): string {
  const end = Buffer.concat(chunks.slice(-2)).subarray(-4_096).toString('latin1');
  return /NAME="EnumerationContext" PARAMTYPE="string"><VALUE>([^<]*)/.exec(end)?.[1] ?? '';
}

/** Opens an enumeration and pulls from it to its end; the answers. */
async function pulled(url: URL): Promise<readonly (readonly Buffer[])[]> {
  const answers: (readonly Buffer[])[] = [];
  let body = openCall(machineClass, most);
  for (;;) {
    const { chunks } = await download(url, body, true);
    answers.push(chunks);
    const context = contextIn(chunks);
    if (context === '') return answers;
    body = pullCall(context, most);
  }
}

async function fetched(urls: readonly URL[]): Promise<void> {
  for (const url of urls) contextIn((await download(url, openCall(machineClass, most), true)).chunks);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** All machines in pulls of 1,000, against a bare server that sends the same answers. */
export async function pulling(pair: Pair, effort: Effort): Promise<readonly Figure[]> {
  const { polls } = effort;
  const answers = await pulled(pair.bridge.url);
  const bytes = answers.flat().reduce((sum, { length }) => sum + length, 0);
  const count = answers.reduce((sum, chunks) => sum + occurrences(chunks, '<VALUE.INSTANCEWITHPATH>'), 0);
  const bare = await startBare(pair.folder, ...answers);
  try {
    const run = (side: 'bridge' | 'bare'): Promise<number> =>
      timed(async () => {
        for (let poll = 0; poll < polls; poll++)
          await (side === 'bridge' ? pulled(pair.bridge.url) : fetched(bare.urls));
      });
    return [rateFigure('pull', await alternate(pair, bare, effort, run), count * polls, bytes * polls)];
  } finally {
    await bare.child.stop();
  }
}
