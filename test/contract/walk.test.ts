import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { canonicalPath } from '../../src/cim/path-text.js';
import { rows } from '../../src/mapping/index.js';
import type { Waypoint } from '../../src/provider/provider.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/*
 * A walk that is pulled goes on behind a bookmark. From instances of every class: the walk leads to what the ties lead to,
 * each once, and behind each bookmark comes the rest.
 */

let pool: Mirrored;
beforeAll(async () => {
  pool = await mirror('demo');
}, 30_000);
afterAll(() => pool.stop());
afterEach(() => vi.restoreAllMocks());

const goals = ['others', 'associations'] as const;
type Goal = (typeof goals)[number];

const pathOf = (namespace: string, subject: RowSubject): string => canonicalPath(pool.engine.path(namespace, subject));

const named = (waypoints: Iterable<Waypoint<RowSubject>>): string[] =>
  Array.from(waypoints, ({ namespace, subject }) => pathOf(namespace, subject));

/** What the ties lead to, each once. */
function reached(namespace: string, subject: RowSubject, goal: Goal): string[] {
  const ties = [...pool.engine.ties(namespace, subject, {})];
  const paths = ties.map((tie) =>
    goal === 'others' ? pathOf(tie.otherNamespace, tie.other) : pathOf(namespace, tie.association),
  );
  return [...new Set(paths)];
}

/** The first instance of every row, and the last. */
function* samples(): Iterable<readonly [namespace: string, subject: RowSubject]> {
  for (const namespace of schemas.keys()) {
    for (const { cim } of rows.elements.filter(({ namespaces }) => namespaces.includes(namespace))) {
      const all = [...pool.engine.enumerate(namespace, cim)];
      for (const subject of new Set([all[0], all.at(-1)])) if (subject) yield [namespace, subject];
    }
  }
}

test('a walk leads to what the ties lead to, each once', () => {
  let compared = 0;
  for (const [namespace, subject] of samples()) {
    for (const goal of goals) {
      const walked = named(pool.engine.walkFrom(namespace, subject, {}, goal));
      expect(new Set(walked).size, pathOf(namespace, subject)).toBe(walked.length);
      expect([...walked].sort(), pathOf(namespace, subject)).toEqual(reached(namespace, subject, goal).sort());
      compared += walked.length;
    }
  }
  expect(compared).toBeGreaterThan(1_000);
});

test('behind each bookmark comes the rest', () => {
  for (const [namespace, subject] of samples()) {
    for (const goal of goals) {
      const whole = [...pool.engine.walkFrom(namespace, subject, {}, goal)];
      const step = Math.ceil(whole.length / 7);
      for (let place = 0; place < whole.length; place += step) {
        const rest = named(pool.engine.walkFrom(namespace, subject, {}, goal, whole[place]!.bookmark()));
        expect(rest, pathOf(namespace, subject)).toEqual(named(whole.slice(place + 1)));
      }
    }
  }
});

test('filters narrow a walk as they narrow the ties', () => {
  const [machine] = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')];
  const filter = {
    association: (name: string) => /Device|Disk/.test(name),
    resultClass: (name: string) => /Disk/.test(name),
  };
  const walked = named(pool.engine.walkFrom('root/cimv2', machine!, filter, 'others'));
  const tied = [...pool.engine.ties('root/cimv2', machine!, filter)].map(({ other }) => pathOf('root/cimv2', other));
  expect(walked.length).toBeGreaterThan(0);
  expect([...walked].sort()).toEqual([...new Set(tied)].sort());
});

test('a walk makes instances of what it gives, and not of what is behind it or before it', () => {
  const walks = Array.from(samples(), (one) => [one, reached(...one, 'associations').length] as const);
  const [[namespace, subject]] = walks.sort(([, a], [, b]) => b - a)[0]!;
  const whole = [...pool.engine.walkFrom(namespace, subject, {}, 'associations')];
  expect(whole.length).toBeGreaterThan(40);
  const mark = whole[Math.floor(whole.length / 2)]!.bookmark();
  const subjects = vi.spyOn(pool.engine, 'subjects');
  const next = pool.engine.walkFrom(namespace, subject, {}, 'associations', mark)[Symbol.iterator]();
  next.next();
  expect(subjects.mock.calls.length).toBeLessThan(whole.length / 4);
});

test('a bookmark of a side that is not walked along is refused', () => {
  const [machine] = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')];
  const gone = JSON.stringify(['Xen_NoSuchClass.Antecedent', 'x', '0 ']);
  expect(() => [...pool.engine.walkFrom('root/cimv2', machine!, {}, 'others', gone)]).toThrow(/Xen_NoSuchClass/);
});
