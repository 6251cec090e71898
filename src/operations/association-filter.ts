import type { TieFilter } from '../provider/provider.js';
import { requireClass } from './location.js';
import type { Namespace } from './namespace.js';

/** What narrows References: ResultClass is the class of the association (DSP0200 5.4.2.16). */
export interface ReferenceFilter {
  readonly ResultClass: string | null;
  readonly Role: string | null;
}

/** What narrows Associators (DSP0200 5.4.2.14). */
export interface AssociatorFilter extends ReferenceFilter {
  readonly AssocClass: string | null;
  readonly ResultRole: string | null;
}

/** The filter of References in the words of Associators. */
export const asAssociators = ({ ResultClass, Role }: ReferenceFilter): AssociatorFilter => ({
  AssocClass: ResultClass,
  ResultClass: null,
  Role,
  ResultRole: null,
});

/** The test for a class named in a filter and its subclasses; a class that is not there is CIM_ERR_INVALID_PARAMETER. */
function test(namespace: Namespace, name: string): (className: string) => boolean {
  const ancestor = requireClass(namespace, name, 'INVALID_PARAMETER').name;
  return (className) => namespace.isA(className, ancestor);
}

export function tieFilter(namespace: Namespace, filter: AssociatorFilter): TieFilter {
  const { AssocClass, ResultClass, Role, ResultRole } = filter;
  return {
    ...(AssocClass !== null && { association: test(namespace, AssocClass) }),
    ...(ResultClass !== null && { resultClass: test(namespace, ResultClass) }),
    ...(Role !== null && { role: Role }),
    ...(ResultRole !== null && { resultRole: ResultRole }),
  };
}
