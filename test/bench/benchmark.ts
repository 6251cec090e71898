import { associating } from './associating.js';
import { enumeratingAssociation } from './associations.js';
import { census, largestAssociation } from './census.js';
import { hangUp } from './client.js';
import { counting } from './counting.js';
import type { Effort } from './effort.js';
import { enumerating, enumeratingChanged } from './enumerating.js';
import type { Figure } from './figure.js';
import { getting } from './getting.js';
import { gettingBeside } from './getting-beside.js';
import { naming } from './naming.js';
import { type Pair, startPair } from './pair.js';
import { pulling } from './pulling.js';
import { remembering } from './remembering.js';
import { renewing } from './renewing.js';
import { starting } from './starting.js';

/** Where figures go as soon as they are known. */
export type Told = (figures: readonly Figure[]) => void;

async function onLarge(effort: Effort, tell: Told, small: Pair, large: Pair): Promise<void> {
  try {
    tell(await enumerating(large, effort));
    tell(await getting(large, effort));
    tell(await gettingBeside(large, effort));
    tell(await enumeratingChanged(large, effort));
    tell(await associating(small, large, effort));
  } finally {
    hangUp();
    await large.stop();
  }
}

async function onUsual(effort: Effort, tell: Told, usual: Pair, association: string): Promise<void> {
  try {
    tell(await remembering(usual, effort));
    tell(await naming(usual, effort));
    tell(await enumeratingAssociation(usual, effort, association));
    tell(await pulling(usual, effort));
    tell(await counting(usual));
    tell(await renewing(usual, effort));
    hangUp();
    await usual.bridge.stop();
    tell(await starting(usual.simulator, effort));
  } finally {
    hangUp();
    await usual.stop();
  }
}

/** Measures every row of the table. */
export async function benchmark(effort: Effort, tell: Told): Promise<void> {
  const { small: few, usual: many, large: most } = effort.sizes;
  const small = await startPair(few);
  try {
    const usual = startPair(many);
    // Which class is the largest is the same at every size, and costs the least to find out here.
    const association = largestAssociation(await census(small.bridge.url));
    await onUsual(effort, tell, await usual, association);
    await onLarge(effort, tell, small, await startPair(most));
  } finally {
    hangUp();
    await small.stop();
  }
}
