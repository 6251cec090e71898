import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import type { InstancePath } from '../../src/cim/path.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { embedded, failEachStep, path, type Stage, shown, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_VirtualSystemMigrationService', { Name: 'Xen Migration Service' });
const hostPath = (uuid: string) =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });
const of = (MigrationType: number) => embedded('CIM_VirtualSystemMigrationSettingData', { MigrationType });

type Parameters = Readonly<Record<string, Argument>>;

const toHost = (uuid: string, DestinationHost: string, more: Parameters = {}, user = 'root') =>
  on.invoke(
    service,
    'MigrateVirtualSystemToHost',
    { ComputerSystem: systemPath(uuid), DestinationHost, ...more },
    user,
  );
const check = (uuid: string, DestinationHost: string, more: Parameters = {}, user = 'root') =>
  on.invoke(
    service,
    'CheckVirtualSystemIsMigratableToHost',
    { ComputerSystem: systemPath(uuid), DestinationHost, ...more },
    user,
  );

type Vm = [Ref<'VM'>, Records['VM']];
type Host = [Ref<'host'>, Records['host']];

const isMovable = (vm: Records['VM']): boolean =>
  vm.allowed_operations.includes('pool_migrate') &&
  vm.VBDs.every((vbd) => {
    const { empty, VDI } = on.db.need('VBD', vbd);
    return empty || on.db.need('SR', on.db.need('VDI', VDI).SR).shared;
  });
const movable = (): Vm => on.one('VM', isMovable);
const elsewhere = (vm: Ref<'VM'>): Host => {
  const { resident_on } = on.db.need('VM', vm);
  const ref = on.db.refs('host').find((host) => host !== resident_on && fits(host));
  return [ref!, on.db.need('host', ref!)];
};
const fits = (host: Ref<'host'>): boolean => {
  const record = on.db.need('host', host);
  return record.enabled && on.db.need('host_metrics', record.metrics).live;
};
const hostOf = (vm: Ref<'VM'>): Ref<'host'> => on.db.need('VM', vm).resident_on;

/** A running machine with a disk on a repository of its own host alone, and that disk. */
const onLocal = (): { vm: Vm; vbd: Records['VBD']; vdi: Ref<'VDI'> } => {
  for (const ref of on.db.refs('VM')) {
    const vm = on.db.need('VM', ref);
    if (!vm.allowed_operations.includes('migrate_send') || vm.is_a_template || vm.is_a_snapshot) continue;
    if (vm.power_state !== 'Running') continue;
    for (const each of vm.VBDs) {
      const vbd = on.db.need('VBD', each);
      if (vbd.type === 'Disk' && !vbd.empty) return { vm: [ref, vm], vbd, vdi: vbd.VDI };
    }
  }
  throw new Error('no machine with a disk runs');
};

