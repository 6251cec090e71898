import { setTimeout as pause } from 'node:timers/promises';
import { callXml, ofClass } from '../intrinsic-call.js';
import { machine, machineUuids } from './call.js';
import { downloadText, hangUp, instanceName } from './client.js';
import { Connection } from './connection.js';
import { load } from './load.js';
import { machineText, thisMachine } from './machine.js';
import { type Pair, startPair } from './pair.js';
import { PoolClient } from './pool-client.js';
import { prepare } from './request-bytes.js';
import { figureNamed } from './server-figure.js';
import { digits, median, quantile } from './statistic.js';

/** How much is done; the targets are those of all sizes. */
export interface JobEffort {
  readonly size: string;
  readonly jobs: number;
  /** Milliseconds that each operation of the pool takes, from and to. */
  readonly duration: readonly [number, number];
  /** Milliseconds of requests to a bridge without jobs, before and after each round. */
  readonly idle: number;
  /** How often all this is done, with other machines: what counts is the round in the middle. */
  readonly rounds: number;
}

export const jobEffort: JobEffort = { size: '16x2000', jobs: 200, duration: [1_000, 4_000], idle: 5_000, rounds: 3 };

/** GetInstance may take so many times longer, in the slowest of a hundred, while jobs run. */
const most = 2;

/** GetInstance is asked for on so many connections, on each once in so many milliseconds, as pollers do. */
const connections = 8;
const every = 10;

/** Methods are sent on so many. */
const senders = 8;

/** Milliseconds between looks at the jobs. */
const slice = 1_000;
const patience = 180_000;

const escaped = (text: string): string =>
  text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const parameter = (name: string, value: string, attributes = ''): string =>
  `<PARAMVALUE NAME="${name}" PARAMTYPE="string"${attributes}><VALUE>${value}</VALUE></PARAMVALUE>`;

const service =
  '<INSTANCENAME CLASSNAME="Xen_VirtualSystemManagementService"><KEYBINDING NAME="Name">' +
  '<KEYVALUE VALUETYPE="string">Xen Hypervisor</KEYVALUE></KEYBINDING></INSTANCENAME>';

const nameIn = (xml: string): string => /<INSTANCENAME.*<\/INSTANCENAME>/s.exec(xml)![0];

function methodXml(target: string, method: string, parameters: string): string {
  const space = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>';
  const call = `<METHODCALL NAME="${method}"><LOCALINSTANCEPATH>${space}${target}</LOCALINSTANCEPATH>${parameters}</METHODCALL>`;
  return callXml('X').replace(/<IMETHODCALL.*<\/IMETHODCALL>/s, () => call);
}

const starting = (uuid: string): string =>
  methodXml(nameIn(instanceName(uuid)), 'RequestStateChange', parameter('RequestedState', '2'));

function copying(uuid: string): string {
  const name = `<PROPERTY NAME="ElementName" TYPE="string"><VALUE>copy of ${uuid}</VALUE></PROPERTY>`;
  const settings = escaped(`<INSTANCE CLASSNAME="Xen_ComputerSystemSettingData">${name}</INSTANCE>`);
  const given = parameter('SystemSettings', settings, ' EmbeddedObject="instance"');
  return methodXml(service, 'CopySystem', given + parameter('ReferenceConfiguration', uuid));
}

/** What is done in each round: starts of machines that are halted, and copies of others, in turn. */
interface Work {
  readonly methods: readonly string[];
  /** Halts the machines that were started, so that it can be done again. */
  readonly undo: () => Promise<void>;
}

async function work(pool: PoolClient, uuids: readonly string[], wanted: number): Promise<Work> {
  const known = await pool.machines();
  const halted = uuids.filter((uuid) => known.get(uuid)?.halted);
  if (halted.length < wanted) throw new Error(`wanted ${wanted} machines that are halted, got ${halted.length}`);
  const taken = halted.slice(0, wanted);
  const started = taken.filter((_, i) => i % 2 === 0).map((uuid) => known.get(uuid)!.ref);
  return {
    methods: taken.map((uuid, i) => (i % 2 === 0 ? starting(uuid) : copying(uuid))),
    undo: () => pool.halt(started),
  };
}

async function slowDown({ url }: Pair['simulator'], duration: JobEffort['duration']): Promise<void> {
  for (const message of ['VM.start', 'VM.copy']) {
    const body = JSON.stringify({ fault: 'takeTime', arguments: [message, duration] });
    const { ok, status } = await fetch(new URL('/simulator/fault', url), { method: 'POST', body });
    if (!ok) throw new Error(`the simulator answered ${status}`);
  }
}

/** How long the bridge's event loop was held up since this was last asked, in milliseconds: the 99th percentile. */
async function loopDelay({ url }: Pair['bridge']): Promise<number> {
  const figures = await (await fetch(new URL('/metrics', url))).text();
  return figureNamed(figures, 'nodejs_eventloop_lag_p99_seconds') * 1000;
}

/** The states of all jobs. */
async function states({ url }: Pair['bridge']): Promise<readonly number[]> {
  const answer = await downloadText(url, callXml('EnumerateInstances', ofClass('Xen_Job')));
  return [...answer.matchAll(/<PROPERTY NAME="JobState"[^>]*><VALUE>(\d+)</g)].map(([, state]) => Number(state));
}

