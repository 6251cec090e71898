import { describe, expect, it } from 'vitest';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { type Refusal, refusals, stage, vbdRecord, vifRecord } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const vdi = (name: string) => on.ref('VDI', name);
const shared = () => vdi('cluster quorum');
const iso = () => vdi('debian-12.5.0-amd64-netinst.iso');
const record = (fields: object) => vbdRecord({ VM: vm('dev-01'), ...fields });
const disk = (name: string) => on.vbd(name)[0];
const drive = (name: string) => on.vbd(name, 'CD')[0];
const running = (name: string, actual: string) => ['VM_BAD_POWER_STATE', vm(name), 'running', actual];

describe('block devices: refusals (facts 5.4)', () => {
  const rows: readonly Refusal[] = [
    [
      'a drive that writes',
      'VBD.create',
      () => [record({ type: 'CD', empty: true })],
      () => ['VBD_CDS_MUST_BE_READONLY'],
    ],
    [
      'an empty disk',
      'VBD.create',
      () => [record({ empty: true })],
      () => ['VBD_NOT_REMOVABLE_MEDIA', 'in constructor'],
    ],
    ['writing what is read-only', 'VBD.create', () => [record({ VDI: iso() })], () => ['VDI_READONLY', iso()]],
    [
      'a disk in a drive',
      'VBD.create',
      () => [record({ type: 'CD', mode: 'RO', VDI: shared() })],
      () => ['VDI_INCOMPATIBLE_TYPE', shared(), 'user'],
    ],
    [
      'a name that is none',
      'VBD.create',
      () => [record({ VDI: shared(), userdevice: 'xyz' })],
      () => ['INVALID_DEVICE', 'xyz'],
    ],
    [
      'a number too high',
      'VBD.create',
      () => [record({ VDI: shared(), userdevice: '255' })],
      () => ['INVALID_DEVICE', '255'],
    ],
    [
      'a place in use',
      'VBD.create',
      () => [record({ VDI: shared(), userdevice: '0' })],
      () => ['DEVICE_ALREADY_EXISTS', '0'],
    ],
    [
      'a place in use by another name',
      'VBD.create',
      () => [record({ VDI: shared(), userdevice: 'hda' })],
      () => ['DEVICE_ALREADY_EXISTS', 'hda'],
    ],
    ['plug while halted', 'VBD.plug', () => [disk('dev-01')], () => running('dev-01', 'halted')],
    ['plug while paused', 'VBD.plug', () => [disk('build-01')], () => running('build-01', 'paused')],
    ['plug twice', 'VBD.plug', () => [disk('web-01')], () => ['DEVICE_ALREADY_ATTACHED', disk('web-01')]],
    ['unplug while suspended', 'VBD.unplug', () => [disk('sleeping-01')], () => running('sleeping-01', 'suspended')],
    ['unplug without drivers', 'VBD.unplug', () => [disk('no-tools')], () => ['VM_MISSING_PV_DRIVERS', vm('no-tools')]],
    [
      'unplug a drive of an emulated machine',
      'VBD.unplug',
      () => [drive('win-2022')],
      () => ['OPERATION_NOT_ALLOWED', expect.any(String)],
    ],
    [
      'a medium for a disk',
      'VBD.insert',
      () => [disk('web-01'), iso()],
      () => ['VBD_NOT_REMOVABLE_MEDIA', disk('web-01')],
    ],
    [
      'a medium into a full drive',
      'VBD.insert',
      () => [drive('win-2022'), iso()],
      () => ['VBD_NOT_EMPTY', drive('win-2022')],
    ],
    [
      'a disk as medium',
      'VBD.insert',
      () => [drive('web-01'), shared()],
      () => ['VDI_INCOMPATIBLE_TYPE', shared(), 'user'],
    ],
    ['nothing to eject', 'VBD.eject', () => [drive('web-01')], () => ['VBD_IS_EMPTY', drive('web-01')]],
    [
      'a medium for a sleeping machine',
      'VBD.insert',
      () => [drive('sleeping-01'), iso()],
      () => ['VM_BAD_POWER_STATE', vm('sleeping-01'), 'halted, running', 'suspended'],
    ],
    [
      'destroying what a sleeping machine holds',
      'VBD.destroy',
      () => [disk('sleeping-01')],
      () => ['OPERATION_NOT_ALLOWED', stillAttached('sleeping-01')],
    ],
    [
      'destroying what is in use',
      'VBD.destroy',
      () => [disk('web-01')],
      () => ['OPERATION_NOT_ALLOWED', stillAttached('web-01')],
    ],
    [
      'another place that is taken',
      'VBD.set_userdevice',
      () => [disk('dev-01'), '3'],
      () => ['DEVICE_ALREADY_EXISTS', '3'],
    ],
    [
      'another place that is none',
      'VBD.set_userdevice',
      () => [disk('dev-01'), 'door'],
      () => ['INVALID_DEVICE', 'door'],
    ],
    ['a drive that is to write', 'VBD.set_mode', () => [drive('dev-01'), 'RW'], () => ['VBD_CDS_MUST_BE_READONLY']],
  ];
  const stillAttached = (name: string) => {
    const [, { uuid }] = on.vbd(name);
    return `VBD '${uuid}' still attached to '${on.vm(name).uuid}'`;
  };
  refusals(on, rows);

  it('a device that is fixed, and a guest that says no', async () => {
    on.db.update('VBD', disk('web-01'), { unpluggable: false });
    await on.refused('VBD.unplug', [disk('web-01')], ['VBD_NOT_UNPLUGGABLE', disk('web-01')]);
    on.db.update('VBD', disk('web-02'), { unpluggable: true });
    on.db.update('VM_guest_metrics', on.vm('web-02').guest_metrics, { can_use_hotplug_vbd: 'no' });
    await on.refused('VBD.unplug', [disk('web-02')], ['OPERATION_NOT_ALLOWED', expect.stringContaining('hotplug')]);
  });

  it('nothing new while the machine moves: OTHER_OPERATION_IN_PROGRESS', async () => {
    on.simulator.faults.takeTime('VM.pool_migrate', 150);
    const task = await on.call<string>('Async.VM.pool_migrate', vm('web-01'), on.ref('host', 'xen-beta'), {});
    await on.until(() => Object.keys(on.vm('web-01').current_operations).length > 0);
    const refused = await on.client.refusal('VBD.create', vbdRecord({ VM: vm('web-01'), VDI: shared() }));
    expect(refused).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'VM', vm('web-01'), 'pool_migrate', task]);
    await on.until(() => on.db.need('task', task).status === 'success');
  });
});

