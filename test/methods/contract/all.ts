import { addedHosts, hostPoolRows } from './host-pool.js';
import { hostStateRows } from './host-state.js';
import { migrationRows } from './migration.js';
import type { Part } from './row.js';
import { snapshotRows } from './snapshot.js';
import { storageRows } from './storage.js';
import { systemManagementRows } from './system-management.js';
import { systemStateRows } from './system-state.js';
import { virtualSwitchRows } from './virtual-switch.js';

export const systemPart: Part = { rows: { ...systemStateRows, ...systemManagementRows } };
export const hostPart: Part = { rows: { ...migrationRows, ...hostStateRows } };
export const hostPoolPart: Part = { rows: hostPoolRows, size: '2x0', end: addedHosts.end };
export const storagePart: Part = { rows: { ...storageRows, ...virtualSwitchRows, ...snapshotRows } };

export const parts: readonly Part[] = [systemPart, hostPart, hostPoolPart, storagePart];
