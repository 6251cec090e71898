import { fileURLToPath } from 'node:url';
import { rows } from '../../src/mapping/index.js';
import { jobClasses } from '../../src/methods/job-control.js';
import { JobKeeper } from '../../src/methods/job-keeper.js';
import { compileNamespace } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { Engine } from '../../src/provider/engine.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connection } from '../../src/xenapi/connection.js';
import { EventLoop } from '../../src/xenapi/events.js';
import type { Readings } from '../../src/xenapi/reading.js';
import type { Ref, RemoteClass, ServerRecord } from '../../src/xenapi/records.js';
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

/** The bridge itself, as its own record. */
const server: ServerRecord = {
  uuid: 'b7a5b0f5-8c0e-4d0c-8f0e-1f2a3b4c5d6e',
  name: 'bridge.example',
  version: '0.0.0',
  namespaces: [...schemas.keys()].map((name) => ({ name, aliases: name === 'root/interop' ? ['interop'] : [] })),
  pool: { reachable: true, since: '2026-11-22T10:00:00Z', reason: '' },
  listeners: [{ scheme: 'http', host: '127.0.0.1', port: 5988 }],
  started: '2026-11-22T10:00:00Z',
};

const unread: Readings = { sample: () => undefined, refresh: () => undefined };

/** A job of each class, in one state after the other, each about something of every kind. */
function showJobs(store: RecordStore): void {
  const keeper = new JobKeeper({ store });
  const first = <C extends RemoteClass>(of: C): readonly Ref<C>[] => store.refs(of).slice(0, 1);
  const steps = ['start', 'complete', 'fail', 'stop'] as const;
  Object.entries<readonly string[]>(jobClasses).forEach(([kind, results], i) => {
    const job = keeper.begin({
      kind,
      method: 'Xen_VirtualSystemManagementService.DefineSystem',
      subject: 'web01',
      user: 'root',
      service: 'Xen_VirtualSystemManagementService',
      VMs: first('VM'),
      hosts: first('host'),
      VDIs: first('VDI'),
      SRs: first('SR'),
      networks: first('network'),
      result: Object.fromEntries(results.map((name) => [name, name])),
    });
    job.show();
    const step = steps[i % steps.length];
    if (step === 'start') job.start();
    else if (step === 'complete') job.complete();
    else if (step === 'stop') job.stop('terminated');
    else job.fail(2, { code: 'SR_FULL', params: ['1', '0'], text: 'the storage is full' }, []);
  });
}

/** A simulated pool, mirrored as the bridge mirrors it, with the engine over all rows. */
export async function mirror(size: string): Promise<Mirrored> {
  const simulator = await startSimulator({ size });
  const connection = new Connection({ url: simulator.url, user: 'root', password: 'xenroot', version: '0' });
  const store = new RecordStore();
  store.apply([{ of: 'server', ref: 'OpaqueRef:server', after: server }]);
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
  showJobs(store);
  const stop = async (): Promise<void> => {
    await loop.stop();
    await connection.stop();
    await simulator.stop();
  };
  return { simulator, store, engine, stop };
}
