import { rateFigure, transferring } from './alternating.js';
import { enumerationOf, instanceMark } from './call.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';

/** EnumerateInstances of an association class. */
export async function enumeratingAssociation(pair: Pair, effort: Effort, name: string): Promise<readonly Figure[]> {
  const { rounds: done, count, bytes } = await transferring(pair, effort, enumerationOf(name), instanceMark);
  return [rateFigure('association', done, count, bytes, `${name}/s`)];
}
