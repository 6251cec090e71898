import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { named } from '../client.js';

/** The client of Xen Orchestra, as far as it is used here. */
interface XenOrchestraClient {
  readonly pool: { readonly name_label: string };
  readonly objects: { readonly all: Readonly<Record<string, Readonly<Record<string, any>>>> };
  readonly objectsFetched: Promise<void>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  barrier(): Promise<void>;
  call(method: string, ...params: readonly unknown[]): Promise<any>;
  callAsync(method: string, ...params: readonly unknown[]): Promise<any>;
  getObject(ref: string): Readonly<Record<string, any>>;
}

const packageName: string = 'xen-api';
const { createClient } = (await import(packageName)) as {
  createClient: (options: Readonly<Record<string, unknown>>) => XenOrchestraClient;
};

describe.each(['json-rpc', 'xml-rpc'])('the npm package xen-api over %s', (transport) => {
  let simulator: Simulator;
  let client: XenOrchestraClient;
  beforeAll(async () => {
    simulator = await startSimulator({ durations: { default: [0, 10] } });
    const url = simulator.url.replace('http://', 'http://root:xenroot@');
    client = createClient({ url, transport, allowUnauthorized: true });
    await client.connect();
    await client.objectsFetched;
  });
  afterAll(async () => {
    await client.disconnect();
    await simulator.stop();
  });

  it('fills its cache with every class that can be listed', () => {
    const all = Object.values(client.objects.all);
    expect(client.pool.name_label).toBe('Demo pool');
    for (const of of ['VM', 'host', 'SR', 'VDI', 'VBD', 'VIF', 'network', 'PIF', 'console', 'message'] as const) {
      const count = of === 'message' ? simulator.world.messages.entries.size : simulator.db.count(of);
      expect([of, all.filter((object) => object['$type'] === of).length]).toEqual([of, count]);
    }
  });

  it('runs a call as a task and hears of what it did', async () => {
    const vm = named(simulator, 'VM', 'dev-01');
    await client.callAsync('VM.start', vm, false, true);
    await client.barrier();
    expect(client.getObject(vm)['power_state']).toBe('Running');
    await expect(client.call('VM.start', vm, false, true)).rejects.toMatchObject({
      code: 'VM_BAD_POWER_STATE',
      params: [vm, 'halted', 'running'],
    });
    await client.call('VM.clean_shutdown', vm);
    await client.barrier();
    expect(client.getObject(vm)['power_state']).toBe('Halted');
  });

  it('reads a task’s result and sees new objects come and go', async () => {
    const clone = await client.callAsync('VM.clone', named(simulator, 'VM', 'dev-01'), 'Klon <&> ü');
    await client.barrier();
    expect(client.getObject(clone)['name_label']).toBe('Klon <&> ü');
    await client.call('VM.destroy', clone);
    await client.barrier();
    expect(() => client.getObject(clone)).toThrow();
  });

  it('gets the failure of a task', async () => {
    await expect(client.callAsync('VM.clean_shutdown', named(simulator, 'VM', 'no-tools'))).rejects.toMatchObject({
      code: 'VM_LACKS_FEATURE',
    });
  });
});
