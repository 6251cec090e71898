import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalValues, sharing } from '../../src/xenapi/equal.js';
import { NULL_REF } from '../../src/xenapi/records.js';
import { RecordStore, type Update } from '../../src/xenapi/store.js';
import type { Change } from '../../src/xenapi/view.js';
import { runs } from '../fuzz/runs.js';

/** Only the fields that the test looks at: the store knows no others. */
const vm = (uuid: string, more: object = {}): object => ({
  uuid,
  affinity: NULL_REF,
  VBDs: [],
  other_config: {},
  ...more,
});
const uuidOf = (record: object | undefined): unknown => (record as { uuid?: string } | undefined)?.uuid;
const update = (ref: string, after: object | undefined): Update => ({ of: 'VM', ref, after });

describe('the store', () => {
  it('finds by reference and by uuid, and lists in the order of uuids', () => {
    const store = new RecordStore();
    store.apply([update('r1', vm('b')), update('r2', vm('a')), update('r3', vm('c'))]);
    expect(store.get('VM', 'r1')?.uuid).toBe('b');
    expect(store.byUuid('VM', 'a')).toBe('r2');
    expect(store.refs('VM')).toEqual(['r2', 'r1', 'r3']);
    expect(store.refs('SR')).toEqual([]);
    expect(store.get('VM', NULL_REF)).toBeUndefined();
  });

  it('never changes a list that it handed out', () => {
    const store = new RecordStore();
    store.index('VM', 'affinity');
    store.apply([update('r1', vm('a')), update('r2', vm('b'))]);
    const [refs, holders] = [store.refs('VM'), store.holders('VM', 'affinity', NULL_REF)];
    store.apply([update('r1', undefined), update('r3', vm('c'))]);
    expect(refs).toEqual(['r1', 'r2']);
    expect(holders).toEqual(['r1', 'r2']);
    expect(store.refs('VM')).toEqual(['r2', 'r3']);
    expect(store.refs('VM')).toBe(store.refs('VM'));
  });

  it('drops what changes nothing, and deletions of what it does not have', () => {
    const store = new RecordStore();
    const seen: (readonly Change[])[] = [];
    store.apply([update('r1', vm('a', { other_config: { k: 'v' } }))]);
    const record = store.get('VM', 'r1');
    store.listen({ after: (changes) => seen.push(changes) });
    store.apply([update('r1', vm('a', { other_config: { k: 'v' } })), update('r9', undefined)]);
    expect(seen).toEqual([]);
    expect(store.get('VM', 'r1')).toBe(record);
  });

  it('tells listeners of a batch before and after, in one tick (decisions.md 14)', () => {
    const store = new RecordStore();
    const seen: string[] = [];
    store.listen({
      before: (changes) => seen.push(`before ${changes.length} ${store.refs('VM').length}`),
      after: (changes) => seen.push(`after ${changes.length} ${store.refs('VM').length}`),
    });
    const end = store.listen({
      after: ([change]) => seen.push(`${uuidOf(change?.before)} to ${uuidOf(change?.after)}`),
    });
    store.apply([update('r1', vm('a')), update('r2', vm('b'))]);
    end();
    store.apply([update('r1', undefined)]);
    expect(seen).toEqual(['before 2 0', 'after 2 2', 'undefined to a', 'before 1 2', 'after 1 1']);
  });

  it('is whole when a listener throws, and takes a batch from within a listener', () => {
    const faults: unknown[] = [];
    const store = new RecordStore((fault) => faults.push(fault));
    const sizes: number[] = [];
    store.listen({
      before: () => {
        throw new Error('no');
      },
      after: () => {
        sizes.push(store.count('VM'));
        if (store.count('VM') < 3) store.apply([update(`n${store.count('VM')}`, vm(`n${store.count('VM')}`))]);
      },
    });
    store.apply([update('r1', vm('a'))]);
    expect(sizes).toEqual([1, 2, 3]);
    expect(faults).toHaveLength(3);
  });

  it('lets the last of several updates to one record count', () => {
    const store = new RecordStore();
    store.apply([
      update('r1', vm('a')),
      update('r1', undefined),
      update('r2', vm('b')),
      update('r2', vm('b', { affinity: 'h' })),
    ]);
    expect(store.refs('VM')).toEqual(['r2']);
    expect(store.get('VM', 'r2')?.affinity).toBe('h');
  });

  it('follows a uuid to another reference, as after a restore of the pool', () => {
    const store = new RecordStore();
    store.apply([update('old', vm('a'))]);
    store.replaceAll(new Map([['VM', new Map([['new', vm('a')]])]]));
    expect(store.byUuid('VM', 'a')).toBe('new');
    expect(store.refs('VM')).toEqual(['new']);
  });

  it('makes a class hold what a listing says when its turn has come, not when it was given', () => {
    const store = new RecordStore();
    const end = store.listen({
      after: () => {
        end();
        store.apply([update('r2', vm('b'))]);
        store.replaceAll(new Map([['VM', new Map([['r3', vm('c')]])]]));
      },
    });
    store.apply([update('r1', vm('a'))]);
    expect(store.refs('VM')).toEqual(['r3']);
  });

  it('indexes references, sets, texts and one key of a map, what is empty under OpaqueRef:NULL', () => {
    const store = new RecordStore();
    for (const field of ['affinity', 'VBDs', 'other_config.base']) store.index('VM', field);
    store.apply([
      update('r1', vm('b', { affinity: 'h', VBDs: ['x', 'y'], other_config: { base: 'q' } })),
      update('r2', vm('a', { VBDs: ['y'] })),
    ]);
    expect(store.holders('VM', 'VBDs', 'y')).toEqual(['r2', 'r1']);
    expect(store.holders('VM', 'affinity', NULL_REF)).toEqual(['r2']);
    expect(store.holders('VM', 'other_config.base', 'q')).toEqual(['r1']);
    expect(store.holders('VM', 'other_config.base', NULL_REF)).toEqual(['r2']);
    store.apply([update('r2', vm('a'))]);
    expect(store.holders('VM', 'VBDs', NULL_REF)).toEqual(['r2']);
    expect(store.holders('VM', 'VBDs', 'y')).toEqual(['r1']);
    expect(() => store.holders('VM', 'VIFs', 'x')).toThrow(/index/);
  });

  it('follows large sets, of which some come, go, and change places', () => {
    const target = fc.integer({ min: 0, max: 60 }).map((n) => `t${n}`);
    const sets = fc.array(fc.array(target, { maxLength: 80 }), { maxLength: 6 });
    fc.assert(
      fc.property(sets, (states) => {
        const store = new RecordStore();
        store.index('VM', 'VBDs');
        store.apply([update('r0', vm('a', { VBDs: ['t0', 't1'] }))]);
        for (const VBDs of states) {
          store.apply([update('r1', vm('b', { VBDs }))]);
          const holding = (one: string): string[] => [
            ...(one === 't0' || one === 't1' ? ['r0'] : []),
            ...((VBDs.length === 0 ? [NULL_REF] : VBDs).includes(one) ? ['r1'] : []),
          ];
          for (let n = 0; n <= 60; n++) expect(store.holders('VM', 'VBDs', `t${n}`)).toEqual(holding(`t${n}`));
          expect(store.holders('VM', 'VBDs', NULL_REF)).toEqual(holding(NULL_REF));
        }
      }),
      runs(50, 5_000),
    );
  });

  it('lists in order whatever comes between the listings', () => {
    const uuid = fc.integer({ min: 0, max: 400 }).map((n) => String(n).padStart(3, '0'));
    fc.assert(
      fc.property(fc.array(fc.array(uuid, { maxLength: 60 }), { maxLength: 8 }), (batches) => {
        const store = new RecordStore();
        const held = new Set<string>();
        for (const [i, batch] of batches.entries()) {
          for (const one of new Set(batch)) {
            const goes = held.delete(one);
            if (!goes) held.add(one);
            store.apply([update(`r${one}`, goes ? undefined : vm(one))]);
          }
          if (i % 3 !== 2) expect(store.refs('VM')).toEqual([...held].sort().map((one) => `r${one}`));
        }
      }),
      runs(50, 5_000),
    );
  });

  it('holds the records that the bridge owns', () => {
    const store = new RecordStore();
    store.apply([{ of: 'server', ref: 'server', after: { uuid: 's', name: 'bridge', namespaces: [] } }]);
    expect(store.refs('server')).toEqual(['server']);
  });
});

