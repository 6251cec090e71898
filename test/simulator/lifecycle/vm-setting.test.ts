import { describe, expect, it } from 'vitest';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { type Refusal, refusals, stage } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const GIB = 2 ** 30;

describe('memory (facts 5.3)', () => {
  const order = () => ['MEMORY_CONSTRAINT_VIOLATION_ORDER'];
  const badState = (name: string, expected: string, actual: string) => [
    'VM_BAD_POWER_STATE',
    vm(name),
    expected,
    actual,
  ];
  const rows: readonly Refusal[] = [
    ['dynamic beyond static', 'VM.set_memory_dynamic_max', () => [vm('dev-01'), 4 * GIB], order],
    ['static below dynamic', 'VM.set_memory_static_max', () => [vm('dev-01'), GIB], order],
    ['min beyond max', 'VM.set_memory_dynamic_range', () => [vm('dev-01'), 2 * GIB, GIB], order],
    ['limits out of order', 'VM.set_memory_limits', () => [vm('dev-01'), GIB, 2 * GIB, 3 * GIB, 2 * GIB], order],
    ['all of it below static_min', 'VM.set_memory', () => [vm('dev-01'), 1], order],
    [
      'static limits of a running machine',
      'VM.set_memory_static_range',
      () => [vm('web-01'), GIB, 4 * GIB],
      () => badState('web-01', 'halted', 'running'),
    ],
    [
      'limits of a running machine',
      'VM.set_memory_limits',
      () => [vm('web-01'), GIB, GIB, GIB, GIB],
      () => badState('web-01', 'halted', 'running'),
    ],
    [
      'the range of a sleeping machine',
      'VM.set_memory_dynamic_range',
      () => [vm('sleeping-01'), GIB, GIB],
      () => badState('sleeping-01', 'halted, running', 'suspended'),
    ],
    [
      'a control domain that varies',
      'VM.set_memory_dynamic_min',
      () => [vm('Control domain on host: xen-beta'), 4 * GIB - 1],
      order,
    ],
    [
      'a multiplier below 1',
      'VM.set_HVM_shadow_multiplier',
      () => [vm('dev-01'), 0.5],
      () => ['INVALID_VALUE', 'HVM_shadow_multiplier', '0.5'],
    ],
  ];
  refusals(on, rows);

  it('a control domain, nested virtualisation and a pool without DMC are pinned to static_max', async () => {
    const dom0 = vm('Control domain on host: xen-beta');
    on.db.update('VM', dom0, { memory_static_min: 0n });
    const reason = (text: string) => ['MEMORY_CONSTRAINT_VIOLATION_MAXPIN', text];
    await on.refused('VM.set_memory_dynamic_min', [dom0, GIB], reason('control domain'));
    on.db.update('VM', vm('dev-01'), { platform: { 'nested-virt': 'true' } });
    await on.refused('VM.set_memory_dynamic_min', [vm('dev-01'), GIB], reason('nested virt'));
    on.db.update('pool', on.simulator.world.pool(), { restrictions: { restrict_dmc: 'true' } });
    await on.refused('VM.set_memory_dynamic_min', [vm('dev-02'), GIB], reason('DMC unavailable'));
  });

  it('limits are written together, and show in overhead and what hosts have left', async () => {
    await on.call('VM.set_memory_limits', vm('dev-01'), GIB, 8 * GIB, 2 * GIB, 4 * GIB);
    expect(on.vm('dev-01')).toMatchObject({
      memory_static_min: BigInt(GIB),
      memory_static_max: BigInt(8 * GIB),
      memory_dynamic_min: BigInt(2 * GIB),
      memory_dynamic_max: BigInt(4 * GIB),
    });
    await on.call('VM.set_memory', vm('dev-01'), 6 * GIB);
    expect(on.vm('dev-01').memory_dynamic_min).toBe(BigInt(6 * GIB));
  });

  it('a running machine’s balloon follows, as far as its host has memory: else HOST_NOT_ENOUGH_FREE_MEMORY in KiB', async () => {
    const web = vm('web-01');
    const { resident_on, metrics } = on.vm('web-01');
    await on.call('VM.set_memory_dynamic_range', web, 2 * GIB, 3 * GIB);
    expect(on.vm('web-01').memory_target).toBe(BigInt(3 * GIB));
    expect(on.db.need('VM_metrics', metrics).memory_actual).toBe(BigInt(3 * GIB));
    const free = await on.call<number>('host.compute_free_memory', resident_on);
    on.db.update('VM', web, { memory_static_max: 1n << 40n });
    const wanted = 2 * GIB + free + 1024;
    const needed = [String((wanted - 2 * GIB) / 1024), String(free / 1024)];
    await on.refused('VM.set_memory_dynamic_range', [web, wanted, wanted], ['HOST_NOT_ENOUGH_FREE_MEMORY', ...needed]);
  });

  it('maximise_memory gives what fits with its overhead', async () => {
    const size = await on.call<number>('VM.maximise_memory', vm('dev-01'), 4 * GIB, true);
    const overhead = Number(on.vm('dev-01').memory_overhead);
    expect(size).toBeLessThan(4 * GIB);
    expect(4 * GIB - size).toBeLessThan(overhead + 64 * 2 ** 20);
  });
});

