import { expect, test } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { roles } from '../../src/cim/principal.js';
import { operations } from '../../src/operations/table.js';
import { as, classPath, path, pool, reader, system, texts } from './pool.js';

const { refused, invoke } = pool();
const all = Object.entries(operations);
const writing = all.filter(([, { access }]) => access === 'write').map(([name]) => name);
const absent = all.filter(([, { run }]) => !run).map(([name]) => name);

test('every operation of DSP0200 5.4.2 has its row, with a clause of its own', () => {
  expect(all).toHaveLength(35);
  const clauses = all.map(([, { clause }]) => clause);
  expect(new Set(clauses).size).toBe(35);
  expect(clauses.every((clause) => /^5\.4\.2\.\d+(\.\d+)?$/.test(clause))).toBe(true);
});

test.each([...absent, 'GetColour', 'toString', '__proto__', ''])(
  'decisions.md 22: %s is NOT_SUPPORTED, whatever comes with it, so that clients fall back',
  async (name) => {
    const error = await refused(name, { ClassName: 'Xen_Nothing', What: 'x' }, 'nowhere');
    expect([error.status, error.code]).toEqual(['NOT_SUPPORTED', 7]);
  },
);

test('decisions.md 22: classes and qualifiers are not written; everything else that writes is there', () => {
  const schema = ['CreateClass', 'ModifyClass', 'DeleteClass', 'SetQualifier', 'DeleteQualifier'];
  expect(absent).toEqual(expect.arrayContaining(schema));
  expect(writing.filter((name) => !absent.includes(name)).sort()).toEqual(
    ['CreateInstance', 'DeleteInstance', 'ModifyInstance', 'SetProperty'].sort(),
  );
});

test.each(writing)('%s is ACCESS_DENIED to readers, and to everyone on a read-only server', async (name) => {
  expect((await refused(name, {}, 'root/cimv2', reader)).status).toBe('ACCESS_DENIED');
  expect((await pool({ readOnly: true }).refused(name)).message).toBe(
    `${name} changes the pool; this server runs read-only`,
  );
});

test('every role may read, on a read-only server too', async () => {
  for (const role of roles) {
    const who = { name: role, role, origin: 'pool' } as const;
    const { ask: askThere } = pool({ readOnly: true });
    expect(
      texts(await askThere('EnumerateInstanceNames', { ClassName: 'CIM_System' }, 'root/cimv2', who)),
    ).toHaveLength(3);
  }
});

test('DSP0200 5.4.2: parameters that are missing, unknown or of the wrong type are INVALID_PARAMETER, in a sentence', async () => {
  const message = async (name: string, parameters?: Parameters<typeof refused>[1]): Promise<string> => {
    const error = await refused(name, parameters);
    expect(error.status).toBe('INVALID_PARAMETER');
    return error.message;
  };
  expect(await message('GetClass')).toBe('GetClass wants the parameter ClassName: the name of a class');
  expect(await message('getclass', { ClassName: null })).toBe(
    'GetClass wants the parameter ClassName: the name of a class',
  );
  expect(await message('GetClass', { ClassName: '' })).toContain('wants the parameter ClassName');
  expect(await message('GetInstance', { InstanceName: classPath('CIM_System') })).toBe(
    'GetInstance takes an instance name as InstanceName; got the class name CIM_System',
  );
  expect(await message('EnumerateInstances', { ClassName: system('a') })).toContain('got an instance name of Xen_');
  expect(await message('EnumerateInstances', { ClassName: 'CIM_System', DeepInheritance: 'yes' })).toBe(
    'EnumerateInstances takes TRUE or FALSE as DeepInheritance; got "yes"',
  );
  for (const DeepInheritance of ['', 'constructor', '__proto__', '1', 'TRUE FALSE']) {
    const parameters = { ClassName: 'CIM_System', DeepInheritance };
    expect(await message('EnumerateInstances', parameters)).toContain(`got "${DeepInheritance}"`);
  }
  expect(await message('GetInstance', { InstanceName: system('a'), LocalOnly: ['TRUE'] })).toContain('an array of 1');
  expect(await message('GetInstance', { InstanceName: system('a'), PropertyList: ['Name', null] })).toBe(
    'GetInstance takes an array of property names as PropertyList; got an array of 2',
  );
  expect(await message('EnumerateQualifiers', { ClassName: 'x' })).toBe(
    'EnumerateQualifiers has no parameter ClassName; it takes no parameters',
  );
  expect(await message('EnumerateClassNames', { LocalOnly: 'TRUE' })).toBe(
    'EnumerateClassNames has no parameter LocalOnly; it takes ClassName, DeepInheritance',
  );
  expect((await message('GetQualifier', { ['x'.repeat(5000)]: 'y' })).length).toBeLessThan(200);
});

test('DSP0200 5.4.5: methods: unknown class NOT_FOUND, undeclared METHOD_NOT_FOUND, declared METHOD_NOT_AVAILABLE', async () => {
  const status = (name: string, target: Parameters<typeof invoke>[1], who?: Parameters<typeof invoke>[2]) =>
    invoke(name, target, who).then(
      () => 'answered',
      (error: CimError) => error.status,
    );
  expect(await status('Pause', path('Xen_Nothing', { Name: 'a' }))).toBe('NOT_FOUND');
  expect(await status('GetCentralInstances', system('a'))).toBe('METHOD_NOT_FOUND');
  expect(await status('GetCentralInstances', system('a'), reader)).toBe('METHOD_NOT_FOUND');
  expect(await status('requeststatechange', system('a'))).toBe('METHOD_NOT_AVAILABLE');
  expect(await status('Pause', classPath('xen_computersystem'))).toBe('METHOD_NOT_AVAILABLE');
  expect(await status('Pause', system('a'), reader)).toBe('ACCESS_DENIED');
  const locked = pool({ readOnly: true });
  await expect(locked.invoke('Pause', system('a'))).rejects.toMatchObject({ status: 'ACCESS_DENIED' });
});

test('a fault of a provider is FAILED and keeps its cause, at once or while the answer is taken', async () => {
  const { main, ask: askThere, refused: refusedThere } = pool();
  const cause = new TypeError('undefined is not a record');
  main.fault = cause;
  const error = await refusedThere('GetInstance', { InstanceName: system('a') });
  expect(error).toMatchObject({ status: 'FAILED', cause });
  expect(error.message).not.toContain('record');
  const { items } = as(await askThere('EnumerateInstances', { ClassName: 'CIM_System' }), 'namedInstances');
  expect(() => [...items]).toThrow(expect.objectContaining({ status: 'FAILED', cause }));
  main.fault = new CimError('FAILED', 'the pool is away');
  const again = as(await askThere('Associators', { ObjectName: system('a') }), 'objects');
  expect(() => [...again.items]).toThrow('the pool is away');
});