const refs = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'];
const targets = [NULL_REF, 't1', 't2'];
const record = fc.record({
  uuid: fc.constantFrom('u1', 'u2', 'u3', 'u4', 'u5', 'u6', ''),
  affinity: fc.constantFrom(...targets),
  VBDs: fc.array(fc.constantFrom('b1', 'b2', 'b3'), { maxLength: 3 }),
});
const batch = fc.array(fc.tuple(fc.constantFrom(...refs), fc.option(record, { nil: undefined })), { maxLength: 8 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('apply' as const), batch }),
  fc.record({ kind: fc.constant('replace' as const), batch }),
  fc.record({ kind: fc.constant('read' as const), field: fc.constantFrom('affinity', 'VBDs') }),
);

describe('any order of events', () => {
  it('leaves the store equal to a fresh fetch, and the indexes equal to rebuilt ones', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const store = new RecordStore();
        const model = new Map<string, object>();
        store.index('VM', 'affinity');
        store.index('VM', 'VBDs');
        for (const one of steps) {
          if (one.kind === 'read') {
            store.refs('VM');
            store.holders('VM', one.field, NULL_REF);
          } else if (one.kind === 'apply') {
            store.apply(one.batch.map(([ref, after]) => update(ref, after)));
            for (const [ref, after] of one.batch) after ? model.set(ref, after) : model.delete(ref);
          } else {
            model.clear();
            for (const [ref, after] of one.batch) if (after) model.set(ref, after);
            store.replaceAll(new Map([['VM', new Map(model)]]));
          }
        }
        const fresh = new RecordStore();
        fresh.apply([...model].map(([ref, after]) => update(ref, after)));
        fresh.index('VM', 'affinity');
        fresh.index('VM', 'VBDs');
        expect(store.refs('VM')).toEqual(fresh.refs('VM'));
        for (const ref of refs) expect(store.get('VM', ref)).toEqual(fresh.get('VM', ref));
        for (const target of targets)
          expect(store.holders('VM', 'affinity', target)).toEqual(fresh.holders('VM', 'affinity', target));
        for (const target of ['b1', 'b2', 'b3', NULL_REF]) {
          expect(store.holders('VM', 'VBDs', target)).toEqual(fresh.holders('VM', 'VBDs', target));
        }
        for (const uuid of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) {
          const ref = store.byUuid('VM', uuid);
          const owners = refs.filter((owner) => (model.get(owner) as { uuid?: string } | undefined)?.uuid === uuid);
          if (owners.length === 0) expect(ref).toBeUndefined();
          else expect(owners).toContain(ref);
        }
      }),
      runs(400, 8_000),
    );
  });

  it('a listener sees each record go from its old state to its new', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 10 }), (batches) => {
        const store = new RecordStore();
        const mirror = new Map<string, unknown>();
        store.listen({
          before: (changes) => {
            for (const { ref, before } of changes) expect(mirror.get(ref)).toBe(before);
          },
          after: (changes) => {
            for (const { ref, after } of changes) after === undefined ? mirror.delete(ref) : mirror.set(ref, after);
          },
        });
        for (const one of batches) store.apply(one.map(([ref, after]) => update(ref, after)));
        expect(mirror.size).toBe(store.count('VM'));
        for (const [ref, after] of mirror) expect(store.get('VM', ref)).toBe(after);
      }),
      runs(100, 20_000),
    );
  });
});

