import { CimError } from '../cim/error.js';
import type { Result } from '../cim/operation.js';
import type { Namespace } from './namespace.js';

export function getQualifier(
  { schema, shown }: Namespace,
  { QualifierName }: { readonly QualifierName: string },
): Result {
  const item = schema.qualifierTypes.get(QualifierName);
  if (item) return { kind: 'qualifier', item };
  throw new CimError('NOT_FOUND', `there is no qualifier ${QualifierName.slice(0, 100)} in ${shown}`);
}

export const enumerateQualifiers = ({ schema }: Namespace): Result => ({
  kind: 'qualifiers',
  items: schema.qualifierTypes,
});
