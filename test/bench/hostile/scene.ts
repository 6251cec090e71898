import type { Target } from '../../hostile/target.js';
import { callXml, ofClass } from '../../intrinsic-call.js';
import type { Child } from '../child.js';

/** A bridge that is ill-treated, before a simulator that may be killed and started anew. */
export interface Scene {
  readonly bridge: Child;
  readonly target: Target;
  simulator: Child;
}

/** Something done to the bridge and what is meant to come of it. */
export interface Case {
  readonly name: string;
  readonly wanted: string;
  /** What may come of it just as well. */
  readonly or?: string;
  /** How often it is done in all, and how many at a time; one unless given. */
  readonly times: number;
  readonly atOnce?: number;
  readonly run: (scene: Scene) => Promise<string>;
}

/** All machines of the pool: an answer of several megabytes. */
export const enumeration = callXml('EnumerateInstances', ofClass('Xen_ComputerSystem'));
