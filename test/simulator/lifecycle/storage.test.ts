import { describe, expect, it } from 'vitest';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { type Refusal, refusals, stage, vdiRecord } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const sr = (name: string) => on.ref('SR', name);
const vdi = (name: string) => on.ref('VDI', name);
const nfs = () => sr('NFS virtual disk storage');
const iscsi = () => sr('iSCSI virtual disk storage');
const library = () => sr('NFS ISO library');
const alpha = () => on.ref('host', 'xen-alpha');
const record = (fields: object) => vdiRecord({ SR: nfs(), ...fields });
const newIso = () => vdi('SW_DVD9_Win_Server_STD_CORE_2022.iso');
const backend = (n: number, reason: unknown = expect.any(String), detail: unknown = '') => [
  `SR_BACKEND_FAILURE_${n}`,
  '',
  reason,
  detail,
];
const pbd = (name: string, host: string) =>
  on.db.need('SR', sr(name)).PBDs.find((each) => on.db.need('PBD', each).host === on.ref('host', host)) as string;
const unplugAll = async (name: string) => {
  for (const each of on.db.need('SR', sr(name)).PBDs) await on.call('PBD.unplug', each);
};

describe('images: refusals (facts 5.4)', () => {
  const rows: readonly Refusal[] = [
    [
      'in a library of media',
      'VDI.create',
      () => [record({ SR: library() })],
      () => ['SR_OPERATION_NOT_SUPPORTED', library()],
    ],
    [
      'in a drive',
      'VDI.create',
      () => [record({ SR: sr('DVD drives') })],
      () => ['SR_OPERATION_NOT_SUPPORTED', sr('DVD drives')],
    ],
    [
      'of a reserved type',
      'VDI.create',
      () => [record({ type: 'cbt_metadata' })],
      () => ['VDI_INCOMPATIBLE_TYPE', NULL_REF, 'cbt_metadata'],
    ],
    ['of no size', 'VDI.create', () => [record({ virtual_size: 0 })], () => backend(79)],
    ['beyond 2 TiB', 'VDI.create', () => [record({ virtual_size: 2 ** 42 })], () => backend(79)],
    [
      'destroying what is in use',
      'VDI.destroy',
      () => [on.disk('web-01')],
      () => ['VDI_IN_USE', on.disk('web-01'), 'destroy'],
    ],
    [
      'destroying what sleeps with a machine',
      'VDI.destroy',
      () => [on.disk('sleeping-01')],
      () => ['VDI_IN_USE', on.disk('sleeping-01'), 'destroy'],
    ],
    ['destroying a medium', 'VDI.destroy', () => [newIso()], () => ['SR_OPERATION_NOT_SUPPORTED', library()]],
    [
      'resizing what is in use',
      'VDI.resize',
      () => [on.disk('web-01'), 2 ** 40],
      () => ['VDI_IN_USE', on.disk('web-01'), 'resize'],
    ],
    ['shrinking', 'VDI.resize', () => [on.disk('dev-01'), 2 ** 30], () => backend(79)],
    [
      'copying what is written',
      'VDI.copy',
      () => [on.disk('web-01'), nfs()],
      () => ['VDI_IN_USE', on.disk('web-01'), 'copy'],
    ],
    [
      'copying into a library',
      'VDI.copy',
      () => [on.disk('dev-01'), library()],
      () => ['SR_OPERATION_NOT_SUPPORTED', library()],
    ],
    [
      'copying into too small an image',
      'VDI.copy',
      () => [on.disk('dev-01'), NULL_REF, NULL_REF, vdi('cluster quorum')],
      () => ['VDI_IN_USE', vdi('cluster quorum'), 'copy'],
    ],
    [
      'introducing where that cannot be',
      'VDI.introduce',
      () => introduction(nfs(), 'x'),
      () => ['SR_OPERATION_NOT_SUPPORTED', nfs()],
    ],
    [
      'moving what no machine holds',
      'VDI.pool_migrate',
      () => [on.disk('dev-01'), iscsi(), {}],
      () => ['VDI_NEEDS_VM_FOR_MIGRATE', on.disk('dev-01')],
    ],
    [
      'an image that is not there',
      'VDI.destroy',
      () => ['OpaqueRef:none'],
      () => ['HANDLE_INVALID', 'VDI', 'OpaqueRef:none'],
    ],
  ];
  const introduction = (repository: string, location: string, uuid = '00000000-0000-4000-8000-000000000001') => [
    uuid,
    'n',
    'd',
    repository,
    'user',
    false,
    false,
    {},
    location,
    {},
    {},
  ];
  refusals(on, rows);

  it('a record for what lies in a drive: LOCATION_NOT_UNIQUE [sr, location], UUID_INVALID [class, uuid]', async () => {
    const drives = sr('DVD drives');
    await on.refused('VDI.introduce', introduction(drives, '/dev/sr0', 'none'), ['UUID_INVALID', 'VDI', 'none']);
    const made = await on.call<string>('VDI.introduce', ...introduction(drives, '/dev/sr0'));
    expect(on.db.need('VDI', made)).toMatchObject({ location: '/dev/sr0', name_label: 'n', managed: true });
    const again = introduction(drives, '/dev/sr0', '00000000-0000-4000-8000-000000000002');
    await on.refused('VDI.introduce', again, ['LOCATION_NOT_UNIQUE', drives, '/dev/sr0']);
    await on.refused('VDI.destroy', [made], ['VDI_IS_A_PHYSICAL_DEVICE', made]);
    await on.call('VDI.forget', made);
    expect(on.db.get('VDI', made)).toBeUndefined();
  });

  it('a full repository: SR_BACKEND_FAILURE_44 ["", reason, ""] (facts 0.3)', async () => {
    on.simulator.faults.fillRepository('NFS virtual disk storage');
    const full = backend(44, 'There is insufficient space');
    await on.refused('VDI.create', [record({})], full);
    await on.refused('VDI.snapshot', [on.disk('web-01')], full);
    await on.refused('VDI.clone', [on.disk('dev-01')], full);
    on.simulator.faults.fillRepository('iSCSI virtual disk storage');
    await on.refused('VDI.resize', [on.disk('iscsi-only'), 2 ** 40], full);
  });

  it('without a plug: SR_HAS_NO_PBDS [sr], and nothing is allowed', async () => {
    on.simulator.faults.unplugPbd(pbd('NFS ISO library', 'xen-alpha'));
    await on.call('VBD.eject', on.vbd('no-tools', 'CD')[0]);
    await unplugAll('NFS ISO library');
    await on.refused('SR.scan', [library()], ['SR_HAS_NO_PBDS', library()]);
    await on.refused('VDI.copy', [newIso(), nfs()], ['SR_HAS_NO_PBDS', library()]);
    expect(on.db.need('VDI', newIso()).allowed_operations).toEqual([]);
    expect(on.db.need('SR', library()).allowed_operations).toEqual(
      expect.arrayContaining(['forget', 'plug', 'pbd_destroy']),
    );
    expect(on.db.need('SR', library()).allowed_operations).not.toContain('scan');
  });
});