describe('MigrateVirtualSystemToHost', () => {
  test('moves a live machine to the host of that address, name or uuid, by one message in a job', async () => {
    const [vm, { uuid }] = movable();
    for (const name of ['address', 'hostname', 'name_label', 'uuid'] as const) {
      const [host, record] = elsewhere(vm);
      const sent = await on.messages(async () => {
        const job = await on.job(await toHost(uuid, record[name].toUpperCase()));
        expect(job.shape.className).toBe('Xen_VirtualSystemMigrationServiceJob');
        expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
      });
      expect(sent).toEqual(['Async.VM.pool_migrate']);
      expect(on.store.get('VM', vm)?.resident_on).toBe(host);
    }
  });

  test('moves a machine asleep or shut down on the way, where that is the MigrationType', async () => {
    const [vm, { uuid }] = movable();
    for (const [type, messages] of [
      [3, ['Async.VM.resume_on', 'Async.VM.suspend', 'VM.assert_can_boot_here']],
      [4, ['Async.VM.clean_shutdown', 'Async.VM.start_on', 'VM.assert_can_boot_here']],
    ] as const) {
      const [host, { address }] = elsewhere(vm);
      const sent = await on.messages(async () => {
        const job = await on.job(await toHost(uuid, address, { MigrationSettingData: of(type) }));
        expect(shown(job, 'ErrorDescription')).toBeNull();
      });
      expect(sent).toEqual(messages);
      expect([hostOf(vm), on.db.need('VM', vm).power_state]).toEqual([host, 'Running']);
      const before = hostOf(vm);
      await failEachStep(on, messages, () =>
        toHost(uuid, elsewhere(vm)[1].address, { MigrationSettingData: of(type) }),
      );
      expect([on.db.need('VM', vm).power_state, hostOf(vm)]).toEqual(['Running', before]);
    }
  });

  test('moves disks where new setting data says so', async () => {
    const { vm, vbd, vdi } = onLocal();
    const [ref, { uuid, resident_on }] = vm;
    const { SR } = on.db.need('VDI', vdi);
    const [target, repository] = on.one(
      'SR',
      (sr) =>
        sr.content_type !== 'iso' &&
        sr.allowed_operations.includes('vdi_create') &&
        sr.uuid !== on.db.need('SR', SR).uuid &&
        sr.PBDs.some((pbd) => on.db.need('PBD', pbd).host === resident_on && on.db.need('PBD', pbd).currently_attached),
    );
    const { address } = on.db.need('host', resident_on);
    const NewResourceSettingData = [
      embedded('Xen_DiskSettingData', { InstanceID: `Xen:${uuid}/${vbd.uuid}`, PoolID: repository.uuid }),
    ];
    const counts = on.census();
    const asked = await check(uuid, address, { NewResourceSettingData });
    expect(asked.output).toMatchObject({ IsMigratable: true });
    const sent = await on.messages(async () => {
      const job = await on.job(await toHost(uuid, address, { NewResourceSettingData }));
      expect(shown(job, 'ErrorDescription')).toBeNull();
    });
    expect(sent).toEqual(['Async.VM.migrate_send', 'host.migrate_receive']);
    const now = on.db
      .need('VM', ref)
      .VBDs.map((each) => on.db.need('VBD', each))
      .find(({ uuid: id }) => id === vbd.uuid);
    expect(on.db.need('VDI', now!.VDI).SR).toBe(target);
    expect(on.census()).toEqual(counts);
    const back = [
      embedded('Xen_DiskSettingData', { InstanceID: `Xen:${uuid}/${vbd.uuid}`, PoolID: on.db.need('SR', SR).uuid }),
    ];
    await failEachStep(on, sent, () => toHost(uuid, address, { NewResourceSettingData: back }));
    expect(await on.refused(check(uuid, address, { NewResourceSettingData: back }, 'vm-admin'))).toMatchObject({
      status: 'ACCESS_DENIED',
    });
    expect((await toHost(uuid, address, { NewResourceSettingData: back, MigrationSettingData: of(4) })).returned).toBe(
      6,
    );
  });

  test('refuses what it cannot take', async () => {
    const [vm, { uuid }] = movable();
    const [, { address }] = elsewhere(vm);
    const invalid = { status: 'INVALID_PARAMETER' };
    expect(await on.refused(toHost(uuid, '192.0.2.99'))).toMatchObject(invalid);
    expect(await on.refused(toHost(uuid, ' '))).toMatchObject(invalid);
    expect(await on.refused(toHost('nobody', address))).toMatchObject({ status: 'NOT_FOUND' });
    expect(
      await on.refused(on.invoke(service, 'MigrateVirtualSystemToHost', { DestinationHost: address })),
    ).toMatchObject(invalid);
    const [, template] = on.one('VM', (each) => each.is_a_template);
    expect(await on.refused(toHost(template.uuid, address))).toMatchObject(invalid);
    const [, domain] = on.one('VM', (each) => each.is_control_domain);
    expect(await on.refused(toHost(domain.uuid, address))).toMatchObject(invalid);
    expect((await toHost(uuid, address, { MigrationSettingData: of(1) })).returned).toBe(1);
    const fast = embedded('CIM_VirtualSystemMigrationSettingData', { Bandwidth: 100 });
    expect((await toHost(uuid, address, { MigrationSettingData: fast })).returned).toBe(1);
    const nic = on.db.need('VM', vm).VIFs.map((vif) => on.db.need('VIF', vif).uuid)[0];
    const NewResourceSettingData = [embedded('Xen_NetworkPortSettingData', { InstanceID: `Xen:${uuid}/${nic}` })];
    expect((await toHost(uuid, address, { NewResourceSettingData })).returned).toBe(6);
  });

  test('is a wrong state for what does not run, fails where the host cannot take it, and is not for everybody', async () => {
    const [vm, { uuid }] = movable();
    const [host, { address }] = elsewhere(vm);
    const [, { uuid: halted }] = on.machine('Halted');
    expect((await toHost(halted, address)).returned).toBe(5);
    expect(await on.refused(toHost(uuid, address, {}, 'vm-admin'))).toMatchObject({ status: 'ACCESS_DENIED' });
    on.db.update('host', host, { enabled: false });
    const job = await on.job(await toHost(uuid, address));
    expect([shown(job, 'JobState'), shown(job, 'ErrorCode')]).toEqual([10, 5]);
    expect(shown(job, 'ErrorDescription')).toMatch(/XenError:HOST_DISABLED:/);
    on.db.update('host', host, { enabled: true });
    const before = hostOf(vm);
    await failEachStep(on, ['VM.pool_migrate'], () => toHost(uuid, address));
    expect(hostOf(vm)).toBe(before);
  });
});

