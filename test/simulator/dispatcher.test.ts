import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { connect, instant, named, post, type TestClient } from './client.js';

let simulator: Simulator;
let root: TestClient;
let reader: TestClient;
beforeAll(async () => {
  simulator = await startSimulator(instant);
  root = await connect(simulator);
  reader = await connect(simulator, 'reader', 'reader');
});
afterAll(() => simulator.stop());

const refused = async (method: string, ...params: unknown[]) => {
  const outcome = await post(simulator.url, method, params);
  return 'value' in outcome ? ['no failure'] : [outcome.code, ...outcome.params];
};
const member = () => `http://127.0.0.2:${simulator.port}`;

describe('the order of checks (facts 1.5)', () => {
  it('1: an unknown name without arguments is unknown at once, with a bad session SESSION_INVALID', async () => {
    expect(await refused('VM.fly')).toEqual(['MESSAGE_METHOD_UNKNOWN', 'VM.fly']);
    expect(await refused('VM.fly', 'x')).toEqual(['SESSION_INVALID', 'x']);
    expect(await root.refusal('VM.fly')).toEqual(['MESSAGE_METHOD_UNKNOWN', 'VM.fly']);
    expect((await reader.refusal('VM.fly'))[0]).toBe('RBAC_PERMISSION_DENIED');
  });

  it('2: the number of arguments is looked at before the session and excludes it', async () => {
    expect(await refused('VM.start', 'bad')).toEqual(['MESSAGE_PARAMETER_COUNT_MISMATCH', 'VM.start', '3', '0']);
    const many = ['bad', 'vm', false, true, 1];
    expect(await refused('VM.start', ...many)).toEqual(['MESSAGE_PARAMETER_COUNT_MISMATCH', 'VM.start', '3', '4']);
  });

  it('2: arguments with defaults may be left out, and surplus ones are ignored', async () => {
    const vm = named(simulator, 'VM', 'dev-01');
    expect(await root.call('VM.snapshot', vm, 'two')).toMatch(/^OpaqueRef:/);
    expect(await root.call('VM.snapshot', vm, 'many', [], 'surplus', 5)).toMatch(/^OpaqueRef:/);
    expect((await root.refusal('VM.snapshot', vm))[0]).toBe('MESSAGE_PARAMETER_COUNT_MISMATCH');
  });

  it('3: unmarshalling comes before the session', async () => {
    expect((await refused('VM.start', 'bad', 'vm', 'true', true))[0]).toBe('INTERNAL_ERROR');
  });

  it('4: the session comes before all that follows', async () => {
    expect(await refused('VM.start', 'bad', 'vm', false, true)).toEqual(['SESSION_INVALID', 'bad']);
  });

  it('4: a member answers a session of the pool with its coordinator’s address, another with SESSION_INVALID', async () => {
    expect(await post(member(), 'VM.get_all', [root.session])).toEqual({
      code: 'HOST_IS_SLAVE',
      params: ['127.0.0.1'],
    });
    expect(await post(member(), 'VM.get_all', ['bad'])).toEqual({ code: 'SESSION_INVALID', params: ['bad'] });
  });

  it('5: a removed message says so after the session, before anything else', async () => {
    expect(await refused('VMPP.get_all', 'bad')).toEqual(['SESSION_INVALID', 'bad']);
    expect(await root.refusal('VMPP.get_all')).toEqual(['MESSAGE_REMOVED']);
    expect(await reader.refusal('VM.set_protection_policy', 5, 5)).toEqual(['MESSAGE_REMOVED']);
  });

  it('6: the role comes before the action', async () => {
    const [code, permission, text] = await reader.refusal('VM.start', 'nothing', false, true);
    expect([code, permission]).toEqual(['RBAC_PERMISSION_DENIED', 'vm.start']);
    expect(text).toContain('pool-admin, pool-operator, vm-power-admin, vm-admin, vm-operator');
  });

  it('7: the action', async () => {
    expect(await root.refusal('VM.start', 'nothing', false, true)).toEqual(['HANDLE_INVALID', 'VM', 'nothing']);
    expect(await root.refusal('VM.get_by_uuid', 'nothing')).toEqual(['UUID_INVALID', 'VM', 'nothing']);
    expect(await root.call('VM.get_by_name_label', 'nothing')).toEqual([]);
  });

  it('an asynchronous call of what has no such mode is a Fault', async () => {
    expect((await refused('Async.VM.get_all', root.session))[0]).toBe('Fault');
    expect((await refused('Async.VM.get_all', 'bad'))[0]).toBe('SESSION_INVALID');
  });

  it('what has no handler says so honestly', async () => {
    expect(await root.refusal('DR_task.create', 'nfs', {}, [])).toEqual(['NOT_IMPLEMENTED', 'DR_task.create']);
  });

  it('system.isAlive gives back its argument', async () => {
    expect(await post(simulator.url, 'system.isAlive:abc', ['x'])).toEqual({ value: 'x' });
  });
});

