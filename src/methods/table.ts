import { consoleMethods } from './console-session.js';
import { deviceStateMethods } from './device-state.js';
import { hostPoolMethods } from './host-pool.js';
import { hostStateMethods } from './host-state.js';
import { jobMethods, jobWriters } from './job-control.js';
import type { MethodTable, WriterTable } from './method.js';
import { metricServiceMethods } from './metric-service.js';
import { migrationMethods } from './migration.js';
import { profileMethods } from './registered-profile.js';
import { stateMethods } from './service-state.js';
import { snapshotMethods, snapshotWriters } from './snapshot.js';
import { storageMethods, storageWriters } from './storage-service.js';
import { systemManagementMethods } from './system-management.js';
import { systemStateMethods } from './system-state.js';
import { systemWriters } from './system-writer.js';
import { virtualSwitchMethods } from './virtual-switch.js';

/*
 * How a service is added
 *
 * 1. The method is declared in the MOF, with its parameters and return values (mof/xen). The operations check every
 *    call against that, in every form that clients send: a method here is given values of the declared types, or none.
 * 2. `src/methods/<service>.ts` holds one `Method` for each, and exports them as a `MethodTable`, class → method, which
 *    is added to the list below. DeleteInstance, CreateInstance and ModifyInstance of a class are a `ClassWriter` in a
 *    `WriterTable` beside it; a property that is one XenAPI setter is named in `setters` of its row in src/mapping.
 * 3. `run(call)` looks at parameters (`call.input`) and state (`call.view`, `call.target.record`), makes no call to the
 *    pool, and returns
 *      - `{ returned, output }`: the answer, when nothing is to be done: a return value that the MOF declares, such as 5
 *        for a state in which it is not possible; or it throws: `missing()` and `invalid()` for what is wrong with a
 *        parameter (CIM_ERR_INVALID_PARAMETER); `call.input.refer()` throws CIM_ERR_NOT_FOUND by itself;
 *      - a `Work`: the class of its job, whether the answer waits for the end (`done`; 4096 only beyond the server's
 *        patience), is the job (`job`), or the job after the first word (`announced`), the messages that it needs the
 *        right to send, what it affects, its return codes, and `run(steps)`.
 * 4. `run(steps)` is the sequence of XenAPI calls, in the session of the user who called:
 *      `await steps.call('VM.set_name_label', vm, name)`     a quick message
 *      `steps.undo('the old name', 'VM.set_name_label', …)`  how what was just done is taken back
 *      `await steps.make(undo, 'VBD.create', record)`        makes an object; `undo` says how it goes again
 *      `await steps.makeByTask(undo, 'VM.clone', …)`         the same, as a task, for what takes long
 *      `await steps.task('VM.provision', vm)`, `steps.last`  a task; `last` is adopted after a restart of the bridge
 *      `await steps.mark('VM', vm)`, `...steps.tag`          the bridge's tag in other_config of all that is made
 *      `await steps.announce({ ResultingSystem: face('Xen_ComputerSystem', vm) })`
 *      `await steps.result({ AffectedResources: faces })`    what the job's class shows
 *    and returns the output parameters. A step that fails throws: what was made is undone in reverse, what cannot be
 *    undone is reported, and the failure becomes a CIM error (waited for) or the job's (4096). A job that is told to
 *    stop throws between two steps. Sessions, rights, jobs, PercentComplete, persistence, waiting for events, tags of
 *    tasks and return codes are the runner's affair.
 * 5. A row in test/methods/contract (a test fails without): how a success is arranged, values that cannot be taken, wrong
 *    states, a user whose role refuses it, and other ways. From it follow the trials: what the answer is, that the next
 *    read sees it, that nothing is sent or changed where it is refused, that each message of the success fails in turn
 *    and leaves the pool as it was; and the line in mof/METHODS.md (node out/test/generate/method-table.js). What is
 *    special stands in test/methods/<service>.test.ts, by `stage()` of test/methods/stage.ts.
 */

/** Every method that is carried out, by service. */
const tables: readonly MethodTable[] = [
  consoleMethods,
  deviceStateMethods,
  hostPoolMethods,
  hostStateMethods,
  jobMethods,
  metricServiceMethods,
  migrationMethods,
  profileMethods,
  snapshotMethods,
  stateMethods,
  storageMethods,
  systemManagementMethods,
  systemStateMethods,
  virtualSwitchMethods,
];

/** The tables as one: a class may have methods in several. */
export const methods: MethodTable = tables.reduce<Record<string, MethodTable[string]>>((all, table) => {
  for (const [cim, own] of Object.entries(table)) all[cim] = { ...all[cim], ...own };
  return all;
}, {});

/** What can be written beyond the setters of rows. */
export const writers: WriterTable = { ...jobWriters, ...systemWriters, ...snapshotWriters, ...storageWriters };