test('A migration that is told to stop leaves the machine where it was', async () => {
  const slow = await stage({ durations: { 'VM.pool_migrate': 4000 } });
  const [vm, { uuid, resident_on }] = slow.one('VM', ({ uuid: each }) => each === movable()[1].uuid);
  const [, { address }] = slow.one('host', ({ uuid: each }) => each !== slow.db.need('host', resident_on).uuid);
  const answer = await slow.invoke(service, 'MigrateVirtualSystemToHost', {
    ComputerSystem: systemPath(uuid),
    DestinationHost: address,
  });
  const job = answer.output['Job'] as InstancePath;
  await vi.waitFor(() => expect(Object.values(slow.db.need('VM', vm).current_operations)).toEqual(['pool_migrate']));
  const stopped = await slow.invoke(job, 'RequestStateChange', { RequestedState: '4' });
  expect([0, 4096]).toContain(stopped.returned);
  expect(shown(await slow.job(answer), 'JobState')).toBe(8);
  expect(slow.db.need('VM', vm)).toMatchObject({ power_state: 'Running', resident_on });
  await slow.end();
});

describe('MigrateVirtualSystemToSystem', () => {
  const toSystem = (uuid: string, host: string, user = 'root') =>
    on.invoke(
      service,
      'MigrateVirtualSystemToSystem',
      { ComputerSystem: systemPath(uuid), DestinationSystem: hostPath(host) },
      user,
    );

  test('moves a live machine to the host that is referred to', async () => {
    const [vm, { uuid }] = movable();
    const [host, record] = elsewhere(vm);
    expect(shown(await on.job(await toSystem(uuid, record.uuid)), 'JobState')).toBe(7);
    expect(on.store.get('VM', vm)?.resident_on).toBe(host);
  });

  test('refuses hosts that are not there, machines that do not run, and those who may not', async () => {
    const [vm, { uuid }] = movable();
    const [, record] = elsewhere(vm);
    expect(await on.refused(toSystem(uuid, 'nobody'))).toMatchObject({ status: 'NOT_FOUND' });
    expect(
      await on.refused(on.invoke(service, 'MigrateVirtualSystemToSystem', { ComputerSystem: systemPath(uuid) })),
    ).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect((await toSystem(on.machine('Halted')[1].uuid, record.uuid)).returned).toBe(5);
    expect(await on.refused(toSystem(uuid, record.uuid, 'vm-operator'))).toMatchObject({ status: 'ACCESS_DENIED' });
    await failEachStep(on, ['VM.pool_migrate'], () => toSystem(uuid, elsewhere(vm)[1].uuid));
  });
});

