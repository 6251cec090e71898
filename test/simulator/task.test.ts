import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import type { Ref } from '../../src/xenapi/records.js';
import { connect, instant, named, type TestClient } from './client.js';

let simulator: Simulator;
let client: TestClient;
async function start(options: SimulatorOptions): Promise<void> {
  simulator = await startSimulator(options);
  client = await connect(simulator);
}
beforeEach(() => start({ ...instant, durations: { default: 0, 'VM.clone': 120 } }));
afterEach(() => simulator.stop());

const task = (ref: string) => simulator.db.need('task', ref);
const until = async (test: () => boolean) => {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 2));
};
const done = (ref: string) => until(() => !['pending', 'cancelling'].includes(task(ref).status));
const vm = (name: string) => named(simulator, 'VM', name);

it('an asynchronous call answers its task at once, whose result is an XML-RPC value (facts 3)', async () => {
  const ref = await client.call<string>('Async.VM.clone', vm('dev-01'), 'async');
  expect(task(ref)).toMatchObject({
    name_label: 'Async.VM.clone',
    status: 'pending',
    type: '<none/>',
    finished: '19700101T00:00:00Z',
  });
  await until(() => task(ref).progress > 0);
  expect(task(ref).progress).toBeLessThan(1);
  await done(ref);
  const clone = named(simulator, 'VM', 'async');
  expect(task(ref)).toMatchObject({
    status: 'success',
    progress: 1,
    result: `<value>${clone}</value>`,
    error_info: [],
  });
  const started = await client.call<string>('Async.VM.start', vm('dev-02'), false, true);
  await done(started);
  expect(task(started).result).toBe('<value></value>');
});

it('what goes wrong is in the task: the state, and the role as well (facts 3)', async () => {
  const ref = await client.call<string>('Async.VM.start', vm('web-01'), false, true);
  await done(ref);
  expect(task(ref)).toMatchObject({
    status: 'failure',
    error_info: ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
  });
  const reader = await connect(simulator, 'reader', 'reader');
  const refused = await reader.call<string>('Async.VM.start', vm('dev-01'), false, true);
  await done(refused);
  expect(task(refused).error_info[0]).toBe('RBAC_PERMISSION_DENIED');
});

it('a task that can be cancelled ends cancelled, and its work is not done', async () => {
  const ref = await client.call<string>('Async.VM.clone', vm('dev-01'), 'never');
  await until(() => task(ref).allowed_operations.includes('cancel'));
  await client.call('task.cancel', ref);
  await done(ref);
  expect(task(ref)).toMatchObject({ status: 'cancelled', error_info: [], current_operations: {} });
  expect(simulator.db.find('VM', (each) => each.name_label === 'never')).toBeUndefined();
  expect((await client.refusal('task.cancel', ref))[0]).toBe('OPERATION_NOT_ALLOWED');
});

it('a pending task is destroyed when it is done, a completed one at once (facts 3)', async () => {
  const ref = await client.call<string>('Async.VM.clone', vm('dev-01'), 'destroyed');
  await client.call('task.destroy', ref);
  expect(simulator.db.get('task', ref)).toBeDefined();
  await until(() => simulator.db.get('task', ref) === undefined);
  expect(simulator.db.find('VM', (each) => each.name_label === 'destroyed')).toBeDefined();
});

it('a synchronous operation has a task while it runs', async () => {
  const running = client.call('VM.clone', vm('dev-01'), 'sync');
  await until(() => simulator.db.find('task', (each) => each.name_label === 'VM.clone') !== undefined);
  await running;
  expect(simulator.db.count('task')).toBe(0);
});

it('only its owner and the superuser touch a task (facts 1.6)', async () => {
  const operator = await connect(simulator, 'operator', 'operator');
  const reader = await connect(simulator, 'reader', 'reader');
  const ref = await operator.call<string>('task.create', 'mine', 'description');
  expect(task(ref)).toMatchObject({ name_label: 'mine', name_description: 'description', status: 'pending' });
  expect((await reader.refusal('task.destroy', ref)).slice(0, 2)).toEqual([
    'RBAC_PERMISSION_DENIED',
    'task.destroy/any',
  ]);
  await operator.call('task.set_progress', ref, 0.5);
  await operator.call('task.set_status', ref, 'success');
  expect(task(ref)).toMatchObject({ progress: 1, status: 'success' });
  await client.call('task.destroy', ref);
});

it('completed tasks go after 65 minutes, the oldest beyond 200, pending ones after a day (facts 3)', async () => {
  const { tasks, clock } = simulator.world;
  const session = simulator.world.sessions.get(client.session);
  const make = (): Ref<'task'> => tasks.create('x', '', session);
  const [finished, pending] = [make(), make()];
  tasks.succeed(finished, '');
  clock.advance(66 * 60_000);
  tasks.sweep();
  expect([simulator.db.get('task', finished), simulator.db.get('task', pending)]).toEqual([
    undefined,
    expect.anything(),
  ]);
  const many = Array.from({ length: 250 }, make);
  for (const ref of many) tasks.succeed(ref, '');
  tasks.sweep();
  expect(simulator.db.count('task')).toBe(200);
  clock.advance(25 * 3_600_000);
  tasks.sweep();
  expect(simulator.db.count('task')).toBe(0);
});
