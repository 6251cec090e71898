import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { path, type Stage, shown, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());
afterEach(() => on.simulator.faults.clear());

type State = Records['VM']['power_state'];

const change = (uuid: string, RequestedState: string | null, user = 'root', TimeoutPeriod: string | null = null) =>
  on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState, TimeoutPeriod }, user);

/** A machine whose guest can do everything that is asked of it, brought to a state. */
async function bring(to: State) {
  const [ref, { uuid }] = on.one('VM', (vm) => vm.name_label === name);
  const now = (): State => on.db.need('VM', ref).power_state;
  if (now() !== 'Halted') await on.job(await change(uuid, '32768'));
  if (to !== 'Halted') await on.job(await change(uuid, '2'));
  if (to === 'Paused') await on.job(await change(uuid, '9'));
  if (to === 'Suspended') await on.job(await change(uuid, '6'));
  expect(now()).toBe(to);
  return { ref, uuid };
}

let name: string;
beforeAll(() => {
  const [, vm] = on.one(
    'VM',
    ({ allowed_operations: allowed }) => allowed.includes('clean_shutdown') && allowed.includes('suspend'),
  );
  name = vm.name_label;
});

describe('RequestStateChange of a virtual system (facts V2)', () => {
  const moves: readonly (readonly [from: State, requested: number, message: string, to: State])[] = [
    ['Halted', 2, 'VM.start', 'Running'],
    ['Paused', 2, 'VM.unpause', 'Running'],
    ['Suspended', 2, 'VM.resume', 'Running'],
    ['Running', 3, 'VM.clean_shutdown', 'Halted'],
    ['Paused', 3, 'VM.hard_shutdown', 'Halted'],
    ['Suspended', 4, 'VM.hard_shutdown', 'Halted'],
    ['Running', 4, 'VM.clean_shutdown', 'Halted'],
    ['Running', 6, 'VM.suspend', 'Suspended'],
    ['Running', 9, 'VM.pause', 'Paused'],
    ['Running', 10, 'VM.clean_reboot', 'Running'],
    ['Running', 11, 'VM.hard_reboot', 'Running'],
    ['Running', 32768, 'VM.hard_shutdown', 'Halted'],
    ['Suspended', 32768, 'VM.hard_shutdown', 'Halted'],
    ['Running', 32769, 'VM.hard_reboot', 'Running'],
  ];

  test.each(moves)(
    'from %s to %i by %s: the job is done, and the next read sees %s',
    async (from, requested, message, to) => {
      const { ref, uuid } = await bring(from);
      const sent = await on.messages(async () => {
        const job = await on.job(await change(uuid, String(requested)));
        expect(job.shape.className).toBe('Xen_SystemStateChangeJob');
        const values = ['JobState', 'PercentComplete', 'ErrorCode', 'ErrorDescription', 'ElementName', 'Owner'];
        expect(values.map((property) => shown(job, property))).toEqual([7, 100, 0, null, uuid, 'root']);
      });
      expect(sent).toEqual([`Async.${message}`]);
      expect(on.store.get('VM', ref)?.power_state).toBe(to);
    },
  );

  test.each<[State, number]>([
    ['Running', 2],
    ['Halted', 3],
    ['Halted', 4],
    ['Halted', 6],
    ['Paused', 6],
    ['Halted', 9],
    ['Suspended', 10],
    ['Suspended', 11],
    ['Halted', 32768],
    ['Halted', 32769],
    ['Running', 7],
    ['Running', 8],
  ])(
    'decisions.md 31: from %s to %i is not possible now: the job fails with 4097, and nothing is called',
    async (from, requested) => {
      const { ref, uuid } = await bring(from);
      const sent = await on.messages(async () => {
        const job = await on.job(await change(uuid, String(requested)));
        expect([shown(job, 'JobState'), shown(job, 'ErrorCode'), shown(job, 'PercentComplete')]).toEqual([
          10, 4097, 100,
        ]);
        expect(shown(job, 'ErrorDescription')).toContain(`is ${from}, and cannot be brought to`);
      });
      expect(sent).toEqual([]);
      expect(on.db.need('VM', ref).power_state).toBe(from);
    },
  );

  test.each(['0', '1', '5', '12', '999', '65535'])(
    'decisions.md 31: the unknown state %s is 5 at once',
    async (state) => {
      const { uuid } = await bring('Running');
      const Reason = expect.stringMatching(`^RequestedState can be one of 2, .*; got ${state}$`);
      expect(await change(uuid, state)).toEqual({ returned: 5, output: { Reason } });
    },
  );

  test('a state that is missing, or no number, is INVALID_PARAMETER', async () => {
    const { uuid } = await bring('Running');
    expect((await on.refused(change(uuid, null))).message).toMatch(/RequestedState is missing/);
    expect((await on.refused(change(uuid, 'on'))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(change(uuid, '70000'))).status).toBe('INVALID_PARAMETER');
  });

  test('a time limit cannot be kept to: 4098; none, and one of no length, are no limit', async () => {
    const { uuid } = await bring('Running');
    expect((await change(uuid, '9', 'root', '00000000000010.000000:000')).returned).toBe(4098);
    await on.job(await change(uuid, '9', 'root', '00000000000000.000000:000'));
  });

  test('a machine that is not there is NOT_FOUND', async () => {
    const error = await on.refused(change('00000000-0000-4000-8000-00000000dead', '2'));
    expect(error.status).toBe('NOT_FOUND');
  });

  test('a user whose role does not allow it is refused, before anything is called', async () => {
    const { uuid } = await bring('Running');
    expect((await on.refused(change(uuid, '4', 'reader'))).status).toBe('ACCESS_DENIED');
    await on.job(await change(uuid, '4', 'vm-operator'));
    const [, plain] = on.one('VM', (vm) => vm.is_control_domain);
    expect(plain.power_state).toBe('Running');
  });

  test('what the pool refuses is the error of the job, as XenAPI says it and in words', async () => {
    const { uuid } = await bring('Halted');
    on.simulator.faults.failNext('VM.start', 'NO_HOSTS_AVAILABLE');
    const answer = await change(uuid, '2');
    const job = await on.job(answer);
    expect([shown(job, 'JobState'), shown(job, 'ErrorCode')]).toEqual([10, 4]);
    expect(shown(job, 'ErrorDescription')).toMatch(
      /no host of the pool can take the machine.*XenError:NO_HOSTS_AVAILABLE/,
    );
    expect(on.db.refs('task')).toEqual([]);
  });
});

test('to the letter (--strict), a transition that is not possible now is 4097 at once', async () => {
  const strict = await stage({ simulator: on.simulator, strict: true });
  try {
    const { uuid } = await bring('Running');
    const seen = () => strict.store.get('VM', strict.store.byUuid('VM', uuid) ?? '')?.power_state;
    await expect.poll(seen).toBe('Running');
    expect(await strict.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: '2' })).toEqual({
      returned: 4097,
      output: {},
    });
  } finally {
    await strict.end();
  }
});

test('the states that the capabilities of a machine name are those that can be asked for now', async () => {
  for (const state of ['Halted', 'Running', 'Paused', 'Suspended'] as const) {
    const { uuid } = await bring(state);
    const capabilities = await on.get(path('Xen_ComputerSystemCapabilities', { InstanceID: `Xen:${uuid}` }));
    for (const wanted of shown(capabilities, 'RequestedStatesSupported') as readonly number[]) {
      await bring(state);
      const answer = await on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: String(wanted) });
      expect(shown(await on.job(answer), 'ErrorCode'), `${state}, ${wanted}`).not.toBe(4097);
    }
  }
});