describe('CheckVirtualSystemIsMigratableToHost and ToSystem', () => {
  const checkSystem = (uuid: string, host: string, user = 'root') =>
    on.invoke(
      service,
      'CheckVirtualSystemIsMigratableToSystem',
      { ComputerSystem: systemPath(uuid), DestinationSystem: hostPath(host) },
      user,
    );

  test('say yes and change nothing; who may read may ask', async () => {
    const [vm, { uuid }] = movable();
    const [, { address, uuid: host }] = elsewhere(vm);
    const before = hostOf(vm);
    const sent = await on.messages(async () => {
      const { returned, output } = await check(uuid, address, {}, 'reader');
      expect([returned, output['IsMigratable']]).toEqual([0, true]);
    });
    expect(sent).toEqual(['VM.assert_can_boot_here', 'VM.assert_operation_valid']);
    expect((await checkSystem(uuid, host, 'reader')).output).toMatchObject({ IsMigratable: true });
    expect(hostOf(vm)).toBe(before);
  });

  test('say no where the pool does, or the state of the machine', async () => {
    const [vm, { uuid }] = movable();
    const [host, { address, uuid: system }] = elsewhere(vm);
    const halted = on.machine('Halted')[1].uuid;
    expect((await check(halted, address)).output).toMatchObject({ IsMigratable: false });
    on.db.update('host', host, { enabled: false });
    for (const answer of [await check(uuid, address), await checkSystem(uuid, system)]) {
      expect([answer.returned, answer.output['IsMigratable']]).toEqual([0, false]);
    }
    on.db.update('host', host, { enabled: true });
    on.db.update('VM', vm, { blocked_operations: { pool_migrate: 'audit' } });
    expect((await check(uuid, address)).output).toMatchObject({ IsMigratable: false });
    on.db.update('VM', vm, { blocked_operations: {} });
  });

  test('refuse what they cannot take', async () => {
    const [vm, { uuid }] = movable();
    const [, { address }] = elsewhere(vm);
    expect(await on.refused(check(uuid, '192.0.2.99'))).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await on.refused(checkSystem(uuid, 'nobody'))).toMatchObject({ status: 'NOT_FOUND' });
    expect(await on.refused(check('nobody', address))).toMatchObject({ status: 'NOT_FOUND' });
    expect((await check(uuid, address, { MigrationSettingData: of(1) })).returned).toBe(1);
    const counts = on.census();
    on.simulator.faults.failNext('VM.assert_can_boot_here', 'INTERNAL_ERROR', ['injected']);
    expect((await check(uuid, address)).output).toMatchObject({ IsMigratable: false });
    expect(on.census()).toEqual(counts);
  });
});

