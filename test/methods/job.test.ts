import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { InstancePath } from '../../src/cim/path.js';
import type { CimValue } from '../../src/cim/value.js';
import { type Answered, embedded, path, type Stage, shown, stage, systemPath, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage({
    durations: { 'VM.clean_reboot': 400, 'VM.hard_reboot': 400, 'VM.clone': 300, 'VM.provision': 300 },
  });
});
afterAll(() => on.end());
afterEach(() => on.simulator.faults.clear());

const able = () => on.one('VM', (vm) => vm.power_state === 'Running' && vm.allowed_operations.includes('clean_reboot'));

/** A job that goes on for a while and can be cancelled. */
async function rebooting(
  user = 'root',
  state = '10',
): Promise<{ readonly answer: Answered; readonly at: InstancePath }> {
  const answer = await on.invoke(systemPath(able()[1].uuid), 'RequestStateChange', { RequestedState: state }, user);
  return { answer, at: answer.output['Job'] as InstancePath };
}

const now = async (at: InstancePath, ...properties: string[]): Promise<CimValue[]> => {
  const instance = await on.get(at);
  return properties.map((property) => shown(instance, property));
};

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + 4_000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('it did not come about within 4 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const tied = async (at: InstancePath, AssocClass: string): Promise<string[]> => {
  const result = await on.ask('AssociatorNames', { ObjectName: at, AssocClass });
  return result.kind === 'objectPaths' ? [...result.items].map(({ className }) => className) : [];
};

describe('DSP1103: a job while it runs', () => {
  test('is there when the method answers, is never new, and comes to 100 %', async () => {
    const { answer, at } = await rebooting();
    const seen = new Set<CimValue>();
    let percent = 0;
    await until(async () => {
      const [state, done] = await now(at, 'JobState', 'PercentComplete');
      seen.add(state!);
      expect(Number(done)).toBeGreaterThanOrEqual(percent);
      percent = Number(done);
      return state === 7;
    });
    expect(seen.has(2)).toBe(false);
    expect(seen.has(4)).toBe(true);
    expect(percent).toBe(100);
    await on.job(answer);
    const [submitted, started, changed, elapsed, before] = await now(
      at,
      'TimeSubmitted',
      'StartTime',
      'TimeOfLastStateChange',
      'ElapsedTime',
      'TimeBeforeRemoval',
    );
    for (const time of [submitted, started, changed]) expect(time).toMatch(/^20\d{12}\.\d{6}\+000$/);
    expect(elapsed).toMatch(/^0{13}\d\.\d{6}:000$/);
    expect(before).toBe('00000000000500.000000:000');
  });

  test('PercentComplete goes with the tasks of its steps', async () => {
    const [, { uuid }] = on.one('VM', (vm) => vm.name_label === 'Debian Bookworm 12' && vm.is_a_template);
    const service = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });
    const answer = await on.invoke(service, 'CopySystem', {
      SystemSettings: embedded('Xen_ComputerSystemSettingData', { ElementName: 'slow' }),
      ReferenceConfiguration: uuid,
    });
    const at = answer.output['Job'] as InstancePath;
    const seen: number[] = [];
    await until(async () => {
      const [percent, state] = await now(at, 'PercentComplete', 'JobState');
      if (seen.at(-1) !== percent) seen.push(Number(percent));
      return state === 7;
    });
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-1)).toBe(100);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  test('is tied to what it works on and to the service, and is among the jobs of every superclass', async () => {
    const { answer, at } = await rebooting();
    expect(await tied(at, 'CIM_AffectedJobElement')).toEqual(['Xen_ComputerSystem']);
    expect(await tied(at, 'CIM_OwningJobElement')).toEqual(['Xen_VirtualSystemManagementService']);
    const names = (await on.list('CIM_ConcreteJob')).map((job) => uuidIn(job.path));
    expect(names).toContain(uuidIn(at));
    expect(await tied(systemPath(able()[1].uuid), 'Xen_AffectedJobElement')).toContain('Xen_SystemStateChangeJob');
    await on.job(answer);
  });

  test('carries a tag in its task, and leaves no task behind', async () => {
    const { answer, at } = await rebooting();
    await until(async () =>
      on.db.refs('task').some((ref) => on.db.need('task', ref).other_config['xen-cim-bridge'] !== undefined),
    );
    const [task] = on.db.refs('task').map((ref) => on.db.need('task', ref));
    expect(task!.other_config).toEqual({
      'http:xen-cim-bridge': `${uuidIn(at)} 0`,
      'xen-cim-bridge': `Xen_SystemStateChangeJob ${uuidIn(at)} 0`,
    });
    await on.job(answer);
    expect(on.db.refs('task')).toEqual([]);
  });
});