describe('images (facts 5.4)', () => {
  it('are made with sizes rounded up, thin in files and thick on volumes, and count to their repository', async () => {
    const before = on.db.need('SR', iscsi());
    const thick = await on.call<string>('VDI.create', record({ SR: iscsi(), virtual_size: (1 << 22) + 1 }));
    expect(on.db.need('VDI', thick)).toMatchObject({ virtual_size: 8n << 20n, physical_utilisation: 8n << 20n });
    expect(on.db.need('SR', iscsi()).physical_utilisation).toBe(before.physical_utilisation + (8n << 20n));
    const told = await on.events(() => on.call('VDI.destroy', thick));
    expect([...told]).toEqual(expect.arrayContaining(['vdi del', 'sr mod']));
    expect(on.db.need('SR', iscsi()).physical_utilisation).toBe(before.physical_utilisation);
    const thin = await on.call<string>('VDI.create', record({ virtual_size: 2 ** 40 }));
    expect(on.db.need('VDI', thin).physical_utilisation).toBe(2n << 20n);
  });

  it('one operation at a time, but for copies; a second one waits', async () => {
    on.simulator.faults.takeTime('VDI.copy', 100);
    const disk = on.disk('dev-01');
    const both = [on.call('VDI.copy', disk, nfs()), on.call('VDI.copy', disk, nfs())];
    await on.until(() => Object.keys(on.db.need('VDI', disk).current_operations).length === 2);
    const snapshot = on.call<string>('VDI.snapshot', disk);
    await Promise.all(both);
    expect(on.db.need('VDI', await snapshot).snapshot_of).toBe(disk);
  });

  it('destroying takes block devices along, and memory out of machines', async () => {
    const disk = on.disk('dev-01');
    const [vbd] = on.vbd('dev-01');
    const told = await on.events(() => on.call('VDI.destroy', disk));
    expect([...told]).toEqual(expect.arrayContaining(['vdi del', 'vbd del', 'vbd_metrics del', 'vm mod']));
    expect(on.db.get('VBD', vbd)).toBeUndefined();
    const { suspend_VDI } = on.vm('sleeping-01');
    await on.call('VDI.destroy', suspend_VDI);
    expect(on.vm('sleeping-01').suspend_VDI).toBe(NULL_REF);
  });

  it('move with the machine that runs on them', async () => {
    const disk = on.disk('web-02');
    const made = await on.call<string>('VDI.pool_migrate', disk, iscsi(), {});
    expect(on.db.need('VDI', made)).toMatchObject({ SR: iscsi(), name_label: 'web-02 0' });
    expect(on.disk('web-02')).toBe(made);
    expect(on.db.get('VDI', disk)).toBeUndefined();
  });

  it('changes are tracked, and listed block by block', async () => {
    const disk = on.disk('dev-01');
    const { contents } = on.simulator.world;
    await on.refused('VDI.list_changed_blocks', [disk, disk], ['VDI_NO_CBT_METADATA', disk]);
    await on.call('VDI.enable_cbt', disk);
    const snapshot = await on.call<string>('VDI.snapshot', disk);
    contents.write(disk, 65_536 * 2, Buffer.from('x'));
    const bits = Buffer.from(await on.call<string>('VDI.list_changed_blocks', snapshot, disk), 'base64');
    expect([bits[0], bits[1]]).toEqual([0x20, 0]);
  });

  it('are read by NBD where a network is for it', async () => {
    expect(await on.call('VDI.get_nbd_info', on.disk('dev-01'))).toEqual([]);
    const network = on.ref('network', 'Pool-wide network associated with eth1');
    on.db.update('network', network, { purpose: ['nbd'] });
    const found = await on.call<Record<string, unknown>[]>('VDI.get_nbd_info', on.disk('dev-01'));
    expect(found).toHaveLength(3);
    expect(found[0]).toMatchObject({
      address: '192.0.2.1',
      port: 10_809,
      exportname: expect.stringContaining(on.client.session),
    });
  });
});

