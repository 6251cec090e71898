import { describe, expect, test } from 'vitest';
import { call, fresh, type Given, on, repository, running, system, template } from './machine-stage.js';
import { type Answered, failEachStep, settingPath, shown, systemPath, uuidIn } from './stage.js';

describe('CopySystem', () => {
  const copy = (name: string, uuid: string, more: Given = {}, user = 'root') =>
    call(
      'CopySystem',
      {
        SystemSettings: system({ ElementName: name, Description: 'copied' }),
        ReferenceConfiguration: settingPath(uuid),
        ...more,
      },
      user,
    );

  test('copies a machine in full, onto the repository that is named, in a job that tells the copy', async () => {
    const { uuid } = await fresh('to be copied');
    const job = await on.job(await copy('the copy', uuid, { StoragePool: `Xen:Shared/${repository()}` }));
    expect([job.shape.className, shown(job, 'ErrorDescription')]).toEqual(['Xen_VirtualSystemCreateJob', null]);
    const [, vm] = on.one('VM', (each) => each.name_label === 'the copy');
    expect(shown(job, 'ResultingSystem')).toBe(
      `root/cimv2:Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${vm.uuid}"`,
    );
    expect(vm).toMatchObject({ name_description: 'copied', is_a_template: false });
    expect(vm.VBDs).toHaveLength(2);
  });

  test('the copy of a template is a machine with disks', async () => {
    const [, { uuid }] = template('Rocky Linux 9');
    const job = await on.job(await copy('of a template', uuid, { StoragePool: repository() }));
    expect(shown(job, 'ErrorDescription')).toBeNull();
    const [, vm] = on.one('VM', (each) => each.name_label === 'of a template');
    expect([vm.is_a_template, vm.VBDs.some((ref) => on.db.need('VBD', ref).type === 'Disk')]).toEqual([false, true]);
  });

  test('refuses what is missing or unknown, and whom the role does not allow it', async () => {
    const { uuid } = await fresh('not copied');
    const status = async (answer: Promise<Answered>) => (await on.refused(answer)).status;
    expect(await status(call('CopySystem', { ReferenceConfiguration: settingPath(uuid) }))).toBe('INVALID_PARAMETER');
    expect(await status(call('CopySystem', { SystemSettings: system({ ElementName: 'x' }) }))).toBe(
      'INVALID_PARAMETER',
    );
    expect(await status(copy('x', 'none'))).toBe('NOT_FOUND');
    expect(await status(copy('x', uuid, { StoragePool: 'none' }))).toBe('NOT_FOUND');
    expect(await status(copy('x', uuid, {}, 'vm-operator'))).toBe('ACCESS_DENIED');
  });

  test('a machine that runs is the failure of the job', async () => {
    const job = await on.job(await copy('never', running()[1].uuid));
    expect([shown(job, 'JobState'), shown(job, 'ErrorCode')]).toEqual([10, 2]);
    expect(shown(job, 'ErrorDescription')).toMatch(/XenError:VM_BAD_POWER_STATE/);
  });

  test('a failure of any step leaves nothing behind', async () => {
    const { uuid } = await fresh('copied in vain');
    await failEachStep(on, ['VM.copy', 'VM.add_to_other_config', 'VM.set_name_description'], () => copy('never', uuid));
  });
});

describe('ConvertToXenTemplate and back', () => {
  test('a halted machine becomes a template, and a machine again', async () => {
    const { uuid, now } = await fresh('to and fro');
    const there = await call('ConvertToXenTemplate', { System: systemPath(uuid) });
    expect(uuidIn(there.output['ResultingTemplate'])).toBe(uuid);
    expect(now().is_a_template).toBe(true);
    expect((await on.refused(on.get(systemPath(uuid)))).status).toBe('NOT_FOUND');
    const back = await call('ConvertFromXenTemplate', { Template: settingPath(uuid, 'Xen_ComputerSystemTemplate') });
    expect(uuidIn(back.output['ResultingSystem'])).toBe(uuid);
    expect(now().is_a_template).toBe(false);
  });

  test('a machine that runs is refused as XenAPI says it', async () => {
    const error = await on.refused(call('ConvertToXenTemplate', { System: systemPath(running()[1].uuid) }));
    expect([error.status, error.message]).toEqual(['FAILED', expect.stringMatching(/XenError:VM_BAD_POWER_STATE/)]);
  });

  test('refuses what is missing, unknown, or a snapshot, and whom the role does not allow it', async () => {
    const { uuid } = await fresh('machine');
    const [, shot] = on.one('VM', (vm) => vm.is_a_snapshot);
    const status = async (given: Given, user?: string) =>
      (await on.refused(call('ConvertToXenTemplate', given, user))).status;
    expect(await status({})).toBe('INVALID_PARAMETER');
    expect(await status({ System: systemPath('none') })).toBe('NOT_FOUND');
    expect(await status({ System: systemPath(shot.uuid) })).toBe('INVALID_PARAMETER');
    expect(await status({ System: systemPath(uuid) }, 'vm-operator')).toBe('ACCESS_DENIED');
  });
});

describe('FindPossibleHostsToRunOn', () => {
  test('asks the pool once, and anybody may', async () => {
    const { uuid } = await fresh('homeless');
    const sent = await on.messages(async () => {
      const answer = await call('FindPossibleHostsToRunOn', { System: systemPath(uuid) }, 'reader');
      expect(answer.returned).toBe(0);
      expect((answer.output['PossibleHosts'] as readonly unknown[]).length).toBeGreaterThan(0);
    });
    expect(sent).toEqual(['VM.get_possible_hosts']);
  });

  test('refuses what is missing or unknown', async () => {
    expect((await on.refused(call('FindPossibleHostsToRunOn', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(call('FindPossibleHostsToRunOn', { System: systemPath('none') }))).status).toBe(
      'NOT_FOUND',
    );
  });
});
