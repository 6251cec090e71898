import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { connect, instant, named, post } from './client.js';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator(instant);
});
afterEach(() => simulator.stop());

const member = () => `http://127.0.0.2:${simulator.port}`;
const alive = async (session: string) => 'value' in (await post(simulator.url, 'pool.get_all', [session]));

it('login takes two to four arguments; a wrong password and an unknown user are refused alike (facts 1.6)', async () => {
  for (const rest of [[], ['1.0'], ['1.0', 'me'], ['1.0', 'me', 'more']])
    expect(await post(simulator.url, 'session.login_with_password', ['root', 'xenroot', ...rest])).toHaveProperty(
      'value',
    );
  for (const [name, password] of [
    ['root', 'wrong'],
    ['nobody', ''],
  ] as const) {
    const outcome = await post(simulator.url, 'session.login_with_password', [name, password]);
    expect(outcome).toEqual({ code: 'SESSION_AUTHENTICATION_FAILED', params: [name, expect.any(String)] });
  }
});

it('a member lets nobody in, whatever the password (facts 1.6)', async () => {
  for (const password of ['xenroot', 'wrong']) {
    const outcome = await post(member(), 'session.login_with_password', ['root', password]);
    expect(outcome).toEqual({ code: 'HOST_IS_SLAVE', params: ['127.0.0.1'] });
  }
});

it('a local session is good on the member that gave it', async () => {
  const login = await post(member(), 'session.slave_local_login_with_password', ['root', 'xenroot']);
  const session = (login as { value: string }).value;
  expect(await post(member(), 'host.get_all', [session])).toHaveProperty('value');
  expect(await post(simulator.url, 'host.get_all', [session])).toEqual({ code: 'SESSION_INVALID', params: [session] });
});

it('a session record tells who it is and what it may do', async () => {
  const root = await connect(simulator);
  const operator = await connect(simulator, 'operator', 'operator');
  expect(await root.call('session.get_is_local_superuser', root.session)).toBe(true);
  expect(await root.call('session.get_rbac_permissions', root.session)).toEqual([]);
  const record = await operator.call<Record<string, unknown>>('session.get_record', operator.session);
  expect(record).toMatchObject({ is_local_superuser: false, auth_user_name: 'operator', originator: 'test' });
  expect(record['rbac_permissions']).toEqual(expect.arrayContaining(['vm.start', 'vm.get_all_records']));
  expect(record['rbac_permissions']).not.toContain('vm.destroy');
  const subject = await operator.call<Record<string, unknown>>('subject.get_record', record['subject'] as string);
  expect(subject['subject_identifier']).toBe(record['auth_user_sid']);
  const role = await operator.call<string>('role.get_name_label', (subject['roles'] as string[])[0]);
  expect(role).toBe('vm-operator');
});

it('an operator starts machines but destroys none, a reader does neither', async () => {
  const vm = named(simulator, 'VM', 'dev-01');
  const reader = await connect(simulator, 'reader', 'reader');
  const operator = await connect(simulator, 'operator', 'operator');
  expect((await reader.refusal('VM.start', vm, false, true))[0]).toBe('RBAC_PERMISSION_DENIED');
  await operator.call('VM.start', vm, false, true);
  expect((await operator.refusal('VM.destroy', vm)).slice(0, 2)).toEqual(['RBAC_PERMISSION_DENIED', 'vm.destroy']);
});

it('logout ends a session, eviction all of them', async () => {
  const [one, two] = [await connect(simulator), await connect(simulator)];
  await one.call('session.logout');
  expect([await alive(one.session), await alive(two.session)]).toEqual([false, true]);
  simulator.faults.evictSessions();
  expect(await alive(two.session)).toBe(false);
});

it('a session dies after 24 h without use, but not while a task of it runs (facts 1.6)', async () => {
  const { world } = simulator;
  const [idle, busy] = [await connect(simulator), await connect(simulator)];
  const task = await busy.call('task.create', 'work', '');
  world.clock.advance(24 * 3_600_000 + 1000);
  world.sessions.sweep((session) => world.tasks.busy(session));
  expect([await alive(idle.session), await alive(busy.session)]).toEqual([false, true]);
  expect(simulator.db.get('task', task as string)).toBeDefined();
});

it('the oldest sessions of a full bucket go first; buckets are by originator, by user, and root without one (facts 1.6)', async () => {
  const { sessions, settings, coordinator } = simulator.world;
  const [root, operator] = settings.users;
  const open = (user: typeof root, originator: string, count: number) =>
    Array.from({ length: count }, () => sessions.open(user as never, originator, coordinator()).ref);
  const careless = open(root, '', 402);
  const careful = open(root, 'me', 501);
  const others = open(operator, 'me', 499);
  sessions.sweep(() => false);
  const gone = (refs: readonly string[]) => refs.filter((ref) => sessions.get(ref) === undefined);
  expect(gone(careless)).toEqual(careless.slice(0, 2));
  expect(gone(careful)).toEqual(careful.slice(0, 1));
  expect(gone(others)).toEqual([]);
});

it('a wrong password takes its time where the settings say so (facts 0.8)', async () => {
  await simulator.stop();
  simulator = await startSimulator({ ...instant, settings: { ...instant.settings, loginDelay: 60 } });
  const start = Date.now();
  await post(simulator.url, 'session.login_with_password', ['root', 'wrong']);
  expect(Date.now() - start).toBeGreaterThanOrEqual(55);
});

it('subjects get and lose roles', async () => {
  const root = await connect(simulator);
  const [subject] = simulator.db.refs('subject');
  const [admin] = await root.call<string[]>('role.get_by_name_label', 'pool-admin');
  await root.call('subject.add_to_roles', subject, admin);
  expect(await root.refusal('subject.add_to_roles', subject, admin)).toEqual(['ROLE_ALREADY_EXISTS']);
  expect(await root.call('subject.get_permissions_name_label', subject)).toContain('pool.join');
  await root.call('subject.remove_from_roles', subject, admin);
  expect(await root.refusal('subject.remove_from_roles', subject, admin)).toEqual(['ROLE_NOT_FOUND']);
});
