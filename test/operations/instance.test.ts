import { expect, test } from 'vitest';
import type { Page } from '../../src/cim/operation.js';
import { arrived } from '../arrived.js';
import { as, classPath, path, pool, system, texts, valuesOf } from './pool.js';

test('DSP0200 5.4.2.2: GetInstance gives the instance with every property, NULL ones too, live ones fetched', async () => {
  const { ask } = pool();
  const { item, selection } = as(await ask('GetInstance', { InstanceName: system('a') }), 'instance');
  expect(valuesOf(item)).toEqual({
    Caption: 'machine a',
    ElementName: null,
    CreationClassName: 'Xen_ComputerSystem',
    Name: 'a',
    EnabledState: 2,
    Uptime: 77n,
    Roles: ['web', 'mail'],
  });
  expect(selection).toEqual({ classOrigin: false });
});

test('DSP0200 5.4.2.2: LocalOnly and IncludeQualifiers change nothing of an instance (decisions.md 18)', async () => {
  const { ask } = pool();
  const plain = await ask('GetInstance', { InstanceName: system('a') });
  const InstanceName = system('a');
  expect(await ask('GetInstance', { InstanceName, LocalOnly: 'TRUE', IncludeQualifiers: 'true' })).toEqual(plain);
});

test('DSP0200 5.4.2.2: PropertyList, empty, doubled and with unknown names, and IncludeClassOrigin are the selection', async () => {
  const { ask, main } = pool();
  const InstanceName = system('a');
  const PropertyList = ['name', 'NAME', 'Nothing', 'EnabledState'];
  const some = as(await ask('GetInstance', { InstanceName, PropertyList, IncludeClassOrigin: ' True ' }), 'instance');
  const listed = (name: string): boolean | undefined => some.selection.properties?.has(name);
  expect([listed('Name'), listed('enabledstate'), listed('Caption')]).toEqual([true, true, false]);
  expect(some.selection.classOrigin).toBe(true);
  expect(main.asked).toEqual([{ what: 'instance Xen_ComputerSystem', wanted: some.selection.properties }]);
  const none = as(await ask('GetInstance', { InstanceName, PropertyList: [] }), 'instance');
  expect(none.selection.properties?.size).toBe(0);
  const one = as(await ask('GetInstance', { InstanceName, PropertyList: 'Name' }), 'instance');
  expect(one.selection.properties?.has('NAME')).toBe(true);
});

test('DSP0200 5.4.2.2: names are found in any spelling, values only in theirs', async () => {
  const { ask, refused } = pool();
  const InstanceName = path('xen_computersystem', { NAME: 'a', creationclassname: 'Xen_ComputerSystem' });
  const { item } = as(await ask('getinstance', { INSTANCENAME: InstanceName }, 'ROOT/CIMv2'), 'instance');
  expect(item.path).toMatchObject({ namespace: 'root/cimv2', className: 'Xen_ComputerSystem' });
  expect((await refused('GetInstance', { InstanceName: system('A') })).status).toBe('NOT_FOUND');
});

test('DSP0200 5.4.2.2: a class that is not there is INVALID_CLASS, an instance that is not NOT_FOUND', async () => {
  const { refused } = pool();
  const unknown = await refused('GetInstance', { InstanceName: path('Xen_Nothing', { Name: 'a' }) });
  expect(unknown).toMatchObject({ status: 'INVALID_CLASS', message: 'there is no class Xen_Nothing in root/cimv2' });
  const gone = await refused('GetInstance', { InstanceName: system('z') });
  expect(gone.status).toBe('NOT_FOUND');
  expect(gone.message).toContain('Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="z"');
});

test('DSP0004 8.2.1: a path that names a superclass of what it means finds nothing, and is told so', async () => {
  const { refused } = pool();
  const keys = { CreationClassName: 'Xen_ComputerSystem', Name: 'a' };
  const error = await refused('GetInstance', { InstanceName: path('CIM_System', keys) });
  expect(error.status).toBe('NOT_FOUND');
  expect(error.message).toContain('a path names the class it was created as');
});