describe('block devices (facts 5.4)', () => {
  it('get_allowed_VBD_devices are 0 to 254 but for those in use, by number or by name', async () => {
    const free = await on.call<string[]>('VM.get_allowed_VBD_devices', vm('web-01'));
    expect([free.length, free[0]]).toEqual([255 - 3, '2']);
    await on.call('VBD.create', vbdRecord({ VM: vm('web-01'), VDI: shared(), userdevice: 'xvdaa' }));
    expect(await on.call('VM.get_allowed_VBD_devices', vm('web-01'))).not.toContain('26');
  });

  it('creating does not plug; plugging names the device, and all hear of it', async () => {
    const made = await on.call<string>('VBD.create', vbdRecord({ VM: vm('web-01'), VDI: shared() }));
    expect(on.db.need('VBD', made)).toMatchObject({ device: '', currently_attached: false, userdevice: '2' });
    expect(on.db.need('VBD', made).allowed_operations).toContain('plug');
    const told = await on.events(() => on.call('VBD.plug', made));
    expect(on.db.need('VBD', made)).toMatchObject({ device: 'xvdc', currently_attached: true });
    expect(told).toContain('vbd mod');
    await on.call('VBD.unplug', made);
    const gone = await on.events(() => on.call('VBD.destroy', made));
    expect([...gone]).toEqual(expect.arrayContaining(['vbd del', 'vbd_metrics del', 'vm mod', 'vdi mod']));
  });

  it('who writes wants a disk for itself: VDI_IN_USE; readers share, and so does what is sharable', async () => {
    const used = on.disk('web-01');
    const reader = await on.call<string>('VBD.create', vbdRecord({ VM: vm('monitoring'), VDI: used, mode: 'RO' }));
    await on.refused('VBD.plug', [reader], ['VDI_IN_USE', used]);
    await on.refused('VBD.assert_attachable', [reader], ['VDI_IN_USE', used]);
    on.db.update('VDI', used, { sharable: true });
    await on.call('VBD.plug', reader);
    expect(on.db.need('VBD', reader).currently_attached).toBe(true);
  });

  it('a place can be changed to a free one, or to its own by another name', async () => {
    await on.call('VBD.set_userdevice', disk('dev-01'), 'xvda');
    await on.call('VBD.set_userdevice', disk('dev-01'), '5');
    expect(on.db.need('VBD', disk('dev-01')).userdevice).toBe('5');
    expect(await on.call('VM.get_allowed_VBD_devices', vm('dev-01'))).toContain('0');
  });
});

