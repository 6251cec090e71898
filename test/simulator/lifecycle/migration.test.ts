import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import type { Ref } from '../../../src/xenapi/records.js';
import { connect, instant, named, type TestClient } from '../client.js';
import { type Refusal, refusals, stage } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const host = (name: string) => on.ref('host', name);

describe('within the pool: refusals (facts 5.1, 5.2)', () => {
  const rows: readonly Refusal[] = [
    [
      'a halted machine',
      'VM.pool_migrate',
      () => [vm('dev-01'), host('xen-beta'), {}],
      () => ['VM_BAD_POWER_STATE', vm('dev-01'), 'running', 'halted'],
    ],
    [
      'without drivers',
      'VM.pool_migrate',
      () => [vm('no-tools'), host('xen-alpha'), {}],
      () => ['VM_LACKS_FEATURE', vm('no-tools')],
    ],
    [
      'a graphics card',
      'VM.pool_migrate',
      () => [vm('gpu-01'), host('xen-beta'), {}],
      () => ['VM_HAS_VGPU', vm('gpu-01')],
    ],
    [
      'out of reach of its disk',
      'VM.pool_migrate',
      () => [vm('db-01'), host('xen-gamma'), {}],
      () => ['VM_REQUIRES_SR', vm('db-01'), on.ref('SR', 'iSCSI virtual disk storage')],
    ],
    [
      'to a host that is not there',
      'VM.pool_migrate',
      () => [vm('web-01'), 'OpaqueRef:none', {}],
      () => ['HANDLE_INVALID', 'host', 'OpaqueRef:none'],
    ],
  ];
  refusals(on, rows);

  it('nested virtualisation pins a machine: VM_IS_IMMOBILE [vm]', async () => {
    on.db.update('VM', vm('web-01'), { platform: { 'nested-virt': 'true' } });
    await on.refused('VM.pool_migrate', [vm('web-01'), host('xen-beta'), {}], ['VM_IS_IMMOBILE', vm('web-01')]);
  });

  it('a disabled host, and one without memory, say so', async () => {
    on.db.update('host', host('xen-beta'), { enabled: false });
    await on.refused('VM.pool_migrate', [vm('web-01'), host('xen-beta'), {}], ['HOST_DISABLED', host('xen-beta')]);
    on.db.update('VM', vm('web-02'), {
      memory_dynamic_min: 1n << 37n,
      memory_dynamic_max: 1n << 37n,
      memory_static_max: 1n << 37n,
    });
    const refused = await on.client.refusal('VM.pool_migrate', vm('web-02'), host('xen-alpha'), {});
    expect(refused[0]).toBe('HOST_NOT_ENOUGH_FREE_MEMORY');
  });
});

