import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NameMap } from '../../src/cim/name.js';
import type { Argument, Result } from '../../src/cim/operation.js';
import { canonicalPath } from '../../src/cim/path-text.js';
import type { Principal } from '../../src/cim/principal.js';
import { EnumerationBook } from '../../src/operations/enumeration-book.js';
import { createOperations, type Operations } from '../../src/operations/table.js';
import type { Update } from '../../src/xenapi/store.js';
import { arrived } from '../arrived.js';
import { type Mirrored, mirror, schemas } from './demo.js';

/*
 * Pulls of any size add up to the enumeration, over the real rows: with pages that are kept and without, with others
 * appearing and vanishing between two pulls, and with a restart between them.
 */

let pool: Mirrored;
let make: () => Operations;
const key = Buffer.alloc(32, 1);
const seed = 20_261_122;

beforeAll(async () => {
  pool = await mirror('demo');
  make = () =>
    createOperations({
      schemas,
      aliases: {},
      providers: [pool.engine],
      readOnly: true,
      enumerations: new EnumerationBook({ key }),
    });
}, 30_000);
afterAll(() => pool.stop());

const who: Principal = { name: 'root', role: 'pool-admin', origin: 'pool' };

type Batch = Extract<Result, { readonly kind: 'batch' }>;
type Parameters = Readonly<Record<string, Argument>>;

async function ask(operations: Operations, name: string, given: Parameters): Promise<Result> {
  const parameters = new NameMap(Object.entries(given).map(([name, value]) => [name, { name, value }]));
  return operations.execute({ kind: 'intrinsic', name, namespace: 'root/cimv2', parameters }, who);
}

const namesOf = ({ stretches, form }: Batch): string[] =>
  [...stretches].flatMap(({ page, start, end }) => {
    const paths = form === 'instancePaths' ? [...page.paths()] : [...page.instances()].map(({ path }) => path!);
    return paths.slice(start, end).map(canonicalPath);
  });

/** All that is given, batch by batch; `between` is done before every pull, and gives who carries out the next. */
async function pulled(
  open: Parameters & { readonly operation: string },
  sizes: readonly number[],
  between: () => Operations = make,
): Promise<string[]> {
  const { operation, ...parameters } = open;
  const pull = operation.endsWith('Paths') ? 'PullInstancePaths' : 'PullInstancesWithPath';
  const sized = (i: number) => ({ MaxObjectCount: String(sizes[i % sizes.length]) });
  let batch = (await ask(make(), operation, { ...parameters, ...sized(0) })) as Batch;
  const all = namesOf(batch);
  const seen = new Set(all);
  for (let i = 1; batch.context !== null; i++) {
    const before = all.length;
    batch = (await ask(between(), pull, { EnumerationContext: batch.context, ...sized(i) })) as Batch;
    all.push(...namesOf(batch));
    expect(all.length - before).toBeLessThanOrEqual(sizes[i % sizes.length]!);
    if (batch.context !== null) expect(all.length).toBeGreaterThan(before);
    for (const name of all.slice(before)) if (seen.size === seen.add(name).size) throw new Error(`${name} comes twice`);
  }
  return all;
}

const listed = async (ClassName: string): Promise<string[]> => {
  const result = await ask(make(), 'EnumerateInstances', { ClassName });
  const items =
    result.kind === 'pages'
      ? (await arrived(result.pages)).flatMap((page) => [...page.instances()])
      : await arrived((result as Extract<Result, { kind: 'namedInstances' }>).items);
  return items.map(({ path }) => canonicalPath(path!));
};

const classes = [
  ...['Xen_ComputerSystem', 'Xen_Processor', 'Xen_Disk', 'Xen_KVP', 'Xen_HostComputerSystem', 'Xen_ComputerSystemDisk'],
  ...['Xen_ComputerSystemProcessor', 'Xen_HostedComputerSystem', 'CIM_System', 'CIM_LogicalDevice', 'CIM_SystemDevice'],
  ...['CIM_ManagedElement', 'CIM_Dependency', 'CIM_BaseMetricValue', 'CIM_SettingData'],
].filter((name) => schemas.get('root/cimv2')!.class(name));

const operations = ['OpenEnumerateInstances', 'OpenEnumerateInstancePaths'];

/** `PropertyList` and a filter each take the way without pages. */
const ways: readonly Parameters[] = [
  {},
  { PropertyList: ['ElementName'] },
  { FilterQueryLanguage: 'DMTF:FQL', FilterQuery: 'NoSuchProperty = NULL' },
];

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 16, 17, 1_000, 10_000)), {
  minLength: 1,
  maxLength: 4,
});