describe('network devices: refusals (facts 5.4)', () => {
  const vif = (name: string) => on.vm(name).VIFs[0] as string;
  const network = () => on.ref('network', 'Internal');
  const record = (fields: object) => vifRecord({ VM: vm('dev-01'), network: network(), ...fields });
  const rows: readonly Refusal[] = [
    ['a name for a number', 'VIF.create', () => [record({ device: 'eth0' })], () => ['INVALID_DEVICE', 'eth0']],
    ['a number too high', 'VIF.create', () => [record({ device: '16' })], () => ['INVALID_DEVICE', '16']],
    ['a number in use', 'VIF.create', () => [record({ device: '0' })], () => ['DEVICE_ALREADY_EXISTS', '0']],
    ['no address', 'VIF.create', () => [record({ MAC: 'here' })], () => ['MAC_INVALID', 'here']],
    [
      'an address of many',
      'VIF.create',
      () => [record({ MAC: '01:00:5e:00:00:01' })],
      () => ['MAC_INVALID', '01:00:5e:00:00:01'],
    ],
    ['no network', 'VIF.create', () => [record({ network: NULL_REF })], () => ['HANDLE_INVALID', 'network', NULL_REF]],
    ['plug while halted', 'VIF.plug', () => [vif('dev-01')], () => running('dev-01', 'halted')],
    ['plug twice', 'VIF.plug', () => [vif('web-01')], () => ['DEVICE_ALREADY_ATTACHED', vif('web-01')]],
    ['unplug without drivers', 'VIF.unplug', () => [vif('no-tools')], () => ['VM_MISSING_PV_DRIVERS', vm('no-tools')]],
    [
      'destroying what is in use',
      'VIF.destroy',
      () => [vif('web-01')],
      () => ['OPERATION_NOT_ALLOWED', 'VIF currently attached to a running VM'],
    ],
    [
      'an allowed address of the other kind',
      'VIF.set_ipv4_allowed',
      () => [vif('dev-01'), ['fe80::1']],
      () => ['INVALID_VALUE', 'ipv4_allowed', 'fe80::1'],
    ],
    [
      'an address without its prefix',
      'VIF.configure_ipv4',
      () => [vif('dev-01'), 'Static', '192.0.2.1', ''],
      () => ['INVALID_CIDR_ADDRESS_SPECIFIED', 'address'],
    ],
  ];
  refusals(on, rows);

  it('comes, is plugged, moves, is unplugged and goes', async () => {
    const made = await on.call<string>('VIF.create', vifRecord({ VM: vm('web-01'), network: network() }));
    expect(on.db.need('VIF', made)).toMatchObject({ MAC_autogenerated: true, currently_attached: false });
    await on.call('VIF.plug', made);
    expect(on.db.need('VIF', made).allowed_operations).toContain('unplug');
    const other = on.ref('network', 'DMZ (VLAN 200)');
    const told = await on.events(() => on.call('VIF.move', made, other));
    expect([...told]).toEqual(expect.arrayContaining(['vif mod', 'network mod']));
    await on.call('VIF.unplug', made);
    await on.refused('VIF.unplug', [made], ['DEVICE_ALREADY_DETACHED', made]);
    await on.call('VIF.destroy', made);
    expect(await on.call('VM.get_allowed_VIF_devices', vm('web-01'))).toContain('7');
  });

  it('a network that is not on the machine’s host cannot be plugged: CANNOT_PLUG_VIF [vif]', async () => {
    const fields = {
      name_label: 'alone',
      name_description: '',
      MTU: 1500,
      other_config: {},
      bridge: '',
      managed: true,
    };
    const alone = await on.call<string>('network.create', { ...fields, tags: [] });
    await on.call('VLAN.create', on.pif('xen-gamma', 'eth1'), 300, alone);
    const made = await on.call<string>('VIF.create', vifRecord({ VM: vm('web-01'), network: alone }));
    await on.refused('VIF.plug', [made], ['CANNOT_PLUG_VIF', made]);
  });
});
