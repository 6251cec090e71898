#!/usr/bin/env -S node --v8-pool-size=0 --min-semi-space-size=16 --initial-old-space-size=160
import { run } from './command/run.js';
import type { Terminal } from './command/terminal.js';
import { keepTick } from './tick.js';

// Pool size 0 means as many threads of V8 as there are processors beside the one that the bridge runs on. With Node's four
// on two processors the compiler's threads keep those of the garbage collector waiting, and these the bridge. A semi-space
// of at least 16 MB: V8 shrinks it in a process that has been idle for a while, does not let it grow again as long as little
// survives, and then collects seven times as often. An old space of 160 MB to begin with, for what a large pool's records
// take: V8 would look for garbage among them while they are being listed, where there is none.

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** The exit code of a process that a signal ended, by the shells' custom. */
const signalled = 130;

const terminal: Terminal = {
  environment: process.env,
  folder: process.cwd(),
  platform: process.platform,
  width: process.stdout.columns ?? 100,
  input: process.stdin,
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  stopped: () =>
    new Promise((resolve) => {
      let asked = false;
      for (const signal of stopSignals) {
        process.on(signal, () => {
          if (asked) process.exit(signalled);
          asked = true;
          resolve(signal);
        });
      }
    }),
  reload: (listener) => process.on('SIGHUP', listener),
};

// Whoever reads our output may go away, as in `npm start | head`: that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

await keepTick();
process.exitCode = await run(process.argv.slice(2), terminal);