test('DSP0200 5.4.2.2: keys that are missing, too many, doubled or of the wrong type are INVALID_PARAMETER', async () => {
  const { refused } = pool();
  const missing = await refused('GetInstance', { InstanceName: path('Xen_ComputerSystem', { Name: 'a' }) });
  expect(missing).toMatchObject({
    status: 'INVALID_PARAMETER',
    message: 'the keys of Xen_ComputerSystem are CreationClassName, Name; got Name',
  });
  const wrong = [
    path('Xen_ComputerSystem', {}),
    path('Xen_ComputerSystem', { Name: 'a', CreationClassName: 'x', Caption: 'c' }),
    path('Xen_ComputerSystem', { Name: 'a', Caption: 'c' }),
    path('Xen_ComputerSystem', { Name: 'a', NAME: 'a' }),
    path('Xen_ComputerSystem', { Name: 'a', CreationClassName: system('a') }),
    path('Xen_Numbered', { Number: 'seven', Odd: true }),
    path('Xen_Numbered', { Number: '-7', Odd: true }),
    path('Xen_Numbered', { Number: '7', Odd: 'maybe' }),
    path('Xen_Peer', { Near: 'nothing', Far: system('b') }),
    path('Xen_Peer', { Near: true, Far: system('b') }),
    path('Xen_Single', { other: 'one' }),
  ];
  for (const InstanceName of wrong) {
    expect((await refused('GetInstance', { InstanceName })).status, JSON.stringify(InstanceName)).toBe(
      'INVALID_PARAMETER',
    );
  }
});

test('DSP0201 KEYVALUE: keys are taken as their class types them, whatever the sender took them for', async () => {
  const { ask } = pool();
  for (const seven of ['7', 7]) {
    for (const Odd of ['TRUE', true]) {
      const { item } = as(
        await ask('GetInstance', { InstanceName: path('Xen_Numbered', { Number: seven, Odd }) }),
        'instance',
      );
      expect(valuesOf(item)['Text']).toBe('seven');
    }
  }
  const unnamed = as(await ask('GetInstance', { InstanceName: path('Xen_Single', { '': 'one' }) }), 'instance');
  expect(valuesOf(unnamed.item)).toEqual({ InstanceID: 'one' });
});

test('DSP0004 8.2: an instance of an association is found by the paths of its ends, as paths or as their text', async () => {
  const { ask } = pool();
  const text = 'Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="a"';
  for (const Near of [
    system('a'),
    path('xen_computersystem', { name: 'a', CREATIONCLASSNAME: 'Xen_ComputerSystem' }),
    text,
  ]) {
    const { item } = as(
      await ask('GetInstance', { InstanceName: path('Xen_Peer', { Near, Far: system('b') }) }),
      'instance',
    );
    expect(valuesOf(item)['Far']).toMatchObject({ className: 'Xen_ComputerSystem' });
  }
});

test('a path into another namespace than the one that is asked is INVALID_PARAMETER', async () => {
  const { ask, refused } = pool();
  const error = await refused('GetInstance', { InstanceName: { ...system('a'), namespace: 'root/interop' } });
  expect(error).toMatchObject({ status: 'INVALID_PARAMETER' });
  expect(error.message).toContain('root/interop');
  await ask('GetInstance', { InstanceName: { ...system('a'), namespace: 'Root/CIMV2', host: 'elsewhere' } });
});

test('DSP0200 5.4.2.11: EnumerateInstances of a superclass gives the instances of all subclasses, each once, in order', async () => {
  const { ask } = pool();
  const result = as(await ask('EnumerateInstances', { ClassName: classPath('cim_system') }), 'namedInstances');
  expect(result.selection).toEqual({ classOrigin: false });
  const items = await arrived(result.items);
  expect(items.map(({ shape, values }) => [shape.className, values[3]])).toEqual([
    ['Xen_ComputerSystem', 'a'],
    ['Xen_ComputerSystem', 'b'],
    ['Xen_HostSystem', 'h'],
  ]);
  expect(items.map((item) => valuesOf(item)['Uptime'])).toEqual([77n, 77n, undefined]);
  const names = await ask('EnumerateInstanceNames', { ClassName: 'CIM_System' });
  expect(names.kind).toBe('instanceNames');
  expect(texts(names)).toEqual(items.map(({ path: own }) => texts({ kind: 'instanceNames', items: [own!] })[0]));
});

