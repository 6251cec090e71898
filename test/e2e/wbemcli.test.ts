import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../server-stage.js';
import { knownFailures } from './known-failure.js';
import { call, installed, type Printed } from './outside-client.js';
import { type Stage, startStage } from './stage.js';

const client = 'wbemcli';

let stage: Stage;

interface Request {
  readonly operation: string;
  /** The object path, from the class on. */
  readonly path: string;
  readonly options?: readonly string[];
  /** What comes after the path: a property list, or a method with its parameters. */
  readonly properties?: string;
  readonly user?: string;
  readonly namespace?: string;
}

const schemes = ['http', 'https'] as const;

type Scheme = (typeof schemes)[number];

function ask(scheme: Scheme, request: Request): Promise<Printed> {
  const { operation, path, options = [], properties, user = 'root:xenroot', namespace = 'root/cimv2' } = request;
  const trust = scheme === 'https' ? ['-cacert', stage.certificate] : [];
  const url = `${scheme}://${user}@localhost:${stage.port[scheme]}/${namespace}:${path}`;
  return call(client, operation, ...trust, ...options, url, ...(properties === undefined ? [] : [properties]));
}

/** The lines printed; fails with what was said when the client did. */
async function lines(scheme: Scheme, request: Request): Promise<readonly string[]> {
  const { code, out, error } = await ask(scheme, request);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  return out.split('\n').filter((line) => line !== '');
}

/** The part of a printed path from the class on. */
const pathOf = (line: string): string => line.replace(/^[^/]*\/root\/[^:]+:/, '');

const systems = 'Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="';

/** Machines that are halted, one for the tests of each scheme. */
const idle: Readonly<Record<Scheme, string>> = { http: 'dev-01', https: 'fresh-install' };

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

