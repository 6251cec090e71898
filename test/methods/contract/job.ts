import type { Job } from '../../../src/methods/job.js';
import { jobClasses } from '../../../src/methods/job-control.js';
import { path, type Stage, shown } from '../stage.js';
import { assertSeen } from './arrangement.js';
import type { Arrange, Case, Given, Row, Rows } from './row.js';

/** A job of a class that goes on until it is told to stop, started by root. */
function going(on: Stage, kind: string): Job {
  const { jobs } = on.methods;
  const method = 'Xen_ComputerSystem.RequestStateChange';
  const job = jobs.begin({
    kind,
    method,
    subject: 'a machine',
    user: 'root',
    service: 'Xen_VirtualSystemManagementService',
  });
  job.start();
  job.show();
  job.adopt(() => job.fail(4, { code: 'TASK_CANCELLED', params: [], text: 'it was cancelled' }, []));
  return job;
}

const pathOf = (kind: string, { record }: Job) => path(kind, { InstanceID: `Xen:${record.uuid}` });

const arrangement =
  (kind: string, given: Given, seen: (on: Stage, job: Job) => Promise<void> | void): Arrange =>
  (on) => {
    const job = going(on, kind);
    return { at: pathOf(kind, job), given, seen: () => seen(on, job) };
  };

/** A job that has failed. */
const ended =
  (kind: string, given: Given): Arrange =>
  (on) => {
    const job = going(on, kind);
    job.stop('killed');
    return { at: pathOf(kind, job), given };
  };

const stateOf = async (on: Stage, kind: string, job: Job) => shown(await on.get(pathOf(kind, job)), 'JobState');
const gone = async (on: Stage, kind: string, job: Job): Promise<boolean> =>
  (await on.refused(on.get(pathOf(kind, job)))).status === 'NOT_FOUND';

/** Operators may end the jobs of others; this one may not. */
const refusedTo = 'vm-admin';

const requestStateChange = (kind: string): Row => ({
  arrange: arrangement(kind, { RequestedState: 4, TimeoutPeriod: '00000000000000.000000:000' }, async (on, job) =>
    assertSeen((await stateOf(on, kind, job)) === 8),
  ),
  optional: ['TimeoutPeriod'],
  invalid: [
    { what: 'an unknown state', given: { RequestedState: 99 }, answers: '5' },
    { what: 'a state that tasks have not', given: { RequestedState: 3 }, answers: '1' },
    { what: 'a time limit', given: { TimeoutPeriod: '00000000000010.000000:000' }, answers: '4098' },
  ],
  wrongState: [{ what: 'a job that has ended', arrange: ended(kind, { RequestedState: 4 }), answers: '4097' }],
  refusedTo,
});

const killJob = (kind: string): Row => ({
  arrange: arrangement(kind, { DeleteOnKill: true }, async (on, job) => assertSeen(await gone(on, kind, job))),
  optional: ['DeleteOnKill'],
  invalid: [],
  wrongState: 'a job that has ended is killed already',
  refusedTo,
});

const anyState = 'it can be asked in every state';
const reading = { nobody: 'it only reads' };

const getError = (kind: string, name: 'Error' | 'Errors'): Row => ({
  arrange: ended(kind, {}),
  gives: [name],
  ignored: { [name]: 'it only comes out' },
  invalid: [],
  wrongState: anyState,
  refusedTo: reading,
});

const notGoing = (kind: string): Case => ({
  what: 'a job that goes on',
  arrange: arrangement(kind, {}, () => {}),
  answers: 'FAILED',
});

const modify = (kind: string): Row => ({
  arrange: arrangement(
    kind,
    { DeleteOnCompletion: true, TimeBeforeRemoval: '00000000001000.000000:000' },
    async (on, job) => assertSeen(shown(await on.get(pathOf(kind, job)), 'DeleteOnCompletion') === true),
  ),
  invalid: [
    {
      what: 'a time that is no length of time',
      given: { TimeBeforeRemoval: '20260101000000.000000+000' },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: anyState,
  refusedTo,
});

const remove = (kind: string): Row => ({
  arrange: (on) => {
    const job = going(on, kind);
    job.stop('killed');
    return { at: pathOf(kind, job), given: {}, seen: async () => assertSeen(await gone(on, kind, job)) };
  },
  invalid: [],
  wrongState: [notGoing(kind)],
  refusedTo,
});

/** Rows of every class of jobs. */
export const jobRows: Rows = Object.fromEntries(
  Object.keys(jobClasses).map((kind) => [
    kind,
    {
      RequestStateChange: requestStateChange(kind),
      KillJob: killJob(kind),
      GetError: getError(kind, 'Error'),
      GetErrors: getError(kind, 'Errors'),
      ModifyInstance: modify(kind),
      DeleteInstance: remove(kind),
    },
  ]),
);
