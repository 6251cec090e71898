import type { CimClass, MethodDeclaration } from '../cim/class.js';
import { coerce } from '../cim/coerce.js';
import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameSet, sameName } from '../cim/name.js';
import type { ExtrinsicCall, NamedValue, Result } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { formatPath } from '../cim/path-text.js';
import type { Principal } from '../cim/principal.js';
import { integerRange, isWide } from '../cim/value.js';
import type { CarriedMethod, MethodAnswer, Provider, Subject } from '../provider/provider.js';
import { locate, namedClass } from './location.js';
import { comesOut, type ParameterContext, readMethodParameters } from './method-parameter.js';
import type { Namespace } from './namespace.js';

/** What methods need beside the namespace of the call. */
export interface MethodContext {
  readonly caller: Principal;
  /** Refuses who may not do what the method does. */
  readonly authorize: (access: CarriedMethod['access']) => void;
  readonly readEmbedded: ParameterContext['readEmbedded'];
  /** Whether nothing is told that no class declares. */
  readonly strict: boolean;
}

interface Target {
  readonly provider: Provider;
  readonly subject: Subject;
}

/** Keys that say within what an instance lies; the others say which one it is. */
const scoping = new NameSet(['SystemCreationClassName', 'SystemName', 'CreationClassName']);

/** Whether a path with too few keys has those that say which instance it means. */
function isTelling({ keys: wanted }: CimClass, { keys }: InstancePath): boolean {
  const given = new NameSet(keys.map(({ name }) => name));
  const known = keys.every(({ name }) => wanted.some((key) => sameName(key, name)));
  return known && wanted.every((name) => scoping.has(name) || given.has(name));
}

/**
 * The instance that the call is for. Where its path is not exact, the identifying key decides, and of a class that has
 * but one instance that one is meant: clients know services by names that they once had.
 */
function targetOf(namespace: Namespace, cls: CimClass, path: InstancePath): Target {
  try {
    return locate(namespace, path, 'NOT_FOUND');
  } catch (reason) {
    const provider = namespace.provider(cls.name);
    const named = namespace.renaming.inward({ ...path, className: cls.name });
    const subject = provider?.recognize?.(namespace.name, named);
    if (provider && subject) return { provider, subject };
    const isShort = path.keys.length < cls.keys.length && isTelling(cls, path);
    if (!isShort) throw reason;
    const text = formatPath({ kind: 'path', className: cls.name, keys: path.keys }).slice(0, 400);
    throw new CimError('NOT_FOUND', `there is no instance ${text} in ${namespace.shown}`, { cause: reason });
  }
}

function instanceTarget(namespace: Namespace, cls: CimClass, method: MethodDeclaration, call: ExtrinsicCall): Target {
  if (call.target.kind === 'path' && call.target.keys.length > 0) return targetOf(namespace, cls, call.target);
  throw new CimError(
    'INVALID_PARAMETER',
    `${cls.name}.${method.name} is a method of instances: call it with the path of one, with its keys`,
  );
}

/** The instance behind a path that a parameter holds, by its identifying key alone (decisions.md 24). */
function instanceAt(namespace: Namespace, path: InstancePath): CimInstance | undefined {
  const name = path.className;
  const classes = [name, ...namespace.schema.subclasses(name, true).map((cls) => cls.name)];
  for (const className of namespace.schema.class(name) ? classes : []) {
    const provider = namespace.provider(className);
    const keys = path.keys.map((key) => (key.name === '' ? { ...key, name: 'InstanceID' } : key));
    const subject = provider?.recognize?.(namespace.name, { ...path, className, keys });
    if (provider && subject) return provider.instance(namespace.name, subject);
  }
  return undefined;
}

/** The output parameters in the order of the method's; one that is NULL is left out, since wbemcli ends on one without a value. */
function outputs(namespace: Namespace, method: MethodDeclaration, { output }: MethodAnswer): NamedValue[] {
  const found: NamedValue[] = [];
  for (const declared of method.parameters) {
    if (!comesOut(declared)) continue;
    const given = Object.entries(output).find(([name]) => sameName(name, declared.name))?.[1];
    if (given === undefined || given === null) continue;
    const { name, type, isArray, embedded } = declared;
    const value = namespace.renaming.outwardValue(coerce(given, declared, 'FAILED'));
    found.push({ name, type, isArray, ...(embedded && { embedded }), value });
  }
  return found;
}

/**
 * The output parameter that tells why a method was declined. No class declares it; clients take whatever output there is,
 * and xs-cim's were given one of this name. To the letter (`strict`) it is left out, and the log alone tells.
 */
const reasonParameter = 'Reason';

function reasons(method: MethodDeclaration, reason: string | undefined, strict: boolean): NamedValue[] {
  if (reason === undefined || strict || method.parameters.has(reasonParameter)) return [];
  return [{ name: reasonParameter, type: 'string', isArray: false, value: reason }];
}

function answerOf(namespace: Namespace, method: MethodDeclaration, answer: MethodAnswer, strict: boolean): Result {
  const { returnType: type } = method;
  const wide = integerRange[type] !== undefined && isWide(type);
  const value = wide ? BigInt(answer.returned) : answer.returned;
  const { reason } = answer;
  const output = [...outputs(namespace, method, answer), ...reasons(method, reason, strict)];
  return { kind: 'method', returned: { type, value }, output, ...(reason !== undefined && { reason }) };
}

/**
 * Carries out a method of an instance (DSP0200 5.4.5): CIM_ERR_NOT_FOUND for a class or instance that is not there,
 * CIM_ERR_METHOD_NOT_FOUND for a method that the class does not declare, CIM_ERR_METHOD_NOT_AVAILABLE for one that no
 * one here carries out. What the method itself returns as a failure is no CIM error but its return value.
 */
export async function invoke(namespace: Namespace, call: ExtrinsicCall, context: MethodContext): Promise<Result> {
  const cls = namedClass(namespace, call.target, 'NOT_FOUND');
  const method = cls.methods.get(call.name);
  if (!method) throw new CimError('METHOD_NOT_FOUND', `${cls.name} has no method ${call.name.slice(0, 100)}`);
  const carried = namespace.provider(cls.name)?.method?.(cls.name, method.name);
  context.authorize(carried?.access ?? 'write');
  if (!carried) {
    throw new CimError('METHOD_NOT_AVAILABLE', `${cls.name}.${method.name} is declared but not carried out here`);
  }
  const { subject } = instanceTarget(namespace, cls, method, call);
  const input = readMethodParameters(method, call.parameters, {
    schema: namespace.schema,
    readEmbedded: context.readEmbedded,
    instanceAt: (path) => instanceAt(namespace, path),
  });
  const answer = await carried.run({ namespace: namespace.name, subject, input, caller: context.caller });
  return answerOf(namespace, method, answer, context.strict);
}
