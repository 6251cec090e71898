import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { type NameMap, NameSet } from '../cim/name.js';
import { integerOfText } from '../cim/number-text.js';
import type { Argument, CallParameter } from '../cim/operation.js';
import type { ClassPath, InstancePath } from '../cim/path.js';

type Given = Exclude<Argument, null>;

/** How an argument becomes a value of a type; `read` gives undefined for what is not of the type. */
interface Reader<T> {
  readonly wanted: string;
  /** An empty text is as good as NULL: clients that have no name to give send either. */
  readonly blank?: true;
  readonly read: (given: Given) => T | undefined;
}

/** What an operation takes under one name. `absent` stands for what the client leaves out or sends as NULL. */
export type Parameter<T> = Reader<T> & ({ readonly required: true } | { readonly required: false; readonly absent: T });

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of the parameters, by name. */
export type Values<P extends Parameters> = { readonly [N in keyof P]: P[N] extends Parameter<infer T> ? T : never };

export const required = <T>(reader: Reader<T>): Parameter<T> => ({ ...reader, required: true });

export const optional = <T, A>(reader: Reader<T>, absent: A): Parameter<T | A> => ({
  ...reader,
  required: false,
  absent,
});

type Kinded = Extract<Argument, { readonly kind: string }>;

const isKind = <K extends Kinded['kind']>(given: Given, kind: K): given is Extract<Kinded, { readonly kind: K }> =>
  typeof given === 'object' && 'kind' in given && given.kind === kind;

const truth: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

export const boolean: Reader<boolean> = {
  wanted: 'TRUE or FALSE',
  read: (given) => (typeof given === 'string' ? truth.get(given.trim().toLowerCase()) : undefined),
};

/** The name of a property, role or qualifier. */
export const elementName: Reader<string> = {
  wanted: 'a name',
  blank: true,
  read: (given) => (typeof given === 'string' ? given : undefined),
};

/** The context of an enumeration; an empty one is as invalid as any other that was not given out. */
export const contextText: Reader<string> = {
  wanted: 'the context that the last operation of the enumeration gave',
  read: (given) => (typeof given === 'string' ? given : undefined),
};

/** A query, or the name of its language. */
export const text: Reader<string> = { ...contextText, wanted: 'a text', blank: true };

/** A number of objects or seconds, uint32. */
export const count: Reader<number> = {
  wanted: 'a whole number from 0 to 4294967295',
  read: (given) => {
    const number = typeof given === 'string' ? integerOfText(given.trim()) : undefined;
    return number === undefined || number < 0n || number > 4_294_967_295n ? undefined : Number(number);
  },
};

export const className: Reader<string> = {
  wanted: 'the name of a class',
  blank: true,
  read: (given) => (isKind(given, 'classPath') ? given.className : elementName.read(given)),
};

/** A set of property names (DSP0200 5.4.2.2): duplicates count once, and one name alone counts as a list of one. */
export const propertyList: Reader<NameSet> = {
  wanted: 'an array of property names',
  read: (given) => {
    const names: readonly unknown[] = Array.isArray(given) ? given : [given];
    return names.every((name) => typeof name === 'string') ? new NameSet(names) : undefined;
  },
};

export const instanceName: Reader<InstancePath> = {
  wanted: 'an instance name',
  read: (given) => (isKind(given, 'path') ? given : undefined),
};

/** An instance or a class. An instance name without a key names its class, as OpenPegasus and its clients have it. */
export const objectName: Reader<InstancePath | ClassPath> = {
  wanted: 'an instance name or a class name',
  read: (given) => {
    if (isKind(given, 'classPath')) return given;
    if (!isKind(given, 'path')) return undefined;
    const { keys, ...place } = given;
    return keys.length > 0 ? given : { ...place, kind: 'classPath' };
  },
};

type Named = CimInstance & { readonly path: InstancePath };

/** An instance with its path. */
export const namedInstance: Reader<Named> = {
  wanted: 'an instance with its name',
  read: (given) => (isKind(given, 'instance') && given.path ? (given as Named) : undefined),
};

export const newInstance: Reader<CimInstance> = {
  wanted: 'an instance',
  read: (given) => (isKind(given, 'instance') ? given : undefined),
};

/** A value of whatever kind; the property that it is for says what it must be. */
export const anyValue: Reader<Given> = { wanted: 'a value', read: (given) => given };

const shown = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** What arrived, in a few words for a message. */
export function describe(value: Argument): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `"${shown(value)}"`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const given = value as Given;
  if (isKind(given, 'path')) return `an instance name of ${shown(given.className)}`;
  if (isKind(given, 'classPath')) return `the class name ${shown(given.className)}`;
  if (isKind(given, 'instance')) return `an instance of ${shown(given.shape.className)}`;
  return isKind(given, 'class') ? `the declaration of ${shown(given.name)}` : 'a qualifier declaration';
}

const isBlank = (given: Argument): boolean =>
  given === '' || (given !== null && isKind(given, 'classPath') && given.className === '');

function value(operation: string, name: string, parameter: Parameter<unknown>, given: Argument): unknown {
  if (given === null || (parameter.blank && isBlank(given))) {
    if (!parameter.required) return parameter.absent;
    throw new CimError('INVALID_PARAMETER', `${operation} wants the parameter ${name}: ${parameter.wanted}`);
  }
  const read = parameter.read(given);
  if (read !== undefined) return read;
  throw new CimError('INVALID_PARAMETER', `${operation} takes ${parameter.wanted} as ${name}; got ${describe(given)}`);
}

/** Reads the arguments of a call as its declared parameters; the first that is wrong is CIM_ERR_INVALID_PARAMETER. */
export function readParameters(
  operation: string,
  declared: Parameters,
  given: NameMap<CallParameter>,
): Values<Parameters> {
  const names = Object.keys(declared);
  const known = new NameSet(names);
  for (const { name } of given) {
    if (known.has(name)) continue;
    const takes = names.length > 0 ? names.join(', ') : 'no parameters';
    throw new CimError('INVALID_PARAMETER', `${operation} has no parameter ${shown(name)}; it takes ${takes}`);
  }
  return Object.fromEntries(
    names.map((name) => [name, value(operation, name, declared[name]!, given.get(name)?.value ?? null)]),
  );
}
