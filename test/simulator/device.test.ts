import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { NULL_REF, type Records, type Ref } from '../../src/xenapi/records.js';
import { connect, instant, named, type TestClient } from './client.js';

let simulator: Simulator;
let client: TestClient;
beforeEach(async () => {
  simulator = await startSimulator(instant);
  client = await connect(simulator);
});
afterEach(() => simulator.stop());

const ref = (name: string) => named(simulator, 'VM', name) as Ref<'VM'>;
const vbds = (name: string) =>
  simulator.db.need('VM', ref(name)).VBDs.map((r) => [r, simulator.db.need('VBD', r)] as const);
const drive = (name: string) => (vbds(name).find(([, { type }]) => type === 'CD') as readonly [string, unknown])[0];
const disk = (name: string) =>
  (vbds(name).find(([, { type }]) => type === 'Disk') as readonly [string, Records['VBD']])[0];
const vbd = (fields: Record<string, unknown>) => ({
  VM: ref('dev-01'),
  VDI: NULL_REF,
  userdevice: 'autodetect',
  bootable: false,
  mode: 'RW',
  type: 'Disk',
  empty: false,
  other_config: {},
  qos_algorithm_type: '',
  qos_algorithm_params: {},
  ...fields,
});
const vif = (fields: Record<string, unknown>) => ({
  VM: ref('dev-01'),
  network: named(simulator, 'network', 'Internal'),
  device: '7',
  MAC: '',
  MTU: 1500,
  other_config: {},
  qos_algorithm_type: '',
  qos_algorithm_params: {},
  ...fields,
});
const image = (name: string) => named(simulator, 'VDI', name);

describe('block devices (facts 5.4)', () => {
  it.each([
    ['a writable drive', { type: 'CD', empty: true }, 'VBD_CDS_MUST_BE_READONLY'],
    ['an empty disk', { empty: true }, 'VBD_NOT_REMOVABLE_MEDIA'],
    ['a device that is none', { VDI: 'shared', userdevice: 'abc' }, 'INVALID_DEVICE'],
    ['a device in use', { VDI: 'shared', userdevice: '0' }, 'DEVICE_ALREADY_EXISTS'],
    ['a device in use by name', { VDI: 'shared', userdevice: 'xvda' }, 'DEVICE_ALREADY_EXISTS'],
    ['an image that is gone', { VDI: 'gone' }, 'HANDLE_INVALID'],
  ])('%s is refused', async (_what, fields, code) => {
    const given = {
      ...fields,
      ...('VDI' in fields && fields.VDI === 'shared' ? { VDI: image('cluster quorum') } : {}),
    };
    expect((await client.refusal('VBD.create', vbd(given)))[0]).toBe(code);
  });

  it('a writable device on a read-only image is refused', async () => {
    const iso = image('xs-tools.iso');
    expect(await client.refusal('VBD.create', vbd({ VDI: iso }))).toEqual(['VDI_READONLY', iso]);
  });

  it('creating finds a free number and does not plug', async () => {
    const made = await client.call<string>('VBD.create', vbd({ VDI: image('cluster quorum') }));
    expect(simulator.db.need('VBD', made)).toMatchObject({ userdevice: '1', device: '', currently_attached: false });
    expect(await client.refusal('VBD.plug', made)).toEqual(['VM_BAD_POWER_STATE', ref('dev-01'), 'running', 'halted']);
    await client.call('VM.start', ref('dev-01'), false, true);
    expect(await client.refusal('VBD.plug', made)).toEqual(['DEVICE_ALREADY_ATTACHED', made]);
    await client.call('VBD.unplug', made);
    expect(await client.refusal('VBD.unplug', made)).toEqual(['DEVICE_ALREADY_DETACHED', made]);
    await client.call('VBD.plug', made);
    expect(simulator.db.need('VBD', made)).toMatchObject({ currently_attached: true, device: 'xvdb' });
    expect((await client.refusal('VBD.destroy', made))[0]).toBe('OPERATION_NOT_ALLOWED');
    await client.call('VBD.unplug', made);
    await client.call('VBD.destroy', made);
    expect(simulator.db.get('VBD', made)).toBeUndefined();
  });

  it('an image that another machine writes is in use', async () => {
    const used = simulator.db.need('VBD', disk('web-01')).VDI;
    await client.call('VM.start', ref('diskless'), false, true);
    const { agents, db } = simulator.world;
    agents.set(ref('diskless'), agents.get(ref('web-01')) ?? {});
    await client.call('VM.hard_reboot', ref('diskless'));
    const made = await client.call<string>('VBD.create', vbd({ VM: ref('diskless'), VDI: used }));
    expect(await client.refusal('VBD.plug', made)).toEqual(['VDI_IN_USE', used]);
    expect(db.need('VBD', made).currently_attached).toBe(false);
  });

  it('without drivers nothing is unplugged', async () => {
    expect(await client.refusal('VBD.unplug', disk('no-tools'))).toEqual(['VM_MISSING_PV_DRIVERS', ref('no-tools')]);
  });

  it('media are inserted into empty drives and ejected from full ones', async () => {
    const iso = image('debian-12.5.0-amd64-netinst.iso');
    expect(await client.refusal('VBD.insert', disk('web-01'), iso)).toEqual([
      'VBD_NOT_REMOVABLE_MEDIA',
      disk('web-01'),
    ]);
    expect(await client.refusal('VBD.eject', drive('web-01'))).toEqual(['VBD_IS_EMPTY', drive('web-01')]);
    await client.call('VBD.insert', drive('web-01'), iso);
    expect(await client.refusal('VBD.insert', drive('web-01'), iso)).toEqual(['VBD_NOT_EMPTY', drive('web-01')]);
    expect(simulator.db.need('VDI', iso).VBDs).toContain(drive('web-01'));
    await client.call('VBD.eject', drive('web-01'));
    expect(simulator.db.need('VBD', drive('web-01'))).toMatchObject({ VDI: NULL_REF, empty: true });
    expect((await client.refusal('VBD.insert', drive('sleeping-01'), iso))[0]).toBe('VM_BAD_POWER_STATE');
  });
});

