import { rateFigure, transferring } from './alternating.js';
import { machineClass, namesOf } from './call.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';

/** EnumerateInstanceNames of all machines. */
export async function naming(pair: Pair, effort: Effort): Promise<readonly Figure[]> {
  const { rounds: done, count, bytes } = await transferring(pair, effort, namesOf(machineClass), '<INSTANCENAME ');
  return [rateFigure('names', done, count, bytes, 'names/s')];
}
