import type { CimError } from '../../src/cim/error.js';
import type { CimInstance } from '../../src/cim/instance.js';
import { NameMap } from '../../src/cim/name.js';
import type { Argument, CallParameter, ExtrinsicCall, IntrinsicCall, Result } from '../../src/cim/operation.js';
import { type ClassPath, type InstancePath, instancePath } from '../../src/cim/path.js';
import { formatPath } from '../../src/cim/path-text.js';
import type { Principal } from '../../src/cim/principal.js';
import type { CimValue } from '../../src/cim/value.js';
import { interopAliases } from '../../src/operations/namespace.js';
import { createOperations } from '../../src/operations/table.js';
import { FakeProvider, type Thing } from './fake-provider.js';
import { fakeSchemas } from './fake-schema.js';

export const admin: Principal = { name: 'root', role: 'pool-admin', origin: 'pool' };
export const reader: Principal = { name: 'reader', role: 'read-only', origin: 'configured' };

/** One host that runs two machines: the first with two disks, each tied to it twice over; and what interop has. */
function fill(main: FakeProvider, second: FakeProvider): void {
  const system = (name: string, more: Record<string, CimValue> = {}): Thing =>
    main.add('root/cimv2', 'Xen_ComputerSystem', {
      CreationClassName: 'Xen_ComputerSystem',
      Name: name,
      Caption: `machine ${name}`,
      EnabledState: 2,
      ...more,
    });
  const [a, b] = [system('a', { Roles: ['web', 'mail'] }), system('b', { EnabledState: 3 })];
  const host = main.add('root/cimv2', 'Xen_HostSystem', {
    CreationClassName: 'Xen_HostSystem',
    Name: 'h',
    Model: 'X1',
  });
  const disks = ['0', '1'].map((n) =>
    main.add('root/cimv2', 'Xen_Disk', { SystemName: 'a', DeviceID: `a/${n}`, Size: 1024n }),
  );
  for (const disk of disks) {
    main.add('root/cimv2', 'Xen_SystemDevice', { Slot: 1 }, { GroupComponent: a, PartComponent: disk });
    main.add('root/cimv2', 'Xen_SpareDevice', {}, { GroupComponent: a, PartComponent: disk });
  }
  main.add('root/cimv2', 'Xen_Peer', {}, { Near: a, Far: b });
  main.add('root/cimv2', 'Xen_Peer', {}, { Near: b, Far: b });
  for (const guest of [a, b]) main.add('root/cimv2', 'Xen_Hosting', {}, { Antecedent: host, Dependent: guest });
  const profile = main.add('root/interop', 'CIM_RegisteredProfile', { InstanceID: 'p' });
  main.add('root/interop', 'CIM_ElementConformsToProfile', {}, { ConformantStandard: profile, ConformantElement: a });
  const spaces = ['root/cimv2', 'root/interop'].map((Name) =>
    main.add('root/interop', 'CIM_Namespace', { CreationClassName: 'CIM_Namespace', Name, ElementName: Name }),
  );
  main.add('root/interop', 'Xen_NamespaceProfile', {}, { Antecedent: spaces[1]!, Dependent: profile });
  second.add('root/cimv2', 'Xen_Numbered', { Number: 7n, Odd: true, Text: 'seven' });
  second.add('root/cimv2', 'Xen_Single', { InstanceID: 'one' });
}

const mainClasses = [
  'Xen_ComputerSystem',
  'Xen_HostSystem',
  'Xen_Disk',
  'Xen_SystemDevice',
  'Xen_SpareDevice',
  'Xen_Peer',
  'Xen_Hosting',
  'CIM_RegisteredProfile',
  'CIM_ElementConformsToProfile',
  'CIM_Namespace',
  'Xen_NamespaceProfile',
];

type Parameters = Readonly<Record<string, Argument>>;

export const given = (parameters: Parameters): NameMap<CallParameter> =>
  new NameMap(Object.entries(parameters).map(([name, value]) => [name, { name, value }]));

export const intrinsic = (name: string, parameters: Parameters = {}, namespace = 'root/cimv2'): IntrinsicCall => ({
  kind: 'intrinsic',
  name,
  namespace,
  parameters: given(parameters),
});

export const classPath = (className: string): ClassPath => ({ kind: 'classPath', className });

/** A path with untyped keys, as a client writes it. */
export const path = (className: string, keys: Readonly<Record<string, string | number | boolean | InstancePath>>) =>
  instancePath(
    className,
    Object.entries(keys).map(([name, value]) => ({ name, type: undefined, value })),
  );

export const system = (name: string): InstancePath =>
  path('Xen_ComputerSystem', { CreationClassName: 'Xen_ComputerSystem', Name: name });

/** The operations over the fakes, the providers behind them, and short ways to ask. */
export function pool({ readOnly = false } = {}) {
  const main = new FakeProvider(fakeSchemas, mainClasses);
  // It claims a class of the first one too, which stays with the first.
  const second = new FakeProvider(fakeSchemas, ['Xen_Numbered', 'Xen_Single', 'Xen_ComputerSystem']);
  fill(main, second);
  second.add('root/cimv2', 'Xen_ComputerSystem', { CreationClassName: 'Xen_ComputerSystem', Name: 'never seen' });
  const { execute } = createOperations({
    schemas: fakeSchemas,
    aliases: interopAliases,
    providers: [main, second],
    readOnly,
  });
  const ask = (name: string, parameters?: Parameters, namespace?: string, who = admin): Promise<Result> =>
    execute(intrinsic(name, parameters, namespace), who);
  const refused = (name: string, parameters?: Parameters, namespace?: string, who = admin): Promise<CimError> =>
    ask(name, parameters, namespace, who).then(
      (result) => Promise.reject(new Error(`it answered ${result.kind}`)),
      (reason: CimError) => reason,
    );
  const invoke = (name: string, target: ExtrinsicCall['target'], who = admin): Promise<Result> =>
    execute({ kind: 'extrinsic', name, namespace: 'root/cimv2', target, parameters: new NameMap() }, who);
  return { main, second, execute, ask, refused, invoke };
}

/** The result as the kind it must be. */
export function as<K extends Result['kind']>(result: Result, kind: K): Extract<Result, { readonly kind: K }> {
  if (result.kind !== kind) throw new Error(`wanted a result of kind ${kind}; got ${result.kind}`);
  return result as Extract<Result, { readonly kind: K }>;
}

/** The paths of an answer as text, whatever it is made of. */
export function texts(result: Result): string[] {
  if (!('items' in result)) throw new Error(`${result.kind} has no items`);
  return [
    ...(result.items as Iterable<InstancePath | ClassPath | CimInstance | string | { readonly name: string }>),
  ].map((item) => {
    if (typeof item === 'string') return item;
    if (Array.isArray(item)) return formatPath(item[0] as ClassPath);
    if ('name' in item) return item.name;
    return formatPath(item.kind === 'instance' ? item.path! : item);
  });
}

/** An instance's values by name. */
export const valuesOf = ({ shape, values }: CimInstance): Record<string, CimValue> =>
  Object.fromEntries(shape.properties.map(({ name }, i) => [name, values[i]!]));