describe('RequestStateChange of a job', () => {
  const change = (at: InstancePath, RequestedState: string, user = 'root', TimeoutPeriod: string | null = null) =>
    on.invoke(at, 'RequestStateChange', { RequestedState, TimeoutPeriod }, user);

  test.each<[string, number]>([
    ['4', 8],
    ['5', 9],
  ])('%s cancels the task: it ends in state %i', async (state, expected) => {
    const { answer, at } = await rebooting();
    expect((await change(at, state)).returned).toBe(0);
    await on.job(answer);
    const [ended, code, text, percent] = await now(at, 'JobState', 'ErrorCode', 'ErrorDescription', 'PercentComplete');
    expect([ended, percent]).toEqual([expected, 100]);
    expect(Number(code)).toBeGreaterThan(0);
    expect(text).toMatch(/cancelled|told to stop/);
    expect(able()[1].power_state).toBe('Running');
  });

  test('a task that cannot be cancelled ends as it does: the job is completed then', async () => {
    const { answer, at } = await rebooting('root', '11');
    const { returned } = await change(at, '4');
    expect([0, 4096]).toContain(returned);
    expect(shown(await on.job(answer), 'JobState')).toBe(7);
  });

  test('an ended job changes no more: 4097; others are refused by their codes', async () => {
    const { answer, at } = await rebooting();
    expect((await change(at, '2')).returned).toBe(1);
    expect((await change(at, '3')).returned).toBe(1);
    expect((await change(at, '99')).returned).toBe(5);
    expect((await change(at, '4', 'root', '00000000000010.000000:000')).returned).toBe(4098);
    await on.job(answer);
    expect((await change(at, '4')).returned).toBe(4097);
    expect((await on.refused(on.invoke(at, 'RequestStateChange', {}))).status).toBe('INVALID_PARAMETER');
  });

  test('is for who started it, and for operators', async () => {
    const mine = await rebooting('vm-power-admin');
    const error = await on.refused(change(mine.at, '4', 'vm-admin'));
    expect([error.status, error.message]).toEqual([
      'ACCESS_DENIED',
      expect.stringMatching(/started by vm-power-admin/),
    ]);
    expect((await on.refused(change(mine.at, '4', 'reader'))).status).toBe('ACCESS_DENIED');
    expect((await change(mine.at, '4', 'pool-operator')).returned).toBe(0);
    await on.job(mine.answer);
  });

  test('a job of several steps stops between them, and is undone', async () => {
    const before = on.census();
    const [, { uuid }] = on.one('VM', (vm) => vm.name_label === 'Debian Bookworm 12' && vm.is_a_template);
    const service = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });
    const answer = await on.invoke(service, 'CopySystem', {
      SystemSettings: embedded('Xen_ComputerSystemSettingData', { ElementName: 'stopped' }),
      ReferenceConfiguration: uuid,
    });
    const at = answer.output['Job'] as InstancePath;
    await until(async () => on.db.find('VM', (vm) => vm.name_label === 'stopped') !== undefined);
    await change(at, '4');
    await on.job(answer);
    expect((await now(at, 'JobState'))[0]).toBe(8);
    expect(on.census()).toEqual(before);
  });
});

describe('KillJob and DeleteInstance', () => {
  const kill = (at: InstancePath, DeleteOnKill: string | null) => on.invoke(at, 'KillJob', { DeleteOnKill });
  const remove = (InstanceName: InstancePath, user = 'root') => on.ask('DeleteInstance', { InstanceName }, user);

  test('KillJob ends a job, and deletes it if that is wanted', async () => {
    const kept = await rebooting();
    expect((await kill(kept.at, null)).returned).toBe(0);
    expect((await now(kept.at, 'JobState'))[0]).toBe(9);
    const gone = await rebooting();
    expect((await kill(gone.at, 'TRUE')).returned).toBe(0);
    expect((await on.refused(on.get(gone.at))).status).toBe('NOT_FOUND');
    expect((await kill(kept.at, 'true')).returned).toBe(0);
    expect((await on.refused(on.get(kept.at))).status).toBe('NOT_FOUND');
  });

  test('DeleteInstance takes an ended job away, and refuses one that goes on', async () => {
    const { answer, at } = await rebooting('vm-power-admin');
    expect((await on.refused(remove(at))).message).toMatch(/still going on/);
    await on.job(answer);
    expect((await on.refused(remove(at, 'vm-admin'))).status).toBe('ACCESS_DENIED');
    await remove(at, 'vm-power-admin');
    expect((await on.refused(on.get(at))).status).toBe('NOT_FOUND');
  });

  test('what says when it goes cannot be NULL, which would change nothing', async () => {
    const { answer, at } = await rebooting();
    for (const PropertyName of ['DeleteOnCompletion', 'TimeBeforeRemoval']) {
      const error = await on.refused(on.ask('SetProperty', { InstanceName: at, PropertyName }));
      expect([error.status, error.message]).toEqual([
        'INVALID_PARAMETER',
        expect.stringMatching(/ wants .*; got NULL$/),
      ]);
    }
    await on.job(answer);
  });

  test('DeleteOnCompletion takes it away when its time before removal is over', async () => {
    const { answer, at } = await rebooting();
    const change = (name: string, NewValue: string) =>
      on.ask('SetProperty', { InstanceName: at, PropertyName: name, NewValue });
    await change('TimeBeforeRemoval', '00000000000000.200000:000');
    await change('DeleteOnCompletion', 'TRUE');
    expect((await on.refused(change('TimeBeforeRemoval', '20260101000000.000000+000'))).status).toBe(
      'INVALID_PARAMETER',
    );
    expect((await on.refused(change('JobState', '7'))).status).toBe('NOT_SUPPORTED');
    await on.methods.jobs.get(uuidIn(answer.output['Job']))!.ended;
    expect((await now(at, 'JobState'))[0]).toBe(7);
    await until(async () => (await on.list('Xen_Job')).every((job) => uuidIn(job.path) !== uuidIn(at)));
  });
});

