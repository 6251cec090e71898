import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { connect, instant, post, type TestClient } from '../client.js';
import { faultsOf } from '../conforms.js';
import { type Refusal, refusals, stage } from './harness.js';

const on = stage();
const host = (name: string) => on.ref('host', name);
const nfs = () => on.ref('SR', 'NFS virtual disk storage');
const pool = () => on.db.need('pool', on.simulator.world.pool());

describe('high availability (facts 5.6)', () => {
  const rows: readonly Refusal[] = [
    [
      'on what one host cannot reach',
      'pool.enable_ha',
      () => [[on.ref('SR', 'iSCSI virtual disk storage')], {}],
      () => ['HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', on.ref('SR', 'iSCSI virtual disk storage')],
    ],
    [
      'on local disks',
      'pool.enable_ha',
      () => [[on.ref('SR', 'Local storage')], {}],
      () => ['INCOMPATIBLE_STATEFILE_SR', 'ext'],
    ],
    ['off when it is off', 'pool.disable_ha', () => [], () => ['HA_NOT_ENABLED']],
    [
      'a tolerance below 0',
      'pool.set_ha_host_failures_to_tolerate',
      () => [on.simulator.world.pool(), -1],
      () => ['VALUE_NOT_SUPPORTED', 'ha_host_failures_to_tolerate', '-1', expect.any(String)],
    ],
  ];
  refusals(on, rows);

  it('a host that is disabled or gone', async () => {
    on.db.update('host', host('xen-gamma'), { enabled: false });
    await on.refused('pool.enable_ha', [[nfs()], {}], ['HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED']);
    await on.simulator.faults.killHost('xen-gamma');
    await on.refused('pool.enable_ha', [[nfs()], {}], ['HOST_OFFLINE', host('xen-gamma')]);
  });

  it('makes statefile and log, protects them, and takes them away again', async () => {
    const told = await on.events(() => on.call('pool.enable_ha', [nfs()], { timeout: '60' }));
    expect([...told]).toEqual(expect.arrayContaining(['pool mod', 'vdi add', 'host mod']));
    expect(pool()).toMatchObject({ ha_enabled: true, ha_configuration: { timeout: '60' }, ha_plan_exists_for: 2n });
    expect(pool().allowed_operations).toContain('ha_disable');
    expect(pool().allowed_operations).not.toContain('ha_enable');
    const [statefile] = pool().ha_statefiles as readonly string[];
    expect(on.db.need('VDI', statefile as string)).toMatchObject({ type: 'ha_statefile', SR: nfs() });
    await on.refused('pool.enable_ha', [[nfs()], {}], ['HA_IS_ENABLED']);
    await on.refused('VDI.destroy', [statefile], ['HA_IS_ENABLED']);
    await on.refused('pool.eject', [host('xen-gamma')], ['HA_IS_ENABLED']);
    await on.refused(
      'pool.set_ha_host_failures_to_tolerate',
      [on.simulator.world.pool(), 3],
      ['HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN'],
    );
    await on.refused(
      'VM.set_ha_restart_priority',
      [on.ref('VM', 'dev-02'), 'restart'],
      ['HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', on.db.need('VDI', on.disk('dev-02')).SR],
    );
    await on.call('pool.disable_ha');
    expect(pool()).toMatchObject({ ha_enabled: false, ha_statefiles: [] });
    expect(on.db.find('VDI', ({ type }) => type === 'ha_statefile' || type === 'redo_log')).toBeUndefined();
  });

  it('while it changes it says so: HA_ENABLE_IN_PROGRESS []', async () => {
    on.simulator.faults.takeTime('pool.enable_ha', 100);
    const enabling = on.call('pool.enable_ha', [nfs()], {});
    await on.until(() => Object.keys(pool().current_operations).length > 0);
    expect(await on.client.refusal('pool.disable_ha')).toEqual(['HA_ENABLE_IN_PROGRESS']);
    await enabling;
  });
});

describe('leaving (facts 5.6)', () => {
  const rows: readonly Refusal[] = [
    ['the coordinator', 'pool.eject', () => [host('xen-alpha')], () => ['INTERNAL_ERROR', expect.any(String)]],
    [
      'a host with machines',
      'pool.eject',
      () => [host('xen-gamma')],
      () => ['OPERATION_NOT_ALLOWED', 'VM resident on host'],
    ],
  ];
  refusals(on, rows);

  it('a member goes with its local repositories; nothing leads to it any more', async () => {
    for (const name of ['legacy-pv', '仮想マシン 01']) await on.call('VM.hard_shutdown', on.ref('VM', name));
    const gamma = host('xen-gamma');
    const told = await on.events(() => on.call('pool.eject', gamma));
    for (const event of ['host del', 'pif del', 'pbd del', 'sr del', 'vdi del', 'vbd del', 'vm del'])
      expect(told).toContain(event);
    expect(on.db.get('host', gamma)).toBeUndefined();
    await expect(post(`http://127.0.0.3:${on.simulator.port}`, 'pool.get_all', [])).rejects.toThrow();
    expect(on.vm('usb-dongle').affinity).toBe(NULL_REF);
  });
});

