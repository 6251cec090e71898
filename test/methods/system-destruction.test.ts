import { describe, expect, test } from 'vitest';
import { call, fresh, type Given, on, running } from './machine-stage.js';
import { systemPath } from './stage.js';

describe('DestroySystem', () => {
  test('takes a halted machine with the disks that are its own', async () => {
    const before = on.census();
    const { uuid, ref } = await fresh('to be destroyed');
    const sent = await on.messages(async () => {
      expect(await call('DestroySystem', { AffectedSystem: systemPath(uuid) })).toEqual({ returned: 0, output: {} });
    });
    expect(sent).toEqual(['Async.VDI.destroy', 'Async.VM.destroy']);
    expect(on.db.get('VM', ref)).toBeUndefined();
    expect(on.census()).toEqual(before);
    expect((await on.refused(on.get(systemPath(uuid)))).status).toBe('NOT_FOUND');
  });

  test('answers 5 for a machine that runs, and leaves it alone', async () => {
    const [ref, { uuid }] = running();
    expect(await call('DestroySystem', { AffectedSystem: systemPath(uuid) })).toEqual({
      returned: 5,
      output: { Reason: expect.stringMatching(/ is Running: shut it down first$/) },
    });
    expect(on.db.need('VM', ref).power_state).toBe('Running');
  });

  test('answers 5 as well for a machine that was started meanwhile', async () => {
    const { uuid, ref, now } = await fresh('raced');
    on.simulator.faults.failNext('VM.destroy', 'VM_BAD_POWER_STATE', [ref, 'halted', 'running']);
    expect(await call('DestroySystem', { AffectedSystem: systemPath(uuid) })).toEqual({
      returned: 5,
      output: {
        Reason: expect.stringMatching(/raced.* is running; it would have to be halted.*XenError:VM_BAD_POWER/),
      },
    });
    expect(now().name_label).toBe('raced');
    expect((await call('DestroySystem', { AffectedSystem: systemPath(uuid) })).returned).toBe(0);
  });

  test('refuses what is missing, unknown, or too much', async () => {
    const status = async (given: Given) => (await on.refused(call('DestroySystem', given))).status;
    expect(await status({})).toBe('INVALID_PARAMETER');
    expect(await status({ AffectedSystem: systemPath('none') })).toBe('NOT_FOUND');
    expect(await status({ AffectedSystem: systemPath('none'), Force: 'yes' })).toBe('INVALID_PARAMETER');
    expect((await call('DestroySystem', { AffectedSystem: systemPath(running()[1].uuid), Job: null })).returned).toBe(
      5,
    );
  });

  test('a user whose role does not allow it is refused', async () => {
    const { uuid, now } = await fresh('stays');
    const error = await on.refused(call('DestroySystem', { AffectedSystem: systemPath(uuid) }, 'vm-operator'));
    expect(error.status).toBe('ACCESS_DENIED');
    expect(now().name_label).toBe('stays');
  });

  test('when the machine cannot be destroyed, its disks stay; when a disk cannot, that is told', async () => {
    const { uuid, ref } = await fresh('stubborn');
    const before = on.census();
    on.simulator.faults.failNext('VM.destroy', 'INTERNAL_ERROR', ['no']);
    const refused = () => on.refused(call('DestroySystem', { AffectedSystem: systemPath(uuid) }));
    expect((await refused()).message).toMatch(/XenError:INTERNAL_ERROR:no/);
    expect(on.census()).toEqual(before);
    on.simulator.faults.failNext('VDI.destroy', 'VDI_IN_USE', ['x', 'destroy']);
    expect((await refused()).message).toMatch(/destroyed, but not all of its images: disk .*XenError:VDI_IN_USE/);
    expect(on.db.get('VM', ref)).toBeUndefined();
  });
});
