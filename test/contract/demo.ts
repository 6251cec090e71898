import { fileURLToPath } from 'node:url';
import { rows } from '../../src/mapping/index.js';
import { compileNamespace } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { Engine } from '../../src/provider/engine.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connection } from '../../src/xenapi/connection.js';
import { EventLoop } from '../../src/xenapi/events.js';
import type { Readings } from '../../src/xenapi/reading.js';
import { RecordStore } from '../../src/xenapi/store.js';

const mof = (name: string): string => fileURLToPath(new URL(`../../mof/${name}`, import.meta.url));

export const schemas: ReadonlyMap<string, Schema> = new Map(
  ['root/cimv2', 'root/interop'].map((name) => [
    name,
    compileNamespace({ root: mof(`${name.replace('/', '-')}.mof`) }),
  ]),
);

/** What a test sees of the rows on a simulated pool. */
export interface Mirrored {
  readonly simulator: Simulator;
  readonly store: RecordStore;
  readonly engine: Engine;
  readonly stop: () => Promise<void>;
}

const unread: Readings = { sample: () => undefined, refresh: () => undefined };

/** A simulated pool, mirrored as the bridge mirrors it, with the engine over all rows. */
export async function mirror(size: string): Promise<Mirrored> {
  const simulator = await startSimulator({ size });
  const connection = new Connection({ url: simulator.url, user: 'root', password: 'xenroot', version: '0' });
  const store = new RecordStore();
  const engine = new Engine({
    store,
    schemas,
    rows,
    readings: unread,
    canonical: (name) => (schemas.has(name) ? name : undefined),
  });
  const loop = new EventLoop({ connection, store });
  loop.start();
  await loop.waitReady(30_000);
  const stop = async (): Promise<void> => {
    await loop.stop();
    await connection.stop();
    await simulator.stop();
  };
  return { simulator, store, engine, stop };
}
