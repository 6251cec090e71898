import type { Method } from './method.js';
import { notSupported, Refusal } from './return-code.js';

/** A method that can do nothing here, and says so by the return value that its class has for it. */
export const declined = (why: string): Method => ({
  declines: why,
  run: () => {
    throw new Refusal(notSupported, why);
  },
});
