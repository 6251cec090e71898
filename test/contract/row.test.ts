import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalPath } from '../../src/cim/path-text.js';
import { rows } from '../../src/mapping/index.js';
import { disagreements } from '../../src/provider/check.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { faults } from './conformance.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/** Every class that a row or an association stands for, in each of its namespaces: adding a row adds its tests. */
const named = [
  ...new Set(
    [...rows.elements, ...rows.associations].flatMap(({ cim, namespaces }) => namespaces.map((ns) => `${ns}:${cim}`)),
  ),
];
const cases = named.map((name) => name.split(':') as [namespace: string, cim: string]);
const tied = new Set(rows.associations.map(({ cim }) => cim));

let pool: Mirrored;
beforeAll(async () => {
  pool = await mirror('demo');
});
afterAll(() => pool.stop());

const pathOf = (ns: string, subject: RowSubject): string => canonicalPath(pool.engine.path(ns, subject));

/** The values but for those that change from one moment to the next. */
const lasting = (subject: RowSubject, values: readonly unknown[]): readonly unknown[] =>
  subject.kind === 'row' ? values.filter((_value, i) => !subject.row.volatile[i]) : values;

test('rows and MOF agree', () => expect([...disagreements(schemas, rows)]).toEqual([]));

describe.each(cases)('%s %s', (ns, cim) => {
  const all = (): RowSubject[] => [...pool.engine.enumerate(ns, cim)];

  test('has instances in the demonstration pool, each of another path', () => {
    const paths = all().map((subject) => pathOf(ns, subject));
    expect(paths.length).toBeGreaterThan(0);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('each path gets its instance back', () => {
    for (const subject of all()) {
      const path = pool.engine.path(ns, subject);
      const found = pool.engine.find(ns, path);
      expect(found && pathOf(ns, found)).toBe(canonicalPath(path));
      const instance = pool.engine.instance(ns, subject);
      expect(instance.path).toEqual(path);
      expect(lasting(found!, pool.engine.instance(ns, found!).values)).toEqual(lasting(subject, instance.values));
    }
  });

  test('each value is as the MOF declares it', () => {
    const properties = [...schemas.get(ns)!.class(cim)!.properties];
    for (const subject of all()) {
      const { values } = pool.engine.instance(ns, subject);
      expect(values).toHaveLength(properties.length);
      const wrong = properties.flatMap((property, i) => [...faults(property, values[i]!)]);
      expect(wrong, pathOf(ns, subject)).toEqual([]);
    }
  });
});

describe.each(cases.filter(([, cim]) => tied.has(cim)))('%s %s', (ns, cim) => {
  const ties = (): RowSubject[] => [...pool.engine.enumerate(ns, cim)];

  test('every tie leads back, and the enumeration is the union of the walks', () => {
    const { engine } = pool;
    const walked = new Set<string>();
    for (const tie of ties()) {
      if (tie.kind !== 'tie') throw new Error(`${cim} gives an instance that ties nothing`);
      const { from: fromEnd, to: toEnd } = tie.association.declared;
      for (const [own, role] of [
        [tie.from, fromEnd.role],
        [tie.to, toEnd.role],
      ] as const) {
        const from = own.row.element.namespaces.includes(ns) ? ns : own.row.namespace;
        const filter = { association: (name: string) => name === cim, role };
        const met = [...engine.ties(ns, own, filter)].map(({ association }) => pathOf(ns, association));
        expect(met, `${cim} from ${pathOf(from, own)}`).toContain(pathOf(ns, tie));
        for (const path of met) walked.add(path);
      }
    }
    expect([...walked].sort()).toEqual(
      ties()
        .map((tie) => pathOf(ns, tie))
        .sort(),
    );
  });
});
