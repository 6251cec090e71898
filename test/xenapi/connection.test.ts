import { hostname } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection, type ConnectionOptions } from '../../src/xenapi/connection.js';
import { TransportError, XenApiError } from '../../src/xenapi/error.js';
import { originAt } from '../../src/xenapi/session.js';
import { Failure, ScriptedPool } from './scripted-pool.js';

// Several suites share the machine.
vi.setConfig({ testTimeout: 30_000 });
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function pool(options: ConstructorParameters<typeof ScriptedPool>[0] = {}): Promise<ScriptedPool> {
  const made = await new ScriptedPool(options).start();
  closers.push(() => made.stop());
  return made;
}

function connect(url: string, more: Partial<ConnectionOptions> = {}): Connection {
  const made = new Connection({ url, user: 'root', password: 'secret', version: '9', probeTimeoutMs: 2_000, ...more });
  closers.push(() => made.stop());
  return made;
}

const caught = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Several hosts on one port, as the members of a pool are: each listens on a loopback address of its own. */
async function members(count: number): Promise<readonly ScriptedPool[]> {
  const first = await pool({ address: '127.0.0.1' });
  const others = [];
  for (let i = 2; i <= count; i++) others.push(await pool({ address: `127.0.0.${i}`, port: first.port }));
  return [first, ...others];
}

const sendOn = (from: ScriptedPool, to: string): void => {
  from.answers['session.login_with_password'] = () => {
    throw new Failure('HOST_IS_SLAVE', to);
  };
};

describe('the session', () => {
  it('is made when first needed, once for all, with version and originator, and ended at the stop', async () => {
    const host = await pool();
    const connection = connect(host.url);
    expect(host.heard).toEqual([]);
    await Promise.all([1, 2, 3].map(() => connection.call('host.get_all_records')));
    expect(host.heard[0]).toMatchObject({
      method: 'session.login_with_password',
      params: ['root', 'secret', '2.x', `xen-cim-bridge/${hostname()}`],
    });
    expect(host.calls('session.login_with_password')).toBe(1);
    expect(host.sessions.size).toBe(1);
    await connection.stop();
    expect(host.sessions.size).toBe(0);
    expect(await caught(connection.call('host.get_all_records'))).toMatchObject({ fault: 'stopped' });
  });

  it('is made again when it was lost, once for all who lost it, and the calls are repeated', async () => {
    const host = await pool();
    const connection = connect(host.url);
    await connection.connect();
    host.evict();
    const answers = await Promise.all([1, 2, 3, 4].map(() => connection.call('host.get_all_records')));
    expect(answers).toHaveLength(4);
    expect(host.calls('session.login_with_password')).toBe(2);
  });

  it('is not asked for again and again when each one is lost', async () => {
    const host = await pool();
    host.answers['VM.start'] = () => {
      throw new Failure('SESSION_INVALID', 'OpaqueRef:x');
    };
    expect(await caught(connect(host.url).call('VM.start'))).toMatchObject({ code: 'SESSION_INVALID' });
    expect(host.calls('VM.start')).toBe(3);
  });

  it('follows a member to the coordinator, keeping scheme, port and credentials', async () => {
    const [first, second] = await members(2);
    sendOn(first!, '127.0.0.2');
    const connection = connect(first!.url);
    await connection.call('host.get_all_records');
    expect(connection.origin).toBe(`http://127.0.0.2:${second!.port}`);
    expect(second!.calls('host.get_all_records')).toBe(1);
  });

  it('follows a coordinator that has become a member, and repeats the call', async () => {
    const [first, second] = await members(2);
    const connection = connect(first!.url);
    await connection.connect();
    sendOn(first!, '127.0.0.2');
    first!.answers['VM.start'] = () => {
      throw new Failure('HOST_IS_SLAVE', '127.0.0.2');
    };
    second!.answers['VM.start'] = () => 'done';
    expect(await connection.call('VM.start')).toBe('done');
  });

  it('does not run in circles', async () => {
    const [first, second] = await members(2);
    sendOn(first!, '127.0.0.2');
    sendOn(second!, '127.0.0.1');
    expect(await caught(connect(first!.url).connect())).toMatchObject({ code: 'HOST_IS_SLAVE' });
    expect(first!.heard.length + second!.heard.length).toBeLessThan(10);
  });

  it.each([['pool.example'], ['ftp://a'], ['https://'], ['']])('is not made with the URL %j', (url) => {
    expect(() => new Connection({ url, user: 'root', password: 'secret', version: '9' })).toThrow(/https:\/\/host/);
  });

  it('brackets addresses of IPv6', () => {
    expect(originAt('https://a:8443', 'fe80::1')).toBe('https://[fe80::1]:8443');
    expect(originAt('https://a', '10.0.0.1')).toBe('https://10.0.0.1');
  });
});

