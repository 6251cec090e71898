import { cpus, loadavg, totalmem } from 'node:os';

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly node: string;
  readonly platform: string;
  /** Processes that wanted a core in the minute before. */
  readonly load: number;
}

export const thisMachine = (): Machine => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memory: `${Math.round(totalmem() / 1024 ** 3)} GiB`,
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  load: loadavg()[0]!,
});

export const machineText = ({ processor, cores, memory, node, platform, load }: Machine): string =>
  `${processor}, ${cores} cores, ${memory}, Node ${node}, ${platform}, load before ${load.toFixed(1)}`;