describe('within the pool (facts 5.2)', () => {
  it('a running machine goes on elsewhere with consoles there; memory is claimed on the way', async () => {
    const [web, beta] = [vm('web-01'), host('xen-beta')];
    on.simulator.faults.takeTime('VM.pool_migrate', 60);
    const free = await on.call<number>('host.compute_free_memory', beta);
    const moving = on.events(() => on.call('VM.pool_migrate', web, beta, {}));
    await on.until(() => on.vm('web-01').scheduled_to_be_resident_on === beta);
    expect(Object.values(on.db.need('host', beta).current_operations)).toEqual(['vm_migrate']);
    expect(await on.call<number>('host.compute_free_memory', beta)).toBeLessThan(free);
    const told = await moving;
    expect(on.vm('web-01')).toMatchObject({ power_state: 'Running', resident_on: beta });
    const { location } = on.db.need('console', on.vm('web-01').consoles[0] as string);
    expect(location).toContain(on.db.need('host', beta).address);
    for (const event of ['vm mod', 'host mod', 'host_metrics mod', 'console add', 'console del', 'message add'])
      expect(told).toContain(event);
  });

  it('to its own host is allowed, and who forces it does without drivers', async () => {
    await on.call('VM.pool_migrate', vm('web-01'), on.vm('web-01').resident_on, {});
    on.db.update('VM', vm('build-01'), { power_state: 'Running' });
    on.db.update('VM', vm('build-01'), { guest_metrics: 'OpaqueRef:NULL' as never });
    await on.call('VM.pool_migrate', vm('build-01'), host('xen-alpha'), { force: 'true' });
    expect(on.vm('build-01').resident_on).toBe(host('xen-alpha'));
  });

  const receive = (name: string) =>
    on.call<Record<string, string>>(
      'host.migrate_receive',
      host(name),
      on.ref('network', 'Pool-wide network associated with eth0'),
      {},
    );

  it('with its disks: they move, block devices follow, the old ones are gone', async () => {
    const dest = await receive('xen-beta');
    const [local] = [...on.db.entries('PBD')].flatMap(([, pbd]) =>
      pbd.host === host('xen-beta') && on.db.need('SR', pbd.SR).type === 'ext' ? [pbd.SR] : [],
    );
    const disk = on.disk('legacy-pv');
    const unreachable = await on.client.refusal('VM.assert_can_migrate', vm('legacy-pv'), dest, true, {}, {}, {});
    expect(unreachable).toEqual(['VDI_NOT_IN_MAP', disk]);
    await on.call('VM.assert_can_migrate', vm('legacy-pv'), dest, true, { [disk]: local }, {}, {});
    expect(await on.call('VM.migrate_send', vm('legacy-pv'), dest, true, { [disk]: local }, {}, {})).toBe(
      vm('legacy-pv'),
    );
    expect(on.vm('legacy-pv').resident_on).toBe(host('xen-beta'));
    expect(on.db.need('VDI', on.disk('legacy-pv')).SR).toBe(local);
    expect(on.db.get('VDI', disk)).toBeUndefined();
  });

  it('with maps and targets that do not fit is refused', async () => {
    const dest = await receive('xen-beta');
    const web = vm('web-01');
    const [vif] = on.vm('web-01').VIFs;
    const network = on.ref('network', 'Internal');
    await on.refused(
      'VM.migrate_send',
      [web, dest, true, {}, { [vif as string]: network }, {}],
      ['OPERATION_NOT_ALLOWED', 'VIF mapping is not allowed for intra-pool migration'],
    );
    const nowhere = { ...dest, master: 'http://192.0.2.1/' };
    await on.refused('VM.migrate_send', [web, nowhere, true, {}, {}, {}], ['CANNOT_CONTACT_HOST', host('xen-beta')]);
    const stranger = { ...dest, session_id: 'OpaqueRef:none' };
    await on.refused('VM.migrate_send', [web, stranger, true, {}, {}, {}], ['SESSION_INVALID', 'OpaqueRef:none']);
    on.db.update('VDI', on.disk('web-01'), { cbt_enabled: true });
    const local = on.ref('SR', 'Local storage');
    const target = on.db.need('PBD', on.db.need('SR', local).PBDs[0] as string).host;
    const there = await receive(on.db.need('host', target).name_label);
    await on.refused(
      'VM.migrate_send',
      [web, there, true, { [on.disk('web-01')]: local }, {}, {}],
      ['VDI_CBT_ENABLED', on.disk('web-01')],
    );
    on.db.update('host', host('xen-beta'), { enabled: false });
    await on.refused('VM.migrate_send', [web, dest, true, {}, {}, {}], ['HOST_DISABLED', host('xen-beta')]);
    on.db.update('host', host('xen-beta'), { software_version: { product_version: '6.5.0' } });
    await on.refused(
      'VM.migrate_send',
      [web, dest, true, {}, {}, {}],
      ['VM_HOST_INCOMPATIBLE_VERSION_MIGRATE', host('xen-beta'), web],
    );
  });

  it('a network without an address on the host receives nobody', async () => {
    const beta = host('xen-beta');
    await on.refused(
      'host.migrate_receive',
      [beta, on.ref('network', 'Internal'), {}],
      ['PIF_NOT_PRESENT', beta, on.ref('network', 'Internal')],
    );
    await on.refused(
      'host.migrate_receive',
      [beta, on.ref('network', 'Bond 2+3'), {}],
      ['INTERFACE_HAS_NO_IP', 'bond0'],
    );
  });
});

