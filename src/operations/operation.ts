import type { Result } from '../cim/operation.js';
import type { Namespace } from './namespace.js';
import type { Parameters, Values } from './parameter.js';

export type Access = 'read' | 'write';

/** One operation of DSP0200 5.4.2. Without `run` it is CIM_ERR_NOT_SUPPORTED. */
export interface Operation {
  readonly clause: string;
  readonly access: Access;
  readonly params: Parameters;
  readonly run?: (namespace: Namespace, values: Values<Parameters>) => Result | Promise<Result>;
}

/** A row of the table; the values that `run` takes are those its parameters give, by type. */
export const operation = <P extends Parameters>(row: {
  readonly clause: string;
  readonly access: Access;
  readonly params: P;
  readonly run: (namespace: Namespace, values: Values<P>) => Result | Promise<Result>;
}): Operation => row as unknown as Operation;

/** An operation that the protocol names and this server does not have (decisions.md 22). */
export const unsupported = (clause: string, access: Access): Operation => ({ clause, access, params: {} });
