import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rows } from '../src/mapping/index.js';
import { packageFolder } from '../src/package.js';
import { classLines, classTable, classTablePath, unfillable } from './generate/class-table.js';
import { predecessorClasses } from './generate/predecessor.js';
import { cimv2, demoEngine, schemas } from './mapping/demo-engine.js';

const lines = await classLines();
const byName = new Map(lines.map((line) => [line.name, line]));
const schema = schemas.get(cimv2)!;

/** The properties that some row of the class gives, in lower case. */
const rowsGiving = (name: string): ReadonlySet<string> =>
  new Set(
    [...rows.elements, ...rows.associations]
      .filter(({ cim }) => cim === name)
      .flatMap(({ properties }) => Object.keys(properties).map((property) => property.toLowerCase())),
  );

describe('the table of classes', () => {
  test('is fresh (node out/test/generate/class-table.js writes it anew)', async () => {
    expect(readFileSync(classTablePath, 'utf8')).toBe(await classTable());
  });

  test('has every class of earlier providers', () => {
    expect(predecessorClasses).toHaveLength(214);
    expect(predecessorClasses.filter((name) => !byName.has(name))).toEqual([]);
  });

  test('says of every class how many instances there are, or why there is none', () => {
    expect(lines.filter(({ instances, reason }) => instances === 0 && reason === '')).toEqual([]);
    expect(lines.filter(({ instances, source }) => instances > 0 && source === '')).toEqual([]);
  });

  const facts = join(packageFolder, '..', 'shared', 'facts', 'xen-classes.md');
  const known = existsSync(facts);
  if (!known) console.log(`not held against the list of earlier classes: there is no ${facts}`);
  test.skipIf(!known)('its earlier classes are those of the list, each below the superclass named there', () => {
    const listed = [...readFileSync(facts, 'utf8').matchAll(/^\| \d+ \| (Xen_\w+) \| (\w+) \|/gm)];
    expect(new Set(listed.map(([, name]) => name))).toEqual(new Set(predecessorClasses));
    for (const [, name, superclass] of listed)
      expect(schema.isA(name!, superclass!), `${name} is a ${superclass}`).toBe(true);
  });
});

describe('properties that no XenAPI can fill', async () => {
  const demo = await demoEngine();

  test.each(Object.entries(unfillable))('%s: they are NULL in every instance', (name, properties) => {
    const all = demo.list(name);
    expect(all.length).toBeGreaterThan(0);
    for (const property of Object.keys(properties)) {
      expect(schema.class(name)!.properties.get(property), property).toBeDefined();
      expect(new Set(all.map((one) => one[property])), property).toEqual(new Set([null]));
    }
  });

  test('of those that our own MOF declares and no instance has, each is in the list', () => {
    const silent = lines.flatMap(({ name, instances }) => {
      if (instances === 0) return [];
      const namespace = schema.class(name) ? cimv2 : 'root/interop';
      const given = rowsGiving(name);
      return [...schemas.get(namespace)!.class(name)!.properties]
        .filter((p) => p.classOrigin?.startsWith('Xen_') && p.type !== 'reference' && !given.has(p.name.toLowerCase()))
        .map((p) => `${name}.${p.name}`);
    });
    const listed = Object.entries(unfillable).flatMap(([cls, all]) => Object.keys(all).map((name) => `${cls}.${name}`));
    expect(silent.filter((name) => !listed.includes(name))).toEqual([]);
  });
});
