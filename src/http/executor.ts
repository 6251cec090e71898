import type { Call, Result } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';

/** Who carries out the operations a request holds. Throws (or rejects with) a CimError; what else it throws is a fault. */
export interface Executor {
  execute(call: Call, principal: Principal): Promise<Result> | Result;
}
