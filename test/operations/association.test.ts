import { describe, expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import { as, classPath, path, pool, system, texts, valuesOf } from './pool.js';

const { ask, refused } = pool();
const at = 'root/cimv2:';
const disk = (n: number): string => `${at}Xen_Disk.DeviceID="a/${n}",SystemName="a"`;
const machine = (name: string): string =>
  `${at}Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${name}"`;
const host = `${at}Xen_HostSystem.CreationClassName="Xen_HostSystem",Name="h"`;
const profile = 'root/interop:CIM_RegisteredProfile.InstanceID="p"';

type Filter = Readonly<Record<string, string>>;

const names = async (operation: string, ObjectName: InstancePath, filter: Filter = {}, namespace?: string) =>
  texts(await ask(operation, { ObjectName, ...filter }, namespace));

const associators = (source: InstancePath, filter?: Filter) => names('AssociatorNames', source, filter);
/** The classes of the association instances. */
const references = async (source: InstancePath, filter?: Filter) =>
  (await names('ReferenceNames', source, filter)).map((text) => /:(\w+)\./.exec(text)![1]);

describe('of an instance', () => {
  test('DSP0200 5.4.2.15: each object at the other end of any association, once, with its own namespace', async () => {
    expect(await associators(system('a'))).toEqual([disk(0), disk(1), machine('b'), host, profile]);
  });

  test('DSP0200 5.4.2.15: a tie of an instance to itself leads to itself', async () => {
    expect(await associators(system('b'), { AssocClass: 'Xen_Peer' })).toEqual([machine('a'), machine('b')]);
  });

  test('DSP0200 5.4.2.15: AssocClass is a class or a superclass of the association', async () => {
    expect(await associators(system('a'), { AssocClass: 'CIM_Component' })).toEqual([disk(0), disk(1)]);
    expect(await associators(system('a'), { AssocClass: 'xen_hosting' })).toEqual([host]);
    expect(await associators(system('a'), { AssocClass: 'Xen_SystemDevice', ResultClass: 'Xen_HostSystem' })).toEqual(
      [],
    );
  });

  test('DSP0200 5.4.2.15: ResultClass is a class or a superclass of the result, from the other namespace too', async () => {
    expect(await associators(system('a'), { ResultClass: 'CIM_System' })).toEqual([machine('b'), host]);
    expect(await associators(system('a'), { ResultClass: 'CIM_LogicalDevice' })).toEqual([disk(0), disk(1)]);
    expect(await associators(system('a'), { ResultClass: 'CIM_ManagedElement' })).toHaveLength(5);
    const p = path('CIM_RegisteredProfile', { InstanceID: 'p' });
    expect(await names('AssociatorNames', p, { ResultClass: 'CIM_System' }, 'root/interop')).toEqual([machine('a')]);
  });

  test('DSP0200 5.4.2.15: Role and ResultRole are the names of the references, in any spelling', async () => {
    expect(await associators(system('a'), { Role: 'dependent' })).toEqual([host]);
    expect(await associators(system('a'), { ResultRole: 'FAR' })).toEqual([machine('b')]);
    expect(await associators(system('a'), { Role: 'Far' })).toEqual([]);
    expect(await associators(system('a'), { Role: 'Nothing' })).toEqual([]);
    expect(await associators(system('b'), { Role: 'Far', ResultRole: 'Near' })).toEqual([machine('a'), machine('b')]);
  });

  test('an empty filter is none, as clients send it', async () => {
    const empty = { AssocClass: '', ResultClass: '', Role: '', ResultRole: '' };
    expect(await associators(system('a'), empty)).toHaveLength(5);
  });

  test('DSP0200 5.4.2.14: Associators gives the same objects whole, with paths and their namespace', async () => {
    const { items, selection } = as(await ask('Associators', { ObjectName: system('a') }), 'objects');
    const found = [...items];
    expect(selection).toEqual({ classOrigin: false });
    expect(texts({ kind: 'objects', items: found, selection })).toEqual(await associators(system('a')));
    expect(valuesOf(found[0]!)['Size']).toBe(1024n);
    expect(valuesOf(found[2]!)['Uptime']).toBe(77n);
  });

  test('DSP0200 5.4.2.14: PropertyList and IncludeClassOrigin count, IncludeQualifiers does not', async () => {
    const view = { PropertyList: ['Size'], IncludeClassOrigin: 'TRUE', IncludeQualifiers: 'TRUE' };
    const { items, selection } = as(await ask('Associators', { ObjectName: system('a'), ...view }), 'objects');
    expect([selection.classOrigin, selection.properties?.has('size'), selection.properties?.size]).toEqual([
      true,
      true,
      1,
    ]);
    expect(valuesOf([...items][0]!)['DeviceID']).toBeNull();
  });

  test('DSP0200 5.4.2.17: each association that refers to the instance, once', async () => {
    const devices = ['Xen_SystemDevice', 'Xen_SpareDevice', 'Xen_SystemDevice', 'Xen_SpareDevice'];
    expect(await references(system('a'))).toEqual([
      ...devices,
      'Xen_Peer',
      'Xen_Hosting',
      'CIM_ElementConformsToProfile',
    ]);
    expect(await references(system('b'), { ResultClass: 'Xen_Peer' })).toEqual(['Xen_Peer', 'Xen_Peer']);
    expect(await references(system('a'), { ResultClass: 'CIM_SystemDevice' })).toEqual(devices);
    expect(await references(system('a'), { Role: 'near' })).toEqual(['Xen_Peer']);
    expect(await references(system('a'), { ResultClass: 'CIM_System' })).toEqual([]);
  });

  test('DSP0200 5.4.2.16: References gives the associations whole', async () => {
    const parameters = { ObjectName: system('a'), ResultClass: 'Xen_SystemDevice' };
    const { items } = as(await ask('References', parameters), 'objects');
    const [first] = items;
    expect(valuesOf(first!)).toMatchObject({
      Slot: 1,
      PartComponent: { className: 'Xen_Disk', namespace: 'root/cimv2' },
    });
    expect(first!.path?.namespace).toBe('root/cimv2');
  });

  test('an instance without ties has none', async () => {
    const lonely = path('Xen_Single', { InstanceID: 'one' });
    expect(await associators(lonely)).toEqual([]);
    expect([...as(await ask('Associators', { ObjectName: lonely }), 'objects').items]).toEqual([]);
  });
});

describe('of a class', () => {
  const classes = async (operation: string, name: string, filter: Filter = {}) =>
    texts(await ask(operation, { ObjectName: classPath(name), ...filter })).map((text) => text.replace(at, ''));

  test('DSP0200 5.4.2.17: the association classes with a reference to the class or an ancestor of it', async () => {
    expect((await classes('ReferenceNames', 'xen_disk')).sort()).toEqual([
      'CIM_Component',
      'CIM_SystemDevice',
      'Xen_SpareDevice',
      'Xen_SystemDevice',
    ]);
    expect((await classes('ReferenceNames', 'CIM_LogicalDevice', { Role: 'partcomponent' })).sort()).toEqual([
      'CIM_Component',
      'CIM_SystemDevice',
      'Xen_SpareDevice',
    ]);
    expect(await classes('ReferenceNames', 'Xen_ComputerSystem', { ResultClass: 'Xen_Peer' })).toEqual(['Xen_Peer']);
    expect(await classes('ReferenceNames', 'Xen_Single')).toEqual([]);
  });

  test('DSP0200 5.4.2.15: the classes declared at the other ends, each once', async () => {
    expect((await classes('AssociatorNames', 'Xen_Disk')).sort()).toEqual(['CIM_ManagedElement', 'CIM_System']);
    expect(await classes('AssociatorNames', 'Xen_Disk', { AssocClass: 'CIM_SystemDevice' })).toEqual(['CIM_System']);
    expect(await classes('AssociatorNames', 'Xen_Disk', { ResultClass: 'CIM_System' })).toEqual(['CIM_System']);
    expect(
      await classes('AssociatorNames', 'Xen_Disk', { ResultRole: 'PartComponent', Role: 'PartComponent' }),
    ).toEqual([]);
    expect(await classes('AssociatorNames', 'Xen_HostSystem', { Role: 'Antecedent' })).toEqual(['Xen_ComputerSystem']);
    expect(await classes('AssociatorNames', 'Xen_ComputerSystem', { AssocClass: 'Xen_Peer' })).toEqual([
      'Xen_ComputerSystem',
    ]);
  });

  test('DSP0200 5.4.2.14, 5.4.2.16: the classes themselves, whole, with qualifiers only when asked for', async () => {
    const view = { ObjectName: classPath('Xen_Disk'), IncludeClassOrigin: 'true', PropertyList: ['Slot'] };
    const bare = as(await ask('References', { ...view, ResultClass: 'Xen_SystemDevice' }), 'classObjects');
    const [[where, cls] = []] = bare.items;
    expect(where).toEqual({ kind: 'classPath', namespace: 'root/cimv2', className: 'Xen_SystemDevice' });
    expect([cls?.qualifiers.size, cls?.properties.has('GroupComponent')]).toEqual([0, true]);
    expect([bare.selection.classOrigin, bare.selection.properties?.has('slot')]).toEqual([true, true]);
    const told = await ask('Associators', { ...view, ResultClass: 'CIM_System', IncludeQualifiers: 'true' });
    const [[, system] = []] = as(told, 'classObjects').items;
    expect(system?.qualifiers.has('Abstract')).toBe(true);
  });

  test('an instance name without keys names its class', async () => {
    const keyless = { kind: 'path', className: 'Xen_HostSystem', keys: [] } as const;
    expect(texts(await ask('ReferenceNames', { ObjectName: keyless }))).toEqual(
      texts(await ask('ReferenceNames', { ObjectName: classPath('Xen_HostSystem') })),
    );
  });
});

test.each(['Associators', 'AssociatorNames', 'References', 'ReferenceNames'])(
  'DSP0200 5.4.2.14 to 17: %s refuses classes that are not there with INVALID_PARAMETER, a missing source with NOT_FOUND',
  async (operation) => {
    const status = async (parameters: Parameters<typeof refused>[1]) => (await refused(operation, parameters)).status;
    expect(await status({})).toBe('INVALID_PARAMETER');
    expect(await status({ ObjectName: 'Xen_Disk' })).toBe('INVALID_PARAMETER');
    expect(await status({ ObjectName: system('z') })).toBe('NOT_FOUND');
    expect(await status({ ObjectName: path('Xen_Nothing', { Name: 'a' }) })).toBe('INVALID_PARAMETER');
    expect(await status({ ObjectName: classPath('Xen_Nothing') })).toBe('INVALID_PARAMETER');
    expect(await status({ ObjectName: { ...classPath('Xen_Disk'), namespace: 'root/interop' } })).toBe(
      'INVALID_PARAMETER',
    );
    expect(await status({ ObjectName: path('Xen_ComputerSystem', { Name: 'a' }) })).toBe('INVALID_PARAMETER');
    for (const ObjectName of [system('a'), system('z'), classPath('Xen_Disk')]) {
      expect(await status({ ObjectName, ResultClass: 'Xen_Nothing' })).toBe('INVALID_PARAMETER');
      if (operation.startsWith('Assoc')) {
        expect(await status({ ObjectName, AssocClass: classPath('Xen_Nothing') })).toBe('INVALID_PARAMETER');
      } else expect(await status({ ObjectName, AssocClass: 'Xen_Peer' })).toBe('INVALID_PARAMETER');
    }
  },
);

describe('a walk', () => {
  test('goes on as its answer is taken: nothing of it is held', async () => {
    const { ask, main } = pool();
    let taken = 0;
    const ties = main.ties.bind(main);
    Object.assign(main, {
      *ties(...given: Parameters<typeof main.ties>) {
        for (const tie of ties(...given)) {
          taken++;
          yield tie;
        }
      },
    });
    const { items } = as(await ask('AssociatorNames', { ObjectName: system('a') }), 'objectPaths');
    expect(taken).toBe(0);
    let answered = 0;
    for (const _ of items) expect(taken).toBeGreaterThanOrEqual(++answered);
    expect(answered).toBe(5);
  });

  test('from an instance that is not there is refused at once', async () => {
    const { refused } = pool();
    expect(await refused('AssociatorNames', { ObjectName: system('nobody') })).toMatchObject({ status: 'NOT_FOUND' });
  });
});
