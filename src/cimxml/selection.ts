import type { Selection } from '../cim/operation.js';

/** All properties, and no word about where each was declared. */
export const everything: Selection = { classOrigin: false };
