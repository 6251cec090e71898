import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LentSessions } from '../../src/methods/lent-session.js';
import type { Records } from '../../src/xenapi/records.js';
import { path, type Stage, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const consoleOf = ([, { uuid, consoles }]: readonly [unknown, Records['VM']]) =>
  path('Xen_Console', {
    CreationClassName: 'Xen_Console',
    DeviceID: `Xen:${uuid}/${on.db.need('console', consoles[0]!).uuid}`,
    SystemCreationClassName: 'Xen_ComputerSystem',
    SystemName: uuid,
  });

const running = () =>
  consoleOf(
    on.one('VM', ({ power_state, is_control_domain, consoles }) => {
      const [first] = consoles;
      return power_state === 'Running' && !is_control_domain && !!first && on.db.need('console', first).location !== '';
    }),
  );

/** Whether the pool knows the session. */
const alive = (session: string): Promise<boolean> =>
  on.connection
    .callAs(session)('session.get_this_host', session)
    .then(
      () => true,
      () => false,
    );

describe('Login and Logout of a console', () => {
  test('the user who may open consoles is given the own session, until Logout', async () => {
    const { returned, output } = await on.invoke(running(), 'Login', {}, 'vm-operator');
    expect(returned).toBe(0);
    const SessionIdentifier = String(output['SessionIdentifier']);
    expect(SessionIdentifier).toMatch(/^OpaqueRef:/);
    expect(await alive(SessionIdentifier)).toBe(true);
    expect(await on.invoke(running(), 'Logout', { SessionIdentifier }, 'vm-operator')).toEqual({
      returned: 0,
      output: {},
    });
    await expect.poll(() => alive(SessionIdentifier)).toBe(false);
    const again = await on.invoke(running(), 'Login', {}, 'vm-operator');
    expect(again.returned, 'the next request logs in anew').toBe(0);
  });

  test('nobody ends the session of another, or one that was not lent', async () => {
    const { output } = await on.invoke(running(), 'Login', {}, 'vm-admin');
    const SessionIdentifier = String(output['SessionIdentifier']);
    const none = { returned: 2, output: { Reason: expect.stringMatching(/you were given no such session/) } };
    expect(await on.invoke(running(), 'Logout', { SessionIdentifier }, 'vm-operator')).toEqual(none);
    expect(await on.invoke(running(), 'Logout', { SessionIdentifier: 'OpaqueRef:x' }, 'vm-admin')).toEqual(none);
    expect(await alive(SessionIdentifier)).toBe(true);
    expect((await on.refused(on.invoke(running(), 'Logout', {}, 'vm-admin'))).status).toBe('INVALID_PARAMETER');
  });

  test('a machine that has no screen now is a failure (2); who may only read is refused', async () => {
    const target = running();
    const ref = on.db.find('console', ({ uuid }) => JSON.stringify(target.keys).includes(uuid))![0];
    const { location } = on.db.need('console', ref);
    on.db.update('console', ref, { location: '' });
    await expect.poll(() => on.store.get('console', ref)?.location).toBe('');
    expect(await on.invoke(target, 'Login')).toEqual({
      returned: 2,
      output: { Reason: expect.stringMatching(/: its host does not serve the console yet$/) },
    });
    on.db.update('console', ref, { location });
    expect((await on.refused(on.invoke(running(), 'Login', {}, 'reader'))).status).toBe('ACCESS_DENIED');
  });

  test("the console of a host's own domain is for who may open that of a host", async () => {
    const target = running();
    const ref = on.db.find('console', ({ uuid }) => JSON.stringify(target.keys).includes(uuid))![0];
    const { VM } = on.db.need('console', ref);
    on.db.update('VM', VM, { is_control_domain: true });
    await expect.poll(() => on.store.get('VM', VM)?.is_control_domain).toBe(true);
    try {
      const error = await on.refused(on.invoke(target, 'Login', {}, 'vm-operator'));
      expect([error.status, error.message]).toEqual([
        'ACCESS_DENIED',
        expect.stringMatching(/RBAC_PERMISSION_DENIED:http\/connect_console\/host_console/),
      ]);
      expect((await on.invoke(target, 'Login')).returned).toBe(0);
    } finally {
      on.db.update('VM', VM, { is_control_domain: false });
      await expect.poll(() => on.store.get('VM', VM)?.is_control_domain).toBe(false);
    }
  });
});

describe('a lent session', () => {
  const principal = (name: string) => ({ name, role: 'vm-operator', origin: 'pool' }) as const;
  const lending = (lifetimeMs: number) => {
    const released: string[] = [];
    const lent = new LentSessions(
      {
        borrow: ({ name }) => ({ session: `OpaqueRef:${name}`, release: () => released.push(name) }) as never,
        end: () => {},
      },
      lifetimeMs,
    );
    return { lent, released };
  };

  test('is let go when its time is over, when it is lent anew, and in the end', async () => {
    const brief = lending(1);
    brief.lent.lend(principal('a'));
    await expect.poll(() => brief.released).toEqual(['a']);
    const { lent, released } = lending(60_000);
    lent.lend(principal('a'));
    lent.lend(principal('a'));
    expect(released).toEqual(['a']);
    lent.lend(principal('b'));
    lent.stop();
    expect(released).toEqual(['a', 'a', 'b']);
  });

  test('is the oldest that ends where too many are lent', () => {
    const { lent, released } = lending(60_000);
    for (let i = 0; i < 300; i++) lent.lend(principal(`user${i}`));
    expect(released.slice(0, 2)).toEqual(['user0', 'user1']);
    expect(released).toHaveLength(44);
    lent.stop();
  });
});
