import { join } from 'node:path';
import { expect } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import type { CimInstance } from '../../src/cim/instance.js';
import { NameMap, sameName } from '../../src/cim/name.js';
import type { Argument, Result } from '../../src/cim/operation.js';
import { type InstancePath, instancePath } from '../../src/cim/path.js';
import type { Principal } from '../../src/cim/principal.js';
import type { CimValue } from '../../src/cim/value.js';
import { createLogger } from '../../src/log.js';
import { rows } from '../../src/mapping/index.js';
import { compileNamespace } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { createOperations } from '../../src/operations/table.js';
import { packageFolder } from '../../src/package.js';
import { poolMethods, readEmbeddedText } from '../../src/pool-methods.js';
import { Engine } from '../../src/provider/engine.js';
import type { Clock, Duration } from '../../src/simulator/clock.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import type { User } from '../../src/simulator/world.js';
import { Connection } from '../../src/xenapi/connection.js';
import { EventLoop } from '../../src/xenapi/events.js';
import type { Readings } from '../../src/xenapi/reading.js';
import type { Records, Ref, RemoteClass } from '../../src/xenapi/records.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { arrived } from '../arrived.js';

const mof = (name: string): string => join(packageFolder, 'mof', name);

export const cimv2 = 'root/cimv2';

export const schemas: ReadonlyMap<string, Schema> = new Map([
  [cimv2, compileNamespace({ root: mof('root-cimv2.mof') })],
  ['root/interop', compileNamespace({ root: mof('root-interop.mof') })],
]);

/** Who can be logged in as, the strongest first; the password is the name. */
export const people: readonly User[] = [
  { name: 'root', password: 'root', role: 'pool-admin', localSuperuser: true },
  { name: 'pool-operator', password: 'pool-operator', role: 'pool-operator' },
  { name: 'vm-power-admin', password: 'vm-power-admin', role: 'vm-power-admin' },
  { name: 'vm-admin', password: 'vm-admin', role: 'vm-admin' },
  { name: 'vm-operator', password: 'vm-operator', role: 'vm-operator' },
  { name: 'reader', password: 'reader', role: 'read-only' },
];

export interface StageOptions {
  readonly size?: string;
  readonly durations?: Readonly<Record<string, Duration>>;
  readonly strict?: boolean;
  readonly readOnly?: boolean;
  readonly patienceSeconds?: number;
  readonly maxOperations?: number;
  readonly stateDir?: string;
  /** Events are told at once instead of gathered for a moment: for tests that make very many calls. */
  readonly swift?: boolean;
  /** What hosts have measured; nothing unless given. */
  readonly readings?: Readings;
  /** Another simulator's pool, which is not stopped with the stage. */
  readonly simulator?: Simulator;
}

/** What a method gave. */
export interface Answered {
  readonly returned: number;
  /** Output parameters by name. */
  readonly output: Readonly<Record<string, CimValue>>;
}

export type Keys = Readonly<Record<string, string>>;

export const path = (className: string, keys: Keys): InstancePath =>
  instancePath(
    className,
    Object.entries(keys).map(([name, value]) => ({ name, type: 'string', value })),
  );

export const systemPath = (uuid: string): InstancePath =>
  path('Xen_ComputerSystem', { CreationClassName: 'Xen_ComputerSystem', Name: uuid });

export const settingPath = (uuid: string, className = 'Xen_ComputerSystemSettingData'): InstancePath =>
  path(className, { InstanceID: `Xen:${uuid}` });

export type Plain = string | number | bigint | boolean | null | readonly string[];

const typeOf = (value: Plain) => {
  if (typeof value === 'number') return 'uint32' as const;
  if (typeof value === 'bigint') return 'uint64' as const;
  return typeof value === 'boolean' ? ('boolean' as const) : ('string' as const);
};

/** An embedded instance as a client sends it: its types are the client's own. */
export function embedded(className: string, values: Readonly<Record<string, Plain>>): CimInstance {
  const properties = Object.entries(values).map(([name, value]) => ({
    name,
    type: typeOf(value),
    isArray: Array.isArray(value),
  }));
  return { kind: 'instance', shape: { className, properties }, values: Object.values(values) };
}

