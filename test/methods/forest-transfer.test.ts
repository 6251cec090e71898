import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ref } from '../../src/xenapi/records.js';
import { forester, mebibyte } from './forest-stage.js';
import { type Stage, stage, uuidIn } from './stage.js';

let on: Stage;
let client: ReturnType<typeof forester>;
beforeAll(async () => {
  on = await stage();
  client = forester(on);
});
afterAll(() => on.end());

/** What is written in each state of the disks, slot by slot; the second state leaves out what the first had. */
const written = ['first', 'other', 'third'] as const;

async function grown(name: string): Promise<[Ref<'VM'>, string]> {
  const [vm, uuid] = await client.machine(name, 2);
  for (const [i, word] of written.entries()) {
    for (const [slot, vdi] of client.disks(vm)) {
      client.write(vdi, Number(slot), `${word} state of disk ${slot}`);
      client.write(vdi, (2 + i) * mebibyte, word);
      if (i === 1) on.simulator.world.contents.write(vdi, 2 * mebibyte, Buffer.alloc(16));
    }
    if (i < 2) await client.snapshot(vm, `${word} snapshot`);
  }
  await on.events.caughtUp(5_000);
  return [vm, uuid];
}

/** Names, contents and ties of a machine and its snapshots, without anything that tells one pool's objects from another's. */
function tree(vm: Ref<'VM'>) {
  const own = on.db.need('VM', vm);
  const stands = [...own.snapshots, vm];
  const name = (ref: Ref<'VM'>): string => on.db.get('VM', ref)?.name_label ?? '';
  const current = client.disks(vm);
  return stands
    .map((ref) => {
      const { name_label, snapshot_of, is_a_snapshot, parent, snapshot_time, memory_static_max } = on.db.need(
        'VM',
        ref,
      );
      const disks = [...client.disks(ref)].map(([slot, vdi]) => {
        const image = on.db.need('VDI', vdi);
        return {
          slot,
          size: image.virtual_size,
          label: [image.name_label, image.name_description],
          of: image.is_a_snapshot && current.get(slot) === image.snapshot_of,
          isSnapshot: image.is_a_snapshot,
          bytes: on.simulator.world.contents
            .read(vdi, 0, Number(image.virtual_size))
            .toString('latin1')
            .replaceAll('\0', ''),
        };
      });
      return {
        ...{ name_label, is_a_snapshot, snapshot_time, memory_static_max, disks },
        ...{ of: name(snapshot_of), parent: name(parent), ports: on.db.need('VM', ref).VIFs.length },
      };
    })
    .toSorted((a, b) => (a.name_label < b.name_label ? -1 : 1));
}

describe('a snapshot forest goes out and comes back', () => {
  test('with two snapshots of two disks: the same tree, the same bytes, another machine', async () => {
    const [vm, uuid] = await grown('forest');
    const before = on.census();
    const { description, files, images } = await client.download(uuid);
    expect(files.size).toBe(6);
    expect(images.filter((uri) => uri.includes('&base='))).toHaveLength(4);
    expect(client.marks()).toBe(0);

    const metadata = await client.imageOf(description);
    const context = await client.context(metadata);
    expect(context.split('\n').map((line) => line.split(' ')[0])).toEqual([
      ...['create', 'snap', 'reuse', 'snap', 'reuse', 'leaf'],
      ...['create', 'snap', 'reuse', 'snap', 'reuse', 'leaf'],
    ]);
    const { map, uris } = await client.sequence(context, files);
    expect(uris.every((uri) => uri.includes('/import_raw_vdi?') && uri.endsWith('format=vhd'))).toBe(true);
    const { returned, output } = await client.finalize(metadata, map);
    expect(returned).toBe(0);
    const made = on.db.byUuid('VM', uuidIn(output['VirtualSystem']))!;
    expect(made).not.toBe(vm);
    expect(tree(made)).toEqual(tree(vm));
    expect(tree(made)).toMatchObject([{ disks: [{ of: true }, { of: true }] }, {}, {}]);

    expect((await client.cleanup(metadata, map)).returned).toBe(0);
    expect(tree(made)).toEqual(tree(vm));
    const after = on.census();
    expect({ VM: after['VM']! - before['VM']!, VDI: after['VDI']! - before['VDI']!, task: after['task'] }).toEqual({
      VM: 3,
      VDI: 6,
      task: before['task'],
    });
  });

  test('with its saved memory, where a snapshot has that', async () => {
    const [vm, { uuid }] = on.one(
      'VM',
      ({ power_state, allowed_operations }) => power_state === 'Running' && allowed_operations.includes('checkpoint'),
    );
    const saved = (await on.connection.call('VM.checkpoint', vm, 'awake')) as Ref<'VM'>;
    client.write(on.db.need('VM', saved).suspend_VDI, 0, 'what it was thinking of');
    await on.connection.call('VM.hard_shutdown', vm);
    await on.events.caughtUp(5_000);
    const { description, files } = await client.download(uuid);
    const metadata = await client.imageOf(description);
    const { map } = await client.sequence(await client.context(metadata), files);
    const { output } = await client.finalize(metadata, map);
    const made = on.db.byUuid('VM', uuidIn(output['VirtualSystem']))!;
    const [ref] = on.one('VM', ({ snapshot_of, name_label }) => snapshot_of === made && name_label === 'awake');
    const { power_state, suspend_VDI } = on.db.need('VM', ref);
    expect([power_state, client.read(suspend_VDI, 0, 23)]).toEqual(['Suspended', 'what it was thinking of']);
  });
});
