import { beforeEach, describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import { NameSet } from '../../src/cim/name.js';
import type { Argument, Result } from '../../src/cim/operation.js';
import { formatPath } from '../../src/cim/path-text.js';
import type { Principal } from '../../src/cim/principal.js';
import { EnumerationBook } from '../../src/operations/enumeration-book.js';
import { mostIdlePulls, operationTimeout } from '../../src/operations/pull.js';
import { createOperations } from '../../src/operations/table.js';
import { fakeSchemas } from './fake-schema.js';
import { admin, as, classPath, intrinsic, pool, reader, system, valuesOf } from './pool.js';

type Batch = Extract<Result, { readonly kind: 'batch' }>;
type Parameters = Readonly<Record<string, Argument>>;

/** The operations over the fakes, with a clock that is set by hand. */
function stage(options: { readonly limit?: number } = {}) {
  let now = 1_800_000_000_000;
  const fakes = pool();
  const key = Buffer.alloc(32, 7);
  const book = new EnumerationBook({ key, now: () => now, ...options });
  const make = (enumerations: EnumerationBook) =>
    createOperations({
      schemas: fakeSchemas,
      aliases: { interop: 'root/interop' },
      providers: [fakes.main],
      readOnly: false,
      enumerations,
    });
  let operations = make(book);
  const ask = (name: string, parameters: Parameters = {}, who: Principal = admin, namespace = 'root/cimv2') =>
    operations.execute(intrinsic(name, parameters, namespace), who);
  const batch = async (name: string, parameters?: Parameters, who?: Principal, namespace?: string): Promise<Batch> =>
    as(await ask(name, parameters, who, namespace), 'batch');
  const refused = (name: string, parameters?: Parameters, who?: Principal, namespace?: string): Promise<string> =>
    ask(name, parameters, who, namespace).then(
      () => 'it was carried out',
      (reason: { readonly status: string; readonly message: string }) => `${reason.status}: ${reason.message}`,
    );
  const pass = (seconds: number): void => {
    now += seconds * 1000;
  };
  const restart = (enumerations: EnumerationBook): void => {
    operations = make(enumerations);
  };
  return { ...fakes, book, key, ask, batch, refused, pass, restart, clock: () => now };
}

function instances({ stretches }: Batch): CimInstance[] {
  return [...stretches].flatMap(({ page, start, end }) => [...page.instances()].slice(start, end));
}

const names = ({ stretches }: Batch): string[] =>
  [...stretches].flatMap(({ page, start, end }) => [...page.paths()].slice(start, end).map((path) => formatPath(path)));

let at: ReturnType<typeof stage>;
beforeEach(() => {
  at = stage();
});

const computers = { ClassName: classPath('CIM_System') };

/** Opens and pulls until the end; what came in each batch. */
async function all(open: string, pull: string, parameters: Parameters, most: string): Promise<string[][]> {
  const batches = [await at.batch(open, { ...parameters, MaxObjectCount: most })];
  for (let last = batches[0]!; last.context !== null; last = batches.at(-1)!) {
    batches.push(await at.batch(pull, { EnumerationContext: last.context, MaxObjectCount: most }));
  }
  return batches.map(names);
}

describe('each Open operation and its pulls (DSP0200 5.4.2.24.3 to 5.4.2.24.13)', () => {
  const source = { InstanceName: system('a') };
  const query = { FilterQueryLanguage: 'WQL', FilterQuery: 'SELECT * FROM CIM_System' };
  const rows = [
    ['OpenEnumerateInstances', 'PullInstancesWithPath', computers, 'EnumerateInstances', computers],
    ['OpenEnumerateInstancePaths', 'PullInstancePaths', computers, 'EnumerateInstanceNames', computers],
    ['OpenReferenceInstances', 'PullInstancesWithPath', source, 'References', { ObjectName: system('a') }],
    ['OpenReferenceInstancePaths', 'PullInstancePaths', source, 'ReferenceNames', { ObjectName: system('a') }],
    ['OpenAssociatorInstances', 'PullInstancesWithPath', source, 'Associators', { ObjectName: system('a') }],
    ['OpenAssociatorInstancePaths', 'PullInstancePaths', source, 'AssociatorNames', { ObjectName: system('a') }],
    ['OpenQueryInstances', 'PullInstances', query, 'EnumerateInstances', computers],
  ] as const;

  for (const [open, pull, parameters, traditional, plain] of rows) {
    test(`${open} and ${pull} give what ${traditional} gives, in any size of batches`, async () => {
      const result = await at.ask(traditional, plain);
      const items = [...(result as unknown as { readonly items: Iterable<CimInstance> }).items];
      const wanted = items.map((item) => formatPath(item.path ?? (item as never))).sort();
      expect(wanted.length).toBeGreaterThan(2);
      for (const most of ['1', '2', '3', '1000']) {
        const batches = await all(open, pull, parameters, most);
        expect(batches.flat().sort()).toEqual(wanted);
        for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(Number(most));
        for (const batch of batches.slice(0, -1)) expect(batch.length).toBeGreaterThan(0);
      }
    });
  }

  test('filters of walks and what is asked of instances hold through the pulls', async () => {
    const parameters = {
      ...source,
      AssocClass: 'Xen_SystemDevice',
      ResultRole: 'PartComponent',
      PropertyList: ['Size'],
    };
    const first = await at.batch('OpenAssociatorInstances', { ...parameters, MaxObjectCount: '1' });
    const next = { EnumerationContext: first.context!, MaxObjectCount: '9' };
    const second = await at.batch('PullInstancesWithPath', next);
    expect([...names(first), ...names(second)].every((name) => name.includes('Xen_Disk.'))).toBe(true);
    expect(second.context).toBeNull();
    expect(second.form).toBe('instancesWithPath');
    expect([...second.selection.properties!]).toEqual(['size']);
    const own = { ClassName: classPath('CIM_System'), DeepInheritance: 'FALSE', IncludeClassOrigin: 'TRUE' };
    const opened = await at.batch('OpenEnumerateInstances', own);
    const pulled = await at.batch('PullInstancesWithPath', {
      EnumerationContext: opened.context!,
      MaxObjectCount: '9',
    });
    expect(pulled.selection).toMatchObject({ classOrigin: true, properties: expect.any(NameSet) });
    expect(pulled.selection.properties!.has('Model')).toBe(false);
  });

  test('an alias of a namespace is the name in what is pulled (decisions.md 23)', async () => {
    const first = await at.batch('OpenEnumerateInstancePaths', { ClassName: 'CIM_Namespace' }, admin, 'interop');
    const next = { EnumerationContext: first.context!, MaxObjectCount: '9' };
    const { stretches } = await at.batch('PullInstancePaths', next, admin, 'interop');
    const paths = [...stretches].flatMap(({ page }) => [...page.paths()]);
    expect(paths.map(({ namespace }) => namespace)).toEqual(['interop', 'interop']);
    expect(await at.refused('PullInstancePaths', next, admin, 'root/interop')).toContain('INVALID_ENUMERATION_CONTEXT');
  });
});

describe('the parameters of Open and Pull (DSP0200 5.4.2.24.2, 5.4.2.24.10)', () => {
  test('nothing is given unless it is asked for; at the end there is no context', async () => {
    const opened = await at.batch('OpenEnumerateInstances', computers);
    expect(names(opened)).toEqual([]);
    expect(opened.context).not.toBeNull();
    const last = await at.batch('OpenEnumerateInstances', { ...computers, MaxObjectCount: '100' });
    expect(last.context).toBeNull();
    expect(at.book.size).toBe(1);
  });

  test('a class without instances is at its end at once, unless nothing was asked for', async () => {
    const none = { ClassName: 'Xen_Empty', MaxObjectCount: '5' };
    expect((await at.batch('OpenEnumerateInstances', none)).context).toBeNull();
    expect(await at.refused('OpenEnumerateInstances', { ClassName: 'Xen_Odd' })).toContain('INVALID_CLASS');
  });

  test('more than 10,000 objects are not given at once, however many are asked for', async () => {
    const opened = await at.batch('OpenEnumerateInstances', { ...computers, MaxObjectCount: '4294967295' });
    expect(opened.context).toBeNull();
    const refused = await at.refused('OpenEnumerateInstances', { ...computers, MaxObjectCount: '-1' });
    expect(refused).toContain('INVALID_PARAMETER: OpenEnumerateInstances takes a whole number from 0 to 4294967295');
  });

  test('MaxObjectCount is optional to open with, and has to be said to pull', async () => {
    const { context } = await at.batch('OpenEnumerateInstances', computers);
    expect(await at.refused('PullInstancesWithPath', { EnumerationContext: context! })).toContain('INVALID_PARAMETER');
    const next = { EnumerationContext: context!, MaxObjectCount: '9' };
    expect(names(await at.batch('PullInstancesWithPath', next))).toHaveLength(3);
  });

  test('a time that is never over, or too long, is CIM_ERR_INVALID_OPERATION_TIMEOUT', async () => {
    for (const OperationTimeout of ['0', String(operationTimeout.most + 1)]) {
      const refused = await at.refused('OpenEnumerateInstances', { ...computers, OperationTimeout });
      expect(refused).toMatch(/^INVALID_OPERATION_TIMEOUT: OperationTimeout takes 1 to 3600 seconds/);
    }
    await at.batch('OpenEnumerateInstances', { ...computers, OperationTimeout: String(operationTimeout.most) });
  });

  test('continuing after an error is CIM_ERR_CONTINUATION_ON_ERROR_NOT_SUPPORTED', async () => {
    const refused = await at.refused('OpenEnumerateInstances', { ...computers, ContinueOnError: 'TRUE' });
    expect(refused).toContain('CONTINUATION_ON_ERROR_NOT_SUPPORTED');
    await at.batch('OpenEnumerateInstances', { ...computers, ContinueOnError: 'false' });
  });

  test('a source that is not there is an error of the Open operation', async () => {
    for (const MaxObjectCount of ['0', '5']) {
      const given = { InstanceName: system('nobody'), MaxObjectCount };
      expect(await at.refused('OpenAssociatorInstances', given)).toContain('NOT_FOUND');
    }
    const cls = { InstanceName: classPath('Xen_ComputerSystem') };
    expect(await at.refused('OpenReferenceInstancePaths', cls)).toContain('INVALID_PARAMETER');
  });
});

describe('filters in DMTF:FQL', () => {
  const fql = (FilterQuery: string) => ({ FilterQueryLanguage: 'DMTF:FQL', FilterQuery, MaxObjectCount: '1' });
  const found = (open: string, pull: string, given: Parameters) => all(open, pull, given, '1').then((b) => b.flat());

  test('only what passes is given, of whatever is enumerated', async () => {
    const enabled = { ...computers, ...fql("EnabledState = 2 AND Caption LIKE 'machine .'") };
    expect(await found('OpenEnumerateInstances', 'PullInstancesWithPath', enabled)).toHaveLength(1);
    expect(await found('OpenEnumerateInstancePaths', 'PullInstancePaths', enabled)).toHaveLength(1);
    const disks = { InstanceName: system('a'), ...fql("DeviceID = 'a/1'") };
    const [disk] = await found('OpenAssociatorInstances', 'PullInstancesWithPath', disks);
    expect(disk).toContain('DeviceID="a/1"');
    expect(await found('OpenAssociatorInstancePaths', 'PullInstancePaths', disks)).toEqual([disk]);
    const tied = { InstanceName: system('a'), ...fql('Slot = 1') };
    expect(await found('OpenReferenceInstances', 'PullInstancesWithPath', tied)).toHaveLength(2);
  });

  test('what is filtered by need not be among the properties that are shown', async () => {
    const given = { ...computers, ...fql('EnabledState = 3'), PropertyList: ['Name'] };
    const [only] = instances(await at.batch('OpenEnumerateInstances', { ...given, MaxObjectCount: '9' }));
    expect(valuesOf(only!)['Name']).toBe('b');
  });

  test('live properties are fetched for the filter', async () => {
    const given = { ...computers, ...fql('Uptime = 77') };
    expect((await found('OpenEnumerateInstances', 'PullInstancesWithPath', given)).length).toBeGreaterThan(1);
  });

  test('wrong filters and languages have their own errors', async () => {
    const open = (given: Parameters) => at.refused('OpenEnumerateInstances', { ...computers, ...given });
    expect(await open({ FilterQueryLanguage: 'WQL', FilterQuery: 'a = 1' })).toContain('QUERY_LANGUAGE_NOT_SUPPORTED');
    expect(await open(fql('EnabledState ='))).toMatch(/^INVALID_QUERY: at character 15 of the query/);
    expect(await open(fql("EnabledState = 'on'"))).toContain('EnabledState is a uint16; "on" cannot be read as one');
    expect(await open(fql('Roles = 3'))).toContain('Roles is an array of string: say ANY or EVERY before it');
    expect(await open({ FilterQuery: 'a = 1' })).toContain('INVALID_PARAMETER: FilterQuery is given, and so FilterQ');
    expect(await open({ FilterQueryLanguage: 'DMTF:FQL' })).toContain('INVALID_PARAMETER');
    expect(await open({ FilterQueryLanguage: '', FilterQuery: '' })).toBe('it was carried out');
  });
});

describe('contexts (DSP0200 5.4.2.24.1, decisions.md 6)', () => {
  const open = async (given: Parameters = {}): Promise<string> =>
    (await at.batch('OpenEnumerateInstances', { ...computers, MaxObjectCount: '1', ...given })).context!;
  const pull = (EnumerationContext: string, who = admin) =>
    at.batch('PullInstancesWithPath', { EnumerationContext, MaxObjectCount: '1' }, who);
  const refusedPull = (EnumerationContext: string, who = admin) =>
    at.refused('PullInstancesWithPath', { EnumerationContext, MaxObjectCount: '1' }, who);
  const invalid = /^INVALID_ENUMERATION_CONTEXT: the enumeration context cannot be found: /;

  test('one that was pulled from is spent', async () => {
    const first = await open();
    const { context } = await pull(first);
    expect(await refusedPull(first)).toMatch(invalid);
    expect((await pull(context!)).context).toBeNull();
    for (const spent of [first, context!]) expect(await refusedPull(spent)).toMatch(invalid);
  });

  test('one that is closed is closed, once', async () => {
    const context = await open();
    expect(await at.ask('CloseEnumeration', { EnumerationContext: context })).toEqual({ kind: 'void' });
    expect(await refusedPull(context)).toMatch(invalid);
    expect(await at.refused('CloseEnumeration', { EnumerationContext: context })).toMatch(invalid);
  });

  test('one lasts for its time after each operation, and no longer', async () => {
    const context = await open({ OperationTimeout: '10' });
    at.pass(9);
    const next = await pull(context);
    at.pass(9);
    expect(
      (await at.batch('PullInstancesWithPath', { EnumerationContext: next.context!, MaxObjectCount: '0' })).context,
    ).toBeTruthy();
    const other = await open({ OperationTimeout: '10' });
    at.pass(11);
    expect(await refusedPull(other)).toContain('it was kept for 10 s after the last operation');
    const usual = await open();
    at.pass(operationTimeout.usual - 1);
    await pull(usual);
  });

  test('one belongs to him who opened it', async () => {
    const context = await open();
    expect(await refusedPull(context, reader)).toMatch(invalid);
    expect(await refusedPull(context, { ...admin, origin: 'configured' })).toMatch(invalid);
    await pull(context);
  });

  test('forged, cut and foreign ones are refused', async () => {
    const context = await open();
    const [body, mark] = context.split('.') as [string, string];
    const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('admin', 'root'), 'utf8');
    const forged = [
      ...[
        '',
        'x',
        '.',
        'a.b',
        'a.b.c',
        body,
        `${body}.`,
        `.${mark}`,
        context.slice(0, -2),
        `${context}x`,
        `x${context}`,
      ],
      ...[`${body}.${'A'.repeat(43)}`, `${other.toString('base64url')}A.${mark}`, '\u0000', 'ä.ö', 'x'.repeat(200_000)],
    ];
    for (const one of forged) expect(await refusedPull(one)).toMatch(invalid);
    at.restart(new EnumerationBook());
    expect(await refusedPull(context)).toMatch(invalid);
  });

  test('each is pulled from by the operation for it', async () => {
    const context = await open();
    const next = { EnumerationContext: context, MaxObjectCount: '1' };
    expect(await at.refused('PullInstancePaths', next)).toContain('is pulled from by PullInstancesWithPath');
    expect(await at.refused('PullInstances', next)).toContain('INVALID_ENUMERATION_CONTEXT');
    await pull(context);
  });

  test('a restart with the same key is not noticed; what was closed stays closed', async () => {
    const states = new Map<string, { id: string; sequence: number; expires: number; closed: boolean }>();
    const ledger = () => ({
      states: [...states.values()],
      note: (s: never) => void states.set((s as { id: string }).id, s),
    });
    const book = () => new EnumerationBook({ key: at.key, now: at.clock, ledger: ledger() });
    at.restart(book());
    const [kept, closed] = [await open(), await open()];
    await at.ask('CloseEnumeration', { EnumerationContext: closed });
    const { context } = await pull(kept);
    at.restart(book());
    expect(await refusedPull(kept)).toMatch(invalid);
    expect(await refusedPull(closed)).toMatch(invalid);
    expect(names(await pull(context!))).toHaveLength(1);
  });

  test('what is not remembered of a good one is taken from it: the process may have been killed', async () => {
    const context = await open();
    at.restart(new EnumerationBook({ key: at.key, now: at.clock }));
    await pull(context);
    expect(await refusedPull(context)).toMatch(invalid);
  });

  test('two pulls at once from one context: one is refused', async () => {
    const context = await open();
    const answers = await Promise.all([refusedPull(context), refusedPull(context)]);
    expect(answers.filter((answer) => answer === 'it was carried out')).toHaveLength(1);
    expect(answers.find((answer) => answer !== 'it was carried out')).toMatch(invalid);
  });

  test('closed while it is pulled from, the pull is CIM_ERR_PULL_HAS_BEEN_ABANDONED', async () => {
    const context = await open();
    const pulling = refusedPull(context);
    await at.ask('CloseEnumeration', { EnumerationContext: context });
    expect(await pulling).toContain('PULL_HAS_BEEN_ABANDONED');
    expect(await refusedPull(context)).toMatch(invalid);
  });

  test('while one is pulled from, those before it stay spent', async () => {
    const first = await open();
    const { context: second } = await pull(first);
    const pulling = refusedPull(second!);
    const spent = { EnumerationContext: first };
    expect(await at.refused('CloseEnumeration', spent)).toMatch(invalid);
    expect(await at.refused('EnumerationCount', spent)).toMatch(invalid);
    expect(await pulling).toBe('it was carried out');
  });

  test('an error closes the enumeration', async () => {
    const context = await open({ FilterQueryLanguage: 'DMTF:FQL', FilterQuery: 'EnabledState > 0' });
    at.main.fault = new Error('broken');
    expect(await refusedPull(context)).toContain('FAILED');
    at.main.fault = undefined;
    expect(await refusedPull(context)).toMatch(invalid);
  });

  test('pulls of nothing keep it open, a thousand in a row', async () => {
    let context = await open({ MaxObjectCount: '0' });
    const nothing = async (): Promise<void> => {
      const next = await at.batch('PullInstancesWithPath', { EnumerationContext: context, MaxObjectCount: '0' });
      expect(names(next)).toEqual([]);
      context = next.context!;
    };
    for (let i = 1; i < mostIdlePulls; i++) await nothing();
    context = (await pull(context)).context!;
    for (let i = 0; i < mostIdlePulls; i++) await nothing();
    const last = { EnumerationContext: context, MaxObjectCount: '0' };
    expect(await at.refused('PullInstancesWithPath', last)).toContain('SERVER_LIMITS_EXCEEDED');
    expect(await refusedPull(context)).toMatch(invalid);
  });

  test('only so many are remembered, and those that have expired are forgotten', async () => {
    at = stage({ limit: 50 });
    for (let i = 0; i < 50; i++) await open({ OperationTimeout: '60' });
    expect(await at.refused('OpenEnumerateInstances', computers)).toContain('SERVER_LIMITS_EXCEEDED');
    at.pass(61);
    await open();
    expect(at.book.size).toBe(1);
  });
});

