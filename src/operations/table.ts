import { CimError } from '../cim/error.js';
import { NameMap } from '../cim/name.js';
import type { Call, Result } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';
import { associatorNames, associators, referenceNames, references } from './association.js';
import { enumerateClasses, enumerateClassNames, getClass } from './class.js';
import { enumerateInstanceNames, enumerateInstances, getInstance, getProperty } from './instance.js';
import { invoke } from './method.js';
import { createNamespaces, type NamespaceOptions } from './namespace.js';
import { type Access, type Operation, operation, unsupported } from './operation.js';
import {
  boolean,
  className,
  elementName,
  instanceName,
  objectName,
  optional,
  propertyList,
  readParameters,
  required,
} from './parameter.js';
import { enumerateQualifiers, getQualifier } from './qualifier.js';

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
  DeleteInstance: unsupported('5.4.2.4', 'write'),
  CreateClass: unsupported('5.4.2.5', 'write'),
  CreateInstance: unsupported('5.4.2.6', 'write'),
  ModifyClass: unsupported('5.4.2.7', 'write'),
  ModifyInstance: unsupported('5.4.2.8', 'write'),
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
  ExecQuery: unsupported('5.4.2.13', 'read'),
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
  SetProperty: unsupported('5.4.2.19', 'write'),
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
  OpenEnumerateInstances: unsupported('5.4.2.24.3', 'read'),
  OpenEnumerateInstancePaths: unsupported('5.4.2.24.4', 'read'),
  OpenReferenceInstances: unsupported('5.4.2.24.5', 'read'),
  OpenReferenceInstancePaths: unsupported('5.4.2.24.6', 'read'),
  OpenAssociatorInstances: unsupported('5.4.2.24.7', 'read'),
  OpenAssociatorInstancePaths: unsupported('5.4.2.24.8', 'read'),
  OpenQueryInstances: unsupported('5.4.2.24.9', 'read'),
  PullInstancesWithPath: unsupported('5.4.2.24.11', 'read'),
  PullInstancePaths: unsupported('5.4.2.24.12', 'read'),
  PullInstances: unsupported('5.4.2.24.13', 'read'),
  CloseEnumeration: unsupported('5.4.2.24.14', 'read'),
  EnumerationCount: unsupported('5.4.2.24.15', 'read'),
};

const byName = new NameMap(Object.entries(operations).map(([name, row]) => [name, { name, ...row }] as const));

export interface OperationsOptions extends NamespaceOptions {
  /** Refuses every operation that writes, whoever asks. */
  readonly readOnly: boolean;
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

/** Makes the operations over schemas and providers: the one way from a Call to its Result, whatever the protocol. */
export function createOperations({ readOnly, ...options }: OperationsOptions): Operations {
  const namespaceOf = createNamespaces(options);
  async function perform(call: Call, principal: Principal): Promise<Result> {
    if (call.kind === 'extrinsic') {
      const allow = (): void => authorize('write', principal, readOnly, call.name);
      return invoke(namespaceOf(call.namespace), call, allow);
    }
    // The order of the refusals is that of the lists of status codes in DSP0200 5.4.2.
    const row = byName.get(call.name);
    if (row) authorize(row.access, principal, readOnly, row.name);
    if (!row?.run) {
      throw new CimError('NOT_SUPPORTED', `this server does not support the operation ${call.name.slice(0, 100)}`);
    }
    const namespace = namespaceOf(call.namespace);
    return row.run(namespace, readParameters(row.name, row.params, call.parameters));
  }
  return {
    execute: (call, principal) => perform(call, principal).then(safe, refuse),
  };
}
