import { CimError } from '../cim/error.js';
import { NameMap } from '../cim/name.js';
import type { Call, Result } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';
import { associatorNames, associators, referenceNames, references } from './association.js';
import { enumerateClasses, enumerateClassNames, getClass } from './class.js';
import { EnumerationBook } from './enumeration-book.js';
import { enumerateInstanceNames, enumerateInstances, getInstance, getProperty } from './instance.js';
import { invoke } from './method.js';
import type { ParameterContext } from './method-parameter.js';
import { createNamespaces, type NamespaceOptions } from './namespace.js';
import { type Access, type Operation, operation, unsupported } from './operation.js';
import {
  anyValue,
  boolean,
  className,
  contextText,
  count,
  elementName,
  instanceName,
  namedInstance,
  newInstance,
  objectName,
  optional,
  propertyList,
  readParameters,
  required,
  text,
} from './parameter.js';
import {
  closeEnumeration,
  enumerationCount,
  openEnumerateInstancePaths,
  openEnumerateInstances,
  openQueryInstances,
  openWalk,
  pull,
} from './pull.js';
import { enumerateQualifiers, getQualifier } from './qualifier.js';
import { execQuery } from './query.js';
import { createInstance, deleteInstance, modifyInstance, setProperty } from './write.js';

const yes = optional(boolean, true);
const no = optional(boolean, false);

/** On instances LocalOnly and IncludeQualifiers are taken and not heeded (decisions.md 18). */
const instanceView = {
  LocalOnly: yes,
  IncludeQualifiers: no,
  IncludeClassOrigin: no,
  PropertyList: optional(propertyList, null),
};

const classView = { LocalOnly: yes, IncludeQualifiers: yes, IncludeClassOrigin: no };
const objectView = { IncludeQualifiers: no, IncludeClassOrigin: no, PropertyList: optional(propertyList, null) };

const descent = { ClassName: optional(className, null), DeepInheritance: no };

const referenceFilter = {
  ObjectName: required(objectName),
  ResultClass: optional(className, null),
  Role: optional(elementName, null),
};

const associatorFilter = {
  ...referenceFilter,
  AssocClass: optional(className, null),
  ResultRole: optional(elementName, null),
};

/** Of the operations that walk from one instance and open an enumeration (DSP0200 5.4.2.24.5). */
const referringInstance = {
  InstanceName: required(instanceName),
  ResultClass: optional(className, null),
  Role: optional(elementName, null),
};
const associatedInstance = {
  ...referringInstance,
  AssocClass: optional(className, null),
  ResultRole: optional(elementName, null),
};

/** What all that open an enumeration take (DSP0200 5.4.2.24.2). */
const opening = {
  FilterQueryLanguage: optional(text, null),
  FilterQuery: optional(text, null),
  OperationTimeout: optional(count, null),
  ContinueOnError: no,
  MaxObjectCount: optional(count, 0),
};

const context = { EnumerationContext: required(contextText) };
const pulling = { ...context, MaxObjectCount: required(count) };

