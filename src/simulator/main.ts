import { parseArgs } from 'node:util';
import { startSimulator } from './simulator.js';

/** A simulated pool as a process of its own: `--size demo|HOSTSxVMS --port N --seed N --control`; prints its URL. */
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
  port: Number(values.port),
  seed: Number(values.seed),
  control: values.control,
});
process.stdout.write(`${simulator.url}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void simulator.stop().then(() => process.exit(0));
  });