describe('between pools (facts 5.2)', () => {
  let other: Simulator;
  let there: TestClient;
  let dest: Record<string, string>;
  beforeEach(async () => {
    other = await startSimulator({ ...instant, size: '2x3', seed: 7, subnet: 7 });
    there = await connect(other);
    const network = named(other, 'network', 'Pool-wide network associated with eth0');
    dest = await there.call('host.migrate_receive', other.db.refs('host')[1], network, {});
  });
  afterEach(() => other.stop());

  const maps = () => {
    const network = named(other, 'network', 'Pool-wide network associated with eth1');
    return Object.fromEntries(on.vm('web-01').VIFs.map((vif) => [vif, network]));
  };

  it('a running machine goes with disks, snapshots and contents, and is gone here', async () => {
    const { uuid, snapshots } = on.vm('web-01');
    on.simulator.world.contents.write(on.disk('web-01'), 0, Buffer.from('payload'));
    const made = await on.call<Ref<'VM'>>('VM.migrate_send', vm('web-01'), dest, true, {}, maps(), {});
    const machine = other.db.need('VM', made);
    expect(machine).toMatchObject({ uuid, power_state: 'Running', resident_on: other.db.refs('host')[1] });
    expect(machine.snapshots).toHaveLength(snapshots.length);
    expect(machine.allowed_operations).toContain('clean_shutdown');
    const disk = machine.VBDs.map((each) => other.db.need('VBD', each)).find(({ userdevice }) => userdevice === '0');
    expect(other.world.contents.read(disk?.VDI as string, 0, 7).toString()).toBe('payload');
    expect(on.db.byUuid('VM', uuid)).toBeUndefined();
    expect([...on.db.entries('VDI')].filter(([, { name_label }]) => name_label.startsWith('web-01'))).toEqual([]);
  });

  it('every interface must be in the map, and every disk find a repository', async () => {
    const [vif] = on.vm('web-01').VIFs;
    await on.refused('VM.migrate_send', [vm('web-01'), dest, true, {}, {}, {}], ['VIF_NOT_IN_MAP', vif]);
    other.db.update('pool', other.world.pool(), { default_SR: 'OpaqueRef:NULL' as never });
    await on.refused(
      'VM.migrate_send',
      [vm('web-01'), dest, true, {}, maps(), {}],
      ['VDI_NOT_IN_MAP', on.disk('web-01')],
    );
  });

  it('a copy leaves the machine where it is', async () => {
    const VIFs = on
      .vm('dev-01')
      .VIFs.map((vif) => [vif, named(other, 'network', 'Pool-wide network associated with eth1')]);
    const before = on.vm('dev-01').uuid;
    const params = [vm('dev-01'), dest, false, {}, Object.fromEntries(VIFs), { copy: 'true' }];
    const made = await on.call<Ref<'VM'>>('VM.migrate_send', ...params);
    expect(other.db.need('VM', made)).toMatchObject({ name_label: 'dev-01', power_state: 'Halted' });
    expect(other.db.need('VM', made).uuid).not.toBe(before);
    expect(on.vm('dev-01').uuid).toBe(before);
  });

  it('a full pool takes nothing, and nothing is lost', async () => {
    for (const sr of other.db.refs('SR')) other.faults.fillRepository(sr);
    const before = other.db.count('VM');
    await on.refused(
      'VM.migrate_send',
      [vm('web-01'), dest, true, {}, maps(), {}],
      ['SR_BACKEND_FAILURE_44', '', 'There is insufficient space', ''],
    );
    expect(other.db.count('VM')).toBe(before);
  });
});
