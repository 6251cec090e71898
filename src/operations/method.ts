import { CimError } from '../cim/error.js';
import type { ExtrinsicCall, Result } from '../cim/operation.js';
import { namedClass } from './location.js';
import type { Namespace } from './namespace.js';

/**
 * Carries out a method of a class (DSP0200 5.4.5): CIM_ERR_NOT_FOUND for a class that is not there,
 * CIM_ERR_METHOD_NOT_FOUND for a method that the class does not declare, CIM_ERR_METHOD_NOT_AVAILABLE for one that no
 * one here carries out. `authorize` refuses who may not change anything.
 */
export function invoke(namespace: Namespace, call: ExtrinsicCall, authorize: () => void): Result {
  const cls = namedClass(namespace, call.target, 'NOT_FOUND');
  const method = cls.methods.get(call.name);
  if (!method) throw new CimError('METHOD_NOT_FOUND', `${cls.name} has no method ${call.name.slice(0, 100)}`);
  authorize();
  throw new CimError('METHOD_NOT_AVAILABLE', `${cls.name}.${method.name} is declared but not carried out here`);
}
