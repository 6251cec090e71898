import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forester } from './forest-stage.js';
import { failEachStep, type Stage, shown, stage, systemPath } from './stage.js';

let on: Stage;
let client: ReturnType<typeof forester>;
let system: string;
beforeAll(async () => {
  on = await stage();
  client = forester(on);
  const [vm, uuid] = await client.machine('exported', 2);
  await client.snapshot(vm, 'one');
  system = uuid;
});
afterAll(() => on.end());

describe('StartSnapshotForestExport', () => {
  test('its job names addresses at the hosts for the description and for every image, without a session or a secret', async () => {
    let answer: Awaited<ReturnType<typeof client.exported>> | undefined;
    const sent = await on.messages(async () => {
      answer = await client.exported(system);
    });
    expect(sent).toEqual(Array<string>(4).fill('VDI.add_to_other_config'));
    const { job, metadata, images, handle } = answer!;
    expect(job.shape.className).toBe('Xen_StartSnapshotForestExportJob');
    expect(shown(job, 'SSLCertificates')).toEqual([]);
    const uri = new URL(metadata);
    expect([uri.protocol, uri.pathname]).toEqual(['http:', '/export_metadata']);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      uuid: system,
      export_snapshots: 'true',
      include_vhd_parents: 'true',
    });
    expect(images).toHaveLength(4);
    for (const each of [metadata, ...images]) expect(each).not.toMatch(/session|OpaqueRef|password/i);
    for (const each of images) {
      const { pathname, hostname, searchParams } = new URL(each);
      expect([pathname, searchParams.get('format')]).toEqual(['/export_raw_vdi', 'vhd']);
      expect(client.image(searchParams.get('vdi')!)).toBeDefined();
      expect(on.db.find('host', (host) => host.address === hostname)).toBeDefined();
    }
    expect(handle).toMatch(/^[0-9a-f-]{36}$/);
    expect(client.marks()).toBe(4);
    await client.done(client.end(handle));
  });

  test('encrypted unless told otherwise, with the certificates of the hosts, each once', async () => {
    const { job, metadata, images, handle } = await client.reachedBy('https://xen1', () =>
      client.exported(system, { UseSSL: 'true' }),
    );
    expect([metadata, ...images].every((uri) => uri.startsWith('https://'))).toBe(true);
    const certificates = shown(job, 'SSLCertificates') as readonly string[];
    expect(certificates.length).toBeGreaterThan(0);
    expect(new Set(certificates).size).toBe(certificates.length);
    expect(certificates[0]).toMatch(/BEGIN CERTIFICATE/);
    await client.done(client.end(handle));
  });

  test('readers may be many; nobody is given an image to write meanwhile, and the time that was asked for ends it', async () => {
    const first = await client.exported(system, { TimeoutInMinutes: '0' });
    const second = await client.exported(system);
    expect(client.marks()).toBe(8);
    const uuid = new URL(first.images[0]!).searchParams.get('vdi')!;
    const connect = client.store('ConnectToDiskImage', { DiskImage: uuid, UseSSL: 'false' });
    expect((await connect).returned).toBe(2);
    const [ref, { other_config }] = client.image(uuid);
    expect(Object.values(other_config).filter((value) => value.endsWith(system))).toHaveLength(2);
    expect(other_config[`xen-cim-bridge.transfer.${first.handle}`]).toBe(`ro 0 ${system}`);
    const ends = Number(other_config[`xen-cim-bridge.transfer.${second.handle}`]!.split(' ')[1]);
    expect(ends - Date.now() / 1000).toBeGreaterThan(1_400 * 60);
    await client.done(client.end(second.handle));

    const key = `xen-cim-bridge.transfer.${first.handle}`;
    await on.connection.call('VDI.remove_from_other_config', ref, key);
    await on.connection.call('VDI.add_to_other_config', ref, key, `ro 1000 ${system}`);
    await on.events.caughtUp(5_000);
    const over = await on.refused(client.end(first.handle));
    expect([over.status, over.message]).toEqual(['INVALID_PARAMETER', expect.stringContaining('is over')]);
    const third = await client.exported(system);
    expect(on.db.need('VDI', ref).other_config).not.toHaveProperty([key]);
    await client.done(client.end(third.handle));
  });

  test('one that is under way when the bridge ends is still so for the next one, which can end it', async () => {
    const { handle } = await client.exported(system);
    const marks = client.marks();
    const later = await stage({ simulator: on.simulator });
    try {
      await forester(later).done(forester(later).end(handle));
    } finally {
      await later.end();
    }
    expect(client.marks()).toBe(marks - 4);
    await on.events.caughtUp(5_000);
    expect((await on.refused(client.end(handle))).status).toBe('INVALID_PARAMETER');
  });

  test('refuses no system, what is none, and what is not there', async () => {
    expect((await on.refused(client.call('StartSnapshotForestExport', {}))).status).toBe('INVALID_PARAMETER');
    const nowhere = systemPath('00000000-0000-0000-0000-000000000000');
    expect((await on.refused(client.call('StartSnapshotForestExport', { System: nowhere }))).status).toBe('NOT_FOUND');
    const [, snapshot] = on.one('VM', (vm) => vm.is_a_snapshot);
    expect((await on.refused(client.start(snapshot.uuid))).status).toBe('INVALID_PARAMETER');
    const [, bare] = on.one('network', ({ PIFs }) => PIFs.length === 0);
    expect((await on.refused(client.start(system, { VirtualSwitch: bare.uuid }))).status).toBe('INVALID_PARAMETER');
  });

  test('a machine that uses its disks keeps them: Failed', async () => {
    const [, { uuid }] = on.one(
      'VM',
      (vm) =>
        vm.power_state === 'Running' &&
        !vm.is_control_domain &&
        vm.VBDs.some((vbd) => on.db.need('VBD', vbd).type === 'Disk'),
    );
    const marks = client.marks();
    expect((await client.start(uuid)).returned).toBe(2);
    expect(client.marks()).toBe(marks);
  });

  test('of a machine without disks there is the description alone', async () => {
    const [, uuid] = await client.machine('diskless export', 0);
    const { job, images, metadata } = await client.exported(uuid);
    expect([images, shown(job, 'ExportConnectionHandle')]).toEqual([[], null]);
    expect((await client.fetched(metadata)).toString('latin1', 0, 7)).toBe('ova.xml');
  });

  test('is refused to a role that may not change images; each failing step leaves no mark', async () => {
    const marks = client.marks();
    expect((await on.refused(client.start(system, {}, 'vm-operator'))).status).toBe('ACCESS_DENIED');
    const steps = ['VDI.add_to_other_config', 'host.get_server_certificate'];
    await client.reachedBy('https://xen1', () =>
      failEachStep(on, steps, () => client.start(system, { UseSSL: 'true' })),
    );
    on.simulator.faults.failAt('VDI.add_to_other_config', 3, 'INTERNAL_ERROR', ['the third']);
    const job = await on.job(await client.start(system));
    expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([
      10,
      expect.stringContaining('the third'),
    ]);
    expect(client.marks()).toBe(marks);
  });

  test('the addresses give what they name to those who may have it, and to nobody else', async () => {
    const { metadata, images, handle } = await client.exported(system);
    for (const uri of [metadata, images[0]!]) {
      expect((await fetch(uri)).status).toBe(401);
      expect((await fetch(uri, { headers: client.as('reader') })).status).toBe(403);
    }
    expect((await client.fetched(metadata, 'vm-admin')).toString('latin1', 0, 7)).toBe('ova.xml');
    expect((await client.fetched(images[0]!, 'vm-admin')).toString('latin1', 0, 8)).toBe('conectix');
    await client.done(client.end(handle));
  });
});