const goesOn = (state: number): boolean => [3, 4, 5].includes(state);

/** The connections of those who read, which stay open as those of pollers do. */
const lanesTo = (url: URL): Promise<readonly Connection[]> =>
  Promise.all(Array.from({ length: connections }, () => Connection.open(url)));

/** The times of GetInstance for so long: at a pace, so that what is measured is the server and not the processors' share. */
async function read(
  url: URL,
  lanes: readonly Connection[],
  bodies: readonly string[],
  milliseconds: number,
): Promise<readonly number[]> {
  const until = performance.now() + milliseconds;
  const times: number[] = [];
  const work = async (connection: Connection, lane: number): Promise<void> => {
    for (let i = lane; performance.now() < until; i += connections) {
      const sent = performance.now();
      await connection.ask(prepare(url, bodies[i % bodies.length]!));
      const took = performance.now() - sent;
      times.push(took);
      await pause(Math.max(0, every - took));
    }
  };
  await Promise.all(lanes.map(work));
  return times;
}

interface Measured {
  readonly times: readonly number[];
  readonly delay: number;
}

async function idle({ bridge }: Pair, bodies: readonly string[], milliseconds: number): Promise<Measured> {
  const lanes = await lanesTo(bridge.url);
  await loopDelay(bridge);
  const times = await read(bridge.url, lanes, bodies, milliseconds);
  for (const lane of lanes) lane.close();
  return { times, delay: await loopDelay(bridge) };
}

/** GetInstance from the first method until the last job has ended, and the states of all jobs then. */
async function busy(
  { bridge }: Pair,
  bodies: readonly string[],
  methods: readonly string[],
): Promise<Measured & { readonly ended: readonly number[]; readonly seconds: number }> {
  const lanes = await lanesTo(bridge.url);
  await loopDelay(bridge);
  const began = performance.now();
  let answered = false;
  const all = load(bridge.url, methods, senders, { requests: methods.length }).then(() => {
    answered = true;
  });
  const times: number[] = [];
  let now: readonly number[] = [];
  do {
    times.push(...(await read(bridge.url, lanes, bodies, slice)));
    now = await states(bridge);
    if (performance.now() - began > patience) throw new Error(`jobs went on after ${patience / 1000} s`);
  } while (!answered || now.some(goesOn));
  await all;
  for (const lane of lanes) lane.close();
  const seconds = (performance.now() - began) / 1000;
  return { times, delay: await loopDelay(bridge), ended: now, seconds };
}

const tail = (times: readonly number[]): number => quantile(times, 0.99);

const line = (what: string, { times, delay }: Measured): string =>
  `${what.padEnd(20)} GetInstance p50 ${digits(quantile(times, 0.5))} ms, p99 ${digits(tail(times))} ms, most ` +
  `${digits(quantile(times, 1))} ms of ${times.length}; event loop delay p99 ${digits(delay)} ms`;

/** Milliseconds after which the bridge has heard of what was done at the pool. */
const hearing = 1_000;

/**
 * Many methods at once, each a job, while others read: whether all are done, and what the readers notice. What counts is
 * the round in the middle: each is held against the time just before and just after it.
 */
export async function jobs({ size, jobs: wanted, duration, idle: rest, rounds }: JobEffort): Promise<boolean> {
  console.log(
    `${wanted} jobs at once on ${size}, each ${duration[0]} to ${duration[1]} ms at the pool, ${rounds} times; GetInstance on ${connections} connections meanwhile`,
  );
  const pair = await startPair(size);
  const pool = await PoolClient.enter(pair.simulator.url);
  try {
    const uuids = await machineUuids(pair.bridge.url);
    const bodies = uuids.map(machine);
    const { methods, undo } = await work(pool, uuids, wanted);
    await slowDown(pair.simulator, duration);
    await idle(pair, bodies, rest);
    let calm = await idle(pair, bodies, rest);
    console.log(line('no jobs', calm));
    const ratios: number[] = [];
    let ended: readonly number[] = [];
    for (let done = 0; done < rounds; done++) {
      const during = await busy(pair, bodies, methods);
      ended = during.ended;
      await undo();
      await pause(hearing);
      const after = await idle(pair, bodies, rest);
      console.log([line(`jobs, ${digits(during.seconds)} s`, during), line('no jobs', after)].join('\n'));
      ratios.push(tail(during.times) / tail([...calm.times, ...after.times]));
      calm = after;
    }
    return verdict(ended, wanted * rounds, ratios);
  } finally {
    pool.close();
    hangUp();
    await pair.stop();
  }
}

function verdict(ended: readonly number[], wanted: number, ratios: readonly number[]): boolean {
  const others = ended.filter((state) => state !== 7);
  console.log(`${ended.length - others.length} of ${wanted} jobs completed; others: ${others.join(' ') || 'none'}`);
  console.log(
    `p99 beside jobs is ${ratios.map(digits).join(', ')} times that without: ${digits(median(ratios))} (at most ${most})`,
  );
  console.log(machineText(thisMachine()));
  return ended.length === wanted && others.length === 0 && median(ratios) <= most;
}
