import { CimError } from '../cim/error.js';

/** CIM_ERR_INVALID_QUERY, with the place: `at` is the index of the character, counted from one for people. */
export const invalidQuery = (at: number, said: string): CimError =>
  new CimError('INVALID_QUERY', `at character ${at + 1} of the query: ${said}`);
