import { expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { arrived } from '../arrived.js';
import { as, classPath, path, pool, system, texts, valuesOf } from './pool.js';

const { ask, refused } = pool();
const profile = path('CIM_RegisteredProfile', { InstanceID: 'p' });

test('DSP0200 5.4.1.3: a namespace that is not there is INVALID_NAMESPACE, before anything of the parameters', async () => {
  for (const namespace of ['root/PG_Interopp', 'root', 'cimv2', '', 'root/cimv2/x', 'constructor']) {
    const error = await refused('EnumerateInstanceNames', { Nonsense: 'x' }, namespace);
    expect(error.status).toBe('INVALID_NAMESPACE');
    expect(error.message).toContain('root/cimv2, root/interop');
  }
});

test.each(['interop', 'root/interop', 'root/PG_InterOp'])(
  '%s answers, and carries the name that was asked',
  async (name) => {
    const asked = name.toUpperCase();
    expect(texts(await ask('EnumerateClassNames', { ClassName: 'CIM_ManagedElement' }, asked))).toContain(
      'CIM_Namespace',
    );
    const spaces = as(await ask('EnumerateInstances', { ClassName: 'CIM_Namespace' }, asked), 'namedInstances');
    const found = await arrived(spaces.items);
    expect(found.map((item) => valuesOf(item)['Name'])).toEqual(['root/cimv2', name]);
    expect(found.map((item) => item.path)).toMatchObject([
      { namespace: name, keys: [{ value: 'CIM_Namespace' }, { name: 'Name', value: 'root/cimv2' }] },
      { namespace: name, keys: [{ value: 'CIM_Namespace' }, { name: 'Name', value: name }] },
    ]);
  },
);

test('each path that an alias gives is found under it again, those inside of paths and values too', async () => {
  for (const asked of ['interop', 'root/PG_InterOp']) {
    for (const ClassName of [
      'CIM_Namespace',
      'CIM_RegisteredProfile',
      'Xen_NamespaceProfile',
      'CIM_ElementConformsToProfile',
    ]) {
      const names = [...as(await ask('EnumerateInstanceNames', { ClassName }, asked), 'instanceNames').items];
      expect(names.length).toBeGreaterThan(0);
      for (const InstanceName of names) {
        const { item } = as(await ask('GetInstance', { InstanceName }, asked), 'instance');
        expect(item.path).toEqual(InstanceName);
      }
    }
    const [tie] = as(
      await ask('References', { ObjectName: profile, ResultClass: 'Xen_NamespaceProfile' }, asked),
      'objects',
    ).items;
    const antecedent = valuesOf(tie!)['Antecedent'] as InstancePath;
    expect(antecedent.namespace).toBe(asked);
    expect(antecedent.keys[1]).toMatchObject({ name: 'Name', value: asked });
    expect(tie!.path!.keys[0]!.value).toEqual(antecedent);
    expect(valuesOf(tie!)['Dependent']).toMatchObject({ namespace: asked });
    const value = as(
      await ask('GetProperty', { InstanceName: tie!.path!, PropertyName: 'Antecedent' }, asked),
      'value',
    );
    expect(value.value).toEqual(antecedent);
    const named = as(await ask('GetProperty', { InstanceName: antecedent, PropertyName: 'Name' }, asked), 'value');
    expect(named.value).toBe(asked);
  }
});

test('ties between namespaces lead across with the namespace of each end, and back', async () => {
  const across = await ask('AssociatorNames', { ObjectName: profile }, 'interop');
  expect(texts(across)).toEqual([
    'root/cimv2:Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="a"',
    'interop:CIM_Namespace.CreationClassName="CIM_Namespace",Name="interop"',
  ]);
  const conforms = { ObjectName: profile, ResultClass: 'CIM_ElementConformsToProfile' };
  const [tie] = as(await ask('References', conforms, 'interop'), 'objects').items;
  expect(valuesOf(tie!)).toMatchObject({
    ConformantStandard: { namespace: 'interop' },
    ConformantElement: { namespace: 'root/cimv2' },
  });
  const back = await ask('AssociatorNames', { ObjectName: system('a'), Role: 'ConformantElement' });
  expect(texts(back)).toEqual(['root/interop:CIM_RegisteredProfile.InstanceID="p"']);
});

test('the paths of classes carry the name that was asked', async () => {
  const result = await ask('ReferenceNames', { ObjectName: classPath('CIM_Namespace') }, 'interop');
  expect(texts(result)).toContain('interop:Xen_NamespaceProfile');
});
