import type { CimClass, MethodDeclaration, ParameterDeclaration } from '../cim/class.js';
import { coerce } from '../cim/coerce.js';
import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameMap } from '../cim/name.js';
import type { Argument, CallParameter } from '../cim/operation.js';
import { type InstancePath, instancePath } from '../cim/path.js';
import { formatPath, parseInstancePath } from '../cim/path-text.js';
import type { CimScalar, CimValue } from '../cim/value.js';
import { isInstanceText, readInstanceText } from '../mof/embedded.js';
import { MofError } from '../mof/error.js';
import type { Schema } from '../mof/schema.js';
import { declaredInstance } from './embedded-instance.js';
import { describe } from './parameter.js';

/** What parameters are read with. */
export interface ParameterContext {
  readonly schema: Schema;
  /** Reads an object that a text embeds in the protocol's own form; throws a CimError. */
  readonly readEmbedded: (text: string) => CimInstance | CimClass;
  /** The instance behind a path; undefined where there is none. */
  readonly instanceAt: (path: InstancePath) => CimInstance | undefined;
}

type Item = Exclude<Argument, null | readonly unknown[]>;
type Read = (item: Item, declared: ParameterDeclaration, context: ParameterContext) => readonly CimScalar[];

const isKind = <K extends string>(item: Item, kind: K): item is Extract<Item, { readonly kind: K }> =>
  typeof item === 'object' && 'kind' in item && item.kind === kind;

function wrong({ name }: ParameterDeclaration, wanted: string, got: Argument): CimError {
  return new CimError('INVALID_PARAMETER', `${name} wants ${wanted}; got ${describe(got)}`);
}

