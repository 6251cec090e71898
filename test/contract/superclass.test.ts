import { afterAll, beforeAll, expect, test } from 'vitest';
import { NameMap } from '../../src/cim/name.js';
import type { Result } from '../../src/cim/operation.js';
import { canonicalPath } from '../../src/cim/path-text.js';
import { createOperations, type Operations } from '../../src/operations/table.js';
import { arrived } from '../arrived.js';
import { type Mirrored, mirror, schemas } from './demo.js';

let pool: Mirrored;
let operations: Operations;
beforeAll(async () => {
  pool = await mirror('demo');
  operations = createOperations({ schemas, aliases: {}, providers: [pool.engine], readOnly: true });
});
afterAll(() => pool.stop());

const pathsOf = async (result: Result): Promise<readonly string[]> => {
  if (result.kind === 'instanceNames') return [...result.items].map(canonicalPath);
  if (result.kind === 'pages')
    return (await arrived(result.pages)).flatMap((page) => [...page.paths()].map(canonicalPath));
  throw new Error(`names were wanted, got ${result.kind}`);
};

async function names(namespace: string, className: string): Promise<readonly string[]> {
  const parameters = new NameMap([
    ['ClassName', { name: 'ClassName', value: { kind: 'classPath', className } as const }],
  ]);
  const call = { kind: 'intrinsic', name: 'EnumerateInstanceNames', namespace, parameters } as const;
  return pathsOf(await operations.execute(call, { name: 'test', role: 'read-only', origin: 'configured' }));
}

test.each([...schemas])('%s: a superclass enumerates what its subclasses do, each once', async (namespace, schema) => {
  const own = new Map<string, readonly string[]>();
  for (const cls of schema.classes()) {
    const exact = [...pool.engine.enumerate(namespace, cls.name)];
    own.set(
      cls.name,
      exact.map((subject) => canonicalPath(pool.engine.path(namespace, subject))),
    );
  }
  let compared = 0;
  for (const cls of schema.classes()) {
    const family = [cls.name, ...schema.subclasses(cls.name, true).map(({ name }) => name)];
    const sum = family.flatMap((name) => own.get(name)!);
    if (sum.length === 0) continue;
    expect([...(await names(namespace, cls.name))].sort(), cls.name).toEqual([...sum].sort());
    expect(new Set(sum).size, cls.name).toBe(sum.length);
    compared++;
  }
  expect(compared).toBeGreaterThan(20);
});