describe('what appears and vanishes meanwhile (DSP0200 5.4.2.24.2)', () => {
  test('none is given twice, and all that stay are given', async () => {
    const given = { ClassName: 'Xen_ComputerSystem', MaxObjectCount: '1' };
    const first = await at.batch('OpenEnumerateInstancePaths', given);
    for (const name of ['0', 'aa', 'zz']) {
      const values = { CreationClassName: 'Xen_ComputerSystem', Name: name };
      at.main.add('root/cimv2', 'Xen_ComputerSystem', values);
    }
    const next = { EnumerationContext: first.context!, MaxObjectCount: '10' };
    const rest = names(await at.batch('PullInstancePaths', next)).map((text) => /,Name="(\w+)"/.exec(text)?.[1]);
    expect(rest).toContain('b');
    expect(new Set([...rest, 'a']).size).toBe(rest.length + 1);
  });
});

describe('EnumerationCount (DSP0200 5.4.2.24.15)', () => {
  test('the number of objects that are left; NULL where only a search could tell', async () => {
    const count = async (EnumerationContext: string) =>
      as(await at.ask('EnumerationCount', { EnumerationContext }), 'value');
    const opened = await at.batch('OpenEnumerateInstances', { ...computers, MaxObjectCount: '1' });
    expect(await count(opened.context!)).toEqual({ kind: 'value', type: 'uint64', value: 2n });
    const walked = await at.batch('OpenReferenceInstancePaths', { InstanceName: system('a'), MaxObjectCount: '1' });
    expect((await count(walked.context!)).value).toBeGreaterThan(2n);
    const filtered = { FilterQueryLanguage: 'DMTF:FQL', FilterQuery: 'EnabledState > 0' };
    expect(
      (await count((await at.batch('OpenEnumerateInstances', { ...computers, ...filtered })).context!)).value,
    ).toBeNull();
    expect(await at.refused('EnumerationCount', { EnumerationContext: 'x' })).toContain('INVALID_ENUMERATION_CONTEXT');
  });
});