describe('plugs (facts 5.4)', () => {
  const local = () => sr('Local storage');
  const rows: readonly Refusal[] = [
    [
      'a second one for a host',
      'PBD.create',
      () => [{ SR: nfs(), host: alpha(), device_config: {}, other_config: {} }],
      () => ['PBD_EXISTS', nfs(), alpha(), pbd('NFS virtual disk storage', 'xen-alpha')],
    ],
    [
      'destroyed while plugged',
      'PBD.destroy',
      () => [pbd('NFS virtual disk storage', 'xen-alpha')],
      () => ['OPERATION_NOT_ALLOWED', 'PBD is currently attached'],
    ],
    [
      'another way to what is plugged',
      'PBD.set_device_config',
      () => [pbd('NFS virtual disk storage', 'xen-alpha'), {}],
      () => backend(16),
    ],
  ];
  refusals(on, rows);

  it('what is local is plugged on one host: SR_NOT_SHARABLE [sr, host]', async () => {
    const [own] = on.db.need('SR', local()).PBDs;
    const host = on.db.refs('host').find((each) => each !== on.db.need('PBD', own as string).host) as string;
    const made = await on.call<string>('PBD.create', { SR: local(), host, device_config: {}, other_config: {} });
    await on.refused('PBD.plug', [made], ['SR_NOT_SHARABLE', local(), host]);
  });

  it('what machines use stays: VDI_IN_USE [vdi...]', async () => {
    const refused = await on.client.refusal('PBD.unplug', pbd('NFS virtual disk storage', 'xen-alpha'));
    expect(refused[0]).toBe('VDI_IN_USE');
    expect(refused.slice(1)).toContain(on.disk('web-01'));
  });
});

