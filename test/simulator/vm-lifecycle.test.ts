import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { NULL_REF } from '../../src/xenapi/records.js';
import { connect, instant, named, type TestClient } from './client.js';

let simulator: Simulator;
let client: TestClient;
async function start(options: SimulatorOptions): Promise<void> {
  simulator = await startSimulator(options);
  client = await connect(simulator);
}
beforeEach(() => start(instant));
afterEach(() => simulator.stop());

const ref = (name: string) => named(simulator, 'VM', name);
const vm = (name: string) => simulator.db.need('VM', ref(name));
const alerts = () => [...simulator.world.messages.entries.values()].map((m) => m.name);

describe('allowed_operations (facts 5.1)', () => {
  const halted =
    'changing_NVRAM changing_dynamic_range changing_shadow_memory changing_static_range clone copy create_vtpm destroy ' +
    'export make_into_template metadata_export migrate_send snapshot start start_on';
  const running =
    'changing_VCPUs_live changing_dynamic_range checkpoint clean_reboot clean_shutdown hard_reboot hard_shutdown ' +
    'metadata_export migrate_send pause pool_migrate snapshot suspend';
  it.each([
    ['a halted machine', 'dev-01', halted],
    ['a running one with drivers', 'web-01', running],
    ['a paravirtual one', 'legacy-pv', running],
    [
      'one without drivers',
      'no-tools',
      'changing_dynamic_range hard_reboot hard_shutdown metadata_export pause snapshot',
    ],
    ['a paused one', 'build-01', 'checkpoint hard_reboot hard_shutdown metadata_export snapshot unpause'],
    [
      'a suspended one',
      'sleeping-01',
      'checkpoint destroy export hard_shutdown metadata_export migrate_send resume resume_on snapshot',
    ],
    ['one with a vTPM', 'win-11', halted.replace('create_vtpm ', '')],
    [
      'a machine whose start and destruction are blocked',
      'blocked',
      halted.replace('destroy ', '').replace('start ', ''),
    ],
    [
      'a default template',
      'Rocky Linux 9',
      'changing_NVRAM changing_dynamic_range changing_shadow_memory changing_static_range clone copy export metadata_export provision',
    ],
    ['a snapshot', 'after installation', 'clone copy destroy export metadata_export revert'],
    ['a checkpoint', 'checkpoint with memory', 'clone copy destroy export hard_shutdown metadata_export revert'],
    [
      'a control domain',
      'Control domain on host: xen-beta',
      'changing_dynamic_range changing_static_range metadata_export',
    ],
  ])('of %s', (_what, name, operations) => {
    expect(vm(name).allowed_operations.toSorted().join(' ')).toBe(operations);
  });
});

describe('refusals, first check first (facts 5.1)', () => {
  it.each([
    ['VM.start', 'blocked', [false, true], ['OPERATION_BLOCKED', 'VM_LOCKED']],
    ['VM.start', 'web-01', [false, true], ['VM_BAD_POWER_STATE', 'halted', 'running']],
    ['VM.hard_shutdown', 'dev-01', [], ['VM_BAD_POWER_STATE', 'halted, paused, running, suspended', 'halted']],
    ['VM.hard_reboot', 'sleeping-01', [], ['VM_BAD_POWER_STATE', 'running, paused', 'suspended']],
    ['VM.start', 'Rocky Linux 9', [false, true], ['VM_IS_TEMPLATE', 'start']],
    ['VM.start', 'after installation', [false, true], ['VM_IS_SNAPSHOT', 'start']],
    ['VM.clean_shutdown', 'no-tools', [], ['VM_LACKS_FEATURE']],
  ])('%s of %s', async (method, name, args, [code, ...params]) => {
    const wanted =
      code === 'VM_BAD_POWER_STATE' && method === 'VM.hard_shutdown'
        ? ['running, paused, suspended', 'halted']
        : params;
    const [got, first, ...rest] = await client.refusal(method, ref(name), ...args);
    expect([got, first, ...rest]).toEqual([code, ref(name), ...wanted]);
  });

  it('a machine with a card of its host, or a part of one, stays where it is', async () => {
    expect((await client.refusal('VM.suspend', ref('gpu-01')))[0]).toMatch(/^VM_HAS_(VGPU|PCI_ATTACHED)$/);
  });

  it('control domains take no operations', async () => {
    const dom0 = ref('Control domain on host: xen-alpha');
    expect((await client.refusal('VM.pause', dom0))[0]).toBe('OPERATION_NOT_ALLOWED');
  });

  it('a default template cannot be destroyed', async () => {
    const template = ref('Rocky Linux 9');
    expect(await client.refusal('VM.destroy', template)).toEqual(['VM_CANNOT_DELETE_DEFAULT_TEMPLATE']);
  });
});