/** `Class.Key=value` with nothing quoted, as some shells write it. */
const unquoted = /^(?:[\w/]+:)?(\w+)\.(\w+)=([^"',]+)$/;

/**
 * What a text that stands for a reference names: a path in any form, or the value of the identifying key alone (an
 * InstanceID, a DeviceID, a uuid), which becomes a path of the declared class with one key without a name.
 */
function pathOfText(text: string, className: string): InstancePath {
  const key = (name: string, value: string) => [{ name, type: 'string' as const, value }];
  const bare = unquoted.exec(text);
  if (bare) return instancePath(bare[1]!, key(bare[2]!, bare[3]!));
  return /^[^"'=]*[.]\w+\s*=/.test(text) ? parseInstancePath(text) : instancePath(className, key('', text));
}

const identifying = ['InstanceID', 'DeviceID', 'Name'];

/** The path of an embedded instance that stands for a reference to it: by the key that it holds. */
function pathOfInstance({ shape, values, path }: CimInstance): InstancePath | undefined {
  if (path) return path;
  for (const name of identifying) {
    const value = values[shape.properties.findIndex((property) => property.name === name)];
    if (typeof value === 'string' && value !== '')
      return instancePath(shape.className, [{ name, type: 'string', value }]);
  }
  return undefined;
}

const anything = 'CIM_ManagedElement';

const readReference: Read = (item, declared, context) => {
  if (isKind(item, 'path')) return [item];
  // CIM_MetricService takes classes where it takes whatever can be managed: a path without keys.
  if (isKind(item, 'classPath') && declared.referenceClass === anything)
    return [instancePath(item.className, [], item.namespace)];
  if (typeof item === 'string') {
    const text = item.trim();
    if (text === '') return [];
    if (!/^[<]|^instance\s+of\b/i.test(text)) return [pathOfText(text, declared.referenceClass ?? '')];
  }
  // Only a list may hold the instances themselves: where one reference is wanted, an instance is a mistake.
  const instances = declared.isArray ? embedded(item, declared, context) : [];
  const paths = instances.map((each) => pathOfInstance(declaredInstance(context.schema, each)));
  if (paths.length === 0 || paths.includes(undefined)) {
    throw wrong(declared, `a reference to an instance of ${declared.referenceClass}`, item);
  }
  return paths as InstancePath[];
};

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** A text that was escaped once more than needed. */
const unescaped = (text: string): string =>
  /^\s*&lt;/.test(text) ? text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!) : text;

function instancesOfText(
  text: string,
  { name }: ParameterDeclaration,
  context: ParameterContext,
): readonly CimInstance[] {
  if (isInstanceText(text)) {
    try {
      return readInstanceText(text, name);
    } catch (reason) {
      throw reason instanceof MofError ? new CimError('INVALID_PARAMETER', reason.message) : reason;
    }
  }
  if (!/^\s*</.test(text)) return [];
  const object = context.readEmbedded(text);
  return object.kind === 'instance' ? [object] : [];
}

/** The instances that an item gives: itself, as text in CIM-XML or MOF, or by a reference to one that is there. */
function embedded(item: Item, declared: ParameterDeclaration, context: ParameterContext): readonly CimInstance[] {
  if (isKind(item, 'instance')) return [item];
  if (typeof item === 'string') {
    const text = unescaped(item);
    if (/^\s*<|^\s*$/.test(text) || isInstanceText(text)) return instancesOfText(text, declared, context);
    return behind(pathOfText(text.trim(), declared.referenceClass ?? ''), context);
  }
  return isKind(item, 'path') ? behind(item, context) : [];
}

function behind(path: InstancePath, { instanceAt }: ParameterContext): readonly CimInstance[] {
  const found = instanceAt(path);
  return found ? [found] : [];
}

const readInstances: Read = (item, declared, context) => {
  const wanted = declared.referenceClass;
  const found = embedded(item, declared, context);
  if (found.length > 0) {
    try {
      return found.map((each) => declaredInstance(context.schema, each, wanted));
    } catch (reason) {
      throw reason instanceof CimError ? new CimError(reason.status, `${declared.name}: ${reason.message}`) : reason;
    }
  }
  throw wrong(declared, `an embedded instance${wanted === undefined ? '' : ` of ${wanted}`} (CIM-XML or MOF)`, item);
};

/** A reference where a text is due is the text of the path. */
const readValue: Read = (item, declared) => {
  const given = isKind(item, 'path') && declared.type === 'string' ? formatPath(item) : item;
  return [coerce(given, { ...declared, isArray: false }, 'INVALID_PARAMETER') as CimScalar];
};

const readerOf = ({ type, embedded: kind }: ParameterDeclaration): Read =>
  type === 'reference' ? readReference : kind === 'instance' ? readInstances : readValue;

function read(declared: ParameterDeclaration, given: Argument, context: ParameterContext): CimValue {
  if (given === null) return null;
  const reader = readerOf(declared);
  const items = (Array.isArray(given) ? given : [given]) as readonly (Item | null)[];
  const values = items.flatMap((item): readonly (CimScalar | null)[] =>
    item === null ? [null] : reader(item, declared, context),
  );
  if (declared.isArray) {
    if (declared.arraySize === undefined || values.length <= declared.arraySize) return values;
    throw wrong(declared, `at most ${declared.arraySize} values`, given);
  }
  if (Array.isArray(given) || values.length > 1) throw wrong(declared, 'one value', given);
  return values[0] ?? null;
}

const flag = ({ qualifiers }: ParameterDeclaration, name: string, unsaid: boolean): boolean => {
  const value = qualifiers.get(name)?.value;
  return typeof value === 'boolean' ? value : unsaid;
};

export const goesIn = (parameter: ParameterDeclaration): boolean => flag(parameter, 'In', true);
export const comesOut = (parameter: ParameterDeclaration): boolean => flag(parameter, 'Out', false);

/**
 * The input parameters of a method as it declares them, in every form that clients send: loosely typed, a single value
 * where an array is declared, references as text, embedded instances as CIM-XML or MOF. NULL counts as left out, also
 * of what only comes out. A parameter that the method does not have, and a value that is none of its type, are
 * CIM_ERR_INVALID_PARAMETER.
 */
export function readMethodParameters(
  method: MethodDeclaration,
  given: NameMap<CallParameter>,
  context: ParameterContext,
): NameMap<CimValue> {
  const input = new NameMap<CimValue>();
  for (const { name, value } of given) {
    const declared = method.parameters.get(name);
    if (!declared || (value !== null && !goesIn(declared))) {
      const names = [...method.parameters].filter(goesIn).map((parameter) => parameter.name);
      const takes = names.length > 0 ? names.join(', ') : 'no parameters';
      const why = declared ? 'only gives' : 'has no parameter';
      throw new CimError('INVALID_PARAMETER', `${method.name} ${why} ${name.slice(0, 60)}; it takes ${takes}`);
    }
    const argument = read(declared, value, context);
    if (argument !== null) input.set(declared.name, argument);
  }
  return input;
}
