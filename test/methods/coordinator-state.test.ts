import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { coordinatorOf } from '../../src/methods/storage-connection.js';
import type { Ref } from '../../src/xenapi/records.js';
import { type Answered, path, type Stage, shown, stage, systemPath, uuidIn } from './stage.js';

let on: Stage;
let coordinator: Ref<'host'>;
beforeEach(async () => {
  on = await stage({ durations: { 'host.boot': 500 } });
  coordinator = coordinatorOf(on.store);
  // What no other host could take is shut down.
  for (const vm of on.db.need('host', coordinator).resident_VMs) {
    const { is_control_domain, allowed_operations } = on.db.need('VM', vm);
    if (!is_control_domain && !allowed_operations.includes('pool_migrate'))
      await on.connection.call('VM.hard_shutdown', vm);
  }
});
afterEach(() => on.end());

const isLive = (): boolean => on.db.need('host_metrics', on.db.need('host', coordinator).metrics).live;
const guests = (): number =>
  on.db.need('host', coordinator).resident_VMs.filter((vm) => !on.db.need('VM', vm).is_control_domain).length;

const request = (RequestedState: string) => {
  const { uuid: Name } = on.db.need('host', coordinator);
  const host = path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name });
  return on.invoke(host, 'RequestStateChange', { RequestedState });
};

/** The bridge is as good as before: it reads, and carries out methods; a session that is lost is made again. */
async function serves(): Promise<void> {
  const [, { uuid }] = on.one('VM', (vm) => vm.name_label === 'dev-01');
  await vi.waitFor(
    async () => {
      expect(on.events.status().reachable).toBe(true);
      const answer = await on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: '2' });
      expect(shown(await on.job(answer), 'ErrorDescription')).toBeNull();
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(shown(await on.get(systemPath(uuid)), 'EnabledState')).toBe(2);
  await vi.waitFor(() => expect(on.db.refs('task')).toEqual([]));
}

/** Resolves when the host has gone down. */
const fall = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = on.db.listen(() => {
      if (isLive()) return;
      stop();
      resolve();
    });
  });

const running = (): number => on.db.refs('VM').filter((vm) => on.db.need('VM', vm).power_state === 'Running').length;

/** How the job of an answer ended, asked of the bridge itself: nobody can log in while the pool is away. */
async function ended(answer: Answered): Promise<readonly unknown[]> {
  const job = on.methods.jobs.get(uuidIn(answer.output['Job']))!;
  await job.ended;
  return [job.record.state, job.record.errors];
}

test('10 of the coordinator: the job ends with the pool, which comes back', async () => {
  const [before, down] = [running(), fall()];
  const answer = await request('10');
  expect(await ended(answer)).toEqual(['completed', []]);
  await down;
  await vi.waitFor(() => expect(isLive()).toBe(true), { timeout: 30_000 });
  await serves();
  expect([running(), on.simulator.calls().get('Async.host.reboot')]).toEqual([before + 1, 1]);
  const job = await on.get(answer.output['Job'] as InstancePath);
  expect([shown(job, 'JobState'), shown(job, 'PercentComplete')]).toEqual([7, 100]);
});

test('4 of the coordinator: the job ends although nobody is left to say so, and reads go on', async () => {
  const down = fall();
  const answer = await request('4');
  expect([...(await ended(answer)), guests()]).toEqual(['completed', [], 0]);
  await down;
  await vi.waitFor(() => expect(on.events.status().reachable).toBe(false), { timeout: 30_000 });
  expect(on.store.get('host', coordinator)).toBeDefined();
  await on.simulator.faults.reviveHost(coordinator);
  await serves();
});
