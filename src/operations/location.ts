import type { CimClass } from '../cim/class.js';
import { CimError, type CimStatus } from '../cim/error.js';
import type { ClassPath, InstancePath } from '../cim/path.js';
import { formatPath } from '../cim/path-text.js';
import type { Provider, Subject } from '../provider/provider.js';
import { exactName, isWithin } from './instance-name.js';
import type { Namespace } from './namespace.js';

/** An instance found, with the one who has it. */
export interface Located {
  readonly provider: Provider;
  readonly subject: Subject;
  readonly cls: CimClass;
}

/** The class of that name, or `missing`: each operation has its own status for a class that is not there. */
export function requireClass({ schema, shown }: Namespace, name: string, missing: CimStatus): CimClass {
  const cls = schema.class(name);
  if (cls) return cls;
  throw new CimError(missing, `there is no class ${name.slice(0, 100)} in ${shown}`);
}

/** The class that a path names; a path into another namespace than the call's is CIM_ERR_INVALID_PARAMETER. */
export function namedClass(namespace: Namespace, path: InstancePath | ClassPath, missing: CimStatus): CimClass {
  if (isWithin(path, namespace)) return requireClass(namespace, path.className, missing);
  throw new CimError(
    'INVALID_PARAMETER',
    `the call goes to ${namespace.shown}, the path in it to ${String(path.namespace).slice(0, 100)}; they must be one`,
  );
}

/**
 * Finds the instance that a path names by its creation class and all its keys; CIM_ERR_NOT_FOUND when there is none,
 * also where the path names a superclass of what it means (DSP0004 8.2.1).
 */
export function locate(namespace: Namespace, path: InstancePath, missing: CimStatus): Located {
  const cls = namedClass(namespace, path, missing);
  const exact = exactName(namespace.schema, cls, path);
  const provider = namespace.provider(cls.name);
  const subject = provider?.find(namespace.name, namespace.renaming.inward(exact));
  if (provider && subject) return { provider, subject, cls };
  const text = formatPath({ kind: 'path', className: exact.className, keys: exact.keys });
  const hint = provider ? '' : `; ${cls.name} has no instances of its own: a path names the class it was created as`;
  throw new CimError('NOT_FOUND', `there is no instance ${text.slice(0, 400)} in ${namespace.shown}${hint}`);
}
