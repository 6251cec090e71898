import { CimError } from '../cim/error.js';
import type { NameSet } from '../cim/name.js';
import type { BatchForm, Result } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { Principal } from '../cim/principal.js';
import { type Enumeration, nextBatch, remaining } from './batch.js';
import type { Cursor, OpenRequest } from './cursor.js';
import type { EnumerationBook, Owner } from './enumeration-book.js';
import type { Namespace } from './namespace.js';
import { type OpenOperation, openForms, planOf, sourceText } from './plan.js';
import { resultClassOf } from './query.js';

/** Seconds that an enumeration lasts after each operation, unless the client says otherwise; and at most. */
export const operationTimeout = { usual: 300, most: 3_600 } as const;

/** Objects that one operation gives at most, however many are asked for. */
export const mostObjects = 10_000;

/** Pulls in a row that may ask for nothing, as keep-alive. */
export const mostIdlePulls = 1_000;

/** What every Open operation takes (DSP0200 5.4.2.24.2). */
export interface OpenParameters {
  readonly FilterQueryLanguage: string | null;
  readonly FilterQuery: string | null;
  readonly OperationTimeout: number | null;
  readonly ContinueOnError: boolean;
  readonly MaxObjectCount: number;
}

/** What every Pull operation takes (DSP0200 5.4.2.24.10). */
export interface PullParameters {
  readonly EnumerationContext: string;
  readonly MaxObjectCount: number;
}

const ownerOf = ({ shown }: Namespace, { origin, name }: Principal): Owner => ({
  user: `${origin}:${name}`,
  namespace: shown,
});

function timeoutOf(given: number | null): number {
  if (given === null) return operationTimeout.usual;
  if (given > 0 && given <= operationTimeout.most) return given;
  const wanted = `1 to ${operationTimeout.most} seconds, or NULL for ${operationTimeout.usual}`;
  throw new CimError('INVALID_OPERATION_TIMEOUT', `OperationTimeout takes ${wanted}; got ${given}`);
}

/** Gives the next objects and the context for those after them. */
async function deliver(
  enumeration: Enumeration,
  cursor: Cursor,
  asked: number,
  book: EnumerationBook,
): Promise<Extract<Result, { readonly kind: 'batch' }>> {
  const { form, selection } = enumeration;
  if (asked === 0) {
    const context = book.handOut(cursor, cursor.mark, cursor.idle + 1);
    return { kind: 'batch', form, selection, stretches: [], context };
  }
  const { stretches, mark } = await nextBatch(enumeration, cursor.mark, Math.min(asked, mostObjects));
  if (mark !== undefined) {
    return { kind: 'batch', form, selection, stretches, context: book.handOut(cursor, mark, 0) };
  }
  book.check(cursor);
  book.close(cursor);
  return { kind: 'batch', form, selection, stretches, context: null };
}

async function open(
  namespace: Namespace,
  request: OpenRequest & { readonly operation: OpenOperation },
  given: OpenParameters,
  caller: Principal,
  book: EnumerationBook,
): Promise<Extract<Result, { readonly kind: 'batch' }>> {
  const timeout = timeoutOf(given.OperationTimeout);
  if (given.ContinueOnError) {
    const why = 'an enumeration ends with its first error here; leave ContinueOnError FALSE';
    throw new CimError('CONTINUATION_ON_ERROR_NOT_SUPPORTED', why);
  }
  const [language, query] = [given.FilterQueryLanguage, given.FilterQuery];
  const whole = { ...request, ...(language !== null && { language }), ...(query !== null && { query }) };
  const enumeration = planOf(namespace, whole);
  // A source that is not there is an error of the Open operation, whether or not it is to give anything.
  if (!enumeration.parts && given.MaxObjectCount === 0) enumeration.objects(null);
  const cursor = book.begin(ownerOf(namespace, caller), whole, timeout);
  return deliver(enumeration, cursor, given.MaxObjectCount, book);
}

type Opening<V> = (
  namespace: Namespace,
  values: V & OpenParameters,
  caller: Principal,
  book: EnumerationBook,
) => Promise<Result>;

const listed = (names: NameSet | null): Pick<OpenRequest, 'properties'> => (names ? { properties: [...names] } : {});

/** DSP0200 5.4.2.24.3. */
export const openEnumerateInstances: Opening<{
  readonly ClassName: string;
  readonly DeepInheritance: boolean;
  readonly IncludeClassOrigin: boolean;
  readonly PropertyList: NameSet | null;
}> = (namespace, values, caller, book) => {
  const { ClassName: className, DeepInheritance: deep, IncludeClassOrigin: classOrigin } = values;
  const request = { className, deep, classOrigin, ...listed(values.PropertyList) };
  return open(namespace, { operation: 'OpenEnumerateInstances', ...request }, values, caller, book);
};

