import { connect } from 'node:net';
import { callXml, ofClass } from '../intrinsic-call.js';
import { enumerationOf, machine, machineClass, namesOf } from './call.js';
import { download, instanceName } from './client.js';
import { contextIn, openCall, pullCall } from './pulling.js';
import { prepare } from './request-bytes.js';

/** What pollers know of the pool, and where they count what they do. */
export interface Soaked {
  readonly url: URL;
  readonly uuids: readonly string[];
  readonly classes: readonly string[];
  /** A request is about to be made. */
  readonly ask: () => void;
}

/** A kind of client: what it does in a turn, how many there are, how long each rests between turns (milliseconds). */
export interface Poller {
  readonly name: string;
  readonly clients: number;
  readonly rest: number;
  readonly turn: (soaked: Soaked) => Promise<void>;
}

const any = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

async function read({ url, ask }: Soaked, body: string): Promise<readonly Buffer[]> {
  ask();
  return (await download(url, body, true)).chunks;
}

async function skip({ url, ask }: Soaked, body: string): Promise<void> {
  ask();
  await download(url, body);
}

const associators = (uuid: string): string => callXml('Associators', instanceName(uuid, 'ObjectName'));

const referenceNames = (uuid: string): string => callXml('ReferenceNames', instanceName(uuid, 'ObjectName'));

/** Asks all about one machine that the pollers ask about single ones. */
export async function askAbout(soaked: Soaked, uuid: string): Promise<void> {
  for (const call of [machine, associators, referenceNames]) await skip(soaked, call(uuid));
}

const propertyList = (...names: readonly string[]): string =>
  `<IPARAMVALUE NAME="PropertyList"><VALUE.ARRAY>${names.map((name) => `<VALUE>${name}</VALUE>`).join('')}</VALUE.ARRAY></IPARAMVALUE>`;

const property = ['ElementName', 'EnabledState', 'HealthState', 'Name', 'Description', 'OperationalStatus'] as const;

const listed = (): string =>
  callXml('EnumerateInstances', ofClass(machineClass) + propertyList(any(property), any(property)));

/** Pulls in steps of any size; one in five enumerations is left open, and one in five is closed. */
async function pull(soaked: Soaked): Promise<void> {
  const step = 1 + Math.floor(Math.random() * 2_000);
  let context = contextIn(await read(soaked, openCall(machineClass, step)));
  while (context !== '') {
    const fate = Math.random();
    if (fate < 0.05) return;
    if (fate < 0.1) {
      const value = `<IPARAMVALUE NAME="EnumerationContext"><VALUE>${context}</VALUE></IPARAMVALUE>`;
      return skip(soaked, callXml('CloseEnumeration', value));
    }
    context = contextIn(await read(soaked, pullCall(context, step)));
  }
}

const queries: readonly (() => string)[] = [
  () => `SELECT * FROM Xen_ComputerSystem WHERE EnabledState = ${any([2, 3, 6])}`,
  () => `SELECT ElementName, Name FROM Xen_ComputerSystem WHERE ElementName LIKE '%${any([1, 2, 3])}%'`,
  () => `SELECT * FROM Xen_Memory WHERE NumberOfBlocks &gt; ${Math.floor(Math.random() * 1e9)}`,
];

function query(soaked: Soaked): Promise<void> {
  const value = (name: string, text: string): string =>
    `<IPARAMVALUE NAME="${name}"><VALUE>${text}</VALUE></IPARAMVALUE>`;
  return skip(soaked, callXml('ExecQuery', value('QueryLanguage', 'WQL') + value('Query', any(queries)())));
}

/** Goes away in the midst of a request, or of the answer. */
function leave({ url, ask }: Soaked): Promise<void> {
  ask();
  const { bytes } = prepare(url, enumerationOf(machineClass));
  const part = Math.random() < 0.3 ? Math.floor(Math.random() * bytes.length) : bytes.length;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port) }, () => {
      socket.write(bytes.subarray(0, part), () => {
        if (part < bytes.length) socket.destroy();
      });
    });
    socket.once('data', () => socket.destroy());
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

/** The clients of a soak: monitoring suites, scripts and explorers, and some that drop off. */
export const pollers: readonly Poller[] = [
  { name: 'enumerate machines', clients: 1, rest: 3_000, turn: (s) => skip(s, enumerationOf(machineClass)) },
  { name: 'enumerate any class', clients: 2, rest: 2_000, turn: (s) => skip(s, enumerationOf(any(s.classes))) },
  { name: 'property lists', clients: 1, rest: 3_000, turn: (s) => skip(s, listed()) },
  { name: 'names', clients: 1, rest: 2_000, turn: (s) => skip(s, namesOf(machineClass)) },
  { name: 'get', clients: 8, rest: 20, turn: (s) => skip(s, machine(any(s.uuids))) },
  { name: 'associators', clients: 3, rest: 100, turn: (s) => skip(s, associators(any(s.uuids))) },
  { name: 'reference names', clients: 2, rest: 100, turn: (s) => skip(s, referenceNames(any(s.uuids))) },
  { name: 'pulls', clients: 2, rest: 1_000, turn: pull },
  { name: 'queries', clients: 2, rest: 1_000, turn: query },
  { name: 'leave', clients: 2, rest: 1_000, turn: leave },
];
