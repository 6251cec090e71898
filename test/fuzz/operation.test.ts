import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { schemas } from '../contract/demo.js';
import { type HostileStage, quiet, startHostile } from '../hostile/stage.js';
import { whole } from '../hostile/target.js';
import { callXml, ofClass } from '../intrinsic-call.js';
import { RawClient } from '../raw-client.js';
import { visit } from '../server-stage.js';
import { instant } from '../simulator/client.js';
import { type Callable, extrinsic, intrinsic, type Stock } from './argument.js';
import { runs } from './runs.js';

/*
 * Any parameters of any operation and any method, to a bridge that runs: the answer is valid by the DTD, and is a result
 * or an error that was foreseen; and the bridge lives.
 */

let simulator: Simulator;
let stage: HostileStage;
let stock: Stock;
let client: RawClient | undefined;

beforeAll(async () => {
  simulator = await startSimulator({ ...instant, size: '3x30' });
  const file = `pool: ${simulator.url}\npool-user: root\npool-password-file: password\nstate-dir: state\nmethod-wait: 1\n`;
  stage = await startHostile([], file);
  stock = await taken();
});
afterAll(async () => {
  client?.close();
  await stage?.end();
  await simulator?.stop();
});

async function taken(): Promise<Stock> {
  const { body } = await visit(stage.port, '/cimom', callXml('EnumerateInstanceNames', ofClass('CIM_ManagedElement')));
  const byClass = new Map<string, string[]>();
  for (const [name, className] of body.matchAll(/<INSTANCENAME CLASSNAME="(\w+)".*?<\/INSTANCENAME>/gs)) {
    const of = byClass.get(className!) ?? [];
    if (of.length < 5) of.push(name);
    byClass.set(className!, of);
  }
  const schema = schemas.get('root/cimv2')!;
  const methods = new Map<string, Callable[]>();
  for (const [className, targets] of byClass) {
    for (const method of schema.class(className)!.methods) {
      methods.set(method.name, [...(methods.get(method.name) ?? []), { method, targets }]);
    }
  }
  const classes = ['CIM_ManagedElement', 'CIM_ComputerSystem', 'CIM_SystemDevice', 'CIM_Nothing', ...byClass.keys()];
  return { classes, names: [...byClass.values()].flat(), methods, contexts: [] };
}

const message = (call: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="7" PROTOCOLVERSION="1.0"><SIMPLEREQ>${call}</SIMPLEREQ></MESSAGE></CIM>`;

async function ask(call: string): Promise<void> {
  if (client === undefined || client.ended) client = await RawClient.connect(stage.port);
  const { status, headers, body } = await client.send(whole(stage.target, message(call))).response(60_000);
  const xml = body.toString('utf8');
  expect([200, 400]).toContain(status);
  if (status === 400) expect(headers['cimerror']).toMatch(/^request-not-/);
  // What nobody foresaw is told so (CimError.from).
  expect(xml).not.toContain('met a fault of its own');
  const context = /NAME="EnumerationContext"[^>]*><VALUE>([^<]+)/.exec(xml)?.[1];
  if (context !== undefined) stock.contexts.push(context);
  if (stock.contexts.length > 1_000) stock.contexts.splice(0, 900);
}

const timeout = 1_800_000;

it('any parameters of any operation', { timeout }, async () => {
  const property = fc.asyncProperty(
    fc.constant(undefined).chain(() => intrinsic(stock)),
    ask,
  );
  await fc.assert(property, runs(600, 30_000));
  client?.close();
  await quiet(stage.target);
});

it('any parameters of any method', { timeout }, async () => {
  const property = fc.asyncProperty(
    fc.constant(undefined).chain(() => extrinsic(stock)),
    ask,
  );
  await fc.assert(property, runs(600, 30_000));
  expect((await visit(stage.port, '/healthz')).status).toBe(200);
});
