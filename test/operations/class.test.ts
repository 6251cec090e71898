import { expect, test } from 'vitest';
import type { CimClass } from '../../src/cim/class.js';
import { as, classPath, pool, texts } from './pool.js';

const names = (elements: Iterable<{ readonly name: string }>): string[] => [...elements].map(({ name }) => name);

const getClass = async (parameters: Parameters<ReturnType<typeof pool>['ask']>[1]): Promise<CimClass> =>
  as(await pool().ask('GetClass', parameters), 'class').item;

test('DSP0200 5.4.2.1: GetClass gives by default only what the class declares or overrides, with qualifiers', async () => {
  const cls = await getClass({ ClassName: classPath('xen_computersystem') });
  expect(cls.name).toBe('Xen_ComputerSystem');
  expect(names(cls.properties)).toEqual(['Caption', 'EnabledState', 'Uptime', 'Roles']);
  expect(names(cls.methods)).toEqual(['Pause']);
  expect(cls.qualifiers.get('Description')?.value).toBe('a virtual machine');
  expect(cls.properties.get('Caption')?.qualifiers.get('Description')?.value).toBe('the label');
  expect(cls.properties.get('EnabledState')?.value).toBe(5);
});

test('DSP0200 5.4.2.1: with LocalOnly, qualifiers that came from a superclass are left out too', async () => {
  const [local, whole] = await Promise.all(
    ['TRUE', 'FALSE'].map((LocalOnly) => getClass({ ClassName: 'Xen_SystemDevice', LocalOnly })),
  );
  const keyOf = (cls: CimClass | undefined): boolean =>
    cls?.properties.get('PartComponent')?.qualifiers.has('Key') ?? false;
  expect([keyOf(local), keyOf(whole)]).toEqual([false, true]);
  const system = await Promise.all(
    ['TRUE', 'FALSE'].map((LocalOnly) => getClass({ ClassName: 'CIM_System', LocalOnly })),
  );
  expect(system.map(({ qualifiers }) => qualifiers.has('Description'))).toEqual([false, true]);
  expect(local?.keys).toEqual(whole?.keys);
});

test('DSP0200 5.4.2.1: LocalOnly FALSE gives the whole class, IncludeQualifiers FALSE no qualifier anywhere', async () => {
  const whole = await getClass({ ClassName: 'Xen_ComputerSystem', LocalOnly: 'false' });
  expect(names(whole.properties)).toHaveLength(7);
  expect(names(whole.methods)).toEqual(['RequestStateChange', 'Pause']);
  expect(names(whole.methods.get('RequestStateChange')!.qualifiers)).toEqual(['Description']);
  const bare = await getClass({ ClassName: 'Xen_ComputerSystem', LocalOnly: 'false', IncludeQualifiers: 'false' });
  const asked = bare.methods.get('RequestStateChange')!;
  const all = [bare, ...bare.properties, ...bare.methods, ...asked.parameters];
  expect(all.flatMap(({ qualifiers }) => names(qualifiers))).toEqual([]);
  expect(names(asked.parameters)).toEqual(['RequestedState']);
});

test('DSP0200 5.4.2.1: PropertyList and IncludeClassOrigin are the selection; the same view is the same object', async () => {
  const { ask } = pool();
  const parameters = { ClassName: 'Xen_ComputerSystem', PropertyList: ['uptime'], IncludeClassOrigin: 'true' };
  const first = as(await ask('GetClass', parameters), 'class');
  expect([first.selection.properties?.has('Uptime'), first.selection.properties?.size]).toEqual([true, 1]);
  expect(first.selection.classOrigin).toBe(true);
  expect(as(await ask('GetClass', parameters), 'class').item).toBe(first.item);
});

test('DSP0200 5.4.2.1: GetClass answers NOT_FOUND for a class that is not there, 5.4.2.9 and 5.4.2.10 INVALID_CLASS', async () => {
  const { refused } = pool();
  const status = async (name: string) => (await refused(name, { ClassName: 'Xen_Nothing' })).status;
  expect(await status('GetClass')).toBe('NOT_FOUND');
  expect(await status('EnumerateClasses')).toBe('INVALID_CLASS');
  expect(await status('EnumerateClassNames')).toBe('INVALID_CLASS');
});

test('DSP0200 5.4.2.10: EnumerateClassNames without a class gives the roots, with DeepInheritance all', async () => {
  const { ask } = pool();
  const roots = ['CIM_Component', 'CIM_ManagedElement', 'Xen_Hosting', 'Xen_Numbered', 'Xen_Peer', 'Xen_Single'];
  expect(texts(await ask('EnumerateClassNames')).sort()).toEqual(roots);
  expect(texts(await ask('EnumerateClassNames', { ClassName: classPath('') })).sort()).toEqual(roots);
  expect(texts(await ask('EnumerateClassNames', { DeepInheritance: 'TRUE' }))).toHaveLength(15);
  const below = (DeepInheritance: string | null) =>
    ask('EnumerateClassNames', { ClassName: 'CIM_ManagedElement', DeepInheritance }).then(texts);
  expect(await below(null)).toEqual(['CIM_LogicalDevice', 'CIM_System', 'Xen_Empty']);
  expect(await below('true')).toEqual([
    'CIM_LogicalDevice',
    'CIM_System',
    'Xen_ComputerSystem',
    'Xen_Disk',
    'Xen_Empty',
    'Xen_HostSystem',
  ]);
});

test('DSP0200 5.4.2.9: EnumerateClasses gives the same classes, each as GetClass would', async () => {
  const { ask } = pool();
  const local = as(await ask('EnumerateClasses', { ClassName: 'CIM_System' }), 'classes');
  const items = [...local.items];
  expect(names(items)).toEqual(['Xen_ComputerSystem', 'Xen_HostSystem']);
  expect(names(items[1]!.properties)).toEqual(['Model']);
  expect(items[0]!.qualifiers.size).toBe(1);
  expect(local.selection).toEqual({ classOrigin: false });
  const whole = { ClassName: 'CIM_System', LocalOnly: 'FALSE', IncludeQualifiers: 'FALSE', IncludeClassOrigin: 'TRUE' };
  const bare = as(await ask('EnumerateClasses', whole), 'classes');
  expect([...bare.items].map((cls) => cls.properties.has('Name') && cls.qualifiers.size)).toEqual([0, 0]);
  expect(bare.selection).toEqual({ classOrigin: true });
});

test('DSP0200 5.4.2.20, 5.4.2.23: qualifier types, one by its name and all', async () => {
  const { ask, refused } = pool();
  expect(as(await ask('GetQualifier', { QualifierName: 'key' }), 'qualifier').item.name).toBe('Key');
  expect(texts(await ask('EnumerateQualifiers'))).toEqual([
    'Key',
    'Association',
    'Abstract',
    'Override',
    'Description',
  ]);
  expect(await refused('GetQualifier', { QualifierName: 'Colour' })).toMatchObject({
    status: 'NOT_FOUND',
    message: 'there is no qualifier Colour in root/cimv2',
  });
});