describe('repositories: refusals (facts 5.4)', () => {
  const create = (type: string, config: object, shared = true) => [
    alpha(),
    config,
    0,
    'new',
    '',
    type,
    'user',
    shared,
    {},
  ];
  const rows: readonly Refusal[] = [
    ['of no known kind', 'SR.create', () => create('floppy', {}), () => ['SR_UNKNOWN_DRIVER', 'floppy']],
    ['without a server', 'SR.create', () => create('nfs', {}), () => backend(102)],
    [
      'on what is no server',
      'SR.create',
      () => create('nfs', { server: '192.0.2.1', serverpath: '/export/x' }),
      () => backend(108),
    ],
    [
      'where nothing is exported',
      'SR.create',
      () => create('nfs', { server: '192.0.2.100', serverpath: '/home' }),
      () => backend(73),
    ],
    ['without a device', 'SR.create', () => create('ext', {}, false), () => backend(90)],
    ['on a device in use', 'SR.create', () => create('lvm', { device: '/dev/sda' }, false), () => backend(91)],
    ['a library without a place', 'SR.create', () => create('iso', {}), () => backend(220)],
    [
      'a library out of reach',
      'SR.create',
      () => create('iso', { location: '192.0.2.1:/export/iso' }),
      () => backend(222),
    ],
    [
      'on a unit in use',
      'SR.create',
      () =>
        create('lvmoiscsi', {
          target: '192.0.2.101',
          targetIQN: 'iqn.2026-01.test.example:lun0',
          SCSIid: '36001405f3b2a',
        }),
      () => backend(16),
    ],
    [
      'under a uuid that is there',
      'SR.introduce',
      () => [on.db.need('SR', nfs()).uuid, 'n', '', 'nfs', 'user', true, {}],
      () => ['SR_UUID_EXISTS', on.db.need('SR', nfs()).uuid],
    ],
    ['destroyed while plugged', 'SR.destroy', () => [nfs()], () => ['SR_HAS_PBD', nfs()]],
    ['forgotten while plugged', 'SR.forget', () => [nfs()], () => ['SR_HAS_PBD', nfs()]],
    [
      'not shared with several plugs',
      'SR.set_shared',
      () => [nfs(), false],
      () => ['SR_HAS_MULTIPLE_PBDS', ...on.db.need('SR', nfs()).PBDs],
    ],
  ];
  refusals(on, rows);

  it('destroyed: SR_INDESTRUCTIBLE, SR_NOT_EMPTY, SR_HAS_NO_PBDS', async () => {
    on.db.update('SR', library(), { other_config: { indestructible: 'true' } });
    await on.refused('SR.destroy', [library()], ['SR_INDESTRUCTIBLE', library()]);
    on.db.update('SR', library(), { other_config: {} });
    await on.call('VBD.eject', on.vbd('no-tools', 'CD')[0]);
    await unplugAll('NFS ISO library');
    await on.refused('SR.destroy', [library()], ['SR_NOT_EMPTY']);
    for (const each of on.db.need('SR', library()).PBDs) await on.call('PBD.destroy', each);
    await on.refused('SR.destroy', [library()], ['SR_HAS_NO_PBDS', library()]);
  });
});

