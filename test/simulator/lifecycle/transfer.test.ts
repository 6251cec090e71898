import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/xenapi/records.js';
import { connect } from '../client.js';
import { stage, vdiRecord } from './harness.js';

const on = stage();
const nfs = () => on.ref('SR', 'NFS virtual disk storage');
const basic = `Basic ${Buffer.from('root:xenroot').toString('base64')}`;
const url = (path: string, query: Record<string, string>, session = on.client.session) =>
  `${on.simulator.url}${path}?${new URLSearchParams({ session_id: session, ...query })}`;
const get = (path: string, query: Record<string, string>) =>
  fetch(url(path, query), { headers: { connection: 'close' } });
const bytes = async (path: string, query: Record<string, string>) =>
  Buffer.from(await (await get(path, query)).arrayBuffer());
const put = (path: string, query: Record<string, string>, body: Buffer) =>
  fetch(url(path, query), { method: 'PUT', body: new Uint8Array(body), headers: { connection: 'close' } });
const image = (size = 4 << 20) => on.call<string>('VDI.create', vdiRecord({ SR: nfs(), virtual_size: size }));
const task = () => on.call<string>('task.create', 'transfer', '');

describe('who may (facts 1.6, 4.1)', () => {
  const path = () => `/export_raw_vdi?vdi=${on.disk('dev-01')}`;
  const status = async (more: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${on.simulator.url}${path()}${more}`, {
      headers: { connection: 'close', ...headers },
    });
    await response.body?.cancel();
    return response.status;
  };

  it('by the session in the URL or the cookie, or by name and password', async () => {
    expect(await status('&format=vhd')).toBe(401);
    expect(await status('&format=vhd&session_id=OpaqueRef:none')).toBe(401);
    expect(await status(`&format=vhd&session_id=${on.client.session}`)).toBe(200);
    expect(await status('&format=vhd', { cookie: `session_id=${on.client.session}` })).toBe(200);
    expect(await status('&format=vhd', { authorization: basic })).toBe(200);
    expect(await status('&format=vhd', { authorization: 'Basic eDp5' })).toBe(401);
  });

  it('and with the role for it', async () => {
    const reader = await connect(on.simulator, 'reader', 'reader');
    expect(await status(`&session_id=${reader.session}`)).toBe(403);
  });
});

describe('images', () => {
  it('raw: in, out, and the rest is zeros', async () => {
    const vdi = await image();
    const [into, out] = [await task(), await task()];
    const content = Buffer.concat([Buffer.from('boot'), Buffer.alloc(70_000, 7)]);
    expect((await put('/import_raw_vdi', { vdi, task_id: into, format: 'raw' }, content)).status).toBe(200);
    expect(on.db.need('task', into)).toMatchObject({ status: 'success', result: '<value></value>' });
    const back = await bytes('/export_raw_vdi', { vdi: on.db.need('VDI', vdi).uuid, task_id: out });
    expect(back.length).toBe(4 << 20);
    expect(back.subarray(0, content.length).equals(content)).toBe(true);
    expect(back.subarray(content.length).every((byte) => byte === 0)).toBe(true);
    await expect.poll(() => on.db.need('task', out).status).toBe('success');
  });

  it('VHD: small where there is little in a large image, and readable again', async () => {
    const vdi = await image(1 << 30);
    on.simulator.world.contents.write(vdi, 900 << 20, Buffer.from('far out'));
    const file = await bytes('/export_raw_vdi', { vdi, format: 'vhd' });
    expect(file.length).toBeLessThan(4 << 20);
    expect([file.toString('latin1', 0, 8), file.toString('latin1', 512, 520)]).toEqual(['conectix', 'cxsparse']);
    const other = await image(1 << 30);
    expect((await put('/import_raw_vdi', { vdi: other, format: 'vhd' }, file)).status).toBe(200);
    expect(on.simulator.world.contents.read(other, 900 << 20, 7).toString()).toBe('far out');
  });

  it.each([
    ['no image', { vdi: 'OpaqueRef:none' }, 404, 'HANDLE_INVALID'],
    ['no uuid', { vdi: 'none' }, 404, 'UUID_INVALID'],
    ['none named', {}, 500, 'INTERNAL_ERROR'],
    ['an unknown format', { format: 'qcow2' }, 500, 'INTERNAL_ERROR'],
  ])('%s: the answer and the task say so', async (_what, query, status, code) => {
    const told = await task();
    const vdi = 'vdi' in query || Object.keys(query).length === 0 ? {} : { vdi: await image() };
    const response = await get('/export_raw_vdi', { ...vdi, ...query, task_id: told } as Record<string, string>);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(code)]);
    expect(on.db.need('task', told)).toMatchObject({ status: 'failure', error_info: expect.arrayContaining([code]) });
  });

  it('what machines use is neither read nor written; what is too large does not fit; what is no VHD is refused', async () => {
    const used = on.disk('web-01');
    expect(await (await get('/export_raw_vdi', { vdi: used })).text()).toContain('VDI_IN_USE');
    expect(await (await put('/import_raw_vdi', { vdi: used }, Buffer.from('x'))).text()).toContain('VDI_IN_USE');
    const vdi = await image(2 << 20);
    expect(await (await put('/import_raw_vdi', { vdi }, Buffer.alloc(3 << 20, 1))).text()).toContain('VDI_TOO_SMALL');
    expect(await (await put('/import_raw_vdi', { vdi, format: 'vhd' }, Buffer.from('none'))).text()).toContain(
      'IMPORT_ERROR',
    );
    expect(on.simulator.world.contents.holds(vdi, 0, 2 << 20)).toBe(false);
  });

  it('an image that only another host reaches is asked for there', async () => {
    const local = on.disk('dev-02');
    const response = await fetch(url('/export_raw_vdi', { vdi: local, format: 'vhd' }), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([
      302,
      expect.stringContaining('http://127.0.0.2:'),
    ]);
    expect((await bytes('/export_raw_vdi', { vdi: local, format: 'vhd' })).toString('latin1', 0, 8)).toBe('conectix');
  });
});

describe('machines', () => {
  it('leave as an archive and come back as another machine, or as the same', async () => {
    on.simulator.world.contents.write(on.disk('dev-01'), 5 << 20, Buffer.from('kept'));
    const told = await task();
    const archive = await bytes('/export', { uuid: on.vm('dev-01').uuid, task_id: told });
    await expect.poll(() => on.db.need('task', told).status).toBe('success');
    expect(on.vm('dev-01').current_operations).toEqual({});
    const into = await task();
    const events = await on.events(() => put('/import', { sr_id: nfs(), task_id: into }, archive));
    expect([...events]).toEqual(expect.arrayContaining(['vm add', 'vbd add', 'vif add', 'vdi add']));
    const result = /<value>(OpaqueRef:[^<]+)<\/value>/.exec(on.db.need('task', into).result)?.[1] as Ref<'VM'>;
    const made = on.db.need('VM', result);
    expect(made).toMatchObject({ name_label: 'dev-01', power_state: 'Halted', memory_static_max: 2n << 30n });
    expect(made.uuid).not.toBe(on.vm('dev-01').uuid);
    const disk = made.VBDs.map((each) => on.db.need('VBD', each)).find(({ type }) => type === 'Disk');
    expect(on.simulator.world.contents.read(disk?.VDI as string, 5 << 20, 4).toString()).toBe('kept');
    const { uuid } = on.vm('dev-01');
    await on.call('VM.destroy', on.db.byUuid('VM', uuid));
    await put('/import', { full_restore: 'true' }, archive);
    expect(on.db.byUuid('VM', uuid)).toBeDefined();
  });

  it('compressed as well', async () => {
    const archive = await bytes('/export', { ref: on.ref('VM', 'diskless'), use_compression: 'true' });
    expect([archive[0], archive[1]]).toEqual([0x1f, 0x8b]);
    const before = on.db.count('VM');
    expect((await put('/import', {}, archive)).status).toBe(200);
    expect(on.db.count('VM')).toBe(before + 1);
  });

  it('only at rest; records alone at any time', async () => {
    const refused = await get('/export', { ref: on.ref('VM', 'web-01') });
    expect([refused.status, await refused.text()]).toEqual([500, expect.stringContaining('VM_BAD_POWER_STATE')]);
    expect((await bytes('/export_metadata', { ref: on.ref('VM', 'web-01') })).toString('latin1', 0, 7)).toBe('ova.xml');
  });

  it('a damaged archive leaves nothing', async () => {
    const archive = await bytes('/export', { ref: on.ref('VM', 'dev-01') });
    const before = on.state();
    const wrong = Buffer.from(archive);
    wrong[wrong.length - 3000] = 1;
    for (const [body, code] of [
      [Buffer.from('nonsense'), 'IMPORT_ERROR'],
      [archive.subarray(0, archive.length - 2048), 'IMPORT_ERROR_PREMATURE_EOF'],
      [wrong, 'IMPORT_ERROR'],
    ] as const) {
      const response = await put('/import', {}, body);
      expect([response.status, await response.text()]).toEqual([500, expect.stringContaining(code)]);
    }
    expect(on.state()).toEqual(before);
  });
});

describe('a machine of which the images are there already', () => {
  const disk = () => on.disk('dev-01');
  const described = async (more: Record<string, string> = {}) =>
    bytes('/export_metadata', { uuid: on.vm('dev-01').uuid, ...more });
  const imported = async (body: Buffer, query: Record<string, string> = {}) => {
    const told = await task();
    const response = await put('/import_metadata', { task_id: told, ...query }, body);
    return { status: response.status, text: await response.text(), told: on.db.need('task', told) };
  };

  it('comes in by its description alone, with its snapshots; the task names it and not them', async () => {
    await on.call('VM.snapshot', on.ref('VM', 'dev-01'), 'kept');
    const before = [on.db.count('VM'), on.db.count('VDI')];
    const { status, told } = await imported(await described());
    expect([status, told.status]).toEqual([200, 'success']);
    const [made, ...others] = [...told.result.matchAll(/<value>(OpaqueRef:[^<]+)<\/value>/g)].map((at) => at[1]);
    expect(others).toEqual([]);
    const { name_label, snapshots, VBDs } = on.db.need('VM', made as Ref<'VM'>);
    expect([name_label, snapshots.map((ref) => on.db.need('VM', ref).name_label)]).toEqual(['dev-01', ['kept']]);
    expect(VBDs.map((each) => on.db.need('VBD', each).VDI)).toContain(disk());
    expect([on.db.count('VM'), on.db.count('VDI')]).toEqual([(before[0] as number) + 2, before[1]]);
  });

  it('takes another image where the request says so, and does without one only if it is forced to', async () => {
    const other = await image();
    const { uuid } = on.db.need('VDI', disk());
    const body = await described({ export_snapshots: 'false' });
    const mapped = await imported(body, { [`vdi:${uuid}`]: on.db.need('VDI', other).uuid });
    const made = /(OpaqueRef:[^<]+)</.exec(mapped.told.result)?.[1] as Ref<'VM'>;
    expect(on.db.need('VM', made).snapshots).toEqual([]);
    expect(on.db.need('VM', made).VBDs.map((each) => on.db.need('VBD', each).VDI)).toContain(other);

    const { location } = on.db.need('VDI', disk());
    const strange = Buffer.from(
      body.toString('latin1').replaceAll(location, location.replace(/^..../, '0000')),
      'latin1',
    );
    const count = on.db.count('VM');
    const refused = await imported(strange);
    expect([refused.status, refused.told.error_info]).toEqual([
      500,
      ['VDI_LOCATION_MISSING', expect.stringContaining('OpaqueRef:'), location.replace(/^..../, '0000')],
    ]);
    expect(on.db.count('VM')).toBe(count);
    expect((await imported(strange, { force: 'true' })).status).toBe(200);
  });

  it('the images that others hold their difference from go along if asked for, as far as there are records of them', async () => {
    const { sm_config } = on.db.need('VDI', disk());
    const base = await image();
    const { uuid } = on.db.need('VDI', base);
    on.db.update('VDI', disk(), { sm_config: { 'vhd-parent': uuid } });
    expect((await described()).includes(`<name>uuid</name><value>${uuid}`)).toBe(false);
    expect((await described({ include_vhd_parents: 'true' })).includes(`<name>uuid</name><value>${uuid}`)).toBe(true);
    on.db.update('VDI', disk(), { sm_config });
    await on.call('VDI.destroy', base);
  });
});

describe('the difference of an image from another one', () => {
  it('is what a VHD file holds with a base; what it leaves out stays as it was', async () => {
    const { contents } = on.simulator.world;
    const base = await image(8 << 20);
    contents.write(base, 0, Buffer.from('the same'));
    contents.write(base, 2 << 20, Buffer.from('gone later'));
    const vdi = await on.call<string>('VDI.clone', base);
    contents.write(vdi, 2 << 20, Buffer.alloc(10));
    contents.write(vdi, 4 << 20, Buffer.from('new'));
    const whole = await bytes('/export_raw_vdi', { vdi, format: 'vhd' });
    const file = await bytes('/export_raw_vdi', { vdi, base, format: 'vhd' });
    expect([whole.readUInt32BE(60), file.readUInt32BE(60)]).toEqual([3, 4]);
    expect(file.includes('the same')).toBe(false);
    const other = await on.call<string>('VDI.clone', base);
    expect((await put('/import_raw_vdi', { vdi: other, format: 'vhd' }, file)).status).toBe(200);
    expect(contents.read(other, 0, 8 << 20).equals(contents.read(vdi, 0, 8 << 20))).toBe(true);
  });

  it('clones and snapshots of VHD files say that they have a parent; copies have none', async () => {
    const vdi = await image();
    const parent = (ref: string) => on.db.need('VDI', ref).sm_config['vhd-parent'];
    expect(parent(vdi)).toBeUndefined();
    const snapshot = await on.call<string>('VDI.snapshot', vdi);
    expect(parent(vdi)).toMatch(/^[0-9a-f-]{36}$/);
    expect(parent(snapshot)).toBe(parent(vdi));
    expect(parent(await on.call<string>('VDI.copy', vdi, nfs()))).toBeUndefined();
  });
});
