import { describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../src/cim/principal.js';
import { type AuthenticatorOptions, createAuthenticator, type Verdict } from '../../src/http/authentication.js';
import { hashPassword } from '../../src/http/password-hash.js';
import { basic } from './stage.js';

const principal = (name: string): Principal => ({ name, role: 'vm-operator', origin: 'pool' });
const pool: AuthenticatorOptions['logins'] = async (user, password) =>
  password === `${user}-right` ? principal(user) : undefined;
const right = basic('ann', 'ann-right');
const wrong = basic('ann', 'guess');

/** An authenticator with a clock of the test's own. */
function setUp(options: Partial<AuthenticatorOptions> = {}) {
  const clock = { now: 1_000 };
  const logins = vi.fn(options.logins ?? pool);
  const authenticator = createAuthenticator({ now: () => clock.now, ...options, logins });
  const check = async (header: string | undefined, source = '10.0.0.1'): Promise<Verdict['kind']> =>
    (await authenticator.check(header, source)).kind;
  return { authenticator, clock, logins, check };
}

describe('a right login', () => {
  it('is asked about once in its lifetime', async () => {
    const { authenticator, clock, logins, check } = setUp({ lifetime: 500 });
    expect(await authenticator.check(right, 'x')).toEqual({ kind: 'accepted', principal: principal('ann') });
    for (let n = 0; n < 20; n++) expect(await check(right, `10.0.0.${n}`)).toBe('accepted');
    expect(logins).toHaveBeenCalledTimes(1);
    clock.now += 501;
    expect(await check(right)).toBe('accepted');
    expect(logins).toHaveBeenCalledTimes(2);
  });

  it('is asked about once by many requests at the same time', async () => {
    const { logins, check } = setUp();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => check(right)));
    expect(new Set(verdicts)).toEqual(new Set(['accepted']));
    expect(logins).toHaveBeenCalledTimes(1);
  });

  it('that turns wrong is refused when its lifetime is over', async () => {
    let valid = true;
    const { clock, check } = setUp({ lifetime: 500, logins: async () => (valid ? principal('ann') : undefined) });
    await check(right);
    valid = false;
    expect(await check(right)).toBe('accepted');
    clock.now += 501;
    expect(await check(right)).toBe('refused');
    expect(await check(right)).toBe('refused');
  });

  it('is not another user, nor another password', async () => {
    const { check } = setUp();
    await check(right);
    expect(await check(basic('ann', 'ann-right '))).toBe('refused');
    expect(await check(basic('Ann', 'ann-right'))).toBe('refused');
    expect(await check(basic('ann-', 'right'))).toBe('refused');
  });

  it('is remembered for so many users, the oldest forgotten first', async () => {
    const { logins, check } = setUp({ capacity: 2 });
    for (const user of ['a', 'b', 'c']) await check(basic(user, `${user}-right`));
    await check(basic('c', 'c-right'));
    expect(logins).toHaveBeenCalledTimes(3);
    await check(basic('a', 'a-right'));
    expect(logins).toHaveBeenCalledTimes(4);
  });

  it('is forgotten when told so', async () => {
    const { authenticator, logins, check } = setUp();
    await check(right);
    authenticator.forget();
    await check(right);
    expect(logins).toHaveBeenCalledTimes(2);
  });

  it('asked about before that is not remembered after it', async () => {
    let answer: (found: Principal) => void = () => undefined;
    const { authenticator, logins, check } = setUp({
      logins: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const asked = check(right);
    authenticator.forget();
    answer(principal('ann'));
    expect(await asked).toBe('accepted');
    void check(right);
    expect(logins).toHaveBeenCalledTimes(2);
    answer(principal('ann'));
  });
});

describe('a wrong login', () => {
  it('is asked about once in a while', async () => {
    const { clock, logins, check } = setUp({ refusedLifetime: 500 });
    for (let n = 0; n < 20; n++) expect(await check(wrong)).toBe('refused');
    expect(logins).toHaveBeenCalledTimes(1);
    clock.now += 501;
    await check(wrong);
    expect(logins).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['nothing', undefined],
    ['another scheme', 'Negotiate abcdef=='],
    ['the local scheme of Pegasus', 'Local "ann"'],
    ['no base64', 'Basic ***'],
    ['no colon', `Basic ${Buffer.from('ann').toString('base64')}`],
    ['no name', basic('', 'secret')],
    ['a NUL', basic('ann\0', 'x')],
    ['far too much', basic('ann', 'x'.repeat(5_000))],
  ])('%s is none at all, and asks nobody', async (_what, header) => {
    const { logins, check } = setUp();
    expect(await check(header)).toBe('missing');
    expect(logins).not.toHaveBeenCalled();
  });
});

describe('credentials', () => {
  it.each([
    ['UTF-8', Buffer.from('jürgen:paß wört:€', 'utf8'), ['jürgen', 'paß wört:€']],
    ['Latin-1', Buffer.from('jürgen:paßwört', 'latin1'), ['jürgen', 'paßwört']],
    ['an empty password', Buffer.from('ann:'), ['ann', '']],
  ])('are read as %s', async (_what, bytes, expected) => {
    const { authenticator, logins } = setUp();
    await authenticator.check(`basic  ${bytes.toString('base64')}`, 'x');
    expect(logins).toHaveBeenCalledWith(...expected);
  });
});

describe('when the pool cannot say', () => {
  const away = async (): Promise<never> => {
    throw new Error('no host answers');
  };

  it('nobody is let in who was not before', async () => {
    const { authenticator, logins, check } = setUp({ logins: away });
    expect(await authenticator.check(right, 'x')).toMatchObject({
      kind: 'unknown',
      cause: { message: 'no host answers' },
    });
    expect(await check(right)).toBe('unknown');
    expect(logins).toHaveBeenCalledTimes(2);
  });

  it('a login that was right goes on for the grace, and not beyond', async () => {
    let reachable = true;
    const logins = (user: string, password: string) => (reachable ? pool(user, password) : away());
    const { clock, check } = setUp({ lifetime: 500, grace: 1_000, logins });
    await check(right);
    reachable = false;
    clock.now += 900;
    expect(await check(right)).toBe('accepted');
    expect(await check(wrong)).toBe('unknown');
    clock.now += 1_000;
    expect(await check(right)).toBe('unknown');
  });

  it('a check that takes too long is one that it cannot answer', async () => {
    const { check } = setUp({ timeout: 20, logins: () => new Promise(() => undefined) });
    expect(await check(right)).toBe('unknown');
  });
});

describe('a configured user (decisions.md 37)', () => {
  it('is checked by the hash, and the pool is never asked', async () => {
    const users = [{ name: 'suite', hash: await hashPassword('of the suite'), role: 'read-only' as const }];
    const { authenticator, logins, check } = setUp({ users });
    expect(await authenticator.check(basic('suite', 'of the suite'), 'x')).toEqual({
      kind: 'accepted',
      principal: { name: 'suite', role: 'read-only', origin: 'configured' },
    });
    expect(await check(basic('suite', 'suite-right'))).toBe('refused');
    expect(logins).not.toHaveBeenCalled();
    authenticator.setUsers([]);
    expect(await check(basic('suite', 'of the suite'))).toBe('refused');
    expect(logins).toHaveBeenCalledTimes(1);
  });

  it('with a hash that is none never gets in', async () => {
    const { check } = setUp({ users: [{ name: 'suite', hash: '', role: 'pool-admin' }] });
    for (const password of ['', 'x']) expect(await check(basic('suite', password))).toBe('refused');
  });
});

describe('a flood of wrong logins', () => {
  it('is checked a few at a time', async () => {
    let under = 0;
    let most = 0;
    const logins = async (): Promise<undefined> => {
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 1));
      under--;
      return undefined;
    };
    const { check } = setUp({ logins, queue: { concurrent: 3, freeFailures: 1_000 } });
    const sent = Array.from({ length: 60 }, (_, n) => check(basic('ann', `guess ${n}`), `10.0.0.${n % 20}`));
    expect(new Set(await Promise.all(sent))).toEqual(new Set(['refused']));
    expect(most).toBe(3);
  });

  it('from one address does not keep a right login from another waiting, nor locks its own out', async () => {
    const order: string[] = [];
    const logins: AuthenticatorOptions['logins'] = async (user, password) => {
      order.push(user);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return pool(user, password);
    };
    const { check } = setUp({ logins, queue: { concurrent: 1, freeFailures: 1_000 } });
    const flood = Array.from({ length: 20 }, (_, n) => check(basic('flood', `${n}`), '6.6.6.6'));
    const elsewhere = check(right, '10.0.0.1');
    const same = check(basic('bob', 'bob-right'), '6.6.6.6');
    expect(await elsewhere).toBe('accepted');
    expect(order.length).toBeLessThan(5);
    expect(await same).toBe('accepted');
    await Promise.all(flood);
  });

  it('from one address is answered busy beyond what is worth waiting for, and no password is asked about for that', async () => {
    const { logins, check } = setUp({ queue: { concurrent: 1, waitingPerSource: 5, freeFailures: 1_000 } });
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, n) => check(basic('ann', `${n}`))));
    expect(verdicts.filter((kind) => kind === 'busy')).toHaveLength(14);
    expect(logins).toHaveBeenCalledTimes(6);
  });

  it('is slowed down, and a right login ends that', async () => {
    const { logins, check } = setUp({ queue: { concurrent: 4, freeFailures: 2, longestPause: 400 } });
    for (let n = 0; n < 3; n++) await check(basic('ann', `guess ${n}`));
    let answered = false;
    const slowed = check(right).then((kind) => {
      answered = true;
      return kind;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([answered, logins.mock.calls.length]).toEqual([false, 3]);
    expect(await slowed).toBe('accepted');
    expect(await check(basic('bob', 'bob-right'))).toBe('accepted');
  });

  it('leaves a login that was right before ahead of all others', async () => {
    const { clock, check, logins } = setUp({
      lifetime: 500,
      queue: { concurrent: 1, freeFailures: 0, longestPause: 10_000 },
    });
    await check(right);
    await check(wrong);
    clock.now += 501;
    void check(basic('ann', 'another guess'));
    expect(await check(right)).toBe('accepted');
    expect(logins.mock.calls[2]).toEqual(['ann', 'ann-right']);
  });
});