describe('interfaces (facts 5.4)', () => {
  it.each([
    [{ device: 'eth0' }, 'INVALID_DEVICE'],
    [{ device: '0' }, 'DEVICE_ALREADY_EXISTS'],
    [{ MAC: '00:11' }, 'MAC_INVALID'],
    [{ MAC: '01:00:00:00:00:00' }, 'MAC_INVALID'],
  ])('%o is refused with %s', async (fields, code) => {
    expect((await client.refusal('VIF.create', vif(fields)))[0]).toBe(code);
  });

  it('creating makes an address up and does not plug', async () => {
    await client.call('VM.start', ref('dev-01'), false, true);
    const made = await client.call<string>('VIF.create', vif({}));
    expect(simulator.db.need('VIF', made)).toMatchObject({ currently_attached: false, MAC_autogenerated: true });
    await client.call('VIF.plug', made);
    expect((await client.refusal('VIF.destroy', made))[0]).toBe('OPERATION_NOT_ALLOWED');
    await client.call('VIF.unplug', made);
    await client.call('VIF.destroy', made);
  });
});

describe('images and repositories (facts 5.4)', () => {
  const nfs = () => named(simulator, 'SR', 'NFS virtual disk storage');
  const vdi = (fields: Record<string, unknown>) => ({
    SR: nfs(),
    virtual_size: 1_000_000,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: {},
    ...fields,
  });

  it('sizes are rounded up as the kind of storage does it', async () => {
    const size = async (sr: string) =>
      simulator.db.need('VDI', await client.call('VDI.create', vdi({ SR: sr }))).virtual_size;
    expect(await size(nfs())).toBe(2n << 20n);
    expect(await size(named(simulator, 'SR', 'iSCSI virtual disk storage'))).toBe(4n << 20n);
  });

  it('an image in use is neither destroyed nor resized; a free one takes its devices along', async () => {
    const used = simulator.db.need('VBD', disk('web-01')).VDI;
    expect(await client.refusal('VDI.destroy', used)).toEqual(['VDI_IN_USE', used, 'destroy']);
    expect(await client.refusal('VDI.resize', used, 2 ** 40)).toEqual(['VDI_IN_USE', used, 'resize']);
    const free = simulator.db.need('VBD', disk('dev-01')).VDI;
    await client.call('VDI.resize', free, 40 * 2 ** 30);
    expect(simulator.db.need('VDI', free).virtual_size).toBe(40n << 30n);
    expect((await client.refusal('VDI.resize', free, 1))[0]).toMatch(/^SR_BACKEND_FAILURE_/);
    await client.call('VDI.destroy', free);
    expect(vbds('dev-01').some(([, { type }]) => type === 'Disk')).toBe(false);
  });

  it('an ISO is not destroyed', async () => {
    expect((await client.refusal('VDI.destroy', image('SW_DVD9_Win_Server_STD_CORE_2022.iso')))[0]).toBe(
      'SR_OPERATION_NOT_SUPPORTED',
    );
  });

  it('snapshot, clone and copy make images', async () => {
    const free = simulator.db.need('VBD', disk('dev-01')).VDI;
    const snapshot = await client.call<string>('VDI.snapshot', free);
    expect(simulator.db.need('VDI', snapshot)).toMatchObject({ is_a_snapshot: true, snapshot_of: free });
    const clone = await client.call<string>('VDI.clone', snapshot);
    expect(simulator.db.need('VDI', clone)).toMatchObject({ is_a_snapshot: false, snapshot_of: NULL_REF });
    const iscsi = named(simulator, 'SR', 'iSCSI virtual disk storage');
    expect(simulator.db.need('VDI', await client.call('VDI.copy', free, iscsi)).SR).toBe(iscsi);
  });

  it('a plug in use stays, an idle one comes and goes', async () => {
    const alpha = named(simulator, 'host', 'xen-alpha');
    const plug = (sr: string, host: string) =>
      simulator.db.find('PBD', (p) => p.SR === sr && p.host === host)?.[0] as string;
    expect((await client.refusal('PBD.unplug', plug(nfs(), alpha)))[0]).toBe('VDI_IN_USE');
    const library = plug(named(simulator, 'SR', 'NFS ISO library'), alpha);
    await client.call('PBD.unplug', library);
    await client.call('PBD.unplug', library);
    expect(simulator.db.need('PBD', library).currently_attached).toBe(false);
    await client.call('PBD.plug', library);
    expect((await client.refusal('PBD.destroy', library))[0]).toBe('OPERATION_NOT_ALLOWED');
  });

  it('a repository that nothing is plugged of can do nothing', async () => {
    await client.call('VBD.eject', drive('no-tools'));
    const sr = named(simulator, 'SR', 'NFS ISO library');
    for (const pbd of simulator.db.need('SR', sr).PBDs) await client.call('PBD.unplug', pbd);
    expect(await client.refusal('SR.scan', sr)).toEqual(['SR_HAS_NO_PBDS', sr]);
    expect(simulator.db.need('SR', sr).allowed_operations).not.toContain('scan');
  });

  it('a network with devices stays, one without goes', async () => {
    const internal = named(simulator, 'network', 'Internal');
    expect((await client.refusal('network.destroy', internal))[0]).toBe('NETWORK_CONTAINS_VIF');
    expect((await client.refusal('network.destroy', named(simulator, 'network', 'DMZ (VLAN 200)')))[0]).toMatch(
      /NETWORK_CONTAINS_/,
    );
    const himn = named(simulator, 'network', 'Host internal management network');
    expect(await client.refusal('network.destroy', himn)).toEqual(['CANNOT_DESTROY_SYSTEM_NETWORK', himn]);
  });
});

it('messages are made for objects that are there, found by object and time, and destroyed (facts 5.6)', async () => {
  const { uuid } = simulator.db.need('VM', ref('dev-01'));
  expect(await client.refusal('message.create', 'X', 3, 'VM', 'no', '')).toEqual(['UUID_INVALID', 'VM', 'no']);
  const made = await client.call<string>('message.create', 'X', 3, 'VM', uuid, 'text');
  const found = await client.call<Record<string, unknown>>('message.get', 'VM', uuid, '19700101T00:00:00Z');
  expect(found[made]).toMatchObject({ name: 'X', priority: 3, cls: 'VM', obj_uuid: uuid, body: 'text' });
  await client.call('message.destroy', made);
  expect(await client.refusal('message.get_record', made)).toEqual(['HANDLE_INVALID', 'message', made]);
});
