import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import type { CimInstance } from '../cim/instance.js';
import { fold, NameMap, NameSet } from '../cim/name.js';
import type { Result, Selection } from '../cim/operation.js';
import { checkOperand } from '../query/check.js';
import { type Column, columnOf } from '../query/column.js';
import { invalidQuery } from '../query/fault.js';
import { isPlain, shownBy } from '../query/narrowing.js';
import { projected } from '../query/projection.js';
import { parseQuery, type Query, type Selected } from '../query/query.js';
import type { Enumeration } from './batch.js';
import { classView } from './class-view.js';
import { classesFrom, objectsFrom, partsOf } from './enumeration.js';
import { instanceOf, ready, search } from './found.js';
import type { Namespace } from './namespace.js';
import { surroundingsOf, type Trial, trialOf } from './trial.js';

/** A query held against the classes of a namespace. */
interface Planned {
  readonly query: Query;
  readonly cls: CimClass;
  readonly trial: Trial | undefined;
  readonly selection: Selection;
  /** The row that is made of an object. */
  readonly shown: (object: CimInstance) => CimInstance;
}

/** CIM_ERR_INVALID_QUERY for a class that is not there too: DSP0200 5.4.2.13 has no other status for it. */
function classOf({ schema, shown }: Namespace, { className, classAt }: Query): CimClass {
  const cls = schema.class(className);
  if (cls) return cls;
  throw invalidQuery(classAt, `there is no class ${className.slice(0, 100)} in ${shown}`);
}

function planned(namespace: Namespace, language: string, text: string): Planned {
  const query = parseQuery(language, text);
  const cls = classOf(namespace, query);
  const classes = classesFrom(namespace, cls);
  const surroundings = surroundingsOf(namespace);
  for (const { operand } of query.select ?? []) checkOperand(operand, classes, surroundings);
  const trial = query.condition && trialOf(namespace, query.condition, classes, 'query');
  const properties = shownBy(query);
  const { select } = query;
  if (!select || isPlain(query)) {
    const selection = { classOrigin: false, ...(properties && { properties }) };
    return { query, cls, trial, selection, shown: (object) => object };
  }
  const columns = columnsOf(namespace, select, classes);
  return {
    query,
    cls,
    trial,
    selection: { classOrigin: false },
    shown: (object) => projected(select, object, surroundings, columns),
  };
}

/** What is selected, as far as the classes tell before there is a row. */
function columnsOf(
  namespace: Namespace,
  select: readonly Selected[],
  classes: readonly CimClass[],
): readonly (Column | undefined)[] {
  const from = (name: string): readonly CimClass[] => {
    const cls = namespace.schema.class(name);
    return cls ? classesFrom(namespace, cls) : [];
  };
  return select.map(({ operand }) => columnOf(operand, classes, from));
}

/** DSP0200 5.4.2.13: the objects with their paths, of each what the query selects. */
export async function execQuery(
  namespace: Namespace,
  { QueryLanguage, Query: text }: { readonly QueryLanguage: string; readonly Query: string },
): Promise<Result> {
  const { query, cls, trial, selection, shown } = planned(namespace, QueryLanguage, text);
  const { found } = await search(namespace, objectsFrom(partsOf(namespace, cls, trial), null), trial);
  const wanted = shownBy(query);
  await ready(found, wanted);
  return {
    kind: 'objects',
    selection,
    items: {
      *[Symbol.iterator]() {
        for (const one of found) yield shown(instanceOf(namespace, one, wanted));
      },
    },
  };
}

/** What a query enumerates (DSP0200 5.4.2.24.9): rows without paths. */
export function queryEnumeration(namespace: Namespace, language: string, text: string): Enumeration {
  const { query, cls, trial, selection, shown } = planned(namespace, language, text);
  const parts = partsOf(namespace, cls, trial);
  return {
    namespace,
    form: 'instances',
    selection,
    wanted: shownBy(query),
    trial,
    parts,
    whole: !trial && !query.select && namespace.name === namespace.shown,
    objects: (mark) => objectsFrom(parts, mark),
    shown,
  };
}

/** A property of the class of rows; of what only the rows tell it says string. */
function declarationOf(cls: CimClass, { name, operand }: Selected, column: Column | undefined): PropertyDeclaration {
  const plain = { name, qualifiers: new NameMap<never>(), value: null, key: false };
  const only = operand.kind === 'property' && operand.steps.length === 1 ? operand.steps[0] : undefined;
  const own = only && fold(only.name) === fold(name) ? cls.properties.get(name) : undefined;
  const { classOrigin, propagated } = own ?? { classOrigin: cls.name, propagated: false };
  return {
    ...plain,
    ...(column ?? { type: 'string', isArray: false }),
    classOrigin,
    propagated,
  } as PropertyDeclaration;
}

/** The class whose properties are the columns of the rows (DSP0200 5.4.2.24.9, QueryResultClass). */
export function resultClassOf(namespace: Namespace, language: string, text: string): CimClass {
  const query = parseQuery(language, text);
  const named = classOf(namespace, query);
  const cls = classView(named, { localOnly: false, includeQualifiers: false });
  if (!query.select) return cls;
  const columns = columnsOf(namespace, query.select, classesFrom(namespace, named));
  const declarations = query.select.map((one, i) => declarationOf(cls, one, columns[i]));
  const names = new NameSet(declarations.map(({ name }) => name));
  return {
    ...cls,
    properties: new NameMap(declarations.map((one) => [fold(one.name), one] as const)),
    methods: new NameMap(),
    keys: cls.keys.filter((key) => names.has(key)),
  };
}
