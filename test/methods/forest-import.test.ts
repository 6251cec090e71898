import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Ref } from '../../src/xenapi/records.js';
import { forester } from './forest-stage.js';
import { type Answered, failEachStep, type Stage, shown, stage, uuidIn } from './stage.js';

let on: Stage;
let client: ReturnType<typeof forester>;
let vm: Ref<'VM'>;
let forest: Awaited<ReturnType<typeof client.download>>;
let metadata: string;
let context: string;
beforeAll(async () => {
  on = await stage();
  client = forester(on);
  const [ref, uuid] = await client.machine('imported', 1);
  vm = ref;
  await client.snapshot(vm, 'before');
  forest = await client.download(uuid);
  metadata = await client.imageOf(forest.description);
  context = await client.context(metadata);
});
afterAll(() => on.end());
afterEach(() => on.simulator.faults.clear());

const nowhere = '00000000-0000-0000-0000-000000000000';
const refusal = async (call: Promise<Answered>): Promise<[string, string]> => {
  const { status, message } = await on.refused(call);
  return [status, message];
};
const instructions = (text: string): string[] => text.split('\n').map((line) => line.split(' ')[0]!);
const images = (): number => on.db.count('VDI');
const destroy = async (...uuids: readonly string[]): Promise<void> => {
  for (const uuid of uuids) await on.connection.call('VDI.destroy', client.image(uuid)[0]);
  await on.events.caughtUp(5_000);
};
const made = (map: string): string[] => map.split(',').flatMap((pair) => pair.split('=')[1] ?? []);

