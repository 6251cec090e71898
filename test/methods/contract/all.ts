import type { Rows } from './row.js';
import { systemManagementRows } from './system-management.js';
import { systemStateRows } from './system-state.js';

/** Every row; those of one part are tried on one pool, in one test file. */
export const parts: readonly Rows[] = [{ ...systemStateRows, ...systemManagementRows }];
