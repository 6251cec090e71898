import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { callXml, ofClass } from '../../intrinsic-call.js';
import { download, hangUp } from '../client.js';
import { descriptors, residentMemory } from '../process-usage.js';
import { enumeration, type Scene } from './scene.js';

/** What the bridge holds when it is left alone; memory in MB. */
export interface Figures {
  readonly memory: number;
  readonly descriptors: number;
  readonly connections: number;
  readonly inProgress: number;
}

/** A page, over a connection of its own. */
export const page = (url: URL): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const asked = get(url, { agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject);
  });

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const everything = callXml('EnumerateInstances', ofClass('CIM_ManagedElement'));

/** What the bridge holds half a minute after a settling pass of ordinary reads, which fills what it may keep encoded. */
export async function settled({ bridge: { url, pid } }: Scene): Promise<Figures> {
  for (let i = 0; i < 3; i++) await download(url, everything);
  for (let i = 0; i < 20; i++) await download(url, enumeration);
  hangUp();
  await pause(30_000);
  const { body } = await page(new URL('/metrics', url));
  const figure = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1]);
  return {
    memory: residentMemory(pid),
    descriptors: descriptors(pid),
    // But the one by which this was asked.
    connections: figure('xen_cim_connections') - 1,
    inProgress: figure('xen_cim_requests_in_progress'),
  };
}

/** How much memory may differ, as a share; and how many more descriptors there may be, for connections to the pool. */
const [tolerance, play] = [0.1, 6];

/** Prints the figures beside each other; whether all is as it has to be. */
export function compare(before: Figures, after: Figures): boolean {
  const change = after.memory / before.memory - 1;
  const lines: readonly (readonly [string, boolean])[] = [
    [
      `resident memory ${before.memory.toFixed(0)} MB before, ${after.memory.toFixed(0)} MB after: ${(change * 100).toFixed(1)} % (within 10 % is wanted)`,
      Math.abs(change) <= tolerance,
    ],
    [
      `descriptors ${before.descriptors} before, ${after.descriptors} after`,
      after.descriptors <= before.descriptors + play,
    ],
    [
      `connections of clients ${after.connections}, requests in flight ${after.inProgress} (0 of each is wanted)`,
      after.connections === 0 && after.inProgress === 0,
    ],
  ];
  for (const [line, good] of lines) console.log(`${good ? 'ok ' : 'NOT'} ${line}`);
  return lines.every(([, good]) => good);
}
