import { rateFigure, transferring } from './alternating.js';
import { machineClass, namesOf } from './call.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';

/** An answer takes a millisecond: so many times the polls of others are made in a round. */
const times = 10;

/** EnumerateInstanceNames of all machines. */
export async function naming(pair: Pair, { polls, ...turns }: Effort): Promise<readonly Figure[]> {
  const effort = { ...turns, polls: polls * times };
  const { rounds: done, count, bytes } = await transferring(pair, effort, namesOf(machineClass), '<INSTANCENAME ');
  return [rateFigure('names', done, count, bytes, 'names/s')];
}
