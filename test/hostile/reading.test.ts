import { afterEach, describe, expect, it } from 'vitest';
import { callXml, ofClass } from '../intrinsic-call.js';
import { eventually, type ServerStage, startServer, visit } from '../server-stage.js';

/** Hosts that do not give their readings: whatever would show them is answered all the same (decisions.md 35). */

let stage: ServerStage;
afterEach(() => stage?.end());

const simulator = () => stage.bridge.simulator!;

async function enumerate(className: string): Promise<string> {
  const { status, body } = await visit(stage.port, '/cimom', callXml('EnumerateInstances', ofClass(className)));
  expect(status).toBe(200);
  expect(body).not.toContain('<ERROR');
  return body;
}

/** The LoadPercentage of every processor, NULL as undefined, by the text of its name. */
function loads(body: string): Map<string, string | undefined> {
  const found = body.match(/<VALUE\.NAMEDINSTANCE>.*?<\/VALUE\.NAMEDINSTANCE>/gs) ?? [];
  const shown = found.filter((one) => one.includes('<PROPERTY NAME="LoadPercentage"'));
  return new Map(
    shown.map((one) => [
      /<INSTANCENAME.*?<\/INSTANCENAME>/s.exec(one)![0],
      /NAME="LoadPercentage"[^>]*><VALUE>(\d+)</.exec(one)?.[1],
    ]),
  );
}

const hosts = (): readonly string[] =>
  simulator()
    .db.refs('host')
    .map((ref) => simulator().db.need('host', ref).uuid);

describe('a host whose readings hang', () => {
  it('from the start leaves its own values NULL, and all others as they are', async () => {
    stage = await startServer();
    const [hanging] = hosts();
    simulator().faults.giveReadings(hanging!, 'hang');
    for (const className of ['CIM_LogicalDevice', 'CIM_ManagedElement', 'CIM_BaseMetricValue']) {
      const body = await enumerate(className);
      expect(body.length).toBeGreaterThan(10_000);
    }
    const all = [...loads(await enumerate('Xen_Processor')).values()];
    expect(all).toContain(undefined);
    expect(all.some((load) => load !== undefined)).toBe(true);
  });

  it('later leaves the last sample of each value', async () => {
    stage = await startServer();
    const before = loads(await enumerate('Xen_Processor'));
    expect([...before.values()].filter((load) => load !== undefined).length).toBeGreaterThan(10);
    for (const host of hosts()) simulator().faults.giveReadings(host, 'hang');
    const asked = (): number => simulator().calls().get('rrd_updates') ?? 0;
    const askedBefore = asked();
    let after = before;
    await eventually(async () => {
      after = loads(await enumerate('Xen_Processor'));
      return asked() > askedBefore;
    });
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, load] of before) if (load !== undefined) expect(after.get(name)).toBe(load);
  });
});