export const shown = (instance: CimInstance, name: string): CimValue =>
  instance.values[instance.shape.properties.findIndex((property) => sameName(property.name, name))] ?? null;

/** The uuid in the identifying key of a path. */
export function uuidIn(value: CimValue | undefined): string {
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'path')
    throw new Error(`wanted a path; got ${JSON.stringify(value)}`);
  const key = value.keys.find(({ name }) => ['Name', 'InstanceID', 'DeviceID'].includes(name));
  return String(key?.value).replace(/^Xen:/, '').replace(/^.*\//, '');
}

/** What of a pool a method could leave behind. */
const counted: readonly RemoteClass[] = [
  'VM',
  'VDI',
  'VBD',
  'VIF',
  'SR',
  'PBD',
  'network',
  'PIF',
  'Bond',
  'VLAN',
  'task',
];

/** A simulated pool with everything between it and the operations, and short ways to ask and to look. */
export async function stage(options: StageOptions = {}) {
  const simulator =
    options.simulator ??
    (await startSimulator({
      size: options.size ?? 'demo',
      settings: { users: people, ...(options.swift && { eventDelay: { before: 0, between: 0 } }) },
      durations: { default: 0, ...options.durations },
    }));
  const log = createLogger({ level: 'silent' });
  const connection = new Connection({ url: simulator.url, user: 'root', password: 'root', version: '0' });
  const store = new RecordStore((error) => {
    throw error;
  });
  const events = new EventLoop({ connection, store });
  const canonical = (name: string) => (schemas.has(name) ? name : undefined);
  const methods = poolMethods({
    config: {
      loginLifetime: 300,
      stateDir: options.stateDir,
      strict: options.strict ?? false,
      methodWait: options.patienceSeconds ?? 20,
      poolOperations: options.maxOperations ?? 50,
    },
    connection,
    events,
    store,
    schemas,
    canonical,
    faces: () => engine,
    log,
  });
  const engine: Engine = new Engine({
    store,
    schemas,
    rows,
    readings: options.readings ?? { sample: () => undefined, refresh: () => undefined },
    canonical,
    carrier: methods.runner,
  });
  methods.recover();
  events.start();
  if (!(await events.waitReady(30_000))) throw new Error(`the pool was not listed: ${events.status().reason}`);
  const { execute } = createOperations({
    schemas,
    aliases: {},
    providers: [engine],
    readOnly: options.readOnly ?? false,
    readEmbedded: readEmbeddedText,
    strict: options.strict ?? false,
  });
  const principals = new Map<string, Principal>();
  const login = async (name: string): Promise<Principal> => {
    const known = principals.get(name);
    if (known && methods.sessions.alive(known)) return known;
    const principal = await methods.sessions.login(name, name);
    if (!principal) throw new Error(`nobody can log in as ${name}`);
    principals.set(name, principal);
    return principal;
  };
  const given = (parameters: Readonly<Record<string, Argument>>) =>
    new NameMap(Object.entries(parameters).map(([name, value]) => [name, { name, value }] as const));

  /** Calls a method in the name of a user. */
  const invoke = async (
    target: InstancePath,
    name: string,
    parameters: Readonly<Record<string, Argument>> = {},
    user = 'root',
  ): Promise<Answered> => {
    const namespace = target.namespace ?? cimv2;
    const call = { kind: 'extrinsic' as const, name, namespace, target, parameters: given(parameters) };
    const result = await execute(call, await login(user));
    if (result.kind !== 'method') throw new Error(`a method answered ${result.kind}`);
    const output = Object.fromEntries(result.output.map((each) => [each.name, each.value]));
    return { returned: Number(result.returned.value), output };
  };
  /** Carries out an intrinsic operation in the name of a user. */
  const ask = async (name: string, parameters: Readonly<Record<string, Argument>>, user = 'root'): Promise<Result> =>
    execute({ kind: 'intrinsic', name, namespace: cimv2, parameters: given(parameters) }, await login(user));
  const get = async (name: InstancePath): Promise<CimInstance> => {
    const result = await ask('GetInstance', { InstanceName: name });
    if (result.kind === 'keptInstance') return result.make();
    if (result.kind !== 'instance') throw new Error('GetInstance gave no instance');
    return result.item;
  };
  const list = async (className: string): Promise<CimInstance[]> => {
    const result = await ask('EnumerateInstances', { ClassName: className });
    if (result.kind === 'pages') return (await arrived(result.pages)).flatMap((page) => [...page.instances()]);
    if (result.kind !== 'namedInstances') throw new Error(`EnumerateInstances gave ${result.kind}`);
    return arrived(result.items);
  };
  /** The job of an answer, once it has ended. */
  const job = async (answer: Answered): Promise<CimInstance> => {
    expect(answer.returned).toBe(4096);
    const at = answer.output['Job'];
    const found = methods.jobs.get(uuidIn(at));
    await found?.ended;
    return get(at as InstancePath);
  };
  const { db } = simulator;
  const one = <C extends RemoteClass>(of: C, wanted: (record: Records[C]) => boolean): [Ref<C>, Records[C]] => {
    const found = db.find(of, wanted);
    if (!found) throw new Error(`the pool has no such ${of}`);
    return found as [Ref<C>, Records[C]];
  };
  const census = (): Readonly<Record<string, number>> =>
    Object.fromEntries(counted.map((of) => [of, db.refs(of).length]));
  return {
    simulator,
    clock: simulator.world.clock as Clock,
    db,
    store,
    engine,
    events,
    connection,
    methods,
    execute,
    login,
    invoke,
    ask,
    get,
    list,
    job,
    one,
    census,
    /** A machine that is neither a template nor a snapshot, nor a control domain, in that state. */
    machine: (state: Records['VM']['power_state'], name?: string): [Ref<'VM'>, Records['VM']] =>
      one(
        'VM',
        (vm) =>
          !vm.is_a_template &&
          !vm.is_a_snapshot &&
          !vm.is_control_domain &&
          vm.power_state === state &&
          Object.keys(vm.blocked_operations).length === 0 &&
          (name === undefined || vm.name_label === name),
      ),
    /** The error that a call is refused with. */
    refused: async (call: Promise<unknown>): Promise<CimError> => {
      const reason = await call.then(
        (answer) =>
          Promise.reject(
            new Error(`it answered ${JSON.stringify(answer, (_k, v) => (typeof v === 'bigint' ? String(v) : v))}`),
          ),
        (error: unknown) => error,
      );
      if (reason instanceof CimError) return reason;
      throw reason;
    },
    /** The messages that a call sends to the pool, but for those of events and of tasks themselves, in any order. */
    messages: async (call: () => Promise<unknown>): Promise<string[]> => {
      simulator.resetCalls();
      await call();
      const own = [...simulator.calls()].filter(([name]) => !/^(event|task|session)\./.test(name));
      return own.flatMap(([name, times]) => Array<string>(times).fill(name)).sort();
    },
    end: async (): Promise<void> => {
      await methods.stop();
      await events.stop();
      await connection.stop();
      if (!options.simulator) await simulator.stop();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof stage>>;

/**
 * Lets each of the messages fail in turn (the first time that it is sent) and expects that nothing stays behind:
 * machines, images, devices, networks and tasks are as many as before. `attempt` gives what the method answered, or
 * throws what it was refused with; a job that it starts is waited for and has to fail.
 */
export async function failEachStep(
  on: Stage,
  messages: readonly string[],
  attempt: () => Promise<Answered>,
  before?: () => Promise<void> | void,
): Promise<void> {
  for (const message of new Set(messages.map((name) => name.replace(/^Async\./, '')))) {
    await before?.();
    const counts = on.census();
    on.simulator.faults.failNext(message, 'INTERNAL_ERROR', [`injected into ${message}`]);
    const outcome = await attempt().then(
      async (answer) => (answer.returned === 4096 ? shown(await on.job(answer), 'ErrorDescription') : answer.returned),
      (reason: Error) => reason.message,
    );
    on.simulator.faults.clear();
    expect(outcome, `${message} failed`).toMatch(/XenError:INTERNAL_ERROR:injected into/);
    expect(on.census(), `after ${message} failed`).toEqual(counts);
  }
}
