import { join } from 'node:path';
import type { CimInstance } from '../../src/cim/instance.js';
import { rows } from '../../src/mapping/index.js';
import { compileNamespace } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { packageFolder } from '../../src/package.js';
import { Engine } from '../../src/provider/engine.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import type { Records, RemoteClass, ServerRecord } from '../../src/xenapi/records.js';
import { RecordStore } from '../../src/xenapi/store.js';

const mof = (name: string): string => join(packageFolder, 'mof', name);

export const cimv2 = 'root/cimv2';
export const interop = 'root/interop';

const names = new Map([
  [cimv2, cimv2],
  [interop, interop],
  ['interop', interop],
  ['root/pg_interop', interop],
]);

export const schemas: ReadonlyMap<string, Schema> = new Map([
  [cimv2, compileNamespace({ root: mof('root-cimv2.mof') })],
  [interop, compileNamespace({ root: mof('root-interop.mof') })],
]);

/** The bridge as it shows itself. */
export const server: ServerRecord = {
  uuid: '00000000-0000-4000-8000-000000000001',
  name: 'xen-cim-bridge',
  version: '1.2.3',
  namespaces: [
    { name: cimv2, aliases: [] },
    { name: interop, aliases: ['interop', 'root/PG_InterOp'] },
  ],
  pool: { reachable: true, since: '2026-01-01T00:00:00Z', reason: '' },
  listeners: [{ scheme: 'http', host: '127.0.0.1', port: 5988 }],
  started: '2026-01-01T00:00:00Z',
};

export type Values = Readonly<Record<string, unknown>>;

/** The demonstration pool in memory, an engine over it, and short ways to ask and to change. */
export async function demoEngine(size = 'demo') {
  const store = new RecordStore((error) => {
    throw error;
  });
  const simulator = await startSimulator({ port: 0, size });
  const { db, world } = simulator;
  store.apply(
    db.classes.flatMap((of) => [...db.entries(of)].map(([ref, after]) => ({ of, ref: ref as string, after }))),
  );
  store.apply([...world.messages.entries].map(([ref, after]) => ({ of: 'message' as const, ref, after })));
  await simulator.stop();
  store.apply([{ of: 'server', ref: 'server', after: server }]);
  const engine = new Engine({
    store,
    schemas,
    rows,
    readings: { sample: () => undefined, refresh: async () => {} },
    canonical: (name) => names.get(name.toLowerCase()),
  });
  const values = ({ shape, values }: CimInstance): Values =>
    Object.fromEntries(shape.properties.map(({ name }, i) => [name, values[i]]));
  const all = (name: string, namespace = cimv2): RowSubject[] => [...engine.enumerate(namespace, name)];
  const show = (subject: RowSubject, namespace = cimv2): Values => values(engine.instance(namespace, subject));
  return {
    store,
    engine,
    all,
    show,
    list: (name: string, namespace = cimv2): Values[] => all(name, namespace).map((one) => show(one, namespace)),
    /** The instance whose property has that value. */
    one: (name: string, property: string, value: unknown): RowSubject => {
      const found = all(name).find((subject) => show(subject)[property] === value);
      if (!found) throw new Error(`no ${name} has the ${property} ${value}`);
      return found;
    },
    /** What the association leads to from there, as `class key`. */
    tied: (subject: RowSubject, association: string, namespace = cimv2): string[] =>
      [...engine.ties(namespace, subject, { association: (name) => name === association })].map(({ other }) => {
        const { className, keys } = engine.path(namespace, other);
        return `${className} ${keys.find(({ name }) => ['DeviceID', 'InstanceID', 'Name'].includes(name))?.value}`;
      }),
    /** The records of a class. */
    records: <C extends RemoteClass>(of: C): Records[C][] => store.refs(of).map((ref) => store.get(of, ref)!),
    /** Changes fields of the record with that uuid. */
    change: <C extends RemoteClass>(of: C, uuid: string, fields: Partial<Records[C]>): void => {
      const ref = store.byUuid(of, uuid)!;
      store.apply([{ of, ref, after: { ...store.get(of, ref), ...fields } }]);
    },
  };
}