describe('a new state', () => {
  it('is the old one where nothing differs, and has its values where only some do', () => {
    const before = vm('a', { VBDs: ['x', 'y'], other_config: { k: 'v' }, affinity: 'h', order: 1n });
    expect(sharing(before, structuredClone(before))).toBe(before);
    const after = { ...structuredClone(before), affinity: 'i', other_config: { k: 'w' } };
    const shared = sharing(before, after) as Record<string, unknown>;
    expect(shared).toEqual({ ...before, affinity: 'i', other_config: { k: 'w' } });
    expect(shared['VBDs']).toBe((before as Record<string, unknown>)['VBDs']);
    expect(sharing(before, { ...before, more: undefined })).not.toBe(before);
    expect(sharing({ ...before, more: undefined }, { ...before })).toEqual(before);
  });

  it('equals the state that it was made of', () => {
    const value = fc.oneof(fc.integer(), fc.double(), fc.array(fc.string()), fc.dictionary(fc.string(), fc.string()));
    const record = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);
    fc.assert(
      fc.property(record, record, (before, after) => {
        const shared = sharing(before, structuredClone(after));
        expect(equalValues(shared, after)).toBe(true);
        expect(shared === before).toBe(equalValues(before, after));
      }),
      runs(200, 20_000),
    );
  });
});

describe('equal values', () => {
  it('are equal by fields, whatever their order', () => {
    expect(equalValues({ a: 1n, b: { c: ['x'] } }, { b: { c: ['x'] }, a: 1n })).toBe(true);
    expect(equalValues({ a: Number.NaN }, { a: Number.NaN })).toBe(true);
  });

  it.each([
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [{ a: undefined }, { b: undefined }],
    [{ a: ['x', 'y'] }, { a: ['y', 'x'] }],
    [{ a: 1n }, { a: 1 }],
    [{ a: [] }, { a: {} }],
    [null, {}],
  ])('%o and %o are not', (a, b) => expect(equalValues(a, b)).toBe(false));
});