test('DSP0200 5.4.2.11: DeepInheritance FALSE leaves the properties of the named class alone; TRUE is taken when absent', async () => {
  const { ask } = pool();
  const shallow = { ClassName: 'CIM_System', DeepInheritance: 'FALSE' };
  const { selection } = as(await ask('EnumerateInstances', shallow), 'namedInstances');
  const has = (name: string): boolean | undefined => selection.properties?.has(name);
  expect([has('Caption'), has('Name'), has('EnabledState'), has('Model')]).toEqual([true, true, false, false]);
  const listed = { ...shallow, PropertyList: ['EnabledState', 'name'] };
  const both = as(await ask('EnumerateInstances', listed), 'namedInstances').selection.properties;
  expect([both?.has('Name'), both?.has('EnabledState'), both?.size]).toEqual([true, false, 1]);
  const deep = as(await ask('EnumerateInstances', { ...listed, DeepInheritance: null }), 'namedInstances').selection;
  expect(deep.properties?.has('EnabledState')).toBe(true);
});

test('DSP0200 5.4.2.11: a class without instances gives none, a class that is not there INVALID_CLASS', async () => {
  const { ask, refused } = pool();
  for (const name of ['EnumerateInstances', 'EnumerateInstanceNames']) {
    expect(texts(await ask(name, { ClassName: 'Xen_Empty' }))).toEqual([]);
    expect((await refused(name, { ClassName: 'Xen_Nothing' })).status).toBe('INVALID_CLASS');
  }
});

test('instances are worked out one by one, as they are taken', async () => {
  const { ask, main } = pool();
  const { items } = as(
    await ask('EnumerateInstances', { ClassName: 'CIM_System', PropertyList: ['Name'] }),
    'namedInstances',
  );
  expect(main.asked).toEqual([]);
  const walk = items[Symbol.iterator]();
  walk.next();
  expect(main.asked.map(({ what }) => what)).toEqual(['instance Xen_ComputerSystem']);
});

test('instances are not even listed before their turn, so that many large answers under way hold little', async () => {
  const { ask, main } = pool();
  let listed = 0;
  const all = main.enumerate.bind(main);
  main.enumerate = function* (namespace, className) {
    for (const thing of all(namespace, className)) {
      listed++;
      yield thing;
    }
  };
  const { items } = as(
    await ask('EnumerateInstances', { ClassName: 'CIM_System', PropertyList: ['Name'] }),
    'namedInstances',
  );
  const names = as(await ask('EnumerateInstanceNames', { ClassName: 'CIM_System' }), 'instanceNames');
  expect(listed).toBe(0);
  items[Symbol.iterator]().next();
  expect(listed).toBe(1);
  expect([...names.items]).toHaveLength(3);
});

test('instances of classes without live properties are not gone through to prepare them', async () => {
  const { ask, main } = pool();
  Object.assign(main, { isLive: (_: string, className: string) => className === 'Xen_ComputerSystem' });
  await ask('EnumerateInstances', { ClassName: 'CIM_System' });
  await ask('EnumerateInstances', { ClassName: 'Xen_HostSystem' });
  expect(main.asked.map(({ what }) => what)).toEqual(['ready 2']);
});

test('kept pages go with those of classes that cannot be kept, in the order of the classes', async () => {
  const { ask, main } = pool();
  const [host] = main.enumerate('root/cimv2', 'Xen_HostSystem');
  const page: Page = {
    lasting: true,
    instances: () => [main.instance('root/cimv2', host!)],
    paths: () => [main.path('root/cimv2', host!)],
  };
  Object.assign(main, {
    pages: (_: string, className: string) => (className === 'Xen_HostSystem' ? [page] : undefined),
  });
  const { pages } = as(await ask('EnumerateInstances', { ClassName: 'CIM_System' }), 'pages');
  const given = await arrived(pages);
  expect(given.map(({ lasting }) => lasting)).toEqual([false, true]);
  expect(given[1]).toBe(page);
  const names = given.flatMap((each) => [...each.instances()].map((item) => valuesOf(item)['Name']));
  expect(names).toEqual(['a', 'b', 'h']);
  expect(main.asked[0]).toMatchObject({ what: 'ready 3' });
});

