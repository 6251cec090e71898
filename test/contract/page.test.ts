import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from '../../src/cim/operation.js';
import { canonicalPath } from '../../src/cim/path-text.js';
import { EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { pageForms } from '../../src/cimxml/result.js';
import { rows } from '../../src/mapping/index.js';
import type { Update } from '../../src/xenapi/store.js';
import { encodedPage } from '../cimxml/encoded-page.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/*
 * What is kept of an instance must go with every change that it shows. The pages of all classes are encoded, records are
 * changed at random, and what is still kept is held against what is made anew.
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

const forms = Object.values(pageForms);

/** The page in every form: as it is kept, where there is a cache, else made anew. */
const text = (page: Page, cache?: EncodedCache): string =>
  forms.map((form) => encodedPage(page, form, cache).bytes.toString()).join('\n');

test('the pages of a class are its enumeration, in the same order', () => {
  for (const [ns, cim] of classes) {
    const paged = [...(pool.engine.pages(ns, cim) ?? [])].flatMap((page) => [...page.paths()].map(canonicalPath));
    const listed = [...pool.engine.enumerate(ns, cim)].map((subject) => canonicalPath(pool.engine.path(ns, subject)));
    if (paged.length > 0) expect(paged, cim).toEqual(listed);
  }
});

/** A small generator with a fixed seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const watched = [
  'VM',
  'VBD',
  'VIF',
  'VDI',
  'SR',
  'host',
  'PIF',
  'network',
  'PBD',
  'pool',
  'host_metrics',
  'VM_metrics',
  'VM_guest_metrics',
  'console',
  'host_cpu',
] as const;

/** A record of the class otherwise than it is: without itself, or with one field as another record of the class has it. */
function change(pick: (below: number) => number, gone: Map<string, Update>): Update {
  const of = watched[pick(watched.length)]!;
  const refs = pool.store.refs(of);
  const back = [...gone.values()][0];
  if (back && pick(3) === 0) {
    gone.delete(back.ref);
    return back;
  }
  const ref = refs[pick(refs.length)]!;
  const record = pool.store.get(of, ref)! as Readonly<Record<string, unknown>>;
  if (pick(6) === 0 && of !== 'pool' && refs.length > 2) {
    gone.set(ref, { of, ref, after: record });
    return { of, ref, after: undefined };
  }
  const other = pool.store.get(of, refs[pick(refs.length)]!)! as Readonly<Record<string, unknown>>;
  const fields = Object.keys(record).filter((name) => name !== 'uuid');
  const field = fields[pick(fields.length)]!;
  return { of, ref, after: { ...record, [field]: other[field] } };
}

test('after any change, what is kept is what would be made', () => {
  const pick = random(20_261_122);
  const gone = new Map<string, Update>();
  const cache = new EncodedCache(1e9);
  let renewals = 0;
  const look = (): void => {
    for (const [ns, cim] of classes) {
      for (const page of pool.engine.pages(ns, cim) ?? []) {
        const before = cache.get(page, 'namedInstances');
        const kept = text(page, cache);
        if (before && cache.get(page, 'namedInstances') !== before) renewals++;
        const now = text(page);
        if (kept !== now) expect(kept, `${ns} ${cim} was kept though it changed`).toBe(now);
      }
    }
  };
  look();
  for (let round = 0; round < 60; round++) {
    const updates = Array.from({ length: 1 + pick(3) }, () => change(pick, gone));
    const distinct = new Map(updates.map((update) => [update.ref, update]));
    pool.store.apply([...distinct.values()]);
    look();
  }
  expect(renewals, 'pages that lasted through changes').toBeGreaterThan(50);
}, 120_000);

test('an instance is kept under its page as long as it is the same', () => {
  const [ns, cim] = ['root/cimv2', 'Xen_ComputerSystem'];
  const first = () => [...pool.engine.enumerate(ns, cim)][0]!;
  const place = pool.engine.place(first())!;
  expect([...place.page.paths()].map(canonicalPath)).toContain(canonicalPath(pool.engine.path(ns, first())));
  expect(pool.engine.place(first())?.mark).toBe(place.mark);
  expect(pool.engine.place(first())?.page).toBe(place.page);
  expect(place.current()).toBe(true);
  const subject = first();
  if (subject.kind !== 'row') throw new Error('a machine is a row');
  const { record } = subject;
  pool.engine.instance(ns, subject);
  pool.store.apply([{ of: 'VM', ref: subject.ref, after: { ...record, name_label: 'renamed' } }]);
  expect(place.current()).toBe(false);
  const renamed = pool.engine.place(first())!;
  expect(renamed.page, 'the page has the same instances').toBe(place.page);
  expect([renamed.current(), renamed.holds(place.version)]).toEqual([true, false]);
  pool.store.apply([{ of: 'VM', ref: subject.ref, after: { ...record, is_a_template: true } }]);
  expect(renamed.current()).toBe(false);
  expect(place.page.lasting).toBe(false);
  const [ties] = [...pool.engine.enumerate(ns, 'Xen_HostedComputerSystem')];
  expect(pool.engine.place(ties!)).toBeUndefined();
});