/** DSP0200 5.4.2.24.4. */
export const openEnumerateInstancePaths: Opening<{ readonly ClassName: string }> = (namespace, values, caller, book) =>
  open(namespace, { operation: 'OpenEnumerateInstancePaths', className: values.ClassName }, values, caller, book);

interface WalkParameters {
  readonly InstanceName: InstancePath;
  readonly ResultClass: string | null;
  readonly Role: string | null;
  readonly AssocClass?: string | null;
  readonly ResultRole?: string | null;
  readonly IncludeClassOrigin?: boolean;
  readonly PropertyList?: NameSet | null;
}

/** The four that go from one instance: DSP0200 5.4.2.24.5 to 5.4.2.24.8. */
export const openWalk =
  (operation: OpenOperation): Opening<WalkParameters> =>
  (namespace, values, caller, book) => {
    const { ResultClass: resultClass, Role: role, AssocClass: assocClass, ResultRole: resultRole } = values;
    const request = {
      operation,
      source: sourceText(values.InstanceName),
      ...(resultClass && { resultClass }),
      ...(role && { role }),
      ...(assocClass && { assocClass }),
      ...(resultRole && { resultRole }),
      ...(values.IncludeClassOrigin && { classOrigin: true }),
      ...listed(values.PropertyList ?? null),
    };
    return open(namespace, request, values, caller, book);
  };

/** DSP0200 5.4.2.24.9. */
export const openQueryInstances: Opening<{
  readonly FilterQueryLanguage: string;
  readonly FilterQuery: string;
  readonly ReturnQueryResultClass: boolean;
}> = async (namespace, values, caller, book) => {
  const result = await open(namespace, { operation: 'OpenQueryInstances' }, values, caller, book);
  if (!values.ReturnQueryResultClass) return result;
  return { ...result, resultClass: resultClassOf(namespace, values.FilterQueryLanguage, values.FilterQuery) };
};

const pullOf: Readonly<Record<BatchForm, string>> = {
  instancesWithPath: 'PullInstancesWithPath',
  instancePaths: 'PullInstancePaths',
  instances: 'PullInstances',
};

function checkForm({ request }: Cursor, form: BatchForm): void {
  const own = openForms[request.operation as OpenOperation];
  if (own === form) return;
  throw new CimError(
    'INVALID_ENUMERATION_CONTEXT',
    `the enumeration was opened by ${request.operation} and is pulled from by ${pullOf[own]}, not ${pullOf[form]}`,
  );
}

function checkIdle(cursor: Cursor, asked: number, book: EnumerationBook): void {
  if (asked > 0 || cursor.idle < mostIdlePulls) return;
  book.close(cursor);
  throw new CimError(
    'SERVER_LIMITS_EXCEEDED',
    `${mostIdlePulls} pulls in a row have asked for no objects; the enumeration is closed`,
  );
}

/** DSP0200 5.4.2.24.11 to 5.4.2.24.13. An error within closes the enumeration. */
export const pull =
  (form: BatchForm) =>
  async (
    namespace: Namespace,
    { EnumerationContext, MaxObjectCount }: PullParameters,
    caller: Principal,
    book: EnumerationBook,
  ): Promise<Result> => {
    const cursor = book.find(EnumerationContext, ownerOf(namespace, caller));
    checkForm(cursor, form);
    checkIdle(cursor, MaxObjectCount, book);
    book.take(cursor);
    try {
      const enumeration = planOf(namespace, cursor.request as OpenRequest & { operation: OpenOperation });
      return await deliver(enumeration, cursor, MaxObjectCount, book);
    } catch (reason) {
      book.close(cursor);
      throw reason;
    }
  };

type Context = Pick<PullParameters, 'EnumerationContext'>;

/** DSP0200 5.4.2.24.14. */
export function closeEnumeration(
  namespace: Namespace,
  { EnumerationContext }: Context,
  caller: Principal,
  book: EnumerationBook,
): Result {
  book.close(book.find(EnumerationContext, ownerOf(namespace, caller)));
  return { kind: 'void' };
}

/** DSP0200 5.4.2.24.15: the number of objects that are left; NULL where only a search could tell. */
export function enumerationCount(
  namespace: Namespace,
  { EnumerationContext }: Context,
  caller: Principal,
  book: EnumerationBook,
): Result {
  const cursor = book.find(EnumerationContext, ownerOf(namespace, caller));
  const enumeration = planOf(namespace, cursor.request as OpenRequest & { operation: OpenOperation });
  return { kind: 'value', type: 'uint64', value: remaining(enumeration, cursor.mark) ?? null };
}
