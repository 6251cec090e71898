import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { JobJournal } from '../../src/methods/job-journal.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connection } from '../../src/xenapi/connection.js';
import { silent } from '../../src/xenapi/log.js';
import { embedded, path, people, type Stage, shown, stage, systemPath, uuidIn } from './stage.js';

let simulator: Simulator;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  simulator = await startSimulator({
    size: 'demo',
    settings: { users: people },
    durations: { default: 0, 'VM.clean_reboot': 600, 'VM.provision': 600, 'VM.clone': 300 },
  });
});
afterEach(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true });
});

const open = (): Promise<Stage> => stage({ simulator, stateDir: folder });

/** The bridge dies: what it was doing goes no further, and nothing is written any more. */
async function kill(on: Stage): Promise<void> {
  const ended = [on.methods.jobs.close(), on.connection.stop()];
  on.methods.sessions.lost();
  await Promise.all(ended);
  await on.events.stop();
}

const service = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });

const define = (on: Stage, ElementName: string) => {
  const [, { uuid }] = on.one('VM', (vm) => vm.is_a_template && vm.name_label === 'Debian Bookworm 12');
  const disk = { ResourceType: 19, ElementName: 'more', VirtualQuantity: 1n << 30n };
  return on.invoke(service, 'DefineSystem', {
    SystemSettings: embedded('Xen_ComputerSystemSettingData', { ElementName }),
    ResourceSettings: [embedded('Xen_DiskSettingData', disk)],
    ReferenceConfiguration: uuid,
  });
};

const reboot = (on: Stage) => {
  const [, { uuid }] = on.one(
    'VM',
    (vm) => vm.power_state === 'Running' && vm.allowed_operations.includes('clean_reboot'),
  );
  return on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: '10' });
};

const until = async (holds: () => boolean): Promise<void> => {
  const end = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error('it did not come about within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** The jobs that are kept. */
const kept = (): string[] => new JobJournal(folder, silent).load().map(({ record }) => record.uuid);

describe('a restart of the bridge', () => {
  test('loses no ended job, nor what went wrong in it', async () => {
    const first = await open();
    const good = await reboot(first);
    await first.job(good);
    simulator.faults.failNext('VM.clean_reboot', 'VM_LACKS_FEATURE', ['x']);
    const bad = await reboot(first);
    await first.job(bad);
    await first.end();
    const second = await open();
    const state = async (answer: typeof good) =>
      shown(await second.get(answer.output['Job'] as InstancePath), 'JobState');
    expect([await state(good), await state(bad)]).toEqual([7, 10]);
    const { output } = await second.invoke(bad.output['Job'] as InstancePath, 'GetErrors');
    expect(output['Errors']).toHaveLength(1);
    await second.ask('DeleteInstance', { InstanceName: good.output['Job'] as InstancePath });
    await second.end();
    expect(kept()).toEqual([uuidIn(bad.output['Job'])]);
  });

  test('keeps jobs where only the owner can read them', async () => {
    const on = await open();
    const answer = await reboot(on);
    const path = join(folder, 'jobs', 'journal');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'jobs')).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(path, 'utf8').trim().split('\n').at(-1)!)).toMatchObject({ form: 1, shown: true });
    await on.job(answer);
    await on.end();
  });

  test('adopts a job whose last task goes on: it ends as the task does', async () => {
    const first = await open();
    const answer = await reboot(first);
    await until(() => simulator.db.refs('task').length > 0);
    await first.methods.jobs.saved(first.methods.jobs.get(uuidIn(answer.output['Job']))!);
    await kill(first);
    const second = await open();
    expect(shown(await second.get(answer.output['Job'] as InstancePath), 'JobState')).toBe(4);
    expect(shown(await second.job(answer), 'JobState')).toBe(7);
    await second.end();
  });

  test('ends a job whose task failed meanwhile, or is not known any more, as failed', async () => {
    const first = await open();
    const answer = await reboot(first);
    await until(() => simulator.db.refs('task').length > 0);
    await first.methods.jobs.saved(first.methods.jobs.get(uuidIn(answer.output['Job']))!);
    await kill(first);
    await simulator.restart();
    const second = await open();
    const job = await second.job(answer);
    expect([shown(job, 'JobState'), shown(job, 'PercentComplete')]).toEqual([10, 100]);
    expect(shown(job, 'ErrorCode'), 'that of the method: 4 of RequestStateChange is Failed').toBe(4);
    expect(shown(job, 'ErrorDescription')).toMatch(
      /the bridge was stopped in the middle of Xen_ComputerSystem.RequestStateChange/,
    );
    await second.end();
  }, 20_000);

  test('a task that fails while the bridge is away gives the code that it gives beside it', async () => {
    const first = await open();
    simulator.faults.failNext('VM.clean_reboot', 'VM_BAD_POWER_STATE', ['x', 'running', 'halted']);
    const answer = await reboot(first);
    const there = first.methods.jobs.get(uuidIn(answer.output['Job']))!;
    await first.methods.jobs.saved(there);
    await kill(first);
    const second = await open();
    expect(shown(await second.job(answer), 'ErrorCode')).toBe(4097);
    await second.end();
  }, 20_000);

  test('undoes what a job had made that was stopped between its steps', async () => {
    const first = await open();
    const before = first.census();
    const answering = define(first, 'half made').catch(() => undefined);
    await until(() => simulator.db.find('VM', (vm) => vm.name_label === 'half made') !== undefined);
    await kill(first);
    void answering;
    expect(kept()).toHaveLength(1);
    const second = await open();
    await until(() => simulator.db.find('VM', (vm) => vm.name_label === 'half made') === undefined);
    await Promise.all([...second.methods.jobs.all].map(({ ended }) => ended));
    expect({ ...second.census(), task: 0 }).toEqual({ ...before, task: 0 });
    await second.end();
    expect(kept()).toEqual([]);
  }, 20_000);

  test('undoes what carries the tag of an unfinished job, though the job never heard of it', async () => {
    const first = await open();
    const answer = await reboot(first);
    const uuid = uuidIn(answer.output['Job']);
    await first.methods.jobs.saved(first.methods.jobs.get(uuid)!);
    const { default_SR: SR } = simulator.db.need('pool', simulator.db.refs('pool')[0]!);
    const image = {
      name_label: 'stray',
      name_description: '',
      SR,
      virtual_size: 1n << 30n,
      type: 'user',
      sharable: false,
    };
    const more = {
      read_only: false,
      other_config: { 'xen-cim-bridge': uuid },
      xenstore_data: {},
      sm_config: {},
      tags: [],
    };
    await kill(first);
    const other = new Connection({ url: simulator.url, user: 'root', password: 'root', version: '0' });
    await other.call('VDI.create', { ...image, ...more });
    await other.stop();
    await simulator.restart();
    const second = await open();
    expect(shown(await second.job(answer), 'JobState')).toBe(10);
    expect(simulator.db.find('VDI', (vdi) => vdi.name_label === 'stray')).toBeUndefined();
    await second.end();
  }, 20_000);

  test('is not kept from starting by lines that are none of a job, and leaves a copy of them', async () => {
    const first = await open();
    await first.job(await reboot(first));
    await first.end();
    const path = join(folder, 'jobs', 'journal');
    const none = { form: 1, undo: [], codes: null, record: { uuid: '0'.repeat(36) } };
    const odd = ['{', '{"form":1}', 'null', '', JSON.stringify(none)].join('\n');
    writeFileSync(path, `${odd}\n${readFileSync(path, 'utf8')}${odd}`);
    const second = await open();
    expect(await second.list('Xen_Job')).toHaveLength(1);
    expect(readFileSync(`${path}.unread`, 'utf8')).toContain(odd);
    await second.job(await reboot(second));
    await second.end();
    expect(kept()).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).not.toContain(odd);
  });
});