test('what live properties take to fetch is waited for where the first of them shows', async () => {
  const { ask, main } = pool();
  let asked: readonly string[] = [];
  const delay = Promise.resolve();
  Object.assign(main, {
    isLive: (_: string, className: string) => className === 'Xen_HostSystem',
    readyAll: (_: string, classNames: readonly string[]) => {
      asked = classNames;
      return delay;
    },
  });
  const { items } = as(await ask('EnumerateInstances', { ClassName: 'CIM_System' }), 'namedInstances');
  const given = [...items];
  expect(asked).toEqual(['Xen_HostSystem']);
  expect(given.map((item) => (item instanceof Promise ? 'delay' : valuesOf(item)['Name']))).toEqual([
    'a',
    'b',
    'delay',
    'h',
  ]);
  expect(main.asked.some(({ what }) => what.startsWith('ready'))).toBe(false);
});

test('live properties are fetched once for all instances, and only when they are asked for', async () => {
  const { ask, main } = pool();
  await ask('EnumerateInstances', { ClassName: 'CIM_System' });
  expect(main.asked.map(({ what }) => what)).toEqual(['ready 3']);
  await ask('EnumerateInstanceNames', { ClassName: 'Xen_ComputerSystem' });
  await ask('GetProperty', { InstanceName: system('a'), PropertyName: 'Name' });
  expect(main.asked.filter(({ what }) => what.startsWith('ready'))).toHaveLength(1);
});

test('the first provider that has a class serves it, each other class its own', async () => {
  const { ask } = pool();
  expect(texts(await ask('EnumerateInstanceNames', { ClassName: 'Xen_ComputerSystem' }))).toHaveLength(2);
  expect(texts(await ask('EnumerateInstanceNames', { ClassName: 'Xen_Numbered' }))).toHaveLength(1);
});

test('DSP0200 5.4.2.18: GetProperty gives the value by the type of its class', async () => {
  const { ask } = pool();
  const property = (PropertyName: string) => ask('GetProperty', { InstanceName: system('a'), PropertyName });
  expect(await property('enabledstate')).toEqual({ kind: 'value', type: 'uint16', value: 2 });
  expect(await property('Roles')).toEqual({ kind: 'value', type: 'string', value: ['web', 'mail'] });
  expect(await property('ElementName')).toEqual({ kind: 'value', type: 'string', value: null });
  expect(await property('Uptime')).toEqual({ kind: 'value', type: 'uint64', value: 77n });
  const InstanceName = path('Xen_Peer', { Near: system('a'), Far: system('b') });
  const near = as(await ask('GetProperty', { InstanceName, PropertyName: 'Near' }), 'value');
  expect(near).toMatchObject({
    type: 'reference',
    value: { className: 'Xen_ComputerSystem', namespace: 'root/cimv2' },
  });
});

test('DSP0200 5.4.2.18: GetProperty refuses an unknown class, instance and property, each in its way', async () => {
  const { refused } = pool();
  const PropertyName = 'Name';
  const status = async (parameters: Parameters<typeof refused>[1]) => (await refused('GetProperty', parameters)).status;
  expect(await status({ InstanceName: path('Xen_Nothing', { a: 'b' }), PropertyName })).toBe('INVALID_CLASS');
  expect(await status({ InstanceName: system('z'), PropertyName })).toBe('NOT_FOUND');
  expect(await status({ InstanceName: system('a'), PropertyName: 'Weight' })).toBe('NO_SUCH_PROPERTY');
  expect(await status({ InstanceName: system('a') })).toBe('INVALID_PARAMETER');
});
