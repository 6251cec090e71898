import { enumerationOf, machineClass } from './call.js';
import { type Child, startChild } from './child.js';
import { download, hangUp } from './client.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import { newFolder, removeFolder, startBridge } from './pair.js';
import { spread } from './statistic.js';

interface Start {
  /** Milliseconds from the first get_all_records: until the bridge called itself ready, and until its first answer. */
  readonly ready: number;
  readonly answered: number;
}

const told = async <T>(relay: URL, path: string): Promise<T> => (await (await fetch(new URL(path, relay))).json()) as T;

async function start(relay: URL, folder: string): Promise<Start> {
  await told(relay, '/relay/first');
  const bridge = await startBridge(relay, folder);
  try {
    await download(bridge.url, enumerationOf(machineClass));
    const end = performance.now();
    const first = await told<number | null>(relay, '/relay/first');
    if (first === null) throw new Error('wanted a start that lists the pool over JSON-RPC, got none');
    const zero = first - performance.timeOrigin;
    return { ready: bridge.ready - zero, answered: end - zero };
  } finally {
    hangUp();
    await bridge.stop();
  }
}

/**
 * From the first get_all_records until all machines have been enumerated, against JSON.parse of the same records. The
 * records come from a relay that has heard them before, so that nothing waits for the simulator to write them.
 */
export async function starting(simulator: Child, { starts }: Effort): Promise<readonly Figure[]> {
  const folder = newFolder();
  const relay = await startChild('relay.js', [simulator.url.href]);
  const done: Start[] = [];
  const parses: number[] = [];
  let octets = 0;
  try {
    await start(relay.url, folder);
    for (let round = 0; round < starts; round++) {
      const parsed = await told<{ milliseconds: number; octets: number }>(relay.url, '/relay/parse');
      parses.push(parsed.milliseconds);
      octets = parsed.octets;
      done.push(await start(relay.url, folder));
    }
  } finally {
    await relay.stop();
    removeFolder(folder);
  }
  const answered = spread(done.map(({ answered: time }) => time));
  return [
    {
      row: 'start',
      value: spread(done.map(({ answered: time }, i) => time / parses[i]!)),
      own: { what: 'bridge', unit: 'ms', spread: answered },
      limit: { what: 'JSON.parse', unit: 'ms', spread: spread(parses) },
      notes: { 'until ready, ms': spread(done.map(({ ready }) => ready)).median, 'records, MB': octets / 1e6 },
    },
  ];
}