test('twenty jobs in the middle of which the bridge is killed: each ends, and nothing is left behind', async () => {
  const first = await open();
  const before = first.census();
  const answering = Array.from({ length: 20 }, (_, i) => define(first, `many ${i}`).catch(() => undefined));
  await until(
    () =>
      simulator.db.refs('VM').filter((ref) => simulator.db.need('VM', ref).name_label.startsWith('many')).length >= 10,
  );
  await kill(first);
  void answering;
  const second = await open();
  await Promise.all([...second.methods.jobs.all].map(({ ended }) => ended));
  const jobs = await second.list('Xen_Job');
  for (const job of jobs) expect([7, 10]).toContain(shown(job, 'JobState'));
  const done = jobs.filter((job) => shown(job, 'JobState') === 7).length;
  const left = simulator.db
    .refs('VM')
    .map((ref) => simulator.db.need('VM', ref))
    .filter(({ name_label }) => name_label.startsWith('many'));
  expect(left).toHaveLength(done);
  if (done === 0) expect({ ...second.census(), task: 0 }).toEqual({ ...before, task: 0 });
  await second.end();
}, 60_000);

describe('an answer that is lost', () => {
  test('leaves the task known by its mark: the method goes on with it', async () => {
    const on = await open();
    const before = on.census();
    for (const message of ['VM.clone', 'VM.provision']) simulator.faults.loseAnswer(message);
    expect(shown(await on.job(await define(on, 'answered once')), 'ErrorDescription')).toBeNull();
    const made = simulator.db.refs('VM').filter((ref) => simulator.db.need('VM', ref).name_label === 'answered once');
    expect([made.length, on.census()['VM']]).toEqual([1, before['VM']! + 1]);
    await on.end();
  });

  test('of a call that is no task is a failure, and what it made is found and taken away', async () => {
    const on = await open();
    const before = on.census();
    simulator.faults.loseAnswer('VM.create');
    const answer = on.invoke(service, 'DefineSystem', {
      SystemSettings: embedded('Xen_ComputerSystemSettingData', {
        ElementName: 'never known',
        VirtualSystemType: 'DMTF:Xen:HVM',
      }),
    });
    expect((await on.refused(answer)).message).toMatch(/VM.create/);
    expect(on.census()).toEqual(before);
    await on.end();
  });
});

test.each(['VM.clone', 'VM.copy'])(
  'killed before the answer to %s arrived: what has no tag yet is found by the mark of its task',
  async (message) => {
    const first = await open();
    const before = first.census();
    simulator.faults.holdAnswer(message, 60_000);
    const [, { uuid }] = first.machine('Halted', 'dev-01');
    const SystemSettings = embedded('Xen_ComputerSystemSettingData', { ElementName: 'unheard of' });
    const answering =
      message === 'VM.clone'
        ? define(first, 'unheard of')
        : first.invoke(service, 'CopySystem', { SystemSettings, ReferenceConfiguration: uuid });
    answering.catch(() => undefined);
    await until(() => simulator.db.find('VM', (vm) => vm.name_label === 'unheard of') !== undefined);
    expect(
      simulator.db.find('VM', ({ other_config }) => Object.hasOwn(other_config, 'xen-cim-bridge')),
    ).toBeUndefined();
    await kill(first);
    simulator.faults.clear();
    const second = await open();
    const jobs = [...second.methods.jobs.all];
    expect(jobs).toHaveLength(1);
    await jobs[0]!.ended;
    expect(jobs[0]!.record.state).toBe('failed');
    await until(() => simulator.db.refs('task').length === before['task']);
    expect(second.census()).toEqual(before);
    await second.end();
  },
  20_000,
);
