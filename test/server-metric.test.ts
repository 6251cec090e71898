import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { callXml, ofClass } from './intrinsic-call.js';
import { type ServerStage, startServer, visit } from './server-stage.js';

let stage: ServerStage;
beforeAll(async () => {
  stage = await startServer();
});
afterAll(() => stage.end());
beforeEach(() => stage.bridge.simulator!.resetCalls());

const ask = async (method: string, cls: string, more = ''): Promise<string> =>
  (await visit(stage.port, '/cimom', callXml(method, ofClass(cls) + more))).body;

const asked = (): number => stage.bridge.simulator!.calls().get('rrd_updates') ?? 0;

test('names of values are told without asking a host (decisions.md 35)', async () => {
  const body = await ask('EnumerateInstanceNames', 'CIM_BaseMetricValue');
  expect(body.match(/<INSTANCENAME /g)?.length).toBeGreaterThan(200);
  expect(asked()).toBe(0);
});

test('all values of the pool take one request of each host, and every one has its number', async () => {
  const hosts = stage.bridge.simulator!.db.count('host');
  const [body = ''] = await Promise.all([1, 2, 3].map(() => ask('EnumerateInstances', 'CIM_BaseMetricValue')));
  await ask('EnumerateInstances', 'Xen_Processor');
  const instances = body.split('<INSTANCE ').length - 1;
  expect(instances).toBeGreaterThan(200);
  expect(asked()).toBe(hosts);
  const own = await ask('EnumerateInstances', 'Xen_ProcessorUtilization');
  const count = own.split('<INSTANCE ').length - 1;
  expect(own.match(/<PROPERTY NAME="MetricValue" TYPE="string"[^>]*><VALUE>\d+\.\d{6}<\/VALUE>/g)).toHaveLength(count);
  expect(
    own.match(/<PROPERTY NAME="TimeStamp" TYPE="datetime"[^>]*><VALUE>\d{14}\.000000\+000<\/VALUE>/g),
  ).toHaveLength(count);
  expect(asked()).toBe(hosts);
});

test('the requests show in /metrics under their path, without a session', async () => {
  const { body } = await visit(stage.port, '/metrics');
  expect(body).toMatch(/call="\/rrd_updates"/);
  expect(body).not.toContain('OpaqueRef');
});