describe('PrepareSnapshotForestImport', () => {
  test('reads the description by a handler of a host, and no more of the image than it has', async () => {
    const before = on.census();
    const sent = await on.messages(async () => {
      const { returned, output } = await client.prepare(metadata);
      expect(returned).toBe(0);
      expect(instructions(String(output['ImportContext']))).toEqual(['create', 'snap', 'reuse', 'leaf']);
    });
    expect(sent).toEqual(['HTTP GET /export_raw_vdi']);
    expect(on.census()).toEqual(before);
  });

  test('a disk that shares no blocks with its states before gets images of its own', async () => {
    const description = Buffer.from(
      forest.description.toString('latin1').replaceAll('vhd-parent', 'raw-parent'),
      'latin1',
    );
    const other = await client.imageOf(description);
    expect(instructions(await client.context(other))).toEqual(['create', 'snap', 'create', 'leaf']);
    await destroy(other);
  });

  test('the states that others hold their difference from are in the description, and none of its instructions', async () => {
    const [, uuid] = await client.machine('child', 1);
    const child = on.db.byUuid('VM', uuid)!;
    const [disk] = client.disks(child).values();
    const record = on.db.need('VDI', disk!);
    const parent = on.simulator.world.ids.ref();
    const own = {
      uuid: on.simulator.world.ids.uuid(),
      location: 'base',
      name_label: 'base copy',
      managed: false,
      VBDs: [],
    };
    on.db.insert('VDI', parent, { ...record, ...own });
    on.db.update('VDI', disk!, { sm_config: { 'vhd-parent': own.uuid } });
    await on.events.caughtUp(5_000);
    const { description } = await client.download(uuid);
    expect(description.includes(own.uuid)).toBe(true);
    const other = await client.imageOf(description);
    const lines = await client.context(other);
    expect([instructions(lines), lines.includes(own.uuid)]).toEqual([['create', 'leaf'], false]);
    on.db.remove('VDI', parent);
    await destroy(other);
  });

  const header = (name: string, size: number): Buffer => {
    const bytes = Buffer.alloc(512);
    bytes.write(name);
    bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    bytes.write('        ', 148);
    bytes.write(
      `${bytes
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return bytes;
  };
  const ova = (text: string): Buffer => Buffer.concat([header('ova.xml', Buffer.byteLength(text)), Buffer.from(text)]);

  test.each([
    ['nothing', Buffer.alloc(512), 'no tar archive'],
    ['noise', Buffer.alloc(4096, 'noise '), 'no tar archive'],
    ['another file', header('boot.img', 5), 'boot.img'],
    ['a file without end', header('ova.xml', 64 << 20), 'at most'],
    ['a file that goes on beyond the image', header('ova.xml', 3 << 20), 'ends before'],
    ['no XML', ova('<value><struct>'), 'cannot be read'],
    ['a document type', ova('<!DOCTYPE x [<!ENTITY a "b">]><value>&a;</value>'), 'cannot be read'],
    ['values without end', ova('<value><array><data>'.repeat(2000)), 'cannot be read'],
    ['no machine', ova('<value><struct></struct></value>'), '0 machines'],
    ['bytes that are no text', Buffer.concat([header('ova.xml', 2), Buffer.from([0xff, 0xfe])]), 'UTF-8'],
  ])('refuses an image of %s', async (_what, body, why) => {
    const other = await client.imageOf(body);
    expect(await refusal(client.prepare(other))).toEqual(['INVALID_PARAMETER', expect.stringContaining(why)]);
    await destroy(other);
  });

  test('refuses no image, one that is not there, one that is in use, and those who may not', async () => {
    expect((await refusal(client.call('PrepareSnapshotForestImport', {})))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.prepare(nowhere)))[0]).toBe('NOT_FOUND');
    const [, { VDI }] = on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk' && vbd.mode === 'RW');
    expect((await refusal(client.prepare(on.db.need('VDI', VDI).uuid)))[1]).toMatch(/XenError:VDI_IN_USE/);
    expect((await refusal(client.prepare(metadata, 'vm-operator')))[0]).toBe('ACCESS_DENIED');
  });

  test('what the host refuses is told; no task stays behind', async () => {
    await failEachStep(on, ['HTTP GET /export_raw_vdi', 'task.create'], () => client.prepare(metadata));
  });
});

describe('CreateNextDiskInImportSequence', () => {
  test('makes one image a call until there are no more: 32768', async () => {
    const before = images();
    const first = await client.next(context);
    expect(first.returned).toBe(0);
    const [map, rest] = [String(first.output['DiskImageMap']), String(first.output['ImportContext'])];
    const old = String(first.output['OldDiskID']);
    expect([map, instructions(rest)]).toEqual([
      `${old}=${uuidIn(first.output['NewDiskImage'])}`,
      ['snap', 'reuse', 'leaf'],
    ]);
    expect([...forest.files.keys()]).toContain(old);
    expect(images()).toBe(before + 1);

    const second = await client.next(rest, { DiskImageMap: map });
    expect(second.returned).toBe(0);
    expect(uuidIn(second.output['NewDiskImage'])).toBe(uuidIn(first.output['NewDiskImage']));
    expect(images()).toBe(before + 2);
    const both = String(second.output['DiskImageMap']);
    const last = await client.next(String(second.output['ImportContext']), { DiskImageMap: both });
    expect([last.returned, last.output['ImportContext'], last.output['DiskImageMap']]).toEqual([32_768, '', both]);
    expect(last.output['NewDiskImage'] ?? null).toBeNull();
    expect((await client.next('', { DiskImageMap: both })).returned).toBe(32_768);
    await destroy(...made(both));
  });

  test('each instruction is the calls that it stands for', async () => {
    const [a, b] = ['aaaaaaaa-0000-4000-8000-000000000001', 'bbbbbbbb-0000-4000-8000-000000000002'];
    const steps = async (text: string, DiskImageMap: string) => {
      let answer: Answered | undefined;
      const sent = await on.messages(async () => {
        answer = await client.next(text, { DiskImageMap });
      });
      return { sent, ...answer! };
    };
    const created = await steps(`pass\ncreate ${a} 1048576`, '');
    expect(created.sent).toEqual(['Async.VDI.create', 'VDI.get_uuid']);
    const image = uuidIn(created.output['NewDiskImage']);
    const map = String(created.output['DiskImageMap']);
    const cloned = await steps(`clone ${b} ${a}`, map);
    expect(cloned.sent).toEqual(
      [
        'Async.VDI.clone',
        'VDI.add_to_other_config',
        'VDI.get_uuid',
        'VDI.remove_from_other_config',
        'VDI.set_name_label',
      ].toSorted(),
    );
    const clone = uuidIn(cloned.output['NewDiskImage']);
    expect(cloned.output['DiskImageMap']).toBe(`${a}=${image},${b}=${clone}`);

    const renamed = await steps(`reuse ${b} ${a}`, map);
    expect([renamed.sent, renamed.output['DiskImageMap']]).toEqual([[], `${b}=${image}`]);
    const labelled = await steps(`leaf ${a}`, map);
    expect([labelled.sent, labelled.returned]).toEqual([['VDI.set_name_label'], 32_768]);

    const snapped = await steps(`snap ${a}`, map);
    expect(snapped.sent).toEqual(
      [
        'Async.VDI.snapshot',
        'Async.VDI.destroy',
        'VDI.add_to_other_config',
        'VDI.get_uuid',
        'VDI.remove_from_other_config',
      ].toSorted(),
    );
    const [snapshot] = made(String(snapped.output['DiskImageMap']));
    expect(client.image(snapshot!)[1].is_a_snapshot).toBe(true);
    expect(on.db.byUuid('VDI', image)).toBeUndefined();
    await destroy(snapshot!, clone);
  });

  test('whatever ends its lines, a context is read once through', async () => {
    const disks = [...forest.files.keys()];
    for (const end of ['\r', '\r\n', '\n\n', '\r\r\n ']) {
      const { returned, output } = await client.next(['pass', `create ${disks[0]} 1048576`, 'pass', ''].join(end));
      expect([returned, output['ImportContext']]).toEqual([0, 'pass']);
      await destroy(...made(String(output['DiskImageMap'])));
    }
  });

  const id = 'aaaaaaaa-0000-4000-8000-000000000001';
  test.each([
    ['an unknown word', 'format c:', ''],
    ['a word of the objects of the language', 'constructor', ''],
    ['no size', `create ${id}`, ''],
    ['the size 0', `create ${id} 0`, ''],
    ['a size without end', `create ${id} ${'9'.repeat(40)}`, ''],
    ['a disk that is no uuid', 'create ../../x 1048576', ''],
    ['more words than it has', `pass ${id}`, ''],
    ['a disk that has no image', `snap ${id}`, ''],
    ['another disk that has no image', `clone ${id} ${nowhere}`, ''],
    ['a map that is none', 'pass', 'x=y'],
    ['a map of images that are not there', 'pass', `${id}=${nowhere}`],
    ['a disk that is mapped twice', 'pass', `${id}=${id},${id}=${id}`],
    ['more instructions than can be', 'pass\n'.repeat(20_000), ''],
    ['a text that is too long', 'x'.repeat(2 << 20), ''],
    ['a map that is too long', 'pass', `${id}=${id},`.repeat(20_000)],
  ])('refuses a context or map with %s, and makes nothing', async (_what, text, DiskImageMap) => {
    const before = on.census();
    expect((await refusal(client.next(text, { DiskImageMap })))[0]).toBe('INVALID_PARAMETER');
    expect(on.census()).toEqual(before);
  });

  test('refuses no context, no repository, one that is gone, and those who may not', async () => {
    expect((await refusal(client.call('CreateNextDiskInImportSequence', {})))[0]).toBe('INVALID_PARAMETER');
    const bare = client.call('CreateNextDiskInImportSequence', { ImportContext: context });
    expect((await refusal(bare))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.next(context, { StoragePool: nowhere })))[0]).toBe('NOT_FOUND');
    expect((await refusal(client.next(context, {}, 'vm-operator')))[0]).toBe('ACCESS_DENIED');
    const [, media] = on.one('SR', (sr) => sr.content_type === 'iso');
    expect((await refusal(client.next(context, { StoragePool: media.uuid })))[1]).toMatch(
      /XenError:SR_OPERATION_NOT_SUPPORTED/,
    );
  });

  test('a step that fails leaves what was there before, and the call can be made again', async () => {
    const first = await client.next(context);
    await failEachStep(on, ['VDI.create'], () => client.next(context));
    const [map, rest] = [String(first.output['DiskImageMap']), String(first.output['ImportContext'])];
    const steps = ['VDI.snapshot', 'VDI.remove_from_other_config', 'VDI.add_to_other_config'];
    await failEachStep(on, steps, () => client.next(rest, { DiskImageMap: map }));
    const disks = [...forest.files.keys()];
    const apart = `snap ${disks[0]}\ncreate ${disks[1]} 1048576`;
    const filled = map.replace(/^[^=]+/, disks[0]!);
    const all = [
      'VDI.snapshot',
      'VDI.remove_from_other_config',
      'VDI.add_to_other_config',
      'VDI.create',
      'VDI.destroy',
    ];
    await failEachStep(on, all, () => client.next(apart, { DiskImageMap: filled }));
    const again = await client.next(apart, { DiskImageMap: filled });
    expect(again.returned).toBe(0);
    await destroy(...made(String(again.output['DiskImageMap'])));
  });
});

describe('FinalizeSnapshotForestImport', () => {
  const filled = async (): Promise<string> => (await client.sequence(context, forest.files)).map;

  test('has the pool import the description, with the images that were made under their old names', async () => {
    const map = await filled();
    let answer: Answered | undefined;
    const sent = await on.messages(async () => {
      answer = await client.finalize(metadata, map);
    });
    expect(sent).toEqual(
      [
        'HTTP GET /export_raw_vdi',
        'HTTP PUT /import_metadata',
        ...Array<string>(2).fill('VDI.set_name_label'),
        ...Array<string>(2).fill('VDI.set_name_description'),
      ].toSorted(),
    );
    const ref = on.db.byUuid('VM', uuidIn(answer!.output['VirtualSystem']))!;
    const { name_label, snapshots, is_a_snapshot } = on.db.need('VM', ref);
    expect([name_label, snapshots.length, is_a_snapshot]).toEqual(['imported', 1, false]);
    const [disk] = client.disks(ref).values();
    expect(made(map)).toContain(on.db.need('VDI', disk!).uuid);
    expect(on.store.get('VM', ref)?.VBDs).toHaveLength(on.db.need('VM', vm).VBDs.length);

    expect((await client.finalize(metadata, map)).returned).toBe(2);
    const before = images();
    expect((await client.cleanup(await client.imageOf(forest.description), map)).returned).toBe(0);
    expect(images()).toBe(before);
  });

  test('goes on as a job where it takes long, which names the machine that it made', async () => {
    const map = await filled();
    const hasty = await stage({ simulator: on.simulator, patienceSeconds: 0.05 });
    on.simulator.faults.delay('VDI.set_name_label', 300);
    try {
      const answer = await forester(hasty).finalize(metadata, map);
      expect([answer.returned, Object.keys(answer.output)]).toEqual([4096, ['Job']]);
      expect(shown(await hasty.job(answer), 'JobState')).toBe(7);
      const [machine] = hasty.methods.jobs.get(uuidIn(answer.output['Job']))!.record.VMs;
      expect(on.db.need('VM', machine!).name_label).toBe('imported');
      await on.events.caughtUp(5_000);
      const late = await client.imageOf(forest.description);
      on.simulator.faults.delay('VDI.destroy', 300);
      const cleaned = await forester(hasty).cleanup(late, map);
      expect(cleaned.returned).toBe(4096);
      expect(shown(await hasty.job(cleaned), 'JobState')).toBe(7);
    } finally {
      on.simulator.faults.clear();
      await hasty.end();
    }
  });

  test('images that stand alone make the same machine, on another kind of repository too', async () => {
    const sr = client.repository('lvm');
    const description = Buffer.from(
      forest.description.toString('latin1').replaceAll('vhd-parent', 'raw-parent'),
      'latin1',
    );
    const other = await client.imageOf(description);
    const { map } = await client.sequence(await client.context(other), forest.files, { StoragePool: sr.uuid });
    const { returned, output } = await client.finalize(other, map, { StoragePool: sr.uuid });
    expect(returned).toBe(0);
    const ref = on.db.byUuid('VM', uuidIn(output['VirtualSystem']))!;
    const [disk] = client.disks(ref).values();
    expect(on.db.need('SR', on.db.need('VDI', disk!).SR).uuid).toBe(sr.uuid);
    await destroy(other);
  });

  test('refuses maps that lack a disk, name images elsewhere or twice, or those of machines', async () => {
    const map = await filled();
    const [first, second] = map.split(',') as [string, string];
    expect(await refusal(client.finalize(metadata, first))).toEqual([
      'INVALID_PARAMETER',
      expect.stringContaining('no image for the disk'),
    ]);
    const { uuid } = client.repository('lvm');
    expect((await refusal(client.finalize(metadata, map, { StoragePool: uuid })))[0]).toBe('INVALID_PARAMETER');
    const twice = `${first},${second.split('=')[0]}=${first.split('=')[1]}`;
    expect((await refusal(client.finalize(metadata, twice)))[0]).toBe('INVALID_PARAMETER');
    const [used] = client.disks(vm).values();
    const foreign = `${first.split('=')[0]}=${on.db.need('VDI', used!).uuid}`;
    expect((await client.finalize(metadata, foreign)).returned).toBe(2);
    expect((await refusal(client.finalize(metadata, 'x')))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.finalize(nowhere, map)))[0]).toBe('NOT_FOUND');
    expect((await refusal(client.call('FinalizeSnapshotForestImport', {})))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.finalize(metadata, map, {}, 'vm-operator')))[0]).toBe('ACCESS_DENIED');
    await destroy(...made(map));
  });

  test('a step that fails leaves no machine, and the images as they were', async () => {
    const map = await filled();
    const names = () => made(map).map((uuid) => client.image(uuid)[1].name_label);
    const before = names();
    const steps = [
      'HTTP GET /export_raw_vdi',
      'VDI.set_name_label',
      'VDI.set_name_description',
      'HTTP PUT /import_metadata',
    ];
    await failEachStep(on, steps, () => client.finalize(metadata, map));
    expect(names()).toEqual(before);
    expect((await client.finalize(metadata, map)).returned).toBe(0);
  });

  test('what the host finds wrong with the description is told', async () => {
    const map = await filled();
    on.simulator.faults.failNext('HTTP PUT /import_metadata', 'VDI_LOCATION_MISSING', ['sr', 'moved']);
    expect((await refusal(client.finalize(metadata, map)))[1]).toMatch(/XenError:VDI_LOCATION_MISSING:/);
    await destroy(...made(map));
  });
});

describe('CleanupSnapshotForestImport', () => {
  test('takes the description and all images away: 0', async () => {
    const before = images();
    const other = await client.imageOf(forest.description);
    const { map } = await client.sequence(await client.context(other), forest.files);
    const sent = await on.messages(async () => {
      expect((await client.cleanup(other, map)).returned).toBe(0);
    });
    expect(sent).toEqual(Array<string>(3).fill('Async.VDI.destroy'));
    expect(images()).toBe(before);
  });

  test('passes over what is gone, and needs no images', async () => {
    const other = await client.imageOf(forest.description);
    expect((await client.cleanup(other, `${nowhere}=${nowhere}`)).returned).toBe(0);
    expect(on.db.byUuid('VDI', other)).toBeUndefined();
    expect((await refusal(client.cleanup(other, '')))[0]).toBe('NOT_FOUND');
  });

  test('refuses no description, a map that is none, and those who may not', async () => {
    const other = await client.imageOf(forest.description);
    expect((await refusal(client.call('CleanupSnapshotForestImport', {})))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.cleanup(other, 'everything')))[0]).toBe('INVALID_PARAMETER');
    expect((await refusal(client.cleanup(other, '', 'vm-operator')))[0]).toBe('ACCESS_DENIED');
    await destroy(other);
  });

  test('an image that cannot be destroyed at once is tried again, and told of', async () => {
    const before = images();
    const other = await client.imageOf(forest.description);
    const { map } = await client.sequence(await client.context(other), forest.files);
    on.simulator.faults.failNext('VDI.destroy', 'INTERNAL_ERROR', ['once']);
    expect((await refusal(client.cleanup(other, map)))[1]).toMatch(/XenError:INTERNAL_ERROR:once/);
    expect(images()).toBe(before);
  });
});
