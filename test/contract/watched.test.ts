import { afterAll, beforeAll, expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import type { BoundRow } from '../../src/provider/row.js';
import type { Provided } from '../../src/provider/subject.js';
import { forward } from '../../src/provider/walk.js';
import type { XenClass } from '../../src/xenapi/records.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/*
 * The functions of rows are given records that note what is read of them. Whatever a row gives must be the same as from
 * the records themselves: a function that copies or lists a record would see nothing in what it is given.
 */

let pool: Mirrored;
beforeAll(async () => {
  pool = await mirror('demo');
}, 30_000);
afterAll(() => pool.stop());

/** What the row reads beside its record, as plain records. */
function plainReads({ element, routes }: BoundRow, ref: string): object {
  const read = ([i, name]: readonly [number, string]): readonly [string, unknown] => {
    const way = routes[i]!;
    if (way.counted) return [name, pool.store.refs(way.to).length];
    const found = forward(pool.store, way, ref).map((target) => pool.store.get(way.to as XenClass, target));
    return [name, way.many ? found : found[0]];
  };
  return Object.fromEntries([...Object.keys(element.reads).entries()].map(read));
}

test('every row gives of watched records what it gives of the records themselves', () => {
  let compared = 0;
  for (const ns of schemas.keys()) {
    for (const cim of new Set(rows.elements.map(({ cim }) => cim))) {
      for (const subject of pool.engine.enumerate(ns, cim)) {
        const { row, ref, record } = subject as Provided;
        const plain = { ...(subject as Provided), watched: record, reads: plainReads(row, ref) };
        const lasting = (values: readonly unknown[]) => values.filter((_value, i) => !row.volatile[i]);
        const watched = lasting(pool.engine.instance(ns, subject).values);
        expect(watched, `${ns} ${cim}`).toEqual(lasting(row.getters.map((get) => get(plain))));
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(1_000);
});

test('a row knows who has read a field, and of a field that nobody has read nothing can be stale', () => {
  const [subject] = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')] as Provided[];
  const { row, ref } = subject!;
  pool.engine.instance('root/cimv2', subject!);
  const stale = (field: string, value: unknown): readonly (string | undefined)[] => {
    const place = pool.engine.place(subject!)!;
    const { version } = place.page.course!;
    const record = pool.store.get('VM', ref)!;
    pool.store.apply([{ of: 'VM', ref, after: { ...record, [field]: value } }]);
    const altered = [...place.page.course!.since(version)].flatMap(({ properties }) => [...properties]);
    return altered.map((property) => row.shape.properties[property]?.name).sort();
  };
  expect(stale('name_description', 'another')).toEqual(['Description']);
  expect(stale('order', 77n)).toEqual([]);
  expect(stale('name_label', 'renamed')).toEqual(['ElementName']);
});