describe('GetError and GetErrors', () => {
  const errors = async (at: InstancePath, user = 'root') => {
    const one = (await on.invoke(at, 'GetError', {}, user)).output['Error'];
    const all = (await on.invoke(at, 'GetErrors', {}, user)).output['Errors'];
    return [one, all] as [CimInstance | null, readonly CimInstance[]];
  };

  test('give the XenAPI code with its parameters, to readers too', async () => {
    on.simulator.faults.failNext('VM.clean_reboot', 'VM_LACKS_FEATURE', ['OpaqueRef:x']);
    const { answer, at } = await rebooting();
    await on.job(answer);
    const [one, [first]] = await errors(at, 'reader');
    expect(one).toEqual(first);
    expect(one!.shape.className).toBe('CIM_Error');
    const names = ['MessageID', 'MessageArguments', 'OwningEntity', 'PerceivedSeverity', 'CIMStatusCode'];
    expect(names.map((name) => shown(one!, name))).toEqual(['VM_LACKS_FEATURE', ['OpaqueRef:x'], 'XenAPI', 5, 1]);
    expect(shown(one!, 'Message')).toMatch(/XenError:VM_LACKS_FEATURE:OpaqueRef:x/);
  });

  test('give nothing of a job without errors: a NULL output parameter is left out', async () => {
    const { answer, at } = await rebooting();
    await on.job(answer);
    expect(await errors(at)).toEqual([undefined, []]);
  });
});

test('decisions.md 32: what is to be done when it answers, and takes too long, goes on as a job', async () => {
  const hasty = await stage({ simulator: on.simulator, patienceSeconds: 0.05 });
  on.simulator.faults.delay('VM.set_name_label', 300);
  try {
    const [ref, { uuid }] = hasty.machine('Halted');
    const answer = await hasty.invoke(
      path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' }),
      'ModifySystemSettings',
      {
        SystemSettings: embedded('Xen_ComputerSystemSettingData', { InstanceID: `Xen:${uuid}`, ElementName: 'late' }),
      },
    );
    expect([answer.returned, (answer.output['Job'] as InstancePath).className]).toEqual([
      4096,
      'Xen_VirtualSystemManagementServiceJob',
    ]);
    expect(shown(await hasty.job(answer), 'JobState')).toBe(7);
    expect(on.db.need('VM', ref).name_label).toBe('late');
  } finally {
    await hasty.end();
  }
});

test('a method that has no Job to give is waited for, however long it takes', async () => {
  const hasty = await stage({ simulator: on.simulator, patienceSeconds: 0.05 });
  on.simulator.faults.delay('VM.assert_can_boot_here', 300);
  try {
    const [, { uuid, resident_on }] = hasty.one('VM', (vm) => vm.allowed_operations.includes('pool_migrate'));
    const [, { address }] = hasty.one('host', (host) => host.uuid !== hasty.db.need('host', resident_on).uuid);
    const answer = await hasty.invoke(
      path('Xen_VirtualSystemMigrationService', { Name: 'Xen Migration Service' }),
      'CheckVirtualSystemIsMigratableToHost',
      { ComputerSystem: systemPath(uuid), DestinationHost: address },
    );
    expect(answer.returned).toBe(0);
    expect(typeof answer.output['IsMigratable']).toBe('boolean');
  } finally {
    await hasty.end();
  }
});

test('decisions.md 40: no more methods work at the pool than are allowed; the others are jobs in state 3', async () => {
  const narrow = await stage({ simulator: on.simulator, maxOperations: 2 });
  try {
    const machines = on.db
      .refs('VM')
      .filter((ref) => on.db.need('VM', ref).allowed_operations.includes('clean_reboot'));
    const answers = await Promise.all(
      machines
        .slice(0, 5)
        .map((ref) =>
          narrow.invoke(systemPath(on.db.need('VM', ref).uuid), 'RequestStateChange', { RequestedState: '10' }),
        ),
    );
    expect(answers.length).toBeGreaterThan(2);
    const states = (await narrow.list('Xen_Job')).map((job) => shown(job, 'JobState'));
    expect(states.filter((state) => state === 3)).toHaveLength(answers.length - 2);
    for (const answer of answers) expect(shown(await narrow.job(answer), 'JobState')).toBe(7);
  } finally {
    await narrow.end();
  }
});
