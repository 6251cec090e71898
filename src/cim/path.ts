import { fold } from './name.js';
import type { CimType } from './value.js';

/** The value of a key: a string, number, boolean, datetime or char16 by `type`, or the path of another instance. */
export interface KeyBinding {
  readonly name: string;
  /** Undefined where the sender did not say, as old clients do not. */
  readonly type: CimType | undefined;
  readonly value: string | number | bigint | boolean | InstancePath;
}

/** Names one instance. `keys` are in alphabetical order of their names (decisions.md 19). */
export interface InstancePath {
  readonly kind: 'path';
  readonly host?: string;
  readonly namespace?: string;
  readonly className: string;
  readonly keys: readonly KeyBinding[];
}

/** Names one class. */
export interface ClassPath {
  readonly kind: 'classPath';
  readonly host?: string;
  readonly namespace?: string;
  readonly className: string;
}

const order = (a: KeyBinding, b: KeyBinding): number => {
  const [x, y] = [fold(a.name), fold(b.name)];
  return x < y ? -1 : x > y ? 1 : 0;
};

export function instancePath(className: string, keys: readonly KeyBinding[], namespace?: string): InstancePath {
  const sorted = [...keys].sort(order);
  return namespace === undefined
    ? { kind: 'path', className, keys: sorted }
    : { kind: 'path', namespace, className, keys: sorted };
}
