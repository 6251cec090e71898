import { CimError } from '../cim/error.js';
import type { Call } from '../cim/operation.js';
import type { ClassPath, InstancePath } from '../cim/path.js';

/** What a request asked before its parameters turned out to be unreadable: enough to answer it with an ERROR. */
export interface Asked {
  readonly kind: Call['kind'];
  readonly name: string;
  readonly namespace: string;
  /** Of an extrinsic call, where it could be read. */
  readonly target?: InstancePath | ClassPath;
}

/** A call whose parameters hold what cannot be: it is answered with this error, and not carried out. */
export class CallError extends CimError {
  readonly asked: Asked;

  constructor(asked: Asked, error: CimError) {
    super(error.status, error.message, { cause: error.cause });
    this.name = 'CallError';
    this.asked = asked;
  }
}

/** A request, read. `id` goes back verbatim; `calls` has one entry unless `multi` (DSP0201, MULTIREQ). */
export interface Message {
  readonly id: string;
  readonly cimVersion: string;
  readonly dtdVersion: string;
  readonly protocolVersion: string;
  readonly multi: boolean;
  readonly calls: readonly (Call | CallError)[];
}

/** What the headers CIMMethod and CIMObject of a request have to agree with (DSP0200 6.3). */
export interface CallDescription {
  readonly method: string;
  readonly object:
    | { readonly kind: 'namespace'; readonly namespace: string }
    | InstancePath
    | ClassPath
    /** Not known, because the object itself could not be read. */
    | undefined;
}

/** The method and object of a call: its namespace for an intrinsic one, the path of class or instance for the others. */
export function describeCall(call: Call | CallError): CallDescription {
  const { kind, name, namespace, target } = askedOf(call);
  return { method: name, object: kind === 'intrinsic' ? { kind: 'namespace', namespace } : target };
}

/** Which operation a call or its error is of; the reply needs it. */
export function askedOf(call: Call | CallError): Asked {
  return call instanceof CallError ? call.asked : call;
}