describe('To another pool', () => {
  let there: Stage;
  beforeAll(async () => {
    there = await stage();
  });
  afterAll(() => there.end());

  const login = (more: Readonly<Record<string, string | number>> = {}) =>
    embedded('Xen_VirtualSystemMigrationSettingData', {
      DestinationUsername: 'root',
      DestinationPassword: 'root',
      ...more,
    });
  const emigrant = () =>
    on.one('VM', (vm) => isMovable(vm) && vm.VIFs.length > 0 && vm.allowed_operations.includes('migrate_send'));
  const go = (uuid: string, more: Parameters = {}, user = 'root') =>
    toHost(uuid, there.simulator.url, { MigrationSettingData: login(), ...more }, user);

  test('a machine goes with its disks, by a session that ends there', async () => {
    const [ref, { uuid, VBDs, VIFs, name_label }] = emigrant();
    const machines = there.db.refs('VM').length;
    const asked = await check(uuid, there.simulator.url, { MigrationSettingData: login() });
    expect(asked.output).toMatchObject({ IsMigratable: true });
    const [port] = VIFs.map((vif) => on.db.need('VIF', vif).uuid);
    const [disk] = VBDs.map((vbd) => on.db.need('VBD', vbd)).filter(({ type }) => type === 'Disk');
    const [network, { uuid: networkUuid }] = there.one('network', ({ PIFs }) => PIFs.length > 0);
    const { default_SR } = there.db.need('pool', there.db.refs('pool')[0]!);
    const NewResourceSettingData = [
      embedded('Xen_NetworkPortSettingData', { InstanceID: `Xen:${uuid}/${port}`, PoolID: networkUuid }),
      embedded('Xen_DiskSettingData', {
        InstanceID: `Xen:${uuid}/${disk!.uuid}`,
        PoolID: `Shared/${there.db.need('SR', default_SR).uuid}`,
      }),
    ];
    const sent = await on.messages(async () => {
      const job = await on.job(await go(uuid, { NewResourceSettingData }));
      expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    });
    expect(sent).toEqual(['Async.VM.migrate_send']);
    expect(on.store.get('VM', ref)).toBeUndefined();
    expect(there.db.refs('VM')).toHaveLength(machines + 1);
    const [, moved] = there.one('VM', (vm) => vm.name_label === name_label && vm.VIFs.length === VIFs.length);
    expect(moved.power_state).toBe('Running');
    const networks = there.db
      .refs('VM')
      .slice(machines)
      .flatMap((vm) => there.db.need('VM', vm).VIFs.map((vif) => there.db.need('VIF', vif).network));
    expect(networks).toContain(network);
    const logins = there.simulator.calls();
    expect(logins.get('session.logout')).toBe(2);
  });

  test('fails, and the machine stays, where the login, the place or the pool is not right', async () => {
    const [ref, { uuid }] = emigrant();
    const before = on.db.need('VM', ref);
    const counts = [on.census(), there.census()];
    const wrong = login({ DestinationPassword: 'hunter2' });
    const job = await on.job(await go(uuid, { MigrationSettingData: wrong }));
    expect(shown(job, 'JobState')).toBe(10);
    expect(String(shown(job, 'ErrorDescription'))).toMatch(/SESSION_AUTHENTICATION_FAILED/);
    expect(String(shown(job, 'ErrorDescription'))).not.toMatch(/hunter2/);
    const denied = check(uuid, there.simulator.url, { MigrationSettingData: wrong });
    expect(await on.refused(denied)).toMatchObject({ status: 'ACCESS_DENIED' });
    await failEachStep(on, ['VM.migrate_send'], () => go(uuid));
    there.simulator.faults.failNext('host.migrate_receive', 'HOST_DISABLED', ['x']);
    const refused = await on.job(await go(uuid));
    expect(shown(refused, 'ErrorDescription')).toMatch(/XenError:HOST_DISABLED/);
    on.simulator.faults.failNext('VM.assert_can_migrate', 'VDI_CBT_ENABLED', ['x']);
    expect((await check(uuid, there.simulator.url, { MigrationSettingData: login() })).output).toMatchObject({
      IsMigratable: false,
    });
    expect([on.census(), there.census()]).toEqual(counts);
    expect(on.db.need('VM', ref)).toMatchObject({ power_state: 'Running', resident_on: before.resident_on });
  });

  test('refuses what it cannot take', async () => {
    const [, { uuid }] = emigrant();
    const invalid = { status: 'INVALID_PARAMETER' };
    const to = (DestinationHost: string, MigrationSettingData = login()) =>
      toHost(uuid, DestinationHost, { MigrationSettingData });
    expect(await on.refused(to('http://192.0.2.1'))).toMatchObject(invalid);
    expect(await on.refused(to('https://user:word@192.0.2.1'))).toMatchObject(invalid);
    expect(await on.refused(to('https://'))).toMatchObject(invalid);
    const nobody = embedded('Xen_VirtualSystemMigrationSettingData', { DestinationUsername: 'root' });
    expect(await on.refused(to(there.simulator.url, nobody))).toMatchObject(invalid);
    expect((await to(there.simulator.url, login({ MigrationType: 4 }))).returned).toBe(6);
    const cd = [embedded('Xen_DiskSettingData', { InstanceID: `Xen:${uuid}/nothing`, PoolID: 'x' })];
    expect((await go(uuid, { NewResourceSettingData: cd })).returned).toBe(6);
    expect(await on.refused(go(uuid, {}, 'vm-admin'))).toMatchObject({ status: 'ACCESS_DENIED' });
    const [, paused] = on.one('VM', (vm) => vm.power_state === 'Paused');
    expect((await go(paused.uuid)).returned).toBe(5);
  });
});

test('The capabilities of the service name what works (decisions.md 33)', async () => {
  const [capabilities] = await on.list('Xen_VirtualSystemMigrationCapabilities');
  expect(shown(capabilities!, 'SynchronousMethodsSupported')).toEqual([4, 5]);
  expect(shown(capabilities!, 'AsynchronousMethodsSupported')).toEqual([2, 3]);
});
