import { afterAll, beforeAll, expect, test } from 'vitest';
import { callXml, ofClass } from '../intrinsic-call.js';
import { eventually, type ServerStage, startServer, visit } from '../server-stage.js';

/** HealthState and OperationalStatus over the wire, while things go wrong in the pool (decisions.md 34). */

let stage: ServerStage;
beforeAll(async () => {
  stage = await startServer();
});
afterAll(() => stage.end());

interface State {
  readonly HealthState: string;
  readonly OperationalStatus: string;
}

const property = (instance: string, name: string): string =>
  new RegExp(`<PROPERTY(?:.ARRAY)? NAME="${name}".*?</PROPERTY`)
    .exec(instance)?.[0]
    .replace(/^.*?>|<(?!\/?VALUE\b).*$/g, '') ?? '';
const values = (element: string): string =>
  [...element.matchAll(/<VALUE>(.*?)<\/VALUE>/g)].map(([, text]) => text).join();

/** The state of the instances of a class whose text holds `mark`. */
async function states(className: string, mark: string): Promise<readonly State[]> {
  const { body } = await visit(stage.port, '/cimom', callXml('EnumerateInstances', ofClass(className)));
  const found = body.match(/<VALUE\.NAMEDINSTANCE>.*?<\/VALUE\.NAMEDINSTANCE>/gs) ?? [];
  return found
    .filter((instance) => instance.includes(mark))
    .map((instance) => ({
      HealthState: values(property(instance, 'HealthState')),
      OperationalStatus: values(property(instance, 'OperationalStatus')),
    }));
}

const becomes = (className: string, mark: string, wanted: State): Promise<void> =>
  eventually(async () => {
    const all = await states(className, mark);
    expect(all.length).toBeGreaterThan(0);
    return all.every(
      (one) => one.HealthState === wanted.HealthState && one.OperationalStatus === wanted.OperationalStatus,
    );
  });

const good: State = { HealthState: '5', OperationalStatus: '2' };
const db = () => stage.bridge.simulator!.db;
const faults = () => stage.bridge.simulator!.faults;

/** A host that is not the coordinator. */
function member(): { readonly ref: string; readonly uuid: string } {
  const { master } = db().need('pool', db().refs('pool')[0] as never);
  const ref = db()
    .refs('host')
    .find((one) => one !== master)!;
  return { ref, uuid: db().need('host', ref as never).uuid };
}

test('a host dies, and is back', async () => {
  const { ref, uuid } = member();
  await becomes('Xen_HostComputerSystem', uuid, good);
  await faults().killHost(ref);
  await becomes('Xen_HostComputerSystem', uuid, { HealthState: '25', OperationalStatus: '13' });
  await becomes('Xen_HostProcessor', uuid, { HealthState: '0', OperationalStatus: '13' });
  await faults().reviveHost(ref);
  await becomes('Xen_HostComputerSystem', uuid, good);
});

test('a repository loses one connection, and all', async () => {
  const sr = db()
    .refs('SR')
    .find((one) => db().need('SR', one as never).PBDs.length > 1)!;
  const { uuid, PBDs } = db().need('SR', sr as never);
  await becomes('Xen_StoragePool', uuid, good);
  faults().unplugPbd(PBDs[0]!);
  await becomes('Xen_StoragePool', uuid, { HealthState: '10', OperationalStatus: '3' });
  for (const pbd of PBDs.slice(1)) faults().unplugPbd(pbd);
  await becomes('Xen_StoragePool', uuid, { HealthState: '20', OperationalStatus: '6' });
  for (const pbd of PBDs) faults().plugPbd(pbd);
  await becomes('Xen_StoragePool', uuid, good);
});

test('a repository fills up', async () => {
  const sr = db()
    .refs('SR')
    .find((one) => db().need('SR', one as never).type === 'nfs')!;
  const { uuid } = db().need('SR', sr as never);
  await becomes('Xen_StoragePool', uuid, good);
  faults().fillRepository(sr);
  await becomes('Xen_StoragePool', uuid, { HealthState: '10', OperationalStatus: '4' });
});
