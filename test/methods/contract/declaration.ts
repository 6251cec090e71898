import type { MethodDeclaration, ParameterDeclaration } from '../../../src/cim/class.js';
import { type InstancePath, instancePath } from '../../../src/cim/path.js';
import { type CimScalar, type CimType, type CimValue, integerRange } from '../../../src/cim/value.js';
import { labelOf } from '../../../src/mof/value-map.js';
import { comesOut, goesIn } from '../../../src/operations/method-parameter.js';
import { embedded, path, schemas } from '../stage.js';
import { type Answer, type Call, type Case, type Given, isWriting, type Row } from './row.js';

const nowhere = '00000000-0000-4000-8000-00000000dead';

/** Whether a class descends from another, in whatever namespace. */
const isA = (name: string, ancestor: string): boolean =>
  [...schemas.values()].some((schema) => schema.isA(name, ancestor));

/** The method as the MOF declares it; undefined of writing, which is an operation. */
export function declarationOf(className: string, method: string): MethodDeclaration | undefined {
  if (isWriting(method)) return undefined;
  const declared = [...schemas.values()].map((each) => each.class(className)?.methods.get(method)).find(Boolean);
  if (!declared) throw new Error(`the MOF has no method ${className}.${method}`);
  return declared;
}

/** The parameters that it is given. */
export const inputsOf = ({ parameters }: MethodDeclaration): readonly ParameterDeclaration[] =>
  [...parameters].filter(goesIn);

/** Whether the MOF declares the return value, and reserves it for nobody; a few old methods say nothing of theirs. */
export function declares({ returnType: type, qualifiers }: MethodDeclaration, code: number): boolean {
  if (!qualifiers.has('ValueMap')) return true;
  const label = labelOf({ type, qualifiers }, code);
  return label !== undefined && !/reserved/i.test(label);
}

/** A value that no parameter of the type can take, and what it is refused with; none of a text. */
function impossible(
  { name, type, embedded: inside, referenceClass }: ParameterDeclaration,
  mistakes?: Answer,
): readonly Case[] {
  const of = (what: string, value: Given[string], answers = 'INVALID_PARAMETER'): Case => ({
    what: `${name}: ${what}`,
    given: { [name]: value },
    answers,
  });
  if (inside) return [of('an instance of no class', embedded('Xen_Nothing', { ElementName: 'x' }))];
  if (type === 'reference') {
    const key = path(referenceClass ?? 'CIM_ManagedElement', { InstanceID: `Xen:${nowhere}` });
    return [of('a path that leads nowhere', key, mistakes ?? 'INVALID_PARAMETER or NOT_FOUND')];
  }
  if (type === 'boolean') return [of('neither true nor false', 'perhaps')];
  if (type === 'datetime') return [of('no datetime', 'yesterday')];
  return integerRange[type] ? [of('no number', 'much')] : [];
}

/** What no method takes, worked out from its declaration and from what a success is given. */
export function impossibleCases(
  declared: MethodDeclaration,
  given: Given,
  { optional = [], mistakes }: Row,
): readonly Case[] {
  const named = inputsOf(declared).filter(({ name }) => name in given);
  const without = named
    .filter(({ name }) => !optional.includes(name))
    .map(({ name }) => ({
      what: `without ${name}`,
      given: { [name]: null },
      answers: mistakes ?? 'INVALID_PARAMETER',
    }));
  const unknown = { what: 'an unknown parameter', given: { Colour: 'red' }, answers: 'INVALID_PARAMETER' };
  return [unknown, ...without, ...named.flatMap((each) => impossible(each, mistakes))];
}

const uuidForm = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** The same path, but of nothing. */
const nowhereOf = (at: InstancePath): InstancePath =>
  instancePath(
    at.className,
    at.keys.map((key) => ({ ...key, value: String(key.value).replace(uuidForm, nowhere) })),
  );

const otherType = (value: Given[string]): Given[string] =>
  typeof value === 'string' || Array.isArray(value) ? 7 : 'much';

/** What no writing takes: an instance that is not there, properties that are not there or of another type. */
export function impossibleWriting(method: string, { at, given }: Call): readonly Case[] {
  const away: Case = {
    what: 'an instance of nothing',
    arrange: () => ({ at: nowhereOf(at), given }),
    answers: 'NOT_FOUND',
  };
  if (method === 'DeleteInstance') return [away];
  const typed = Object.entries(given).map(([name, value]) => ({
    what: `${name} of another type`,
    given: { [name]: otherType(value) },
    answers: 'INVALID_PARAMETER',
  }));
  const unknown = {
    what: 'an unknown property',
    given: { Colour: 'red' },
    answers: 'INVALID_PARAMETER or NO_SUCH_PROPERTY',
  };
  return [unknown, ...typed, ...(method === 'ModifyInstance' ? [away] : [])];
}

const kindOfScalar: Readonly<Record<string, readonly CimType[]>> = {
  boolean: ['boolean'],
  bigint: ['uint64', 'sint64'],
  number: ['uint8', 'uint16', 'uint32', 'sint8', 'sint16', 'sint32', 'real32', 'real64'],
  string: ['string', 'char16', 'datetime'],
};

function isOf(value: CimScalar, { type, referenceClass }: ParameterDeclaration): boolean {
  if (typeof value !== 'object') return kindOfScalar[typeof value]!.includes(type);
  if (value.kind === 'path') return type === 'reference' && isA(value.className, referenceClass!);
  return value.kind === 'instance' && isA(value.shape.className, referenceClass!);
}

/** Why an output is not what the MOF declares; empty where it is. */
export function outputFaults(declared: MethodDeclaration, output: Readonly<Record<string, CimValue>>): string[] {
  return Object.entries(output).flatMap(([name, value]) => {
    const parameter = declared.parameters.get(name);
    if (!parameter || !comesOut(parameter)) return [`${name} is no output parameter`];
    if (value === null) return [];
    if (Array.isArray(value) !== parameter.isArray) return [`${name} is${parameter.isArray ? ' not' : ''} an array`];
    const items: readonly (CimScalar | null)[] = Array.isArray(value) ? value : [value as CimScalar];
    return items.every((item) => item !== null && isOf(item, parameter)) ? [] : [`${name} is of another type`];
  });
}
