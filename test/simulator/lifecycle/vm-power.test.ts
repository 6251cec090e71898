import { describe, expect, it } from 'vitest';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { instant } from '../client.js';
import { type Refusal, refusals, stage, vbdRecord } from './harness.js';

const on = stage();
const start = (name: string) => on.call('VM.start', on.ref('VM', name), false, true);

describe('refusals leave everything as it was (facts 5.1, 5.2)', () => {
  const vm = (name: string) => on.ref('VM', name);
  const rows: readonly Refusal[] = [
    [
      'blocked',
      'VM.start',
      () => [vm('blocked'), false, true],
      () => ['OPERATION_BLOCKED', vm('blocked'), 'VM_LOCKED'],
    ],
    [
      'running already',
      'VM.start',
      () => [vm('web-01'), false, true],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    ['not paused', 'VM.unpause', () => [vm('web-01')], () => ['VM_BAD_POWER_STATE', vm('web-01'), 'paused', 'running']],
    [
      'not suspended',
      'VM.resume',
      () => [vm('dev-01'), false, false],
      () => ['VM_BAD_POWER_STATE', vm('dev-01'), 'suspended', 'halted'],
    ],
    [
      'nothing to shut down',
      'VM.shutdown',
      () => [vm('dev-01')],
      () => ['VM_BAD_POWER_STATE', vm('dev-01'), 'running, paused, suspended', 'halted'],
    ],
    ['no drivers', 'VM.clean_reboot', () => [vm('no-tools')], () => ['VM_LACKS_FEATURE', vm('no-tools')]],
    [
      'a template',
      'VM.start',
      () => [vm('Rocky Linux 9'), false, true],
      () => ['VM_IS_TEMPLATE', vm('Rocky Linux 9'), 'start'],
    ],
    [
      'a snapshot',
      'VM.start',
      () => [vm('after installation'), false, true],
      () => ['VM_IS_SNAPSHOT', vm('after installation'), 'start'],
    ],
    [
      'no repository there',
      'VM.start_on',
      () => [vm('iscsi-only'), on.ref('host', 'xen-gamma'), false, true],
      () => ['VM_REQUIRES_SR', vm('iscsi-only'), on.ref('SR', 'iSCSI virtual disk storage')],
    ],
    [
      'a machine that is not there',
      'VM.start',
      () => ['OpaqueRef:none', false, true],
      () => ['HANDLE_INVALID', 'VM', 'OpaqueRef:none'],
    ],
  ];
  refusals(on, rows);

  it('too big for any host is a matter of memory, not of hosts (facts 0.5)', async () => {
    const refused = await on.client.refusal('VM.start', vm('too-big'), false, true);
    expect(refused[0]).toBe('HOST_NOT_ENOUGH_FREE_MEMORY');
  });

  it('no host passes the other checks: NO_HOSTS_AVAILABLE [] (facts 0.5)', async () => {
    for (const host of on.db.refs('host')) on.db.update('host', host, { enabled: false });
    await on.refused('VM.start', [vm('dev-01'), false, true], ['NO_HOSTS_AVAILABLE']);
    const alpha = on.ref('host', 'xen-alpha');
    await on.refused('VM.start_on', [vm('dev-01'), alpha, false, true], ['HOST_DISABLED', alpha]);
  });

  it('a disk that another running machine writes is in use (facts 5.4)', async () => {
    const shared = on.disk('web-01');
    await on.call('VBD.create', vbdRecord({ VM: vm('dev-01'), VDI: shared }));
    await on.refused('VM.start', [vm('dev-01'), false, true], ['VDI_IN_USE', shared]);
  });

  it('processors, cores and limits are looked at before hosts are (facts 5.2)', async () => {
    const dev = vm('dev-01');
    const set = (fields: object) => on.db.update('VM', dev, fields);
    set({ VCPUs_max: 0n });
    await on.refused('VM.start', [dev, false, true], ['INVALID_VALUE', 'VCPUs_max', '0']);
    set({ VCPUs_max: 4n, platform: { 'cores-per-socket': '3' } });
    await on.refused('VM.start', [dev, false, true], ['VCPU_MAX_NOT_CORES_PER_SOCKET_MULTIPLE', '4', '3']);
    set({ platform: {}, memory_dynamic_min: 1n << 40n });
    await on.refused('VM.start', [dev, false, true], ['MEMORY_CONSTRAINT_VIOLATION']);
  });
});

describe('a start', () => {
  it('prefers the affinity, and shows on devices, host and machine while it lasts (facts 5.1, 5.2)', async () => {
    const dev = on.ref('VM', 'dev-01');
    const gamma = on.ref('host', 'xen-gamma');
    on.db.update('VM', dev, { affinity: gamma });
    on.simulator.faults.takeTime('VM.start', 60);
    const starting = start('dev-01');
    await on.until(() => on.db.need('VM', dev).scheduled_to_be_resident_on === gamma);
    const operations = (record: { readonly current_operations: object }) => Object.values(record.current_operations);
    expect(operations(on.vm('dev-01'))).toEqual(['start']);
    expect(operations(on.db.need('VBD', on.vbd('dev-01')[0]))).toEqual(['attach']);
    expect(operations(on.db.need('host', gamma))).toEqual(['vm_start']);
    await starting;
    expect(on.vm('dev-01')).toMatchObject({ power_state: 'Running', resident_on: gamma, current_operations: {} });
    expect(on.vm('dev-01').scheduled_to_be_resident_on).toBe(NULL_REF);
    expect(operations(on.db.need('host', gamma))).toEqual([]);
  });

  it('tells of the machine, its devices and images, its host, consoles, metrics and a message (facts 2.4, 5.1)', async () => {
    const told = await on.events(() => start('dev-01'));
    for (const event of ['vm mod', 'vbd mod', 'vif mod', 'vdi mod', 'host mod', 'host_metrics mod', 'vm_metrics mod'])
      expect(told).toContain(event);
    for (const event of ['console add', 'vm_guest_metrics add', 'message add']) expect(told).toContain(event);
  });

  it('can be cancelled, and then nothing has happened (facts 3)', async () => {
    on.simulator.faults.takeTime('VM.start', 200);
    const before = on.state();
    const task = await on.call<string>('Async.VM.start', on.ref('VM', 'dev-01'), false, true);
    await on.until(() => on.db.get('task', task)?.allowed_operations.includes('cancel') === true);
    await on.call('task.cancel', task);
    await on.until(() => on.db.need('task', task).status === 'cancelled');
    expect(on.state()).toEqual(before);
  });

  it('is refused where everybody is leaving (facts 5.2)', async () => {
    const beta = on.ref('host', 'xen-beta');
    on.db.update('host', beta, { current_operations: { t: 'evacuate' } });
    const params = [on.ref('VM', 'dev-01'), beta, false, true];
    await on.refused('VM.start_on', params, ['HOST_EVACUATE_IN_PROGRESS', beta]);
  });
});

describe('operations that clash wait for each other (facts 0.2)', () => {
  const options = { settings: { eventDelay: { before: 0, between: 0 }, operationWait: 80, operationWaiters: 1 } };
  const short = stage(options);

  it('up to the limit, then OTHER_OPERATION_IN_PROGRESS ["VM", vm, operation, task]', async () => {
    short.simulator.faults.takeTime('VM.clean_shutdown', 400);
    const web = short.ref('VM', 'web-01');
    const task = await short.call<string>('Async.VM.clean_shutdown', web);
    await short.until(() => Object.keys(short.vm('web-01').current_operations).length > 0);
    const refused = await short.client.refusal('VM.clean_reboot', web);
    expect(refused).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VM', web, 'clean_shutdown', task]);
  });

  it('and no more of them than may: TOO_MANY_PENDING_TASKS []', async () => {
    short.simulator.faults.takeTime('VM.clean_shutdown', 300);
    const web = short.ref('VM', 'web-01');
    await short.call('Async.VM.clean_shutdown', web);
    await short.until(() => Object.keys(short.vm('web-01').current_operations).length > 0);
    const waiting = short.client.refusal('VM.pause', web);
    await short.until(() => short.simulator.world.waiting === 1);
    expect(await short.client.refusal('VM.suspend', web)).toEqual(['TOO_MANY_PENDING_TASKS']);
    await waiting;
  });

  it('who waits can be cancelled (facts 3)', async () => {
    on.simulator.faults.takeTime('VM.clean_shutdown', 300);
    const web = on.ref('VM', 'web-01');
    const first = await on.call<string>('Async.VM.clean_shutdown', web);
    const second = await on.call<string>('Async.VM.pause', web);
    await on.until(() => on.db.need('task', second).allowed_operations.includes('cancel'));
    await on.call('task.cancel', second);
    await on.until(() => on.db.need('task', second).status === 'cancelled');
    await on.until(() => on.db.need('task', first).status === 'success');
    expect(on.vm('web-01').power_state).toBe('Halted');
  });
});

describe('stopping (facts 5.1)', () => {
  const hasty = stage({ settings: { ...instant.settings, guestPatience: 50 } });

  it('a guest that takes longer than it may is VM_SHUTDOWN_TIMEOUT [vm, t]; shutdown then stops it hard', async () => {
    const web = hasty.ref('VM', 'web-01');
    hasty.simulator.faults.takeTime('VM.clean_shutdown', 10_000);
    await hasty.refused('VM.clean_shutdown', [web], ['VM_SHUTDOWN_TIMEOUT', web, '0.05']);
    hasty.simulator.faults.takeTime('VM.shutdown', 60);
    await hasty.call('VM.shutdown', web);
    expect(hasty.vm('web-01').power_state).toBe('Halted');
  });

  it('shutdown stops hard what does not answer, is paused or sleeps', async () => {
    on.simulator.faults.failNext('VM.clean_shutdown', 'VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT', ['vm']);
    for (const name of ['web-01', 'build-01', 'sleeping-01', 'no-tools']) {
      await on.call('VM.shutdown', on.ref('VM', name));
      expect(on.vm(name)).toMatchObject({ power_state: 'Halted', suspend_VDI: NULL_REF });
    }
    expect(on.simulator.faults.failed()).toEqual(['VM.clean_shutdown']);
  });

  it('a hard shutdown ends a clean one and a migration on its way', async () => {
    const web = on.ref('VM', 'web-02');
    on.simulator.faults.takeTime('VM.pool_migrate', 500);
    const task = await on.call<string>('Async.VM.pool_migrate', web, on.ref('host', 'xen-alpha'), {});
    await on.until(() => Object.keys(on.vm('web-02').current_operations).length > 0);
    await on.call('VM.hard_shutdown', web);
    await on.until(() => on.db.need('task', task).status === 'cancelled');
    expect(on.vm('web-02')).toMatchObject({ power_state: 'Halted', resident_on: NULL_REF, current_operations: {} });
  });

  it('hard_shutdown of a sleeping machine takes its memory’s image away', async () => {
    const { suspend_VDI } = on.vm('sleeping-01');
    const told = await on.events(() => on.call('VM.hard_shutdown', on.ref('VM', 'sleeping-01')));
    expect(on.db.get('VDI', suspend_VDI)).toBeUndefined();
    expect(told).toContain('vdi del');
    expect(on.vm('sleeping-01').VBDs.every((ref) => !on.db.need('VBD', ref).currently_attached)).toBe(true);
  });

  it('devices do not change while a machine is about to stop (facts 5.4)', async () => {
    on.simulator.faults.takeTime('VM.clean_shutdown', 200);
    const stopping = on.call('VM.clean_shutdown', on.ref('VM', 'web-01'));
    await on.until(() => Object.keys(on.vm('web-01').current_operations).length > 0);
    expect((await on.client.refusal('VBD.unplug', on.vbd('web-01')[0]))[0]).toBe('OPERATION_NOT_ALLOWED');
    await stopping;
  });
});

describe('a host that does not answer', () => {
  it('does nothing for its machines: HOST_OFFLINE [host]; their records can be reset', async () => {
    await on.simulator.faults.killHost('xen-gamma');
    const [pv, gamma] = [on.ref('VM', 'legacy-pv'), on.ref('host', 'xen-gamma')];
    for (const method of ['VM.clean_shutdown', 'VM.hard_shutdown', 'VM.pause', 'VM.suspend'])
      await on.refused(method, [pv], ['HOST_OFFLINE', gamma]);
    await on.refused('VM.start_on', [on.ref('VM', 'dev-01'), gamma, false, true], ['HOST_NOT_LIVE']);
    await on.call('VM.power_state_reset', pv);
    expect(on.vm('legacy-pv')).toMatchObject({ power_state: 'Halted', resident_on: NULL_REF });
  });
});

describe('sleep (facts 5.1)', () => {
  it('needs a repository for the memory, with room in it', async () => {
    const web = on.ref('VM', 'web-01');
    const nfs = on.ref('SR', 'NFS virtual disk storage');
    on.db.update('SR', nfs, { physical_utilisation: on.db.need('SR', nfs).physical_size - (1n << 30n) });
    await on.refused('VM.suspend', [web], ['SR_SUSPEND_SPACE_INSUFFICIENT', nfs]);
    on.db.update('pool', on.simulator.world.pool(), { suspend_image_SR: NULL_REF as never });
    await on.refused('VM.suspend', [web], ['VM_NO_SUSPEND_SR', web]);
  });

  it('resumes on a host that it names, and not without its memory', async () => {
    const vm = on.ref('VM', 'sleeping-01');
    const beta = on.ref('host', 'xen-beta');
    await on.call('VM.resume_on', vm, beta, true, false);
    expect(on.vm('sleeping-01')).toMatchObject({ power_state: 'Paused', resident_on: beta, suspend_VDI: NULL_REF });
    const other = on.ref('VM', 'sleeping-02');
    on.db.update('VM', other, { suspend_VDI: NULL_REF as never });
    await on.refused('VM.resume', [other, false, false], ['VM_HAS_NO_SUSPEND_VDI', other]);
  });
});
