import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { instant, named } from '../client.js';
import { present, run } from './command.js';

/** Python's own xmlrpc.client, used as XenAPI.py uses it: no code of ours on the client's side of the wire. */
const script = `
import json, sys, xmlrpc.client

def plain(value):
    if isinstance(value, xmlrpc.client.DateTime):
        return {'datetime': value.value}
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value

pool = xmlrpc.client.ServerProxy(sys.argv[1])
method = lambda name: getattr(pool, name)
session = pool.session.login_with_password('root', 'xenroot', '1.0', 'python')['Value']
refused = pool.session.login_with_password('root', 'wrong', '1.0', 'python')
machines = pool.VM.get_all_records(session)['Value']
vm = next(ref for ref, record in machines.items() if record['name_label'] == sys.argv[2])
metrics = pool.VM_metrics.get_record(session, machines[vm]['metrics'])['Value']
role = pool.session.get_is_local_superuser(session, session)['Value']
unknown = pool.VM.get_by_uuid(session, 'nothing')
token = method('event.from')(session, ['vm'], '', 0.0)['Value']['token']
started = pool.VM.start(session, vm, False, True)
again = pool.VM.start(session, vm, False, True)
events = method('event.from')(session, ['vm', 'message'], token, 5.0)['Value']
progress = pool.task.get_all_records(session)
stopped = pool.VM.hard_shutdown(session, vm)
methods = method('system.listMethods')()
out = pool.session.logout(session)
gone = pool.VM.get_all(session)
print(json.dumps(plain({
    'refused': refused, 'machine': machines[vm], 'names': sorted(r['name_label'] for r in machines.values()),
    'metrics': metrics, 'role': role, 'unknown': unknown, 'started': started, 'again': again, 'events': events,
    'progress': progress, 'stopped': stopped, 'methods': len(methods), 'out': out, 'gone': gone,
})))
`;

describe.runIf(present('python3', ['-c', 'import xmlrpc.client'], 'python3'))('xmlrpc.client of Python', () => {
  let simulator: Simulator;
  let said: Record<string, any>;
  beforeAll(async () => {
    simulator = await startSimulator(instant);
    const { code, out, err } = await run('python3', ['-c', script, `${simulator.url}/`, 'dev-01']);
    expect([code, err]).toEqual([0, '']);
    said = JSON.parse(out) as Record<string, any>;
  });
  afterAll(() => simulator.stop());

  it('logs in with four arguments, and not with a wrong password', () => {
    const description = ['SESSION_AUTHENTICATION_FAILED', 'root', expect.any(String)];
    expect(said['refused']).toEqual({ Status: 'Failure', ErrorDescription: description });
    expect(said['role']).toBe(true);
  });

  it('reads all records with strings, booleans, dates and numbers of their types', () => {
    const machine = said['machine'];
    expect(machine).toMatchObject({ name_label: 'dev-01', is_a_template: false, memory_static_max: String(2n << 30n) });
    expect([machine['HVM_shadow_multiplier'], machine['snapshot_time']]).toEqual([
      1,
      { datetime: '19700101T00:00:00Z' },
    ]);
    expect(machine['platform']).toMatchObject({ acpi: '1' });
    expect(said['metrics']['install_time']).toEqual({ datetime: expect.stringMatching(/^\d{8}T\d\d:\d\d:\d\dZ$/) });
    expect(said['names']).toEqual(expect.arrayContaining(['Büro & Söhne <Mail> "Ω"', '仮想マシン 01']));
  });

  it('gets errors as codes with parameters', () => {
    expect(said['unknown']).toEqual({ Status: 'Failure', ErrorDescription: ['UUID_INVALID', 'VM', 'nothing'] });
    const state = ['VM_BAD_POWER_STATE', named(simulator, 'VM', 'dev-01'), 'halted', 'running'];
    expect(said['again']).toEqual({ Status: 'Failure', ErrorDescription: state });
  });

  it('starts a machine, hears of it, and stops it', () => {
    expect([said['started'], said['stopped']]).toEqual([
      { Status: 'Success', Value: '' },
      { Status: 'Success', Value: '' },
    ]);
    const { events, valid_ref_counts } = said['events'];
    const of = (name: string) => events.filter((event: { class: string }) => event.class === name);
    expect(of('message')[0]).toMatchObject({ operation: 'add', snapshot: { name: 'VM_STARTED' } });
    expect(of('vm')[0]).toMatchObject({ operation: 'mod', snapshot: { name_label: 'dev-01', power_state: 'Running' } });
    expect(valid_ref_counts).toMatchObject({ vm: simulator.db.count('VM'), host: 3 });
  });

  it('logs out', () => {
    expect(said['out']).toEqual({ Status: 'Success', Value: '' });
    expect(said['gone'].ErrorDescription[0]).toBe('SESSION_INVALID');
    expect(said['methods']).toBeGreaterThan(1800);
  });
});
