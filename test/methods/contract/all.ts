import { server } from '../../mapping/demo-engine.js';
import { consoleRows } from './console.js';
import { declinedMethods } from './declined.js';
import { deviceRows } from './device.js';
import { addedHosts, hostPoolRows } from './host-pool.js';
import { hostStateRows } from './host-state.js';
import { jobRows } from './job.js';
import { metricRows, readings } from './metric.js';
import { migrationRows } from './migration.js';
import { profileRows } from './profile.js';
import type { Part } from './row.js';
import { snapshotRows } from './snapshot.js';
import { storageRows } from './storage.js';
import { systemManagementRows } from './system-management.js';
import { systemStateRows } from './system-state.js';
import { virtualSwitchRows } from './virtual-switch.js';
import { writingRows } from './writing.js';

/** Machines and their settings; hosts and where machines go; the pool; storage, networks and snapshots; the rest. */
export const systemPart: Part = { rows: { ...systemStateRows, ...systemManagementRows } };
export const hostPart: Part = { rows: { ...migrationRows, ...hostStateRows } };
export const hostPoolPart: Part = { rows: hostPoolRows, stage: { size: '2x0' }, end: addedHosts.end };
export const storagePart: Part = { rows: { ...storageRows, ...virtualSwitchRows, ...snapshotRows } };

export const writingPart: Part = { rows: writingRows };

export const jobPart: Part = {
  stage: { readings },
  rows: { ...jobRows, ...metricRows, ...deviceRows, ...consoleRows, ...profileRows },
  begin: (on) => on.store.apply([{ of: 'server', ref: 'server', after: server }]),
};

export const parts: readonly Part[] = [systemPart, hostPart, hostPoolPart, storagePart, writingPart, jobPart];

/** The names of all that has a row. */
export const withRow: ReadonlySet<string> = new Set(
  parts.flatMap(({ rows }) =>
    Object.entries(rows).flatMap(([className, own]) => Object.keys(own).map((method) => `${className}.${method}`)),
  ),
);

/** What needs no row: it says that there is nothing to be done. */
export const declined = declinedMethods(withRow);
