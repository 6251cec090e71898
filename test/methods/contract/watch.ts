import type { Job } from '../../../src/methods/job.js';
import type { UndoStep } from '../../../src/methods/undo.js';
import type { Stage } from '../stage.js';

/** What the bridge's own jobs did while it was looked at, those too that no client saw. */
export interface Watch {
  /** Whether there was any. */
  readonly begun: () => boolean;
  /** Whether one of them said how a step is taken back. */
  readonly remembered: () => boolean;
  readonly end: () => void;
}

export function watchJobs({ methods: { jobs } }: Stage): Watch {
  const seen: Job[] = [];
  const undo: UndoStep[] = [];
  const begin = jobs.begin;
  jobs.begin = (beginning) => {
    const job = begin.call(jobs, beginning);
    const remember = job.remember;
    job.remember = (step) => {
      undo.push(step);
      remember.call(job, step);
    };
    seen.push(job);
    return job;
  };
  return {
    begun: () => seen.length > 0,
    remembered: () => undo.length > 0,
    end: () => {
      jobs.begin = begin;
    },
  };
}
