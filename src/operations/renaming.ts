import type { CimInstance } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { InstancePath, KeyBinding } from '../cim/path.js';
import type { CimScalar, CimValue } from '../cim/value.js';

/** Carries paths and instances between a namespace's declared name and the alias it was asked under. */
export interface Renaming {
  /** From the client's name to the declared one. */
  inward(path: InstancePath): InstancePath;
  /** From the declared name to the client's. */
  outward(path: InstancePath): InstancePath;
  outwardValue(value: CimValue): CimValue;
  outwardInstance(instance: CimInstance): CimInstance;
}

type IsA = (className: string, ancestor: string) => boolean;

const same: Renaming = {
  inward: (path) => path,
  outward: (path) => path,
  outwardValue: (value) => value,
  outwardInstance: (instance) => instance,
};

const isPath = (value: unknown): value is InstancePath =>
  typeof value === 'object' && value !== null && (value as InstancePath).kind === 'path';

/** The key and property of CIM_Namespace that tells its name (DSP0200 5.4.3). */
const isName = (className: string, property: string, isA: IsA): boolean =>
  sameName(property, 'Name') && isA(className, 'CIM_Namespace');

function pathRenamer(from: string, to: string, isA: IsA): (path: InstancePath) => InstancePath {
  const keyOf = (className: string, key: KeyBinding): KeyBinding => {
    if (isPath(key.value)) return { ...key, value: rename(key.value) };
    const named = typeof key.value === 'string' && sameName(key.value, from) && isName(className, key.name, isA);
    return named ? { ...key, value: to } : key;
  };
  const rename = (path: InstancePath): InstancePath => ({
    ...path,
    ...(path.namespace !== undefined && sameName(path.namespace, from) ? { namespace: to } : {}),
    keys: path.keys.map((key) => keyOf(path.className, key)),
  });
  return rename;
}

/** The renaming between a declared name and the one that was asked; nothing is touched when they are one. */
export function createRenaming(declared: string, asked: string, isA: IsA): Renaming {
  if (declared === asked) return same;
  const outward = pathRenamer(declared, asked, isA);
  const scalar = (value: CimScalar | null): CimScalar | null => (isPath(value) ? outward(value) : value);
  const outwardValue = (value: CimValue): CimValue =>
    Array.isArray(value) ? value.map(scalar) : scalar(value as CimScalar | null);
  const named = (className: string, property: string, value: CimValue): CimValue =>
    value === declared && isName(className, property, isA) ? asked : outwardValue(value);
  return {
    inward: pathRenamer(asked, declared, isA),
    outward,
    outwardValue,
    outwardInstance: ({ path, shape, values, ...rest }) => ({
      ...rest,
      shape,
      values: values.map((value, i) => named(shape.className, shape.properties[i]!.name, value)),
      ...(path ? { path: outward(path) } : {}),
    }),
  };
}
