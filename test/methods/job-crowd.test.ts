import { expect, test, vi } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import type { Records } from '../../src/xenapi/records.js';
import { embedded, path, type Stage, shown, stage, systemPath, uuidIn } from './stage.js';

const service = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });

const isGuest = ({ is_a_template, is_a_snapshot, is_control_domain }: Records['VM']): boolean =>
  !is_a_template && !is_a_snapshot && !is_control_domain;

const guests = (on: Stage, state: string): string[] =>
  on.db
    .refs('VM')
    .map((ref) => on.db.need('VM', ref))
    .filter((vm) => isGuest(vm) && vm.power_state === state)
    .map(({ uuid }) => uuid);

test('two hundred methods at once: each job is completed, none waits for one that does not end, nothing is left behind', async () => {
  const slow = { 'VM.start': 200, 'VM.hard_reboot': 200, 'VM.copy': 200, 'VM.suspend': 300_000 };
  const on = await stage({ size: '4x250', durations: slow });
  const request = (uuid: string, state: string) =>
    on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: state });
  const copy = (uuid: string) =>
    on.invoke(service, 'CopySystem', {
      SystemSettings: embedded('Xen_ComputerSystemSettingData', { ElementName: `copy of ${uuid}` }),
      ReferenceConfiguration: uuid,
    });
  const [running, halted] = [guests(on, 'Running'), guests(on, 'Halted')];
  const before = on.census();
  const endless = await request(running[160]!, '6');
  const answers = await Promise.all([
    ...running.slice(0, 160).map((uuid) => request(uuid, '32769')),
    ...halted.slice(20, 40).map((uuid) => request(uuid, '2')),
    ...halted.slice(0, 20).map(copy),
  ]);
  expect(new Set(answers.map(({ output }) => uuidIn(output['Job']))).size).toBe(200);
  const jobs = await Promise.all(answers.map((answer) => on.job(answer)));
  expect(jobs.map((job) => [shown(job, 'JobState'), shown(job, 'ErrorDescription')])).toEqual(
    jobs.map(() => [7, null]),
  );
  const still = await on.get(endless.output['Job'] as InstancePath);
  expect(shown(still, 'JobState')).toBe(4);
  await on.invoke(endless.output['Job'] as InstancePath, 'KillJob');
  expect(shown(await on.job(endless), 'JobState')).toBe(9);
  expect(guests(on, 'Running')).toHaveLength(running.length + 20);

  for (const job of jobs.slice(180)) {
    const system = path('Xen_ComputerSystem', {
      Name: /,Name="([^"]+)"/.exec(String(shown(job, 'ResultingSystem')))![1]!,
    });
    expect((await on.invoke(service, 'DestroySystem', { AffectedSystem: system })).returned).toBe(0);
  }
  await vi.waitFor(() => expect(on.census()).toEqual(before));
  await on.end();
}, 180_000);