describe('a coordinator that is gone', () => {
  it('is found again among the members, and the pool is verified', async () => {
    const [first, second, third] = await members(3);
    const connection = connect(first!.url);
    await connection.connect();
    connection.setMembers(['127.0.0.1', '127.0.0.2', '127.0.0.3', '']);
    sendOn(second!, '127.0.0.3');
    first!.hangUp = true;
    const lost = await connection.connect();
    connection.drop(lost);
    const found = await connection.recover();
    expect(found.endpoint.origin).toBe(`http://127.0.0.3:${third!.port}`);
    await eventually(() => third!.sessions.size).toBe(1);
  });

  it('is not mistaken for a host that has its own pool now', async () => {
    const [first, second] = await members(2);
    const connection = connect(first!.url);
    const before = await connection.connect();
    second!.tables['pool'] = { 'OpaqueRef:other': { uuid: 'another-pool' } };
    connection.setMembers(['127.0.0.2']);
    connection.drop(before);
    first!.hangUp = true;
    const error = (await caught(connection.recover())) as TransportError;
    expect(error).toBeInstanceOf(TransportError);
    expect(connection.origin).toBe(first!.url);
    await eventually(() => second!.sessions.size).toBe(0);
    first!.hangUp = false;
    expect((await connection.recover()).pool.uuid).toBe('pool-uuid');
  });

  it('is not waited for by a host that never answers', async () => {
    const [first, second, third] = await members(3);
    const connection = connect(first!.url, { probeTimeoutMs: 300 });
    connection.drop(await connection.connect());
    connection.setMembers(['127.0.0.2', '127.0.0.3']);
    for (const host of [first!, second!]) host.answers['session.login_with_password'] = () => new Promise(() => {});
    expect((await connection.recover()).endpoint.origin).toBe(`http://127.0.0.3:${third!.port}`);
    third!.answers['session.login_with_password'] = () => new Promise(() => {});
    connection.drop(await connection.connect());
    expect(await caught(connection.recover())).toBeInstanceOf(TransportError);
  });
});

describe('a call', () => {
  it('that only reads is repeated when the connection broke, one that changes something is not', async () => {
    const host = await pool();
    const connection = connect(host.url);
    await connection.connect();
    let breaks = 2;
    host.answers['VM.get_record'] = () => (breaks-- > 0 ? undefined : 'read');
    host.answers['VM.start'] = () => undefined;
    expect(await connection.call('VM.get_record', 'OpaqueRef:v')).toBe('read');
    expect(await caught(connection.call('VM.start', 'OpaqueRef:v'))).toMatchObject({ fault: 'reset', sent: true });
    expect(host.calls('VM.start')).toBe(1);
  });

  it('waits for its turn beyond the number that may be under way', async () => {
    const host = await pool();
    const connection = connect(host.url, { maxInFlight: 3 });
    let now = 0;
    let most = 0;
    host.answers['VM.slow'] = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return '';
    };
    await Promise.all(Array.from({ length: 12 }, () => connection.call('VM.slow')));
    expect(most).toBe(3);
    expect(connection.load).toEqual({ inside: 0, waiting: 0 });
  });

  it('is told to the observer with its outcome', async () => {
    const host = await pool();
    const seen: string[] = [];
    const connection = connect(host.url, {
      onCall: (method, ms, outcome) => seen.push(`${method} ${outcome} ${ms >= 0}`),
    });
    await caught(connection.call('VM.frob'));
    host.hangUp = true;
    await caught(connection.call('VM.start'));
    expect(seen).toEqual([
      'session.login_with_password ok true',
      'pool.get_all_records ok true',
      'VM.frob MESSAGE_METHOD_UNKNOWN true',
      'VM.start reset true',
    ]);
  });
});

