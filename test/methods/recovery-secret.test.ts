import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { JobJournal } from '../../src/methods/job-journal.js';
import { JobKeeper } from '../../src/methods/job-keeper.js';
import { silent } from '../../src/xenapi/log.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { embedded, path, shown, stage, uuidIn } from './stage.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** All that was written. */
const written = (): string =>
  readdirSync(join(folder, 'jobs'))
    .map((name) => readFileSync(join(folder, 'jobs', name), 'utf8'))
    .join('\n');

const service = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });

test('a result that is a secret is shown while the bridge lives, and NULL after a restart', async () => {
  const open = () => {
    const store = new RecordStore((error) => {
      throw error;
    });
    return { store, jobs: new JobKeeper({ store, journal: new JobJournal(folder, silent) }) };
  };
  const first = open();
  const kind = 'Xen_ConnectToDiskImageJob';
  const beginning = { kind, method: 'x.y', subject: '', user: 'root', service: '' };
  const job = first.jobs.begin(beginning);
  job.show();
  job.amend({ result: { TargetURI: 'http://a/', Password: 'open sesame' } });
  job.complete();
  await first.jobs.close();
  expect(first.store.get('job', job.ref)?.result).toEqual({ TargetURI: 'http://a/', Password: 'open sesame' });
  expect(written()).not.toContain('sesame');
  const second = open();
  expect(second.jobs.restore()).toEqual([]);
  expect(second.store.get('job', job.ref)).toMatchObject({ state: 'completed', result: { TargetURI: 'http://a/' } });
  expect(second.store.get('job', job.ref)?.result).not.toHaveProperty('Password');
  await second.jobs.close();
});

test('the old value of a key that is a secret is put back by the bridge that took it, and never written', async () => {
  const on = await stage({ stateDir: folder, durations: { 'VDI.create': 2_000 } });
  const [ref, { uuid }] = on.machine('Halted', 'dev-01');
  const key = (Key: string, Value: string) => embedded('Xen_KVP', { Key, Value });
  const add = (...ResourceSettings: ReturnType<typeof key>[]) =>
    on.invoke(service, 'AddResourceSettings', { AffectedConfiguration: uuid, ResourceSettings });
  expect((await add(key('root-password', 'open sesame'), key('colour', 'red'))).returned).toBe(0);
  const disk = embedded('Xen_DiskSettingData', { ResourceType: 19, ElementName: 'slow', VirtualQuantity: 1n << 30n });
  const answer = await add(key('root-password', 'shut it'), key('colour', 'blue'), disk);
  await vi.waitFor(() => expect(written()).toContain('the value of root-password'));
  expect(written()).toMatch(/"lost"/);
  expect(written()).toContain('red');
  expect(written()).not.toMatch(/sesame|shut it/);
  await on.invoke(answer.output['Job'] as InstancePath, 'RequestStateChange', { RequestedState: '4' });
  expect(shown(await on.job(answer), 'JobState')).toBe(8);
  expect(on.methods.jobs.get(uuidIn(answer.output['Job']))!.record.errors).toHaveLength(1);
  expect(on.db.need('VM', ref).xenstore_data).toMatchObject({
    'vm-data/root-password': 'open sesame',
    'vm-data/colour': 'red',
  });
  await on.end();
});