describe('processors (facts 5.3)', () => {
  const rows: readonly Refusal[] = [
    [
      'more at start than at most',
      'VM.set_VCPUs_at_startup',
      () => [vm('dev-01'), 5],
      () => ['INVALID_VALUE', 'VCPUs-at-startup must be from 1 to VCPUs-max', '5'],
    ],
    [
      'none',
      'VM.set_VCPUs_at_startup',
      () => [vm('dev-01'), 0],
      () => ['INVALID_VALUE', 'VCPUs-at-startup must be from 1 to VCPUs-max', '0'],
    ],
    [
      'fewer at most than at start',
      'VM.set_VCPUs_max',
      () => [vm('dev-01'), 1],
      () => ['INVALID_VALUE', 'VCPUs-at-startup must be from 1 to VCPUs-max', '1'],
    ],
    [
      'ten thousand (client-compatibility 8)',
      'VM.set_VCPUs_max',
      () => [vm('dev-01'), 10_000],
      () => ['INVALID_VALUE', 'VCPUs-max must not exceed 254', '10000'],
    ],
    [
      'of a running machine',
      'VM.set_VCPUs_max',
      () => [vm('web-01'), 4],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    [
      'live of a halted one',
      'VM.set_VCPUs_number_live',
      () => [vm('dev-01'), 1],
      () => ['VM_BAD_POWER_STATE', vm('dev-01'), 'running', 'halted'],
    ],
    [
      'live beyond the most',
      'VM.set_VCPUs_number_live',
      () => [vm('web-01'), 3],
      () => ['INVALID_VALUE', 'VCPU values must satisfy: 0 < VCPUs <= VCPUs_max', '3'],
    ],
    [
      'live without drivers',
      'VM.set_VCPUs_number_live',
      () => [vm('no-tools'), 1],
      () => ['VM_LACKS_FEATURE', vm('no-tools')],
    ],
  ];
  refusals(on, rows);

  it('come and go in a running machine', async () => {
    await on.call('VM.set_VCPUs_number_live', vm('web-01'), 1);
    const { metrics, VCPUs_at_startup } = on.vm('web-01');
    expect(on.db.need('VM_metrics', metrics)).toMatchObject({ VCPUs_number: 1n, VCPUs_flags: { '0': ['online'] } });
    expect(VCPUs_at_startup).toBe(1n);
    await on.call('VM.add_to_VCPUs_params_live', vm('web-01'), 'weight', '512');
    expect(on.vm('web-01').VCPUs_params).toEqual({ weight: '512' });
  });
});

describe('other fields with rules (facts 5.3)', () => {
  const rows: readonly Refusal[] = [
    ['firmware texts twice', 'VM.set_bios_strings', () => [vm('dev-01'), {}], () => ['VM_BIOS_STRINGS_ALREADY_SET']],
    [
      'an order below 0',
      'VM.set_order',
      () => [vm('dev-01'), -1],
      () => ['VALUE_NOT_SUPPORTED', 'order', '-1', expect.any(String)],
    ],
    [
      'a priority that there is not',
      'VM.set_ha_restart_priority',
      () => [vm('dev-01'), 'soon'],
      () => ['INVALID_VALUE', 'ha_restart_priority', 'soon'],
    ],
    [
      'the boot policy of a running machine',
      'VM.set_HVM_boot_policy',
      () => [vm('web-01'), ''],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    [
      'NVRAM of a running machine',
      'VM.set_NVRAM',
      () => [vm('web-01'), {}],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    [
      'a template in an appliance',
      'VM.set_appliance',
      () => [vm('Rocky Linux 9'), on.ref('VM_appliance', 'Shop')],
      () => ['OPERATION_NOT_ALLOWED', 'Templates cannot be assigned to appliances.'],
    ],
    [
      'a template of what is in an appliance',
      'VM.set_is_a_template',
      () => [stopped('db-02'), true],
      () => ['VM_IS_PART_OF_AN_APPLIANCE', vm('db-02'), on.ref('VM_appliance', 'Shop')],
    ],
    [
      'a template of a running machine',
      'VM.set_is_a_template',
      () => [vm('web-01'), true],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    [
      'a machine on local disks is not agile',
      'VM.assert_agile',
      () => [vm('dev-02')],
      () => [
        'HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED',
        on.ref('SR', 'Local storage') && on.db.need('VDI', on.disk('dev-02')).SR,
      ],
    ],
    [
      'a key that is there',
      'VM.add_to_platform',
      () => [vm('dev-01'), 'acpi', '0'],
      () => ['MAP_DUPLICATE_KEY', 'VM', 'platform', vm('dev-01'), 'acpi'],
    ],
    ['a plugin of a guest', 'VM.call_plugin', () => [vm('web-01'), 'p', 'f', {}], () => ['XENAPI_MISSING_PLUGIN', 'p']],
    ['a key for the guest', 'VM.send_sysrq', () => [vm('web-01'), 'b'], () => ['NOT_IMPLEMENTED', 'send_sysrq']],
  ];
  const stopped = (name: string) => {
    on.db.update('VM', vm(name), { power_state: 'Halted' });
    return vm(name);
  };
  refusals(on, rows);

  it('firmware texts are set once, by hand or after a host', async () => {
    on.db.update('VM', vm('dev-01'), { bios_strings: {} });
    await on.refused(
      'VM.set_bios_strings',
      [vm('dev-01'), { nonsense: 'x' }],
      ['INVALID_VALUE', 'nonsense', 'Unknown key'],
    );
    await on.call('VM.copy_bios_strings', vm('dev-01'), on.ref('host', 'xen-alpha'));
    expect(on.vm('dev-01').bios_strings['system-manufacturer']).toBe('Dell Inc.');
  });

  it('a template has no metrics, and has some again as a machine', async () => {
    const { metrics } = on.vm('dev-01');
    await on.call('VM.set_is_a_template', vm('dev-01'), true);
    expect(on.vm('dev-01')).toMatchObject({ is_a_template: true, metrics: NULL_REF });
    expect(on.db.get('VM_metrics', metrics)).toBeUndefined();
    expect(on.vm('dev-01').allowed_operations).not.toContain('start');
    await on.call('VM.set_is_a_template', vm('dev-01'), false);
    expect(on.db.get('VM_metrics', on.vm('dev-01').metrics)).toBeDefined();
    expect(on.vm('dev-01').allowed_operations).toContain('start');
  });

  it('get_boot_record, query_services and data sources are there for live machines', async () => {
    expect(await on.call('VM.get_boot_record', vm('web-01'))).toMatchObject({ name_label: 'web-01' });
    expect((await on.client.refusal('VM.get_boot_record', vm('dev-01')))[0]).toBe('VM_BAD_POWER_STATE');
    expect(await on.call<number>('VM.query_data_source', vm('web-01'), 'cpu0')).toBeGreaterThanOrEqual(0);
    expect((await on.client.refusal('VM.query_data_source', vm('web-01'), 'nothing'))[0]).toBe('INTERNAL_ERROR');
    expect((await on.client.refusal('VM.query_data_source', vm('dev-01'), 'cpu0'))[0]).toBe('VM_BAD_POWER_STATE');
    await on.call('host.record_data_source', on.ref('host', 'xen-alpha'), 'cpu_avg');
  });

  it('what is attached to a machine comes and goes with the power off', async () => {
    const [group] = on.db.refs('USB_group');
    await on.refused('VTPM.create', [vm('win-11'), false], ['VTPM_MAX_AMOUNT_REACHED', '1']);
    const vtpm = await on.call<string>('VTPM.create', vm('dev-01'), false);
    expect(on.vm('dev-01').VTPMs).toEqual([vtpm]);
    await on.call('VTPM.destroy', vtpm);
    await on.refused('VUSB.create', [vm('dev-01'), group, {}], ['USB_GROUP_CONFLICT', group]);
    await on.refused(
      'VUSB.create',
      [vm('web-01'), group, {}],
      ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    );
    const [vusb] = on.vm('usb-dongle').VUSBs;
    await on.call('VUSB.destroy', vusb);
    expect(on.vm('usb-dongle').VUSBs).toEqual([]);
    const [gpus] = on.db.refs('GPU_group');
    const [type] = on.db.need('GPU_group', gpus as string).enabled_VGPU_types;
    const vgpu = await on.call<string>('VGPU.create', vm('dev-01'), gpus, '0', {}, type);
    await on.refused('VGPU.create', [vm('dev-01'), gpus, '0', {}, type], ['DEVICE_ALREADY_EXISTS', '0']);
    await on.call('VGPU.destroy', vgpu);
    await on.refused('console.create', [{}], ['NOT_IMPLEMENTED', 'console.create']);
  });
});