describe('generated messages (facts 5.6)', () => {
  const vm = () => named(simulator, 'VM', 'dev-01');

  it('maps: a key is added once, an absent one may be removed', async () => {
    await root.call('VM.add_to_other_config', vm(), 'colour', 'blue');
    const duplicate = ['MAP_DUPLICATE_KEY', 'VM', 'other_config', vm(), 'colour'];
    expect(await root.refusal('VM.add_to_other_config', vm(), 'colour', 'red')).toEqual(duplicate);
    await root.call('VM.remove_from_other_config', vm(), 'colour');
    await root.call('VM.remove_from_other_config', vm(), 'colour');
    expect(await root.call('VM.get_other_config', vm())).not.toHaveProperty('colour');
  });

  it('sets: an item is there once', async () => {
    await root.call('VM.add_tags', vm(), 'x');
    await root.call('VM.add_tags', vm(), 'x');
    expect(await root.call('VM.get_tags', vm())).toEqual(['x']);
    await root.call('VM.remove_tags', vm(), 'x');
    expect(await root.call('VM.get_tags', vm())).toEqual([]);
  });

  it('every class that lists its objects lists them alike in all ways', async () => {
    for (const of of ['VM', 'host', 'VBD', 'SR', 'pool', 'role', 'VGPU_type']) {
      const records = await root.call<Record<string, { uuid: string }>>(`${of}.get_all_records`);
      expect(await root.call(`${of}.get_all`)).toEqual(Object.keys(records));
      const [ref, record] = Object.entries(records)[0] as [string, { uuid: string }];
      expect(await root.call(`${of}.get_by_uuid`, record.uuid)).toBe(ref);
      expect(await root.call(`${of}.get_record`, ref)).toEqual(record);
    }
  });

  it('a constructor wants the fields without defaults, and ignores those that only the pool writes', async () => {
    expect((await root.refusal('VBD.create', { VM: vm() }))[0]).toBe('INTERNAL_ERROR');
    const made = await root.call<string>('network.create', {
      name_label: 'new',
      other_config: {},
      uuid: 'mine',
      PIFs: ['x'],
    });
    const record = await root.call<Record<string, unknown>>('network.get_record', made);
    expect(record).toMatchObject({
      name_label: 'new',
      MTU: 1500,
      bridge: expect.stringMatching(/^xapi\d+$/),
      PIFs: [],
    });
    expect(record['uuid']).not.toBe('mine');
    await root.call('network.destroy', made);
    expect(await root.refusal('network.get_record', made)).toEqual(['HANDLE_INVALID', 'network', made]);
  });

  it('get_all_records_where takes conditions', async () => {
    const names = async (condition: string) => {
      const found = await root.call<Record<string, { name_label: string }>>('VM.get_all_records_where', condition);
      return Object.values(found).map((r) => r.name_label);
    };
    const machines = 'not (field "is_a_template" = "true" or field "is_control_domain" = "true")';
    expect(await names(`${machines} and field "power_state" = "Paused"`)).toEqual(['build-01']);
    expect(await names('true')).toHaveLength(simulator.db.count('VM'));
    expect(await names('false')).toEqual([]);
    for (const bad of ['', 'field', 'true true', '(true', 'field "a" =', '"a" < "b"', '('.repeat(500)])
      expect((await root.refusal('VM.get_all_records_where', bad))[0], bad).toBe('INTERNAL_ERROR');
  });
});