test('pulls of any size add up to the enumeration, each object once', async () => {
  expect(classes.length).toBeGreaterThan(11);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...classes),
      fc.constantFrom(...operations),
      fc.constantFrom(...ways),
      sizes,
      async (cim, operation, way, list) => {
        const { PropertyList: _none, ...forPaths } = way as { readonly PropertyList?: Argument };
        const given = operation.endsWith('Paths') ? forPaths : way;
        const wanted = await listed(cim);
        // A batch of one of thousands would take long, and show nothing more.
        const least = Math.ceil(wanted.length / 60);
        const got = await pulled(
          { operation, ClassName: cim, ...given },
          list.map((size) => Math.max(size, least)),
        );
        expect(got.length).toBe(new Set(got).size);
        expect([...got].sort()).toEqual([...wanted].sort());
      },
    ),
    { seed, numRuns: 60 },
  );
});

/** Virtual machines that go and come back: what they show goes and comes with them. */
function changing(pick: () => number) {
  const gone = new Map<string, Update>();
  const touched = new Set<string>();
  const change = (): Operations => {
    const refs = pool.store.refs('VM');
    const back = [...gone.values()][0];
    if (back && pick() < 0.4) {
      gone.delete(back.ref);
      pool.store.apply([back]);
    } else {
      const ref = refs[Math.floor(pick() * refs.length)]!;
      const after = pool.store.get('VM', ref)!;
      touched.add(after.uuid);
      gone.set(ref, { of: 'VM', ref, after });
      pool.store.apply([{ of: 'VM', ref, after: undefined }]);
    }
    return make();
  };
  const restore = (): void => {
    pool.store.apply([...gone.values()]);
    gone.clear();
  };
  return { change, restore, touched };
}

test('what stays is given once, whatever appears and vanishes between the pulls (DSP0200 5.4.2.24.2)', async () => {
  const changed = [
    'Xen_ComputerSystem',
    'Xen_Processor',
    'Xen_ComputerSystemDisk',
    'CIM_LogicalDevice',
    'CIM_SettingData',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...changed),
      fc.constantFrom(...operations),
      sizes,
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (cim, operation, list, numbers) => {
        const { change, restore, touched } = changing(() => numbers.next().value as number);
        const before = await listed(cim);
        const least = Math.ceil(before.length / 25);
        try {
          const got = await pulled(
            { operation, ClassName: cim },
            list.map((size) => Math.max(size, least)),
            change,
          );
          expect(got.length).toBe(new Set(got).size);
          const stayed = before.filter((name) => ![...touched].some((uuid) => name.includes(uuid)));
          const set = new Set(got);
          expect(stayed.filter((name) => !set.has(name))).toEqual([]);
        } finally {
          restore();
        }
      },
    ),
    { seed, numRuns: 40 },
  );
});

test('walks are pulled in any size too', async () => {
  const [machine] = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')];
  const InstanceName = pool.engine.path('root/cimv2', machine!);
  for (const [open, traditional] of [
    ['OpenAssociatorInstancePaths', 'AssociatorNames'],
    ['OpenReferenceInstances', 'References'],
  ] as const) {
    const result = (await ask(make(), traditional, { ObjectName: InstanceName })) as Extract<
      Result,
      { kind: 'objects' }
    >;
    const wanted = [...result.items].map((item) => canonicalPath(item.path ?? (item as never))).sort();
    expect(wanted.length).toBeGreaterThan(20);
    for (const size of [1, 7, 1_000]) {
      expect((await pulled({ operation: open, InstanceName }, [size])).sort()).toEqual(wanted);
    }
  }
});

test('a query finds what a scan would find', async () => {
  const instances = [...pool.engine.enumerate('root/cimv2', 'Xen_ComputerSystem')].map((subject) =>
    pool.engine.instance('root/cimv2', subject),
  );
  const at = instances[0]!.shape.properties.findIndex(({ name }) => name === 'ElementName');
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  for (const { values, path } of instances.slice(0, 10)) {
    const name = values[at] as string;
    const run = async (where: string) => {
      const Query = `SELECT Name FROM CIM_ComputerSystem WHERE ${where}`;
      const result = (await ask(make(), 'ExecQuery', { QueryLanguage: 'WQL', Query })) as Extract<
        Result,
        { kind: 'objects' }
      >;
      return [...result.items].map((item) => canonicalPath(item.path!)).sort();
    };
    const looked = await run(`ElementName = ${quote(name)}`);
    expect(looked).toContain(canonicalPath(path!));
    expect(await run(`ElementName = ${quote(name)} OR EnabledState = 65000`)).toEqual(looked);
    expect(await run(`ElementName = ${quote(name)} AND Name = 'none'`)).toEqual([]);
  }
});
