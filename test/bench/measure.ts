import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callXml, ofClass } from '../intrinsic-call.js';
import { type Child, processorTime, residentMemory, startChild } from './child.js';
import { download, instanceName, type Load, load } from './client.js';
import { quantile, type Spread, spread } from './statistic.js';

/** How thorough a run is. */
export interface Effort {
  /** Alternating rounds of a download, and of requests. */
  readonly rounds: number;
  /** Milliseconds of requests in each round. */
  readonly duration: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly bridge: Spread;
  readonly bare?: Spread;
  /** The bridge's median as a fraction of the bare server's. */
  readonly fraction?: number;
  readonly notes?: Readonly<Record<string, number>>;
}

/** The simulator of a size and the bridge in front of it, each in a process of its own. */
export interface Pair {
  readonly simulator: Child;
  readonly bridge: Child;
  readonly folder: string;
  stop(): Promise<void>;
}

const mega = 1e6;

export async function startPair(size: string): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'xenroot\n', { mode: 0o600 });
  const simulator = await startChild('../../src/simulator/main.js', ['--size', size, '--port', '0', '--control']);
  const pool = ['--pool', simulator.url.origin, '--pool-user', 'root', '--pool-password-file', passwordFile];
  const own = ['--http-port', '0', '--state-dir', join(folder, 'state'), '--log-level', 'fatal'];
  const bridge = await startChild('../../src/main.js', [...pool, ...own]);
  const stop = async (): Promise<void> => {
    await bridge.stop();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { simulator, bridge, folder, stop };
}

/** A bare server in a process of its own, which answers everything with these bytes. */
async function startBare(folder: string, body: Buffer): Promise<Child> {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.xml`);
  writeFileSync(path, body);
  return startChild('bare.js', [path]);
}

const enumeration = callXml('EnumerateInstances', ofClass('Xen_ComputerSystem'));

/** EnumerateInstances of all Xen_ComputerSystem against a bare server that sends the same bytes. */
export async function enumerating({ bridge, folder }: Pair, { rounds }: Effort): Promise<readonly Figure[]> {
  const first = await download(bridge.url, enumeration, true);
  const body = Buffer.concat(first.chunks);
  const count = body.toString('latin1').split('<VALUE.NAMEDINSTANCE>').length - 1;
  const bare = await startBare(folder, body);
  const times: { readonly bridge: number[]; readonly bare: number[] } = { bridge: [], bare: [] };
  const used = { bridge: 0, bare: 0 };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const side of ['bridge', 'bare'] as const) {
        const { url, pid } = side === 'bridge' ? bridge : bare;
        const before = processorTime(pid);
        const { bytes, time } = await download(url, enumeration);
        if (bytes !== body.length) throw new Error(`${side} sent ${bytes} octets where ${body.length} were due`);
        used[side] += processorTime(pid) - before;
        times[side].push(time);
      }
    }
  } finally {
    await bare.stop();
  }
  const rates = (all: readonly number[], amount: number): Spread => spread(all.map((time) => (amount / time) * 1000));
  const fraction = quantile(times.bare, 0.5) / quantile(times.bridge, 0.5);
  const perInstance = (spent: number): number => (spent * 1000) / rounds / count;
  return [
    {
      name: `EnumerateInstances of ${count} Xen_ComputerSystem`,
      unit: 'instances/s',
      bridge: rates(times.bridge, count),
      bare: rates(times.bare, count),
      fraction,
      notes: {
        'octets an instance': body.length / count,
        'first answer, ms': first.time,
        'bridge, CPU µs an instance': perInstance(used.bridge),
        'bare, CPU µs an instance': perInstance(used.bare),
      },
    },
    {
      name: 'the same, in octets',
      unit: 'MB/s',
      bridge: rates(times.bridge, body.length / mega),
      bare: rates(times.bare, body.length / mega),
      fraction,
    },
  ];
}

const keys = (answer: Buffer): string[] =>
  [...answer.toString('latin1').matchAll(/<KEYBINDING NAME="Name"><KEYVALUE[^>]*>([^<]+)</g)].map(([, uuid]) => uuid!);

/** GetInstance over all keys on 32 connections against a bare server that answers the same bytes. */
export async function getting({ bridge, folder }: Pair, { rounds, duration }: Effort): Promise<readonly Figure[]> {
  const names = await download(bridge.url, callXml('EnumerateInstanceNames', ofClass('Xen_ComputerSystem')), true);
  const uuids = keys(Buffer.concat(names.chunks));
  const bodies = uuids.map((uuid) => callXml('GetInstance', instanceName(uuid)));
  const one = await download(bridge.url, bodies[0]!, true);
  const bare = await startBare(folder, Buffer.concat(one.chunks));
  const rates: { readonly bridge: number[]; readonly bare: number[] } = { bridge: [], bare: [] };
  const latencies: number[] = [];
  try {
    await load(bridge.url, bodies, 32, duration);
    for (let round = 0; round < rounds; round++) {
      const measured: Load = await load(bridge.url, bodies, 32, duration);
      rates.bridge.push(measured.perSecond);
      for (const time of measured.times) latencies.push(time);
      rates.bare.push((await load(bare.url, bodies, 32, duration)).perSecond);
    }
  } finally {
    await bare.stop();
  }
  const [ours, theirs] = [spread(rates.bridge), spread(rates.bare)];
  return [
    {
      name: `GetInstance, 32 connections, ${uuids.length} keys`,
      unit: 'requests/s',
      bridge: ours,
      bare: theirs,
      fraction: ours.median / theirs.median,
      notes: { 'p50, ms': quantile(latencies, 0.5), 'p99, ms': quantile(latencies, 0.99) },
    },
  ];
}

/** From the start of the bridge's process until its first complete answer, and the memory it then holds. */
export async function starting(size: string, rounds: number): Promise<readonly Figure[]> {
  const times: number[] = [];
  const ready: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const pair = await startPair(size);
    try {
      await download(pair.bridge.url, callXml('EnumerateInstanceNames', ofClass('Xen_HostPool')));
      times.push(performance.now() - pair.bridge.started);
      ready.push(pair.bridge.ready - pair.bridge.started);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      memory.push(residentMemory(pair.bridge.pid));
    } finally {
      await pair.stop();
    }
  }
  return [
    { name: `start-up on ${size} until the first answer`, unit: 'ms', bridge: spread(times) },
    { name: 'of which until the URL was printed', unit: 'ms', bridge: spread(ready) },
    { name: 'resident memory two seconds later', unit: 'MB', bridge: spread(memory) },
  ];
}
