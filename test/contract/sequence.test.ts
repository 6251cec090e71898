import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalPath } from '../../src/cim/path-text.js';
import { rows } from '../../src/mapping/index.js';
import type { PageRun } from '../../src/provider/provider.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/*
 * An enumeration that is pulled goes on behind a bookmark. Over every class: the order is that of the bookmarks, each of
 * them finds the rest, and the pages say the same.
 */

let pool: Mirrored;
beforeAll(async () => {
  pool = await mirror('demo');
}, 30_000);
afterAll(() => pool.stop());

const classes = [...schemas.keys()].flatMap((ns) =>
  [
    ...new Set(
      [...rows.elements, ...rows.associations]
        .filter(({ namespaces }) => namespaces.includes(ns))
        .map(({ cim }) => cim),
    ),
  ].map((cim) => [ns, cim] as const),
);

const named = (ns: string, subjects: Iterable<RowSubject>): string[] =>
  [...subjects].map((subject) => canonicalPath(pool.engine.path(ns, subject)));

test('every class in the order of its bookmarks is its enumeration, each instance once', () => {
  for (const [ns, cim] of classes) {
    const ordered = named(ns, pool.engine.enumerateFrom(ns, cim));
    const listed = named(ns, pool.engine.enumerate(ns, cim));
    expect(new Set(ordered).size, cim).toBe(ordered.length);
    expect([...ordered].sort(), cim).toEqual([...listed].sort());
  }
});

test('behind each bookmark comes the rest', () => {
  for (const [ns, cim] of classes) {
    const all = [...pool.engine.enumerateFrom(ns, cim)];
    const names = named(ns, all);
    const step = Math.max(1, Math.floor(all.length / 12));
    for (let i = 0; i < all.length; i += step) {
      const bookmark = pool.engine.bookmark(ns, all[i]!);
      expect(named(ns, pool.engine.enumerateFrom(ns, cim, bookmark)), `${cim} ${bookmark}`).toEqual(names.slice(i + 1));
    }
  }
});

test('behind the bookmark of what has gone comes the rest without it', () => {
  for (const cim of ['Xen_ComputerSystem', 'Xen_Processor', 'Xen_ComputerSystemProcessor', 'Xen_KVP']) {
    const names = named('root/cimv2', pool.engine.enumerateFrom('root/cimv2', cim));
    const all = [...pool.engine.enumerateFrom('root/cimv2', cim)];
    const at = Math.floor(all.length / 2);
    const subject = all[at]!;
    const { ref, record } = subject.kind === 'row' ? subject : subject.to;
    const bookmark = pool.engine.bookmark('root/cimv2', subject);
    pool.store.apply([{ of: 'VM', ref, after: undefined }]);
    const left = named('root/cimv2', pool.engine.enumerateFrom('root/cimv2', cim, bookmark));
    pool.store.apply([{ of: 'VM', ref, after: record }]);
    expect(left.length, cim).toBeGreaterThan(0);
    expect(left, cim).toEqual(names.slice(at + 1).filter((name) => !name.includes(record.uuid)));
  }
});

/** After how many items of its page a run can be interrupted. */
const placesIn = (run: PageRun): readonly number[] => {
  const ends = Array.from({ length: run.end }, (_, i) => run.endWithin(i + 1));
  return [...new Set(ends)].filter((end) => end > 0);
};

test('pages from a bookmark on hold what is behind it, and say where they can be interrupted', () => {
  let tried = 0;
  for (const [ns, cim] of classes) {
    const runs = [...(pool.engine.pagesFrom(ns, cim) ?? [])];
    const whole = runs.flatMap(({ page }) => [...page.paths()].map(canonicalPath));
    const places = runs.flatMap((run) => placesIn(run).map((end) => [run, end] as const));
    let before = 0;
    const behind = new Map<string, number>();
    for (const run of runs) {
      for (const end of placesIn(run)) behind.set(run.bookmark(end), before + end);
      before += run.end;
    }
    expect(before, cim).toBe(whole.length);
    for (const [run, end] of places.filter((_, i) => i % Math.ceil(places.length / 8) === 0)) {
      const bookmark = run.bookmark(end);
      const rest = [...pool.engine.pagesFrom(ns, cim, bookmark)!].flatMap(({ page, start }) =>
        [...page.paths()].slice(start).map(canonicalPath),
      );
      expect(rest, `${cim} ${bookmark}`).toEqual(whole.slice(behind.get(bookmark)));
      expect(named(ns, pool.engine.enumerateFrom(ns, cim, bookmark)).sort()).toEqual([...rest].sort());
      tried++;
    }
  }
  expect(tried).toBeGreaterThan(100);
});

const looked = ['Name', 'InstanceID', 'DeviceID', 'ElementName', 'SystemName', 'CreationClassName', 'Tag', 'CSName'];

test('a look-up finds all that has the value, and says nothing where it has no index (decision 25)', () => {
  const found = new Map<string, number>();
  for (const [ns, cim] of classes) {
    const instances = [...pool.engine.enumerate(ns, cim)].map((subject) => pool.engine.instance(ns, subject));
    for (const property of looked) {
      const place = instances[0]?.shape.properties.findIndex(({ name }) => name === property) ?? -1;
      if (place < 0) continue;
      const having = (value: unknown): string[] =>
        instances.filter(({ values }) => values[place] === value).map(({ path }) => canonicalPath(path!));
      const values = [...new Set(instances.map(({ values }) => values[place]))].filter((v) => typeof v === 'string');
      for (const value of [...values.slice(0, 6), 'Xen:nothing/there', 'nothing']) {
        const subjects = pool.engine.lookup(ns, cim, property, value as string);
        if (subjects === undefined) continue;
        const names = named(ns, subjects);
        for (const name of having(value)) expect(names, `${cim}.${property} = ${value}`).toContain(name);
        found.set(property, (found.get(property) ?? 0) + 1);
      }
    }
  }
  for (const property of looked) expect(found.get(property), property).toBeGreaterThan(5);
});

test('identity and plain names are looked up, not searched for', () => {
  const [machine] = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')];
  const { path, shape, values } = pool.engine.instance('root/cimv2', machine!);
  const shownAs = (name: string) => String(values[shape.properties.findIndex((property) => property.name === name)]);
  const uuid = shownAs('Name');
  const by = (cim: string, property: string, value: string) => [
    ...(pool.engine.lookup('root/cimv2', cim, property, value) ?? ['scanned']),
  ];
  expect(by('Xen_ComputerSystem', 'Name', uuid)).toHaveLength(1);
  expect(by('Xen_ComputerSystem', 'elementname', shownAs('ElementName')).length).toBeGreaterThan(0);
  expect(by('Xen_ComputerSystemSettingData', 'InstanceID', `Xen:${uuid}`)).toHaveLength(1);
  expect(by('Xen_HostComputerSystem', 'Name', uuid)).toEqual([]);
  expect(by('Xen_Disk', 'SystemName', uuid)).not.toContain('scanned');
  expect(by('Xen_ComputerSystem', 'CreationClassName', 'x')).toEqual([]);
  expect(by('Xen_ComputerSystem', 'Description', 'x')).toEqual(['scanned']);
  const text = `Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${uuid}"`;
  expect(path!.keys).toHaveLength(2);
  const tied = by('Xen_ComputerSystemDisk', 'GroupComponent', text);
  expect(tied).toHaveLength(by('Xen_Disk', 'SystemName', uuid).length);
  expect(by('Xen_ComputerSystemDisk', 'GroupComponent', text.replace(uuid, 'none'))).toEqual([]);
});
