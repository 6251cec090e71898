import { CimError } from '../cim/error.js';
import { NameSet } from '../cim/name.js';
import type { BatchForm } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { formatPath, parseInstancePath } from '../cim/path-text.js';
import { parseFilter } from '../query/query.js';
import { asAssociators, tieFilter } from './association-filter.js';
import type { Enumeration } from './batch.js';
import type { OpenRequest } from './cursor.js';
import { classesFrom, objectsFrom, partsOf, walkedFrom } from './enumeration.js';
import { namedClass, requireClass } from './location.js';
import type { Namespace } from './namespace.js';
import { queryEnumeration } from './query.js';
import { ownProperties, selection } from './selection.js';
import { type Trial, trialOf } from './trial.js';

/** The operations that open an enumeration, with what its pulls give (DSP0200 5.4.2.24). */
export const openForms = {
  OpenEnumerateInstances: 'instancesWithPath',
  OpenEnumerateInstancePaths: 'instancePaths',
  OpenReferenceInstances: 'instancesWithPath',
  OpenReferenceInstancePaths: 'instancePaths',
  OpenAssociatorInstances: 'instancesWithPath',
  OpenAssociatorInstancePaths: 'instancePaths',
  OpenQueryInstances: 'instances',
} as const satisfies Readonly<Record<string, BatchForm>>;

export type OpenOperation = keyof typeof openForms;

/** The path of a source as the cursor keeps it. */
export const sourceText = ({ className, keys, namespace }: InstancePath): string =>
  formatPath({ kind: 'path', className, keys, ...(namespace !== undefined && { namespace }) });

const same = <T>(value: T): T => value;

/** Language and filter belong together (DSP0200 5.4.2.24.2). */
function filterOf({ language, query }: OpenRequest): readonly [language: string, query: string] | undefined {
  if (language === undefined && query === undefined) return undefined;
  if (language !== undefined && query !== undefined) return [language, query];
  const [given, lacking] =
    language === undefined ? ['FilterQuery', 'FilterQueryLanguage'] : ['FilterQueryLanguage', 'FilterQuery'];
  throw new CimError('INVALID_PARAMETER', `${given} is given, and so ${lacking} is wanted too`);
}

const namesOf = ({ properties }: OpenRequest): NameSet | null => (properties ? new NameSet(properties) : null);

function classEnumeration(namespace: Namespace, request: OpenRequest, form: BatchForm): Enumeration {
  const cls = requireClass(namespace, request.className!, 'INVALID_CLASS');
  const filter = filterOf(request);
  const classes = classesFrom(namespace, cls);
  const trial = filter && trialOf(namespace, parseFilter(...filter), classes, 'filter');
  const shallow = request.deep === false && classes.length > 1;
  const list = shallow ? ownProperties(cls, namesOf(request)) : namesOf(request);
  const written = selection(list, request.classOrigin ?? false);
  const parts = partsOf(namespace, cls, trial);
  return {
    namespace,
    form,
    selection: written,
    wanted: written.properties,
    trial,
    parts,
    whole: !trial && list === null && !written.classOrigin && namespace.name === namespace.shown,
    objects: (mark) => objectsFrom(parts, mark),
    shown: same,
  };
}

const orNull = (name: string | undefined): string | null => name ?? null;

function walkEnumeration(
  namespace: Namespace,
  request: OpenRequest,
  form: BatchForm,
  references: boolean,
): Enumeration {
  const [ResultClass, Role] = [orNull(request.resultClass), orNull(request.role)];
  const filter = references
    ? asAssociators({ ResultClass, Role })
    : { ResultClass, Role, AssocClass: orNull(request.assocClass), ResultRole: orNull(request.resultRole) };
  const ties = tieFilter(namespace, filter);
  const source = parseInstancePath(request.source!);
  namedClass(namespace, source, 'INVALID_PARAMETER');
  const given = filterOf(request);
  const trial: Trial | undefined = given && trialOf(namespace, parseFilter(...given), [], 'filter');
  const written = selection(namesOf(request), request.classOrigin ?? false);
  return {
    namespace,
    form,
    selection: written,
    wanted: written.properties,
    trial,
    parts: undefined,
    whole: false,
    objects: (mark) => walkedFrom(namespace, source, ties, references ? 'associations' : 'others', mark),
    shown: same,
  };
}

const plans: {
  readonly [O in OpenOperation]: (namespace: Namespace, request: OpenRequest) => Enumeration;
} = {
  OpenEnumerateInstances: (namespace, request) => classEnumeration(namespace, request, 'instancesWithPath'),
  OpenEnumerateInstancePaths: (namespace, request) => classEnumeration(namespace, request, 'instancePaths'),
  OpenReferenceInstances: (namespace, request) => walkEnumeration(namespace, request, 'instancesWithPath', true),
  OpenReferenceInstancePaths: (namespace, request) => walkEnumeration(namespace, request, 'instancePaths', true),
  OpenAssociatorInstances: (namespace, request) => walkEnumeration(namespace, request, 'instancesWithPath', false),
  OpenAssociatorInstancePaths: (namespace, request) => walkEnumeration(namespace, request, 'instancePaths', false),
  OpenQueryInstances: (namespace, { language, query }) => queryEnumeration(namespace, language!, query!),
};

/** What the request enumerates. Throws the CimError that its Open operation answers with. */
export const planOf = (
  namespace: Namespace,
  request: OpenRequest & { readonly operation: OpenOperation },
): Enumeration => plans[request.operation](namespace, request);