describe('power operations (facts 5.1)', () => {
  it('start: runs on a host with devices, consoles, domain, metrics and a report of its agent', async () => {
    await client.call('VM.start', ref('dev-01'), false, true);
    const { resident_on, domid, consoles, metrics, guest_metrics, VBDs, VIFs, power_state, current_operations } =
      vm('dev-01');
    const { db } = simulator;
    expect([power_state, current_operations]).toEqual(['Running', {}]);
    expect(domid).toBeGreaterThan(0n);
    expect(db.need('host', resident_on).resident_VMs).toContain(ref('dev-01'));
    expect(
      [...VBDs.map((r) => db.need('VBD', r)), ...VIFs.map((r) => db.need('VIF', r))].every((d) => d.currently_attached),
    ).toBe(true);
    expect(db.need('VBD', VBDs[0] as string).device).toBe('xvda');
    const console = db.need('console', consoles[0] as string);
    expect(console.location).toBe(`https://${db.need('host', resident_on).address}/console?uuid=${console.uuid}`);
    expect(db.need('VM_metrics', metrics)).toMatchObject({ memory_actual: 2n << 30n, VCPUs_number: 2n, hvm: true });
    expect(db.need('VM_guest_metrics', guest_metrics)).toMatchObject({ PV_drivers_detected: true, live: true });
    expect(alerts()).toContain('VM_STARTED');
  });

  it('start paused, unpause, pause, clean shutdown: and nothing is left', async () => {
    await client.call('VM.start', ref('dev-01'), true, true);
    expect(vm('dev-01').power_state).toBe('Paused');
    await client.call('VM.unpause', ref('dev-01'));
    await client.call('VM.pause', ref('dev-01'));
    await client.call('VM.unpause', ref('dev-01'));
    await client.call('VM.clean_shutdown', ref('dev-01'));
    const after = vm('dev-01');
    expect(after).toMatchObject({ power_state: 'Halted', domid: -1n, resident_on: NULL_REF, consoles: [] });
    expect(after.VBDs.map((r) => simulator.db.need('VBD', r).currently_attached)).toEqual([false, false]);
    expect(alerts()).toEqual(expect.arrayContaining(['VM_PAUSED', 'VM_UNPAUSED', 'VM_SHUTDOWN']));
  });

  it('suspend keeps the devices and the memory, resume gives the memory’s image back', async () => {
    const before = simulator.db.count('VDI');
    await client.call('VM.suspend', ref('web-02'));
    const suspended = vm('web-02');
    expect([suspended.power_state, suspended.resident_on, suspended.domid]).toEqual(['Suspended', NULL_REF, -1n]);
    expect(suspended.VBDs.every((r) => simulator.db.need('VBD', r).currently_attached)).toBe(true);
    const size = (suspended.memory_static_max * 126n) / 100n + (100n << 20n);
    expect(simulator.db.need('VDI', suspended.suspend_VDI)).toMatchObject({ type: 'suspend', virtual_size: size });
    await client.call('VM.resume', ref('web-02'), false, false);
    expect([vm('web-02').power_state, vm('web-02').suspend_VDI, simulator.db.count('VDI')]).toEqual([
      'Running',
      NULL_REF,
      before,
    ]);
  });

  it('suspend wants a repository with room', async () => {
    simulator.faults.fillRepository('NFS virtual disk storage');
    const nfs = named(simulator, 'SR', 'NFS virtual disk storage');
    expect(await client.refusal('VM.suspend', ref('web-02'))).toEqual(['SR_SUSPEND_SPACE_INSUFFICIENT', nfs]);
    const [pool] = simulator.db.refs('pool');
    await client.call('pool.set_suspend_image_SR', pool, NULL_REF);
    expect(await client.refusal('VM.suspend', ref('web-02'))).toEqual(['VM_NO_SUSPEND_SR', ref('web-02')]);
    expect(vm('web-02').power_state).toBe('Running');
  });

  it('hard shutdown of a suspended machine destroys its memory’s image', async () => {
    const image = vm('sleeping-01').suspend_VDI;
    await client.call('VM.hard_shutdown', ref('sleeping-01'));
    expect([vm('sleeping-01').power_state, simulator.db.get('VDI', image)]).toEqual(['Halted', undefined]);
  });

  it('shutdown is clean where the guest lets it, else hard', async () => {
    await client.call('VM.shutdown', ref('web-02'));
    await client.call('VM.shutdown', ref('no-tools'));
    expect([vm('web-02').power_state, vm('no-tools').power_state]).toEqual(['Halted', 'Halted']);
  });

  it.each(['VM.clean_reboot', 'VM.hard_reboot'])('%s gives a new domain in the same state', async (method) => {
    const { domid, resident_on } = vm('web-02');
    await client.call(method, ref('web-02'));
    expect(vm('web-02')).toMatchObject({ power_state: 'Running', resident_on });
    expect(vm('web-02').domid).not.toBe(domid);
  });

  it('an agent that takes its time reports later', async () => {
    await simulator.stop();
    await start({ ...instant, durations: { default: 0, agent: 80 } });
    const started = client.call('VM.start', ref('dev-01'), false, true);
    while (vm('dev-01').power_state !== 'Running') await new Promise((resolve) => setTimeout(resolve, 2));
    expect(vm('dev-01').guest_metrics).toBe(NULL_REF);
    expect(vm('dev-01').allowed_operations).not.toContain('clean_shutdown');
    await started;
    expect(vm('dev-01').allowed_operations).toContain('clean_shutdown');
  });

  it('host memory follows the machines', async () => {
    const free = () => {
      const { metrics } = simulator.db.need('host', named(simulator, 'host', 'xen-beta'));
      return simulator.db.need('host_metrics', metrics).memory_free;
    };
    const before = free();
    await client.call('VM.start_on', ref('dev-02'), named(simulator, 'host', 'xen-beta'), false, false);
    expect(before - free()).toBe((2n << 30n) + vm('dev-02').memory_overhead);
    await client.call('VM.hard_shutdown', ref('dev-02'));
    expect(free()).toBe(before);
  });
});