describe('joining (facts 5.6)', () => {
  let lone: Simulator;
  let alone: TestClient;
  beforeEach(async () => {
    lone = await startSimulator({ ...instant, size: '1x4', seed: 9, subnet: 9 });
    alone = await connect(lone);
    for (const [vm, { power_state }] of lone.db.entries('VM'))
      if (power_state !== 'Halted' && !lone.db.need('VM', vm).is_control_domain)
        await alone.call('VM.hard_shutdown', vm);
    for (const [sr, { shared, type }] of [...lone.db.entries('SR')])
      if (shared && type !== 'iso') lone.db.update('SR', sr, { shared: false });
    lone.db.update('host', lone.world.coordinator(), {
      software_version: on.db.need('host', host('xen-alpha')).software_version,
    });
  });
  afterEach(() => lone.stop());

  const join = (...more: string[]) => alone.refusal('pool.join', on.simulator.url, 'root', more[0] ?? 'xenroot');

  it('refusals', async () => {
    expect(await alone.refusal('pool.join', '192.0.2.77', 'root', 'x')).toEqual(['JOINING_HOST_CONNECTION_FAILED']);
    expect((await join('wrong'))[0]).toBe('SESSION_AUTHENTICATION_FAILED');
    on.db.update('pool', on.simulator.world.pool(), { restrictions: { restrict_pooling: 'true' } });
    expect(await join()).toEqual(['LICENCE_RESTRICTION', 'restrict_pooling']);
    on.db.update('pool', on.simulator.world.pool(), { restrictions: {} });
    const [sr] = lone.db.refs('SR');
    lone.db.update('SR', sr as string, { shared: true });
    expect(await join()).toEqual(['JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS']);
    const [vm] = lone.db.find('VM', (each) => !each.is_control_domain && !each.is_a_template) as readonly [
      string,
      unknown,
    ];
    lone.db.update('VM', vm, { power_state: 'Running' });
    expect(await join()).toEqual(['JOINING_HOST_CANNOT_HAVE_RUNNING_VMS']);
    lone.db.update('host', lone.world.coordinator(), { external_auth_type: '' });
    expect(await join()).toEqual(['POOL_JOINING_EXTERNAL_AUTH_MISMATCH']);
    on.db.update('pool', on.simulator.world.pool(), { ha_enabled: true });
    expect(await join()).toEqual(['HA_IS_ENABLED']);
    expect(await on.client.refusal('pool.join', lone.url, 'root', 'xenroot')).toEqual([
      'JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS',
    ]);
  });

  it('a host comes with machines, disks and interfaces, gets the pool’s storage, and answers as a member', async () => {
    const before = on.db.count('VM');
    const { name_label } = lone.db.need('host', lone.world.coordinator());
    const guests = [...lone.db.entries('VM')].filter(([, vm]) => !vm.is_default_template).length;
    const told = await on.events(async () => {
      await alone.call('pool.join', on.simulator.url, 'root', 'xenroot');
    });
    for (const event of [
      'host add',
      'host_metrics add',
      'host_cpu add',
      'pif add',
      'pbd add',
      'sr add',
      'vm add',
      'vdi add',
    ])
      expect(told).toContain(event);
    const made = on.db.need('host', host(name_label));
    expect(on.db.count('host')).toBe(4);
    expect(on.db.count('VM')).toBe(before + guests);
    expect(made.PIFs.length).toBeGreaterThan(0);
    expect(made.PBDs.map((pbd) => on.db.need('PBD', pbd).SR)).toContain(nfs());
    expect(faultsOf('host', made as never)).toEqual([]);
    await on.until(() => lone.world.sessions.all.length === 0);
    const url = `http://${made.address}:${on.simulator.port}`;
    await on.until(() => on.simulator.db.count('host') === 4);
    const login = () => post(url, 'session.login_with_password', ['root', 'xenroot']).catch(() => undefined);
    await expect.poll(login).toEqual({ code: 'HOST_IS_SLAVE', params: ['127.0.0.1'] });
    await on.call('VM.start_on', on.ref('VM', 'dev-01'), host(name_label), false, true);
    expect(on.vm('dev-01').resident_on).toBe(host(name_label));
  });
});

describe('appliances (facts 5.3)', () => {
  const shop = () => on.ref('VM_appliance', 'Shop');
  it('starts and stops its machines in order, and says which failed', async () => {
    await on.refused('VM_appliance.start', [shop(), false], ['OPERATION_NOT_ALLOWED', expect.any(String)]);
    const told = await on.events(() => on.call('VM_appliance.clean_shutdown', shop()));
    expect([...told]).toEqual(expect.arrayContaining(['vm_appliance mod', 'vm mod', 'message add']));
    expect([on.vm('db-02').power_state, on.vm('web-02').power_state]).toEqual(['Halted', 'Halted']);
    expect(on.db.need('VM_appliance', shop()).allowed_operations).toEqual(['start']);
    on.db.update('VM', on.ref('VM', 'db-02'), { blocked_operations: { start: 'no' } });
    const failed = await on.client.refusal('VM_appliance.start', shop(), false);
    expect(failed).toEqual(['OPERATION_PARTIALLY_FAILED', 'start', on.ref('VM', 'db-02')]);
    expect(on.vm('web-02').power_state).toBe('Running');
    await on.call('VM_appliance.hard_shutdown', shop());
    expect(on.vm('web-02').power_state).toBe('Halted');
  });

  it('without machines it does nothing; destroyed it leaves them', async () => {
    const made = await on.call<string>('VM_appliance.create', { name_label: 'empty', name_description: '' });
    await on.refused('VM_appliance.start', [made, false], ['OPERATION_NOT_ALLOWED', 'Appliance has no VMs.']);
    await on.call('VM.set_appliance', on.ref('VM', 'dev-01'), made);
    expect(on.db.need('VM_appliance', made)).toMatchObject({
      VMs: [on.ref('VM', 'dev-01')],
      allowed_operations: ['start'],
    });
    await on.call('VM_appliance.destroy', made);
    expect(on.vm('dev-01').appliance).toBe(NULL_REF);
  });
});