describe('the login of a user', () => {
  const permissions: Record<string, readonly string[]> = {
    'pool-admin': ['subject.create', 'pool.enable_external_auth', 'host.disable', 'sr.create', 'vm.start'],
    'pool-operator': [
      'host.disable',
      'SR.create',
      'vm.pool_migrate',
      'vm.start_on',
      'vm.create',
      'vm.clone',
      'vm.start',
    ],
    'vm-power-admin': ['vm.pool_migrate', 'vm.start_on', 'vm.create', 'vm.clone'],
    'vm-admin': ['vm.create', 'vm.clone', 'vm.start', 'vm.clean_shutdown'],
    'vm-operator': ['vm.start', 'vm.clean_shutdown', 'vm.get_record'],
    'read-only': ['vm.get_record'],
  };

  async function withRoles(host: ScriptedPool): Promise<void> {
    for (const role of Object.keys(permissions)) host.users[role] = 'pw';
    const users = new Map<unknown, string>();
    const login = (user: unknown) => {
      const session = `OpaqueRef:user-${users.size}`;
      users.set(session, String(user));
      host.sessions.add(session);
      return session;
    };
    host.answers['session.login_with_password'] = ([user, password]) => {
      if (host.users[String(user)] !== password) throw new Failure('SESSION_AUTHENTICATION_FAILED', String(user), 'no');
      return login(user);
    };
    host.answers['session.get_is_local_superuser'] = ([, of]) => users.get(of) === 'root';
    host.answers['session.get_rbac_permissions'] = ([, of]) => permissions[users.get(of)!] ?? [];
  }

  it.each(['root', ...Object.keys(permissions)])('gives the role of %s, and leaves no session', async (user) => {
    const host = await pool();
    await withRoles(host);
    const connection = connect(host.url);
    await connection.connect();
    expect(await connection.checkLogin(user, user === 'root' ? 'secret' : 'pw')).toBe(
      user === 'root' ? 'pool-admin' : user,
    );
    expect(host.sessions.size).toBe(1);
  });

  it('takes the role of the subject where the session lists no permissions', async () => {
    const host = await pool();
    host.users['op'] = 'pw';
    host.answers['session.get_is_local_superuser'] = () => false;
    host.answers['session.get_subject'] = () => 'OpaqueRef:subject';
    host.answers['subject.get_roles'] = () => ['OpaqueRef:r1', 'OpaqueRef:r2'];
    host.answers['role.get_name_label'] = ([, ref]) => (ref === 'OpaqueRef:r1' ? 'vm-operator' : 'vm-admin');
    expect(await connect(host.url).checkLogin('op', 'pw')).toBe('vm-admin');
  });

  it('is read-only where nothing can be found out', async () => {
    const host = await pool();
    host.users['op'] = 'pw';
    expect(await connect(host.url).checkLogin('op', 'pw')).toBe('read-only');
  });

  it.each(['SESSION_AUTHENTICATION_FAILED', 'SESSION_AUTHORIZATION_FAILED'])(
    'that ends with %s gives undefined',
    async (code) => {
      const host = await pool();
      const connection = connect(host.url);
      await connection.connect();
      host.answers['session.login_with_password'] = () => {
        throw new Failure(code, 'op', 'no');
      };
      expect(await connection.checkLogin('op', 'wrong')).toBeUndefined();
    },
  );

  it('throws when the pool cannot say', async () => {
    const host = await pool();
    const connection = connect(host.url);
    await connection.connect();
    host.hangUp = true;
    expect(await caught(connection.checkLogin('root', 'secret'))).toBeInstanceOf(TransportError);
    host.hangUp = false;
    host.answers['session.login_with_password'] = () => {
      throw new Failure('INTERNAL_ERROR', 'pam is broken');
    };
    expect(await caught(connection.checkLogin('root', 'secret'))).toBeInstanceOf(XenApiError);
  });

  it('that lasts can call in its own session', async () => {
    const host = await pool();
    const connection = connect(host.url);
    const login = await connection.login('root', 'secret');
    host.answers['VM.start'] = ([session]) => session;
    expect(await connection.callAs(login!.session)('VM.start', 'OpaqueRef:v')).toBe(login!.session);
    await connection.logout(login!.session);
    expect(host.sessions.has(login!.session)).toBe(false);
  });
});
