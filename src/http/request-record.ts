import type { CimStatus } from '../cim/error.js';
import type { Call, CallParameter, Result } from '../cim/operation.js';

/**
 * How a request ended: answered (`OK`, or the CIM status of its error), refused before it was an operation (`refused`),
 * left by its client (`gone`), or broken off in the midst of its answer (`broken`).
 */
export type Outcome = 'OK' | CimStatus | 'refused' | 'gone' | 'broken';

/** What the log and the metrics tell of one request; filled while it is served. */
export interface RequestRecord {
  readonly started: number;
  /** The ID of the MESSAGE, as the client chose it. */
  id: string | undefined;
  user: string | undefined;
  namespace: string | undefined;
  operation: string | undefined;
  className: string | undefined;
  /** How many operations came in one MULTIREQ. */
  operations: number | undefined;
  /** The HTTP status; 0 when none was sent. */
  status: number;
  outcome: Outcome;
  instances: number;
  bytes: number;
  /** The return value of a method, and why it was declined; of several those that were, in their order. */
  returned: string | undefined;
  declined: string | undefined;
  /** Why it was not answered, or what the client was told. */
  reason: unknown;
}

export const newRecord = (): RequestRecord => ({
  started: performance.now(),
  id: undefined,
  user: undefined,
  namespace: undefined,
  operation: undefined,
  className: undefined,
  operations: undefined,
  status: 0,
  outcome: 'refused',
  instances: 0,
  bytes: 0,
  returned: undefined,
  declined: undefined,
  reason: undefined,
});

export const secondsOf = ({ started }: RequestRecord): number => (performance.now() - started) / 1_000;

/** Notes what a method returned. */
export function noteReturn(result: Result, record: RequestRecord): void {
  if (result.kind !== 'method') return;
  const { returned, reason } = result;
  if (record.operations !== undefined && reason === undefined) return;
  const after = (before: string | undefined, text: string): string =>
    before === undefined ? text : `${before}; ${text}`.slice(0, longestNote);
  record.returned = after(record.returned, String(returned.value));
  if (reason !== undefined) record.declined = after(record.declined, reason);
}

const longestNote = 1_000;

/** The parameters that name what an intrinsic operation is about, the likeliest first. */
const subjects = [
  'ClassName',
  'InstanceName',
  'ObjectName',
  'NewInstance',
  'ModifiedInstance',
  'QualifierName',
] as const;

/** The class that a call is about, in the sender's spelling; undefined where it is about none. */
export function classOf(call: Call): string | undefined {
  if (call.kind === 'extrinsic') return call.target.className;
  for (const name of subjects) {
    const parameter = call.parameters.get(name);
    if (parameter !== undefined) return name === 'QualifierName' ? undefined : named(parameter);
  }
  return undefined;
}

function named({ value }: CallParameter): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null || !('kind' in value)) return undefined;
  if (value.kind === 'path' || value.kind === 'classPath') return value.className;
  return value.kind === 'instance' ? value.shape.className : undefined;
}
