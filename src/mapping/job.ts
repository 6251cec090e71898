import { datetimeOfEpoch, intervalOfMilliseconds } from '../cim/datetime.js';
import { jobClasses } from '../methods/job-control.js';
import { type Association, association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { type AnyElement, type Element, element } from '../provider/element.js';
import { states } from '../provider/pattern.js';
import type { JobRecord, Records } from '../xenapi/records.js';
import { host } from './host.js';
import { migrationService } from './migration.js';
import { metricService, switchService, systemService } from './service.js';
import { snapshot, template } from './setting.js';
import { snapshotService } from './snapshot.js';
import { diskImage, storagePool } from './storage.js';
import { storageService } from './storage-service.js';
import { virtualSwitch } from './switch.js';
import { system } from './system.js';

interface Progress {
  readonly task: Records['task'] | undefined;
}

/** What each state shows; a job is never shown as new, which clients take for a failure (decisions.md 16). */
const jobState = states(({ state }: JobRecord) => state, {
  starting: { JobState: label('Starting'), JobStatus: 'Waits for its turn', OperationalStatus: [label('Starting')] },
  running: { JobState: label('Running'), JobStatus: 'Running', OperationalStatus: [label('OK')] },
  stopping: { JobState: label('Shutting Down'), JobStatus: 'Is being stopped', OperationalStatus: [label('Stopping')] },
  completed: {
    JobState: label('Completed'),
    JobStatus: 'Completed',
    OperationalStatus: [label('OK'), label('Completed')],
  },
  terminated: { JobState: label('Terminated'), JobStatus: 'Terminated', OperationalStatus: [label('Stopped')] },
  killed: { JobState: label('Killed'), JobStatus: 'Killed', OperationalStatus: [label('Aborted')] },
  failed: {
    JobState: label('Exception'),
    JobStatus: 'Failed',
    OperationalStatus: [label('Error'), label('Completed')],
  },
});

const time = (milliseconds: number): string | null => (milliseconds > 0 ? datetimeOfEpoch(milliseconds) : null);

/** Steps that are done count whole, the one under way as far as its task says; what has ended has come to 100. */
function percent({ finished, done, steps }: JobRecord, { task }: Progress): number {
  if (finished > 0) return 100;
  const under = task ? 1 : 0;
  const part = (done + Math.min(Math.max(task?.progress ?? 0, 0), 1)) / Math.max(steps, done + under);
  return Math.min(99, Math.floor(part * 100));
}

const texts = ({ errors }: JobRecord): string | null =>
  errors.length > 0 ? errors.map(({ text }) => text).join('; ') : null;

const made = (cim: string, results: readonly string[]): Element<'job', any, any> =>
  element(cim, 'job', {
    reads: { task: ['task'] },
    where: ({ kind }) => kind === cim,
    key: { form: 'setting' },
    properties: {
      Name: { value: cim },
      ElementName: 'subject',
      Caption: { value: 'Xen Task' },
      Description: 'method',
      Owner: 'user',
      JobState: jobState('JobState'),
      JobStatus: jobState('JobStatus'),
      OperationalStatus: jobState('OperationalStatus'),
      PercentComplete: { calc: percent },
      TimeSubmitted: { calc: ({ submitted }) => time(submitted) },
      StartTime: { calc: ({ started }) => time(started) },
      TimeOfLastStateChange: { calc: ({ changed }) => time(changed) },
      ElapsedTime: {
        calc: ({ started, finished }) =>
          intervalOfMilliseconds(started === 0 ? 0 : Math.max(0, (finished || Date.now()) - started)),
        volatile: true,
      },
      LocalOrUtcTime: { value: label('UTC Time') },
      ErrorCode: 'errorCode',
      ErrorDescription: { calc: texts },
      DeleteOnCompletion: 'deleteOnCompletion',
      TimeBeforeRemoval: 'timeBeforeRemoval',
      ...Object.fromEntries(results.map((name) => [name, { calc: ({ result }: JobRecord) => result[name] ?? null }])),
    },
  });

/** Every class of jobs: a job is an instance of the one that its method names. */
export const jobs = Object.entries<readonly string[]>(jobClasses).map(([cim, results]) => made(cim, results));

const services: readonly AnyElement[] = [
  systemService,
  switchService,
  metricService,
  storageService,
  migrationService,
  snapshotService,
];

const affected = (what: AnyElement | readonly AnyElement[], field: 'VMs' | 'hosts' | 'VDIs' | 'SRs' | 'networks') =>
  association(
    'Xen_AffectedJobElement',
    ['AffectingElement', jobs],
    ['AffectedElement', what as never],
    [field] as never,
    {
      properties: { ElementEffects: { value: [label('Element Integrity')] } },
    },
  );

export const jobAssociations: readonly Association[] = [
  ...services.map((service) =>
    association('Xen_OwningJobElement', ['OwnedElement', jobs], ['OwningElement', service], ['@pool'] as never, {
      pair: ({ record }) => record.service === service.cim,
    }),
  ),
  affected([system, template, snapshot], 'VMs'),
  affected(host, 'hosts'),
  affected(diskImage, 'VDIs'),
  affected(storagePool, 'SRs'),
  affected(virtualSwitch, 'networks'),
];