describe.skipIf(!installed(client, 'sblim-wbemcli'))('wbemcli', () => {
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage?.end());

  const check = (title: string, body: (scheme: Scheme) => Promise<void>): void => {
    const failure = knownFailures.find((known) => known.client === client && known.title === title);
    const run = failure ? it.fails : it;
    if (failure) console.log(`known failure of ${client}: ${title}: ${failure.reason}`);
    for (const scheme of schemes) run(`${title} (${scheme})`, () => body(scheme));
  };

  const first = async (scheme: Scheme): Promise<string> =>
    pathOf((await lines(scheme, { operation: 'ein', path: 'Xen_ComputerSystem' }))[0]!);

  check('ein gives the path of every virtual machine', async (scheme) => {
    const paths = (await lines(scheme, { operation: 'ein', path: 'Xen_ComputerSystem' })).map(pathOf);
    expect(paths.length).toBeGreaterThan(20);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) {
      expect(path.startsWith(systems)).toBe(true);
      expect(path).toMatch(uuid);
    }
  });

  check('ei gives as many instances, each with its properties', async (scheme) => {
    const [names, instances] = await Promise.all([
      lines(scheme, { operation: 'ein', path: 'Xen_ComputerSystem' }),
      lines(scheme, { operation: 'ei', path: 'Xen_ComputerSystem' }),
    ]);
    expect(instances).toHaveLength(names.length);
    for (const line of instances) expect(line).toMatch(/,ElementName="[^"]+"/);
  });

  check('ei with a property list gives those properties alone', async (scheme) => {
    const instances = await lines(scheme, {
      operation: 'ei',
      path: 'Xen_ComputerSystem',
      properties: 'ElementName,EnabledState',
    });
    for (const line of instances) expect(line).toMatch(/" ElementName=".*",EnabledState=\d+$/);
  });

  check('ei -nl on a CIM superclass gives the instances of all its subclasses', async (scheme) => {
    const printed = await lines(scheme, { operation: 'ei', path: 'CIM_ComputerSystem', options: ['-nl'] });
    const classes = new Set(printed.filter((line) => !line.startsWith('-')).map((line) => pathOf(line).split('.')[0]));
    for (const name of ['Xen_ComputerSystem', 'Xen_HostComputerSystem']) expect(classes).toContain(name);
    for (const property of ['-ElementName=', '-EnabledState=', '-Name=']) {
      expect(printed.some((line) => line.startsWith(property))).toBe(true);
    }
  });

  for (const [name, members] of [
    ['CIM_LogicalDevice', ['Xen_Disk', 'Xen_DiskDrive', 'Xen_Memory', 'Xen_NetworkPort', 'Xen_Processor']],
    ['CIM_ManagedElement', ['Xen_ComputerSystem', 'Xen_HostPool', 'Xen_Disk', 'Xen_ComputerSystemSettingData']],
    ['CIM_SystemDevice', ['Xen_ComputerSystemDisk']],
  ] as const) {
    check(`ein on ${name}`, async (scheme) => {
      const classes = new Set(
        (await lines(scheme, { operation: 'ein', path: name })).map((line) => pathOf(line).split('.')[0]),
      );
      for (const member of members) expect(classes).toContain(member);
    });
  }

  check('gi gives the instance that ein named', async (scheme) => {
    const path = await first(scheme);
    const [line] = await lines(scheme, { operation: 'gi', path });
    expect(pathOf(line!).startsWith(path)).toBe(true);
    expect(line).toContain('CreationClassName="Xen_ComputerSystem"');
  });

  check('gi of a machine that is not there is CIM_ERR_NOT_FOUND', async (scheme) => {
    const path = `${systems}00000000-0000-0000-0000-000000000000"`;
    const { code, error } = await ask(scheme, { operation: 'gi', path });
    expect(code).not.toBe(0);
    expect(error).toMatch(/\(6\) CIM_ERR_NOT_FOUND/);
  });

  check('gc gives a class with its keys', async (scheme) => {
    const printed = (await lines(scheme, { operation: 'gc', path: 'Xen_ComputerSystem', options: ['-t'] })).join('\n');
    expect(printed).toMatch(/Name#/);
    expect(printed).toMatch(/EnabledState/);
  });

  check('ecn gives the direct subclasses of a class', async (scheme) => {
    const names = (await lines(scheme, { operation: 'ecn', path: 'CIM_ComputerSystem' })).map(pathOf);
    expect(names).toContain('Xen_ComputerSystem');
  });

  check('ain gives what is tied to a machine, and -ac narrows it', async (scheme) => {
    const path = await first(scheme);
    const all = (await lines(scheme, { operation: 'ain', path })).map(pathOf);
    const settings = await lines(scheme, { operation: 'ain', path, options: ['-ac', 'CIM_SettingsDefineState'] });
    expect(settings.length).toBeGreaterThan(0);
    expect(all.length).toBeGreaterThan(settings.length);
    for (const line of settings) expect(all).toContain(pathOf(line));
  });

  check('ai gives the instances of what ain names', async (scheme) => {
    const path = await first(scheme);
    const options = ['-arc', 'CIM_LogicalDevice'];
    const [names, instances] = await Promise.all([
      lines(scheme, { operation: 'ain', path, options }),
      lines(scheme, { operation: 'ai', path, options }),
    ]);
    expect(names.length).toBeGreaterThan(0);
    expect(instances).toHaveLength(names.length);
  });

  check('rin gives the association instances of a machine', async (scheme) => {
    const path = await first(scheme);
    const [names, ties] = await Promise.all([
      lines(scheme, { operation: 'ain', path }),
      lines(scheme, { operation: 'rin', path }),
    ]);
    expect(ties.length).toBeGreaterThanOrEqual(names.length);
    for (const line of ties) expect(line).toContain('Xen_ComputerSystem.');
  });

  check('ein in the interop namespace, by each of its names', async (scheme) => {
    for (const namespace of ['root/interop', 'interop', 'root/PG_InterOp']) {
      const managers = await lines(scheme, { operation: 'ein', path: 'CIM_ObjectManager', namespace });
      expect(managers).toHaveLength(1);
      const names = (await lines(scheme, { operation: 'ein', path: 'CIM_Namespace', namespace })).join('\n');
      expect(names).toContain('root/cimv2');
      expect(names).toContain(namespace);
    }
  });

  check('a wrong password is refused', async (scheme) => {
    const { code, error, out } = await ask(scheme, {
      operation: 'ein',
      path: 'Xen_ComputerSystem',
      user: 'root:wrong',
    });
    expect(code).not.toBe(0);
    expect(out).toBe('');
    expect(error).toMatch(/password|401|auth/i);
  });

  check('the operator and the reader may read as well', async (scheme) => {
    for (const user of ['operator:operator', 'reader:reader']) {
      expect((await lines(scheme, { operation: 'ein', path: 'Xen_HostPool', user })).length).toBe(1);
    }
  });

  /** The path of the one machine of that name. */
  const machine = async (scheme: Scheme, name: string): Promise<string> => {
    const named = await lines(scheme, { operation: 'ei', path: 'Xen_ComputerSystem', properties: 'Name,ElementName' });
    return pathOf(named.find((line) => line.includes(`ElementName="${name}"`))!).split(' ')[0]!;
  };

  /** Calls a method; gives what follows its name, `: 4096, Job (reference): …`, or fails with what was said. */
  const invoke = async (scheme: Scheme, path: string, method: string): Promise<string> => {
    const [line] = await lines(scheme, { operation: 'cm', path, properties: method });
    const name = method.split('.')[0]!;
    expect(line).toContain(` ${name}: `);
    return line!.slice(line!.lastIndexOf(` ${name}: `) + name.length + 3);
  };

  const propertyOf = async (scheme: Scheme, path: string, name: string): Promise<string> => {
    const [line] = await lines(scheme, { operation: 'gi', path, properties: name });
    return line!.slice(line!.lastIndexOf(`${name}=`) + name.length + 1);
  };

  /** Brings a machine into a state, and gives the path of the job that has done it. */
  const bring = async (scheme: Scheme, path: string, state: number): Promise<string> => {
    const answer = await invoke(scheme, path, `RequestStateChange.RequestedState=${state}`);
    const [, job = ''] =
      /^4096, Job \(reference\): root\/cimv2:(Xen_SystemStateChangeJob\.InstanceID=".*")$/.exec(answer) ?? [];
    expect(job, answer).not.toBe('');
    await eventually(async () => !['3', '4', '5'].includes(await propertyOf(scheme, job, 'JobState')));
    return job;
  };

  check('cm RequestStateChange starts a machine and stops it', async (scheme) => {
    const path = await machine(scheme, idle[scheme]);
    expect(await propertyOf(scheme, path, 'EnabledState')).toBe('3');
    expect(await propertyOf(scheme, await bring(scheme, path, 2), 'JobState')).toBe('7');
    expect(await propertyOf(scheme, path, 'EnabledState')).toBe('2');
    expect(await propertyOf(scheme, await bring(scheme, path, 32768), 'JobState')).toBe('7');
    expect(await propertyOf(scheme, path, 'EnabledState')).toBe('3');
  });

  check('cm RequestStateChange to where the machine cannot go ends in a job that says why', async (scheme) => {
    const job = await bring(scheme, await machine(scheme, idle[scheme]), 9);
    expect(await propertyOf(scheme, job, 'JobState')).toBe('10');
    expect(await propertyOf(scheme, job, 'ErrorCode')).toBe('4097');
    expect(await invoke(scheme, job, 'GetError')).toMatch(/^0, Error \(string\): <INSTANCE CLASSNAME="CIM_Error">/);
    await lines(scheme, { operation: 'di', path: job });
  });

  check('cm GetError of a job that went well, which has none', async (scheme) => {
    const path = await machine(scheme, idle[scheme]);
    const job = await bring(scheme, path, 2);
    expect(await invoke(scheme, job, 'GetError')).toBe('0');
    await bring(scheme, path, 32768);
    expect(await invoke(scheme, job, 'KillJob.DeleteOnKill=true')).toBe('0');
  });

  check('cm RequestStateChange to a state that is none is 5, with a period 4098', async (scheme) => {
    const path = await machine(scheme, idle[scheme]);
    expect(await invoke(scheme, path, 'RequestStateChange.RequestedState=77')).toMatch(/^5\b/);
    const period = 'RequestStateChange.RequestedState=2,TimeoutPeriod="00000000000500.000000:000"';
    expect(await invoke(scheme, path, period)).toMatch(/^4098\b/);
  });

  for (const [title, method, user, refusal] of [
    [
      'a method that is not there',
      'SwitchOn.RequestedState=2',
      undefined,
      /\(17\) CIM_ERR_METHOD_NOT_FOUND: .* SwitchOn/,
    ],
    [
      'a value of no number',
      'RequestStateChange.RequestedState=on',
      undefined,
      /\(4\) CIM_ERR_INVALID_PARAMETER: .* "on"/,
    ],
    ['no parameter', 'RequestStateChange', undefined, /\(4\) CIM_ERR_INVALID_PARAMETER: .* RequestedState is missing/],
    ['a reader', 'RequestStateChange.RequestedState=2', 'reader:reader', /\(2\) CIM_ERR_ACCESS_DENIED: .* read-only/],
  ] as const) {
    check(`cm with ${title} is refused, and nothing happens`, async (scheme) => {
      const path = await machine(scheme, idle[scheme]);
      const jobs = async () => (await ask(scheme, { operation: 'ein', path: 'Xen_Job' })).out;
      const before = await jobs();
      const { code, error } = await ask(scheme, { operation: 'cm', path, properties: method, ...(user && { user }) });
      expect(code).not.toBe(0);
      expect(error).toMatch(refusal);
      expect(await jobs()).toBe(before);
      expect(await propertyOf(scheme, path, 'EnabledState')).toBe('3');
    });
  }
});
