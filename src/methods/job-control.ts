import { isDatetime } from '../cim/datetime.js';
import { CimError, cimStatus } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';
import { XenApiError } from '../xenapi/error.js';
import { troubles } from '../xenapi/error-table.js';
import type { JobError } from '../xenapi/records.js';
import { invalid, missing } from './input.js';
import { instanceOf, valueIn } from './instance.js';
import { hasEnded, type Job, type Stop } from './job.js';
import type { ClassWriter, Done, Method, MethodCall, MethodTable, WriterTable } from './method.js';
import { jobStarted, poolCodes, Refusal } from './return-code.js';
import { refusePeriod, unknownState } from './system-state.js';

/** The classes of jobs, each with the properties that show its result. */
export const jobClasses = {
  Xen_Job: [],
  Xen_VirtualSystemManagementServiceJob: [],
  Xen_VirtualSystemModifyResourcesJob: ['AffectedResources'],
  Xen_VirtualSystemCreateJob: ['ResultingSystem'],
  Xen_VirtualSystemMigrationServiceJob: [],
  Xen_ConnectToDiskImageJob: ['SSLCertificate', 'TargetURI', 'Username', 'Password', 'ConnectionHandle'],
  Xen_DisconnectFromDiskImageJob: [],
  Xen_SystemStateChangeJob: [],
  Xen_StartSnapshotForestExportJob: ['MetadataURI', 'DiskImageURIs', 'SSLCertificates', 'ExportConnectionHandle'],
  Xen_EndSnapshotForestExportJob: [],
} as const satisfies Record<string, readonly string[]>;

export type JobClass = keyof typeof jobClasses;

/** How long a method of a job waits for it to end. */
const stopWaitMs = 3_000;

function jobOf({ jobs, target }: Pick<MethodCall, 'jobs' | 'target'>): Job {
  const job = jobs.get(target.record.uuid);
  if (job) return job;
  throw new CimError('NOT_FOUND', `the job ${target.record.uuid} is gone`);
}

/** Who started it, and who may end the tasks of others (XenAPI permission task.cancel/any), may end or delete a job. */
function ownJobOf(call: MethodCall): Job {
  const job = jobOf(call);
  const { name, role } = call.caller;
  if (job.record.user === name || role === 'pool-admin' || role === 'pool-operator') return job;
  throw new CimError(
    'ACCESS_DENIED',
    `the job was started by ${job.record.user}; only that user, a pool-operator or a pool-admin may end or change it`,
  );
}

/** Tells a job to stop; whether it has stopped when this returns. */
async function stop(job: Job, how: Stop): Promise<boolean> {
  job.stop(how);
  await Promise.race([job.ended, new Promise((resolve) => setTimeout(resolve, stopWaitMs).unref())]);
  return hasEnded(job.record);
}

const stops: ReadonlyMap<number, Stop> = new Map([
  [4, 'terminated'],
  [5, 'killed'],
]);

/** Start, suspend, service: known, and nothing that a task can do. */
const unsupported: ReadonlySet<number> = new Set([2, 3, 6]);
const invalidTransition = 4097;

const requestStateChange: Method = {
  run: async (call): Promise<Done> => {
    const state = call.input.number('RequestedState') ?? missing('RequestedState', 'Terminate (4) or Kill (5)');
    const how = stops.get(state);
    if (unsupported.has(state)) throw new Refusal(poolCodes.NotSupported, 'a job can be terminated (4) or killed (5)');
    if (!how) throw unknownState(state, [...unsupported, ...stops.keys()].sort());
    refusePeriod(call);
    const job = ownJobOf(call);
    if (hasEnded(job.record)) throw new Refusal(invalidTransition, `the job has ended: it is ${job.record.state}`);
    return { returned: (await stop(job, how)) ? 0 : jobStarted };
  },
};

const killJob: Method = {
  run: async (call): Promise<Done> => {
    const job = ownJobOf(call);
    const ended = hasEnded(job.record) || (await stop(job, 'killed'));
    if (call.input.boolean('DeleteOnKill') === true) {
      if (ended) call.jobs.remove(job);
      else void job.ended.then(() => call.jobs.remove(job));
    }
    return { returned: 0 };
  },
};

/** CIM_Error for a failure; its MessageID is the XenAPI code. */
function errorInstance(schema: Schema, { code, params, text }: JobError): CimInstance {
  const status = code === '' ? 'FAILED' : troubles[new XenApiError(code, params).trouble].status;
  const values: Readonly<Record<string, CimValue>> = {
    ErrorType: code === '' ? 4 : 1,
    ...(code !== '' && { OtherErrorType: 'XenAPI failure' }),
    OwningEntity: code === '' ? 'xen-cim-bridge' : 'XenAPI',
    MessageID: code === '' ? 'Failed' : code,
    Message: text,
    MessageArguments: params,
    PerceivedSeverity: 5,
    ProbableCause: 1,
    CIMStatusCode: cimStatus[status],
  };
  return instanceOf(schema, 'CIM_Error', values);
}

const getError: Method = {
  access: 'read',
  run: (call) => {
    const [first] = jobOf(call).record.errors;
    return { returned: 0, output: { Error: first ? errorInstance(call.schema, first) : null } };
  },
};

const getErrors: Method = {
  access: 'read',
  run: (call) => {
    const { errors } = jobOf(call).record;
    return { returned: 0, output: { Errors: errors.map((error) => errorInstance(call.schema, error)) } };
  },
};

const control = { RequestStateChange: requestStateChange, KillJob: killJob, GetError: getError, GetErrors: getErrors };

/** The methods of jobs (CIM_ConcreteJob, DSP1103). */
export const jobMethods: MethodTable = Object.fromEntries(Object.keys(jobClasses).map((cim) => [cim, control]));

const isInterval = (text: unknown): text is string =>
  typeof text === 'string' && isDatetime(text) && text.includes(':');

const writer: ClassWriter = {
  properties: ['DeleteOnCompletion', 'TimeBeforeRemoval'],
  modify: (call) => {
    const job = ownJobOf(call);
    const left = valueIn(call.changes, 'TimeBeforeRemoval');
    const goes = valueIn(call.changes, 'DeleteOnCompletion');
    if (left !== undefined && !isInterval(left))
      invalid(
        `TimeBeforeRemoval wants an interval (ddddddddhhmmss.mmmmmm:000); got ${left === null ? 'NULL' : 'a point in time'}`,
      );
    if (goes !== undefined && typeof goes !== 'boolean') invalid('DeleteOnCompletion wants TRUE or FALSE; got NULL');
    const { timeBeforeRemoval, deleteOnCompletion } = job.record;
    job.amend({ timeBeforeRemoval: left ?? timeBeforeRemoval, deleteOnCompletion: goes ?? deleteOnCompletion });
    return { returned: 0 };
  },
  remove: (call) => {
    const job = ownJobOf(call);
    if (!hasEnded(job.record)) {
      throw new CimError('FAILED', 'the job is still going on: terminate it first, or set DeleteOnCompletion');
    }
    call.jobs.remove(job);
    return { returned: 0 };
  },
};

export const jobWriters: WriterTable = Object.fromEntries(Object.keys(jobClasses).map((cim) => [cim, writer]));