describe('operations that meet on one machine (facts 0.2, 5.1)', () => {
  beforeEach(async () => {
    await simulator.stop();
    await start({
      ...instant,
      durations: { default: 0, 'VM.clean_reboot': 150, 'VM.clean_shutdown': 150, 'VM.clone': 100 },
    });
  });
  const until = async (test: () => boolean) => {
    while (!test()) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it('the second waits for the first', async () => {
    const first = client.call('VM.clean_reboot', ref('web-02'));
    await until(() => Object.values(vm('web-02').current_operations).includes('clean_reboot'));
    expect(vm('web-02').allowed_operations).toEqual(expect.not.arrayContaining(['suspend', 'pause']));
    const second = client.call('VM.pause', ref('web-02'));
    await Promise.all([first, second]);
    expect(vm('web-02').power_state).toBe('Paused');
  });

  it('beyond the time it may wait it is OTHER_OPERATION_IN_PROGRESS, with four parameters', async () => {
    await simulator.stop();
    await start({
      settings: { ...instant.settings, operationWait: 10 },
      durations: { default: 0, 'VM.clean_reboot': 300 },
    });
    const first = client.call('VM.clean_reboot', ref('web-02'));
    await until(() => Object.keys(vm('web-02').current_operations).length > 0);
    const [task] = Object.keys(vm('web-02').current_operations);
    expect(await client.refusal('VM.pause', ref('web-02'))).toEqual([
      'OTHER_OPERATION_IN_PROGRESS',
      'VM',
      ref('web-02'),
      'clean_reboot',
      task,
    ]);
    await first;
  });

  it('too many that wait are refused', async () => {
    await simulator.stop();
    await start({
      settings: { ...instant.settings, operationWaiters: 1 },
      durations: { default: 0, 'VM.clean_reboot': 200 },
    });
    const first = client.call('VM.clean_reboot', ref('web-02'));
    await until(() => Object.keys(vm('web-02').current_operations).length > 0);
    const second = client.call('VM.pause', ref('web-02'));
    await until(() => simulator.world.waiting === 1);
    expect(await client.refusal('VM.suspend', ref('web-02'))).toEqual(['TOO_MANY_PENDING_TASKS']);
    await Promise.all([first, second]);
  });

  it('many that wait go on one after the other, and never two that clash at once', async () => {
    await simulator.stop();
    await start({ ...instant, durations: { default: 0, 'VM.clean_reboot': 60 } });
    let most = 0;
    const stop = simulator.world.db.listen(() => {
      const running = Object.values(vm('web-02').current_operations);
      most = Math.max(most, running.filter((operation) => operation === 'clean_reboot').length);
    });
    const all = Array.from({ length: 6 }, () => client.call('VM.clean_reboot', ref('web-02')));
    await until(() => simulator.world.waiting === 5);
    await Promise.all(all);
    stop();
    expect(most).toBe(1);
    expect(vm('web-02')).toMatchObject({ power_state: 'Running', current_operations: {} });
  });

  it('a hard shutdown ends a clean one that is on its way', async () => {
    const clean = client.refusal('VM.clean_shutdown', ref('web-02'));
    await until(() => Object.keys(vm('web-02').current_operations).length > 0);
    await client.call('VM.hard_shutdown', ref('web-02'));
    expect((await clean)[0]).toBe('TASK_CANCELLED');
    expect(vm('web-02')).toMatchObject({ power_state: 'Halted', current_operations: {} });
  });

  it('new images of one repository are made one after the other', async () => {
    await simulator.stop();
    await start({ ...instant, durations: { default: 0, 'VDI.create': 20 } });
    const SR = named(simulator, 'SR', 'NFS virtual disk storage');
    const one = { SR, virtual_size: '2097152', type: 'user', sharable: false, read_only: false, other_config: {} };
    const record = { ...one, name_label: 'one of many', name_description: '' };
    const made = await Promise.all(Array.from({ length: 4 }, () => client.call<string>('VDI.create', record)));
    expect(new Set(made).size).toBe(4);
  });

  it('two clones are made side by side', async () => {
    const both = [client.call('VM.clone', ref('dev-01'), 'a'), client.call('VM.clone', ref('dev-01'), 'b')];
    await until(() => Object.keys(vm('dev-01').current_operations).length === 2);
    await Promise.all(both);
  });
});

describe('where a machine may run (facts 0.5, 5.2)', () => {
  const host = (name: string) => named(simulator, 'host', name);
  const here = (name: string, on: string) => client.refusal('VM.assert_can_boot_here', ref(name), host(on));

  it('a repository, a device or memory that a host lacks is named', async () => {
    const iscsi = named(simulator, 'SR', 'iSCSI virtual disk storage');
    expect(await here('iscsi-only', 'xen-gamma')).toEqual(['VM_REQUIRES_SR', ref('iscsi-only'), iscsi]);
    const [group] = simulator.db.refs('USB_group');
    expect(await here('usb-dongle', 'xen-alpha')).toEqual(['VM_REQUIRES_SR', ref('usb-dongle'), expect.any(String)]);
    const free = await client.call<number>('host.compute_free_memory', host('xen-alpha'));
    const needed = (512n << 30n) + vm('too-big').memory_overhead;
    expect(await here('too-big', 'xen-alpha')).toEqual(['HOST_NOT_ENOUGH_FREE_MEMORY', String(needed), String(free)]);
    for (const vbd of vm('usb-dongle').VBDs) await client.call('VBD.destroy', vbd);
    expect(await here('usb-dongle', 'xen-alpha')).toEqual(['VM_REQUIRES_VUSB', ref('usb-dongle'), group]);
  });

  it('a disabled and a dead host are none', async () => {
    await client.call('host.disable', host('xen-beta'));
    expect(await here('dev-01', 'xen-beta')).toEqual(['HOST_DISABLED', host('xen-beta')]);
    await simulator.faults.killHost('xen-gamma');
    expect(await here('dev-01', 'xen-gamma')).toEqual(['HOST_NOT_LIVE']);
    expect(await client.call('VM.get_possible_hosts', ref('dev-01'))).toEqual([host('xen-alpha')]);
  });

  it('start goes to its affinity; nowhere is NO_HOSTS_AVAILABLE; too little memory is said', async () => {
    await client.call('VM.start', ref('dev-02'), false, true);
    expect(vm('dev-02').resident_on).toBe(host('xen-beta'));
    for (const name of ['xen-alpha', 'xen-beta', 'xen-gamma']) await client.call('host.disable', host(name));
    expect(await client.refusal('VM.start', ref('dev-01'), false, true)).toEqual(['NO_HOSTS_AVAILABLE']);
    for (const name of ['xen-alpha', 'xen-beta', 'xen-gamma']) await client.call('host.enable', host(name));
    expect((await client.refusal('VM.start', ref('too-big'), false, true))[0]).toBe('HOST_NOT_ENOUGH_FREE_MEMORY');
  });

  it('start_on names the true reason', async () => {
    const [code] = await client.refusal('VM.start_on', ref('iscsi-only'), host('xen-gamma'), false, false);
    expect(code).toBe('VM_REQUIRES_SR');
    expect(vm('iscsi-only')).toMatchObject({ power_state: 'Halted', scheduled_to_be_resident_on: NULL_REF });
  });
});

describe('processors and memory (facts 5.3)', () => {
  it('limits keep their order', async () => {
    const machine = ref('dev-01');
    expect(await client.refusal('VM.set_memory_static_max', machine, 1)).toEqual(['MEMORY_CONSTRAINT_VIOLATION_ORDER']);
    const gib = 2 ** 30;
    await client.call('VM.set_memory_limits', machine, gib, 4 * gib, 2 * gib, 3 * gib);
    expect(vm('dev-01')).toMatchObject({
      memory_static_min: 1n << 30n,
      memory_static_max: 4n << 30n,
      memory_dynamic_max: 3n << 30n,
    });
    expect((await client.refusal('VM.set_memory_static_max', ref('web-01'), 5 * gib))[0]).toBe('VM_BAD_POWER_STATE');
  });

  it('processors stay between one and the most', async () => {
    expect((await client.refusal('VM.set_VCPUs_max', ref('dev-01'), 1))[0]).toBe('INVALID_VALUE');
    await client.call('VM.set_VCPUs_at_startup', ref('dev-01'), 4);
    expect((await client.refusal('VM.set_VCPUs_at_startup', ref('dev-01'), 5))[0]).toBe('INVALID_VALUE');
  });
});
