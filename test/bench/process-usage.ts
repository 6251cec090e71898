import { readdirSync, readFileSync } from 'node:fs';

const orNaN = (read: () => number): number => {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
};

/** The resident memory of a process in MB (10^6 bytes); NaN where the platform does not tell. */
export const residentMemory = (pid: number): number =>
  orNaN(() => (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6);

/** The processor time that the threads of a process have used, in milliseconds; NaN where the platform does not tell. */
export const processorTime = (pid: number): number =>
  orNaN(() => {
    const threads = readdirSync(`/proc/${pid}/task`);
    const used = threads.map((id) => readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]);
    return used.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e6;
  });

/** The descriptors that a process has open; NaN where the platform does not tell. */
export const descriptors = (pid: number): number => orNaN(() => readdirSync(`/proc/${pid}/fd`).length);
