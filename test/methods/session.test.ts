import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NameMap } from '../../src/cim/name.js';
import type { Principal } from '../../src/cim/principal.js';
import { XenApiError } from '../../src/xenapi/error.js';
import { UserSessions } from '../../src/xenapi/user-sessions.js';
import { cimv2, type Stage, shown, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const sessionsOf = (name: string) => on.simulator.world.sessions.all.filter(({ user }) => user.name === name);

describe('methods in the session of who called', () => {
  test('the pool sees the user, in one session for many calls', async () => {
    const [, { uuid }] = on.machine('Running');
    for (let i = 0; i < 3; i++)
      await on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: '2' }, 'vm-power-admin');
    expect(sessionsOf('vm-power-admin')).toHaveLength(1);
  });

  test('decisions.md 37: a user of the configuration may read, and has no session to change anything in', async () => {
    const local: Principal = { name: 'monitor', role: 'pool-admin', origin: 'configured' };
    const [, { uuid }] = on.machine('Running');
    const parameters = new NameMap([['RequestedState', { name: 'RequestedState', value: '9' }]]);
    const call = {
      kind: 'extrinsic' as const,
      name: 'RequestStateChange',
      namespace: cimv2,
      target: systemPath(uuid),
      parameters,
    };
    const error = await on.refused(on.execute(call, local));
    expect([error.status, error.message]).toEqual([
      'ACCESS_DENIED',
      expect.stringMatching(/log in under a name that the pool knows/),
    ]);
  });

  test('a session that the pool has ended is told of, and the next request logs in again', async () => {
    const [, { uuid }] = on.machine('Running');
    const principal = await on.login('vm-admin');
    for (const { ref } of sessionsOf('vm-admin')) on.simulator.world.sessions.close(ref);
    const parameters = new NameMap([['RequestedState', { name: 'RequestedState', value: '11' }]]);
    const call = {
      kind: 'extrinsic' as const,
      name: 'RequestStateChange',
      namespace: cimv2,
      target: systemPath(uuid),
      parameters,
    };
    const answer = await on.execute(call, principal);
    if (answer.kind !== 'method') throw new Error(answer.kind);
    const output = Object.fromEntries(answer.output.map((each) => [each.name, each.value]));
    expect(shown(await on.job({ returned: 4096, output }), 'ErrorDescription')).toMatch(/XenError:SESSION_INVALID/);
    expect(on.methods.sessions.alive(principal)).toBe(false);
    expect((await on.refused(on.execute(call, principal))).message).toMatch(/send the request again/);
    expect(await on.login('vm-admin')).not.toBe(principal);
  });
});

describe('the sessions that are kept', () => {
  const fake = (capacity = 2, lifetime = 1_000) => {
    const out: string[] = [];
    let time = 0;
    let next = 0;
    const sessions = new UserSessions({
      connection: {
        login: async (user, password) =>
          password === 'right'
            ? { session: `${user}${next++}`, role: 'vm-admin', permissions: new Set(['vm.start']) }
            : undefined,
        logout: async (session) => void out.push(session),
        callAs: (session) => async (method) => {
          if (method === 'lost') throw new XenApiError('SESSION_INVALID', [session]);
          return `${session} ${method}`;
        },
        handlersAs: () => () => Promise.reject(new Error('nobody asks a handler here')),
      },
      lifetime,
      capacity,
      now: () => time,
    });
    return {
      sessions,
      out,
      pass: (ms: number): void => {
        time += ms;
      },
    };
  };

  test('call in the session, and know what it may do', async () => {
    const { sessions } = fake();
    const user = (await sessions.login('a', 'right'))!;
    const lease = sessions.borrow(user)!;
    expect(await lease.call('VM.start')).toBe('a0 VM.start');
    expect([lease.permits('VM.start'), lease.permits('VM.destroy')]).toEqual([true, false]);
    expect(await sessions.login('a', 'wrong')).toBeUndefined();
    await sessions.stop();
  });

  test('are so many: the oldest goes, but not before who works in it is done', async () => {
    const { sessions, out } = fake(2);
    const first = (await sessions.login('a', 'right'))!;
    const lease = sessions.borrow(first)!;
    const second = (await sessions.login('b', 'right'))!;
    await sessions.login('c', 'right');
    expect([sessions.size, sessions.alive(first), sessions.alive(second), out]).toEqual([2, false, true, []]);
    expect(await lease.call('x')).toBe('a0 x');
    lease.release();
    lease.release();
    expect(out).toEqual(['a0']);
    await sessions.stop();
    expect(out.sort()).toEqual(['a0', 'b1', 'c2']);
  });

  test('end when their time is over, and nobody works in them', async () => {
    vi.useFakeTimers();
    try {
      const { sessions, out, pass } = fake(9, 1_000);
      const [idle, busy] = [(await sessions.login('a', 'right'))!, (await sessions.login('b', 'right'))!];
      const lease = sessions.borrow(busy)!;
      pass(2_000);
      await vi.advanceTimersByTimeAsync(60_000);
      expect([sessions.alive(idle), sessions.alive(busy), out]).toEqual([false, false, ['a0']]);
      lease.release();
      expect(out).toEqual(['a0', 'b1']);
      await sessions.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  test('one that the pool no longer knows is forgotten, without a logout', async () => {
    const { sessions, out } = fake();
    const user = (await sessions.login('a', 'right'))!;
    const lease = sessions.borrow(user)!;
    await expect(lease.call('lost')).rejects.toThrow(/SESSION_INVALID/);
    lease.release();
    expect([sessions.alive(user), sessions.borrow(user), out]).toEqual([false, undefined, []]);
    await sessions.stop();
  });
});
