import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { type Stage, shown, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

type State = Records['VM']['power_state'];

const change = (uuid: string, RequestedState: string, user = 'root') =>
  on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState }, user);

describe('RequestStateChange of a virtual system', () => {
  const moves: readonly (readonly [from: State, requested: number, message: string, to: State])[] = [
    ['Halted', 2, 'VM.start', 'Running'],
    ['Running', 9, 'VM.pause', 'Paused'],
    ['Paused', 2, 'VM.unpause', 'Running'],
    ['Running', 6, 'VM.suspend', 'Suspended'],
    ['Suspended', 2, 'VM.resume', 'Running'],
    ['Running', 10, 'VM.clean_reboot', 'Running'],
    ['Running', 11, 'VM.hard_reboot', 'Running'],
    ['Running', 32769, 'VM.hard_reboot', 'Running'],
    ['Running', 3, 'VM.clean_shutdown', 'Halted'],
    ['Halted', 2, 'VM.start', 'Running'],
    ['Running', 4, 'VM.clean_shutdown', 'Halted'],
    ['Halted', 2, 'VM.start', 'Running'],
    ['Running', 32768, 'VM.hard_shutdown', 'Halted'],
  ];

  test('goes from state to state, each by one message in a job that the next read sees done', async () => {
    const [ref, { uuid }] = on.one('VM', (vm) => vm.allowed_operations.includes('clean_shutdown'));
    await on.job(await change(uuid, '32768'));
    for (const [from, requested, message, to] of moves) {
      expect(on.db.need('VM', ref).power_state, `before ${requested}`).toBe(from);
      const sent = await on.messages(async () => {
        const job = await on.job(await change(uuid, String(requested)));
        expect(job.shape.className).toBe('Xen_SystemStateChangeJob');
        expect([shown(job, 'JobState'), shown(job, 'PercentComplete'), shown(job, 'ErrorCode')]).toEqual([7, 100, 0]);
      });
      expect(sent).toEqual([`Async.${message}`]);
      expect(on.store.get('VM', ref)?.power_state, `after ${requested}`).toBe(to);
    }
  });
});
