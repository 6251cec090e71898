import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startSimulator } from './simulator.js';

/** A whole number within bounds, or an error that names the flag. */
function whole(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new Error(`--${flag}: wanted a whole number up to ${most}, got "${text}"`);
}

/** The certificate and key of the flags; undefined without them. */
function tlsOf(cert: string | undefined, key: string | undefined): { cert: string; key: string } | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new Error('--tls-cert and --tls-key: wanted both, got one of them');
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

/**
 * A simulated pool as a process of its own: `--size demo|HOSTSxVMS --port N --seed N --control`, and with
 * `--tls-cert PATH --tls-key PATH` (and `--https-port N`) by TLS as well. Prints its URL, and that by TLS first.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'demo' },
      port: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      control: { type: 'boolean', default: false },
      'tls-cert': { type: 'string' },
      'tls-key': { type: 'string' },
      'https-port': { type: 'string', default: '0' },
    },
  });
  const tls = tlsOf(values['tls-cert'], values['tls-key']);
  const simulator = await startSimulator({
    size: values.size,
    port: whole('port', values.port, 65_535),
    seed: whole('seed', values.seed, 2 ** 31 - 1),
    control: values.control,
    ...(tls && { tls, httpsPort: whole('https-port', values['https-port'], 65_535) }),
  });
  if (simulator.httpsUrl !== undefined) process.stdout.write(`${simulator.httpsUrl}\n`);
  process.stdout.write(`${simulator.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.stop());
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