/** Every operation of DSP0200 5.4.2. What a client may send, what is taken when it does not, who may, and what is done. */
export const operations: Readonly<Record<string, Operation>> = {
  GetClass: operation({
    clause: '5.4.2.1',
    access: 'read',
    params: { ClassName: required(className), ...classView, PropertyList: optional(propertyList, null) },
    run: getClass,
  }),
  GetInstance: operation({
    clause: '5.4.2.2',
    access: 'read',
    params: { InstanceName: required(instanceName), ...instanceView },
    run: getInstance,
  }),
  DeleteClass: unsupported('5.4.2.3', 'write'),
  DeleteInstance: operation({
    clause: '5.4.2.4',
    access: 'write',
    params: { InstanceName: required(instanceName) },
    run: deleteInstance,
  }),
  CreateClass: unsupported('5.4.2.5', 'write'),
  CreateInstance: operation({
    clause: '5.4.2.6',
    access: 'write',
    params: { NewInstance: required(newInstance) },
    run: createInstance,
  }),
  ModifyClass: unsupported('5.4.2.7', 'write'),
  ModifyInstance: operation({
    clause: '5.4.2.8',
    access: 'write',
    params: {
      ModifiedInstance: required(namedInstance),
      IncludeQualifiers: yes,
      PropertyList: optional(propertyList, null),
    },
    run: modifyInstance,
  }),
  EnumerateClasses: operation({
    clause: '5.4.2.9',
    access: 'read',
    params: { ...descent, ...classView },
    run: enumerateClasses,
  }),
  EnumerateClassNames: operation({
    clause: '5.4.2.10',
    access: 'read',
    params: descent,
    run: enumerateClassNames,
  }),
  EnumerateInstances: operation({
    clause: '5.4.2.11',
    access: 'read',
    params: { ClassName: required(className), DeepInheritance: yes, ...instanceView },
    run: enumerateInstances,
  }),
  EnumerateInstanceNames: operation({
    clause: '5.4.2.12',
    access: 'read',
    params: { ClassName: required(className) },
    run: enumerateInstanceNames,
  }),
  ExecQuery: operation({
    clause: '5.4.2.13',
    access: 'read',
    params: { QueryLanguage: required(text), Query: required(text) },
    run: execQuery,
  }),
  Associators: operation({
    clause: '5.4.2.14',
    access: 'read',
    params: { ...associatorFilter, ...objectView },
    run: associators,
  }),
  AssociatorNames: operation({
    clause: '5.4.2.15',
    access: 'read',
    params: associatorFilter,
    run: associatorNames,
  }),
  References: operation({
    clause: '5.4.2.16',
    access: 'read',
    params: { ...referenceFilter, ...objectView },
    run: references,
  }),
  ReferenceNames: operation({
    clause: '5.4.2.17',
    access: 'read',
    params: referenceFilter,
    run: referenceNames,
  }),
  GetProperty: operation({
    clause: '5.4.2.18',
    access: 'read',
    params: { InstanceName: required(instanceName), PropertyName: required(elementName) },
    run: getProperty,
  }),
  SetProperty: operation({
    clause: '5.4.2.19',
    access: 'write',
    params: {
      InstanceName: required(instanceName),
      PropertyName: required(elementName),
      NewValue: optional(anyValue, null),
    },
    run: setProperty,
  }),
  GetQualifier: operation({
    clause: '5.4.2.20',
    access: 'read',
    params: { QualifierName: required(elementName) },
    run: getQualifier,
  }),
  SetQualifier: unsupported('5.4.2.21', 'write'),
  DeleteQualifier: unsupported('5.4.2.22', 'write'),
  EnumerateQualifiers: operation({
    clause: '5.4.2.23',
    access: 'read',
    params: {},
    run: enumerateQualifiers,
  }),
  OpenEnumerateInstances: operation({
    clause: '5.4.2.24.3',
    access: 'read',
    params: { ClassName: required(className), DeepInheritance: yes, ...instanceView, ...opening },
    run: openEnumerateInstances,
  }),
  OpenEnumerateInstancePaths: operation({
    clause: '5.4.2.24.4',
    access: 'read',
    params: { ClassName: required(className), ...opening },
    run: openEnumerateInstancePaths,
  }),
  OpenReferenceInstances: operation({
    clause: '5.4.2.24.5',
    access: 'read',
    params: { ...referringInstance, ...objectView, ...opening },
    run: openWalk('OpenReferenceInstances'),
  }),
  OpenReferenceInstancePaths: operation({
    clause: '5.4.2.24.6',
    access: 'read',
    params: { ...referringInstance, ...opening },
    run: openWalk('OpenReferenceInstancePaths'),
  }),
  OpenAssociatorInstances: operation({
    clause: '5.4.2.24.7',
    access: 'read',
    params: { ...associatedInstance, ...objectView, ...opening },
    run: openWalk('OpenAssociatorInstances'),
  }),
  OpenAssociatorInstancePaths: operation({
    clause: '5.4.2.24.8',
    access: 'read',
    params: { ...associatedInstance, ...opening },
    run: openWalk('OpenAssociatorInstancePaths'),
  }),
  OpenQueryInstances: operation({
    clause: '5.4.2.24.9',
    access: 'read',
    params: {
      ...opening,
      FilterQueryLanguage: required(text),
      FilterQuery: required(text),
      ReturnQueryResultClass: no,
    },
    run: openQueryInstances,
  }),
  PullInstancesWithPath: operation({
    clause: '5.4.2.24.11',
    access: 'read',
    params: pulling,
    run: pull('instancesWithPath'),
  }),
  PullInstancePaths: operation({ clause: '5.4.2.24.12', access: 'read', params: pulling, run: pull('instancePaths') }),
  PullInstances: operation({ clause: '5.4.2.24.13', access: 'read', params: pulling, run: pull('instances') }),
  CloseEnumeration: operation({ clause: '5.4.2.24.14', access: 'read', params: context, run: closeEnumeration }),
  EnumerationCount: operation({ clause: '5.4.2.24.15', access: 'read', params: context, run: enumerationCount }),
};

