import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Connection } from '../../src/xenapi/connection.js';
import { eventually } from '../server-stage.js';
import { type Answer, CimClient, endOf, idOf, instanceXml, loose, type Path, textIn } from './cim-client.js';
import { type Program, startProgram, workFault } from './program.js';

/*
 * The bridge as a process, killed in the middle of its work, on a pool in another process. What is expected is asked of the
 * pool by XenAPI, and of the next bridge by CIM-XML.
 */

let folder: string;
let simulator: Program;
let pool: Connection;
let bridge: Program;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'killed-'));
  writeFileSync(join(folder, 'password'), 'xenroot\n', { mode: 0o600 });
  simulator = await startProgram('simulator/main.js', ['--size', 'demo', '--control']);
  pool = new Connection({ url: simulator.url.origin, user: 'root', password: 'xenroot', version: '0' });
});
afterEach(async () => {
  await bridge?.end('SIGKILL');
  await pool?.stop();
  await simulator?.end();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<CimClient> {
  const access = [
    '--pool',
    simulator.url.origin,
    '--pool-user',
    'root',
    '--pool-password-file',
    join(folder, 'password'),
  ];
  const own = ['--http-port', '0', '--state-dir', join(folder, 'state'), '--log-level', 'fatal', '--method-wait', '1'];
  bridge = await startProgram('main.js', [...access, ...own]);
  await eventually(async () => (await fetch(`${bridge.url.origin}/readyz`)).ok, 60);
  return new CimClient(Number(bridge.url.port));
}

type Wire = Readonly<Record<string, unknown>>;
type Records = ReadonlyMap<string, Wire>;

const recordsOf = async (of: string): Promise<Records> =>
  new Map(Object.entries((await pool.call(`${of}.get_all_records`)) as Readonly<Record<string, Wire>>));

const classes = ['VM', 'VDI', 'VBD', 'VIF', 'task'] as const;

/** All of the pool that a method could leave behind. */
const holdings = async (): Promise<Readonly<Record<(typeof classes)[number], Records>>> =>
  Object.fromEntries(await Promise.all(classes.map(async (of) => [of, await recordsOf(of)] as const))) as never;

const named = (records: Records, name: string): Wire[] =>
  [...records.values()].filter((each) => each['name_label'] === name);

interface Call {
  /** What it makes; undefined where it makes no machine. */
  readonly name?: string;
  readonly answered: Promise<Answer | undefined>;
}

const settings = (name: string) => instanceXml('Xen_ComputerSystemSettingData', { ElementName: name });

/** Twenty methods of all kinds at once. */
async function begin(client: CimClient): Promise<readonly Call[]> {
  const machines = await client.instances('Xen_ComputerSystem');
  const machine = (name: string): Path => machines.find((each) => textIn(each, 'ElementName') === name)!;
  const service = async (cim: string): Promise<Path> => (await client.names(cim))[0]!;
  const management = await service('Xen_VirtualSystemManagementService');
  const snapshots = await service('Xen_VirtualSystemSnapshotService');
  const migration = await service('Xen_VirtualSystemMigrationService');
  const hosts = await client.instances('Xen_HostComputerSystem');
  const templates = await client.instances('Xen_ComputerSystemTemplate');
  const template = templates.find((each) => textIn(each, 'ElementName') === 'Debian Bookworm 12')!;
  const repositories = await client.instances('Xen_StoragePool');
  const PoolID = textIn(repositories.find((each) => textIn(each, 'ResourceSubType') === 'nfs')!, 'PoolID');
  const disk = (ElementName: string) =>
    instanceXml('Xen_DiskSettingData', { ResourceType: 19, ElementName, PoolID, VirtualQuantity: 2 ** 30 });
  const lost = (answer: Promise<Answer>) => answer.catch(() => undefined);
  const define = (name: string): Call => ({
    name,
    answered: lost(
      client.invoke(
        management,
        'DefineSystem',
        loose.instance('SystemSettings', settings(name)),
        loose.instances('ResourceSettings', [disk(`${name} more`)]),
        loose.reference('ReferenceConfiguration', template),
      ),
    ),
  });
  const copy = (name: string, of: string): Call => ({
    name,
    answered: lost(
      client.invoke(
        management,
        'CopySystem',
        loose.instance('SystemSettings', settings(name)),
        loose.text('ReferenceConfiguration', idOf(machine(of))),
      ),
    ),
  });
  const start = (of: string): Call => ({
    answered: lost(client.invoke(machine(of), 'RequestStateChange', loose.text('RequestedState', 2))),
  });
  const migrate = (of: string): Call => ({
    answered: lost(
      client.invoke(
        migration,
        'MigrateVirtualSystemToHost',
        loose.reference('ComputerSystem', machine(of)),
        loose.text('DestinationHost', textIn(hosts[of.length % hosts.length]!, 'ElementName')),
      ),
    ),
  });
  const snapshot = (name: string, of: string): Call => ({
    name,
    answered: lost(
      client.invoke(
        snapshots,
        'CreateSnapshot',
        loose.reference('AffectedSystem', machine(of)),
        loose.instance('SnapshotSettings', settings(name)),
      ),
    ),
  });
  const add = (of: string): Call => ({
    answered: lost(
      client.invoke(
        management,
        'AddResourceSettings',
        loose.text('AffectedConfiguration', idOf(machine(of))),
        loose.instances('ResourceSettings', [disk(`added to ${of}`)]),
      ),
    ),
  });
  return [
    ...['defined 1', 'defined 2', 'defined 3', 'defined 4'].map(define),
    ...['router', 'fresh-install', 'iscsi-only', 'win-11'].map((of) => copy(`copied ${of}`, of)),
    ...['dev-01', 'dev-02', 'ballooning'].map(start),
    ...['monitoring', 'win-2022', 'db-01'].map(migrate),
    ...['legacy-pv', 'no-tools', 'diskless'].map((of) => snapshot(`kept ${of}`, of)),
    ...['usb-dongle', 'build-01', 'sleeping-01'].map(add),
  ];
}

/** Why nothing of what is new is an orphan: every image is shown by a device, every device belongs to a machine. */
function orphans(before: Awaited<ReturnType<typeof holdings>>, after: Awaited<ReturnType<typeof holdings>>): string[] {
  const fresh = (of: (typeof classes)[number]) => [...after[of]].filter(([ref]) => !before[of].has(ref));
  const images = new Set([...after.VBD.values()].map(({ VDI }) => VDI));
  const memories = new Set([...after.VM.values()].map(({ suspend_VDI }) => suspend_VDI));
  return [
    ...fresh('VDI').flatMap(([ref, { name_label }]) =>
      images.has(ref) || memories.has(ref) ? [] : [`the image ${String(name_label)} is shown by nothing`],
    ),
    ...[...fresh('VBD'), ...fresh('VIF')].flatMap(([ref, { VM }]) =>
      after.VM.has(String(VM)) ? [] : [`the device ${ref} is of no machine`],
    ),
    ...[...after.task.values()].map(({ name_label }) => `the task ${String(name_label)} is left`),
  ];
}

test('killed in the middle of twenty jobs: each ends, under its name of before, and nothing is left behind', async () => {
  for (const message of ['VM.clone', 'VM.provision', 'VM.start', 'VM.pool_migrate', 'VM.snapshot', 'VDI.create'])
    await workFault(simulator, 'takeTime', message, [1_500, 6_000]);
  // What a copy made is not known to the bridge when it dies: the answer that names its task does not come.
  await workFault(simulator, 'holdAnswer', 'VM.copy', 600_000);
  const before = await holdings();
  const client = await open();
  const calls = await begin(client);
  await eventually(async () => {
    const [machines, tasks] = await Promise.all([recordsOf('VM'), recordsOf('task')]);
    const copied = calls.filter(({ name = '' }) => name.startsWith('copied') && named(machines, name).length === 1);
    return copied.length === 4 && tasks.size >= 14;
  }, 60);
  await bridge.end('SIGKILL');
  const answers = await Promise.all(calls.map(async ({ name, answered }) => ({ name, answer: await answered })));
  await workFault(simulator, 'clear');

  const again = await open();
  const ended = new Map<string, string>();
  for (const { name = '', answer } of answers) {
    const path = answer?.output['Job'] as Path | undefined;
    if (!path) continue;
    const job = await endOf(again, path);
    expect(['7', '10'], textIn(job, 'ErrorDescription')).toContain(textIn(job, 'JobState'));
    ended.set(name === '' ? idOf(path) : name, textIn(job, 'JobState'));
  }
  expect(ended.size).toBeGreaterThanOrEqual(8);
  for (const job of await again.instances('CIM_Job')) await endOf(again, job);

  await eventually(async () => orphans(before, await holdings()).length === 0, 60).catch(() => undefined);
  const after = await holdings();
  expect(orphans(before, after)).toEqual([]);
  for (const { name } of calls) {
    if (name === undefined) continue;
    const found = named(after.VM, name).length;
    expect(found, name).toBe(ended.has(name) ? Number(ended.get(name) === '7') : Math.min(found, 1));
  }
  // A copy could not be known to be one, but for the mark of its task.
  for (const { name = '' } of calls) if (name.startsWith('copied')) expect(ended.get(name)).toBe('10');
  const names = new Set(calls.map(({ name }) => name));
  for (const [ref, { name_label }] of after.VM) if (!before.VM.has(ref)) expect(names).toContain(name_label);
}, 180_000);