describe('EndSnapshotForestExport', () => {
  test('takes all marks away, once', async () => {
    const before = client.marks();
    const { handle } = await client.exported(system);
    let job: Awaited<ReturnType<typeof client.done>> | undefined;
    const sent = await on.messages(async () => {
      job = await client.done(client.end(handle));
    });
    expect(sent).toEqual(Array<string>(4).fill('VDI.remove_from_other_config'));
    expect(job!.shape.className).toBe('Xen_EndSnapshotForestExportJob');
    expect(client.marks()).toBe(before);
    expect((await on.refused(client.end(handle))).status).toBe('INVALID_PARAMETER');
  });

  test('refuses no handle, what is none, and that of an image alone', async () => {
    expect((await on.refused(client.call('EndSnapshotForestExport', {}))).status).toBe('INVALID_PARAMETER');
    for (const handle of ['', '../x', 'x'.repeat(100_000), '00000000-0000-0000-0000-000000000000'])
      expect((await on.refused(client.end(handle))).status).toBe('INVALID_PARAMETER');
    const uuid = await client.imageOf(Buffer.alloc(1));
    const [ref] = client.image(uuid);
    const handle = 'c0ffee00-0000-4000-8000-000000000000';
    await on.connection.call('VDI.add_to_other_config', ref, `xen-cim-bridge.transfer.${handle}`, 'ro 0');
    await on.events.caughtUp(5_000);
    expect((await on.refused(client.end(handle))).status).toBe('INVALID_PARAMETER');
    await on.connection.call('VDI.destroy', ref);
  });

  test('is refused to a role that may not; a failure is told, and what is left can be ended again', async () => {
    const { handle } = await client.exported(system);
    const marks = client.marks();
    expect((await on.refused(client.end(handle, 'vm-operator'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['VDI.remove_from_other_config'], () => client.end(handle));
    expect(client.marks()).toBe(marks);
    await client.done(client.end(handle));
    expect(client.marks()).toBe(marks - 4);
  });
});