const byName = new NameMap(Object.entries(operations).map(([name, row]) => [name, { name, ...row }] as const));

export interface OperationsOptions extends NamespaceOptions {
  /** Refuses every operation that writes, whoever asks. */
  readonly readOnly: boolean;
  /** The open enumerations; ones that no restart survives unless given. */
  readonly enumerations?: EnumerationBook;
  /** Reads an object that a parameter of a method embeds as text, in the form of the protocol; throws a CimError. */
  readonly readEmbedded?: ParameterContext['readEmbedded'];
  /** Whether answers hold nothing that no class declares; no unless given. */
  readonly strict?: boolean;
}

export interface Operations {
  /** Carries out one operation. Rejects with a CimError only, and the items of its result throw nothing else. */
  execute(call: Call, principal: Principal): Promise<Result>;
}

const refuse = (reason: unknown): never => {
  throw CimError.from(reason);
};

function* guarded<T>(items: Iterable<T>): Iterable<T> {
  try {
    yield* items;
  } catch (reason) {
    refuse(reason);
  }
}

const safe = (result: Result): Result =>
  'items' in result ? ({ ...result, items: guarded<unknown>(result.items) } as Result) : result;

function authorize(access: Access, { role }: Principal, readOnly: boolean, what: string): void {
  if (access === 'read') return;
  if (readOnly) throw new CimError('ACCESS_DENIED', `${what} changes the pool; this server runs read-only`);
  if (role === 'read-only') throw new CimError('ACCESS_DENIED', `${what} changes the pool; your role is read-only`);
}

const noEmbedded: ParameterContext['readEmbedded'] = () => {
  throw new CimError('INVALID_PARAMETER', 'no text that embeds an instance can be read here');
};

/** Makes the operations over schemas and providers: the one way from a Call to its Result, whatever the protocol. */
export function createOperations(options: OperationsOptions): Operations {
  const { readOnly, strict = false, readEmbedded = noEmbedded, enumerations = new EnumerationBook() } = options;
  const namespaceOf = createNamespaces(options);
  async function perform(call: Call, principal: Principal): Promise<Result> {
    if (call.kind === 'extrinsic') {
      const allow = (access: Access): void => authorize(access, principal, readOnly, call.name);
      const context = { caller: principal, authorize: allow, readEmbedded, strict };
      return invoke(namespaceOf(call.namespace), call, context);
    }
    // The order of the refusals is that of the lists of status codes in DSP0200 5.4.2.
    const row = byName.get(call.name);
    if (row) authorize(row.access, principal, readOnly, row.name);
    if (!row?.run) {
      throw new CimError('NOT_SUPPORTED', `this server does not support the operation ${call.name.slice(0, 100)}`);
    }
    const namespace = namespaceOf(call.namespace);
    const values = readParameters(row.name, row.params, call.parameters);
    return row.run(namespace, values, principal, enumerations);
  }
  return {
    execute: (call, principal) => perform(call, principal).then(safe, refuse),
  };
}
