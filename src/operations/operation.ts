import type { Result } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';
import type { EnumerationBook } from './enumeration-book.js';
import type { Namespace } from './namespace.js';
import type { Parameters, Values } from './parameter.js';

export type Access = 'read' | 'write';

/** Carries out an operation for the caller; the enumerations outlast a single call. */
type Run<V> = (
  namespace: Namespace,
  values: V,
  caller: Principal,
  enumerations: EnumerationBook,
) => Result | Promise<Result>;

/** One operation of DSP0200 5.4.2. Without `run` it is CIM_ERR_NOT_SUPPORTED. */
export interface Operation {
  readonly clause: string;
  readonly access: Access;
  readonly params: Parameters;
  readonly run?: Run<Values<Parameters>>;
}

/** A row of the table; the values that `run` takes are those its parameters give, by type. */
export const operation = <P extends Parameters>(row: {
  readonly clause: string;
  readonly access: Access;
  readonly params: P;
  readonly run: Run<Values<P>>;
}): Operation => row as unknown as Operation;

/** An operation that the protocol names and this server does not have (decisions.md 22). */
export const unsupported = (clause: string, access: Access): Operation => ({ clause, access, params: {} });