describe('repositories (facts 5.4)', () => {
  const config = { server: '192.0.2.100', serverpath: '/export/spare' };
  const make = () => on.call<string>('SR.create', alpha(), config, 0, 'spare', 'd', 'nfs', 'user', true, {});

  it('a shared one is plugged on all hosts at once, and can hold images', async () => {
    const told = await on.events(make);
    expect([...told]).toEqual(expect.arrayContaining(['sr add', 'pbd add', 'host mod']));
    const made = on.db.need('SR', sr('spare'));
    expect(made.PBDs).toHaveLength(3);
    expect(made.PBDs.every((each) => on.db.need('PBD', each).currently_attached)).toBe(true);
    expect(made.allowed_operations).toContain('vdi_create');
    await on.call('VDI.create', record({ SR: sr('spare') }));
  });

  it('probing lists what is there, or what is missing from the question', async () => {
    const probe = (type: string, device: object) => ['SR.probe', alpha(), device, type] as const;
    expect(await on.call(...probe('nfs', { server: '192.0.2.100', serverpath: '/export/vhd' }))).toContain(
      `<UUID>${on.db.need('SR', nfs()).uuid}</UUID>`,
    );
    const [exports, targets, units] = [
      await on.client.refusal(...probe('nfs', { server: '192.0.2.100' })),
      await on.client.refusal(...probe('lvmoiscsi', { target: '192.0.2.101' })),
      await on.client.refusal(
        ...probe('lvmoiscsi', { target: '192.0.2.101', targetIQN: 'iqn.2026-01.test.example:spare' }),
      ),
    ];
    expect([exports[0], exports[3]]).toEqual([
      'SR_BACKEND_FAILURE_101',
      expect.stringContaining('<Path>/export/spare</Path>'),
    ]);
    expect([targets[0], targets[3]]).toEqual([
      'SR_BACKEND_FAILURE_96',
      expect.stringContaining('<TargetIQN>iqn.2026-01.test.example:spare</TargetIQN>'),
    ]);
    expect([units[0], units[3]]).toEqual([
      'SR_BACKEND_FAILURE_107',
      expect.stringContaining('<SCSIid>36001405aaaa0001</SCSIid>'),
    ]);
    const found = await on.call<{ sr: { uuid: string } }[]>(
      'SR.probe_ext',
      alpha(),
      { server: '192.0.2.100', serverpath: '/export/vhd' },
      'nfs',
      {},
    );
    expect(found.map((each) => each.sr.uuid)).toEqual([on.db.need('SR', nfs()).uuid]);
  });

  it('forgotten and found again: its images come back with what they held', async () => {
    const made = await make();
    const image = await on.call<string>('VDI.create', record({ SR: made, name_label: 'kept' }));
    on.simulator.world.contents.write(image, 0, Buffer.from('kept'));
    const { uuid } = on.db.need('SR', made);
    await unplugAll('spare');
    await on.call('pool.set_default_SR', on.simulator.world.pool(), made);
    const told = await on.events(() => on.call('SR.forget', made));
    expect([...told]).toEqual(expect.arrayContaining(['sr del', 'pbd del', 'vdi del', 'pool mod']));
    expect(on.db.need('pool', on.simulator.world.pool()).default_SR).toBe(NULL_REF);
    expect(await on.call('SR.probe', alpha(), config, 'nfs')).toContain(uuid);
    const again = await on.call<string>('SR.introduce', uuid, 'again', '', 'nfs', 'user', true, {});
    expect(on.db.need('SR', again)).toMatchObject({ physical_size: -1n, PBDs: [] });
    const plug = await on.call<string>('PBD.create', {
      SR: again,
      host: alpha(),
      device_config: config,
      other_config: {},
    });
    await on.call('PBD.plug', plug);
    expect(on.db.need('SR', again).physical_size).toBeGreaterThan(0n);
    const [found] = on.db.need('SR', again).VDIs;
    expect(on.db.need('VDI', found as string).name_label).toBe('kept');
    expect(on.simulator.world.contents.read(found as string, 0, 4).toString()).toBe('kept');
  });

  it('introduced where there is nothing: the plug fails', async () => {
    const SR = await on.call<string>(
      'SR.introduce',
      '00000000-0000-4000-8000-00000000abcd',
      'x',
      '',
      'nfs',
      'user',
      true,
      {},
    );
    const plug = await on.call<string>('PBD.create', { SR, host: alpha(), device_config: config, other_config: {} });
    await on.refused('PBD.plug', [plug], backend(47));
  });

  it('destroyed it is gone for good', async () => {
    const made = await make();
    await unplugAll('spare');
    await on.call('SR.destroy', made);
    expect(await on.call('SR.probe', alpha(), config, 'nfs')).not.toContain('<SR>');
  });

  it('a scan finds files that have come, and empties drives of those that have gone', async () => {
    on.simulator.faults.addFile('NFS ISO library', 'new.iso');
    on.simulator.faults.loseFile('debian-12.5.0-amd64-netinst.iso');
    const told = await on.events(() => on.call('SR.scan', library()));
    expect([...told]).toEqual(expect.arrayContaining(['vdi add', 'vdi del', 'vbd mod']));
    expect(on.db.need('VDI', vdi('new.iso'))).toMatchObject({ location: 'new.iso', read_only: true });
    expect(on.db.need('VBD', on.vbd('no-tools', 'CD')[0])).toMatchObject({ empty: true, VDI: NULL_REF });
    await on.call('VBD.insert', on.vbd('web-01', 'CD')[0], vdi('new.iso'));
    expect(on.db.need('VM', vm('web-01')).VBDs).toHaveLength(3);
  });

  it('a new library shows what it holds', async () => {
    const made = await on.call<string>(
      'SR.create',
      alpha(),
      { location: '192.0.2.110:/export/iso' },
      0,
      'media',
      '',
      'iso',
      'iso',
      true,
      {},
    );
    expect(on.db.need('SR', made).VDIs.map((each) => on.db.need('VDI', each).name_label)).toEqual([
      'rescue.iso',
      'drivers.iso',
    ]);
  });
});
