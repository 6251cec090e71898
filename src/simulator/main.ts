import { parseArgs } from 'node:util';
import { startSimulator } from './simulator.js';

/** A whole number within bounds, or an error that names the flag. */
function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Error(`--${flag}: wanted a whole number up to ${most}, got "${text}"`);
}

/** A simulated pool as a process of its own: `--size demo|HOSTSxVMS --port N --seed N --control`; prints its URL. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'demo' },
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      control: { type: 'boolean', default: false },
    },
  });
  const simulator = await startSimulator({
    size: values.size,
    port: whole('port', values.port, 65_535),
    seed: whole('seed', values.seed, 2 ** 31 - 1),
    control: values.control,
  });
  process.stdout.write(`${simulator.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
