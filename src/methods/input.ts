import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import type { NameMap } from '../cim/name.js';
import type { InstancePath } from '../cim/path.js';
import type { CimScalar, CimValue } from '../cim/value.js';
import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { type Referred, resolve, shownPath } from './reference.js';

/** What was wanted of a parameter that is not there: CIM_ERR_INVALID_PARAMETER. */
export function missing(name: string, wanted: string): never {
  throw new CimError('INVALID_PARAMETER', `the parameter ${name} is missing: ${wanted} is wanted`);
}

/** A value that cannot be taken: CIM_ERR_INVALID_PARAMETER. */
export function invalid(message: string): never {
  throw new CimError('INVALID_PARAMETER', message);
}

const isList = (value: CimValue): value is readonly (CimScalar | null)[] => Array.isArray(value);

/** The parameters of a call, read by what they are declared to be; undefined for what was left out or NULL. */
export class Input {
  readonly #values: NameMap<CimValue>;
  readonly #view: View;

  constructor(values: NameMap<CimValue>, view: View) {
    this.#values = values;
    this.#view = view;
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** Of the types up to 32 bits. */
  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#values.get(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#list(name)?.filter((item) => typeof item === 'string');
  }

  instance(name: string): CimInstance | undefined {
    return this.instances(name)?.[0];
  }

  /** The embedded instances of an array, or the one of a single parameter. */
  instances(name: string): readonly CimInstance[] | undefined {
    return this.#objects(name)?.filter((item) => item.kind === 'instance');
  }

  path(name: string): InstancePath | undefined {
    return this.paths(name)?.[0];
  }

  paths(name: string): readonly InstancePath[] | undefined {
    return this.#objects(name)?.filter((item) => item.kind === 'path');
  }

  /** The record that a reference means, whatever it says beside its key; one that leads nowhere is CIM_ERR_NOT_FOUND. */
  refer<C extends XenClass>(name: string, of: C): Referred<C> | undefined {
    const path = this.path(name);
    return path && this.referred(path, name, of);
  }

  /** The same for one path of several. */
  referred<C extends XenClass>(path: InstancePath, name: string, of: C): Referred<C> {
    const found = resolve(this.#view, of, path);
    if (found) return found;
    throw new CimError('NOT_FOUND', `${name}: the pool has no ${of} for ${shownPath(path)}`);
  }

  #list(name: string): readonly (CimScalar | null)[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    return isList(value) ? value : [value];
  }

  #objects(name: string): readonly Extract<CimScalar, { readonly kind: string }>[] | undefined {
    return this.#list(name)?.filter((item) => typeof item === 'object' && item !== null);
  }
}
