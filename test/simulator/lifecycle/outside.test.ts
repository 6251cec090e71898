import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { named } from '../client.js';

/** The client of Xen Orchestra, as far as it is used here. */
interface OutsideClient {
  readonly objectsFetched: Promise<void>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  barrier(ref?: string): Promise<any>;
  call(method: string, ...params: readonly unknown[]): Promise<any>;
  callAsync(method: string, ...params: readonly unknown[]): Promise<any>;
  getObject(ref: string): Readonly<Record<string, any>>;
  getObjectByUuid(uuid: string): Readonly<Record<string, any>>;
}

const packageName: string = 'xen-api';
const { createClient } = (await import(packageName)) as {
  createClient: (options: Readonly<Record<string, unknown>>) => OutsideClient;
};

const refOf = (result: unknown): string => /OpaqueRef:[0-9a-f-]+/.exec(String(result))?.[0] ?? '';

describe.each(['json-rpc', 'xml-rpc'])('a machine’s whole life with the npm package xen-api over %s', (transport) => {
  let simulator: Simulator;
  let client: OutsideClient;
  let vm = '';
  let snapshot = '';
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
  const record = () => client.call('VM.get_record', vm);

  it('is cloned from a template, given a repository, and provisioned', async () => {
    const template = named(simulator, 'VM', 'Debian Bookworm 12');
    vm = refOf(await client.callAsync('VM.clone', template, 'outside'));
    const { other_config } = await record();
    const { uuid } = simulator.db.need('SR', named(simulator, 'SR', 'NFS virtual disk storage'));
    await client.call('VM.set_other_config', vm, {
      ...other_config,
      disks: other_config.disks.replace('sr=""', `sr="${uuid}"`),
    });
    await client.callAsync('VM.provision', vm);
    expect(await record()).toMatchObject({ is_a_template: false, VBDs: [expect.stringMatching(/^OpaqueRef:/)] });
    await client.call('VIF.create', {
      VM: vm,
      network: named(simulator, 'network', 'Internal'),
      device: '0',
      MAC: '',
      MTU: '1500',
      other_config: {},
      qos_algorithm_type: '',
      qos_algorithm_params: {},
    });
  });

  it('starts, and the client hears of it', async () => {
    await client.callAsync('VM.start', vm, false, false);
    await client.barrier();
    expect(client.getObject(vm)).toMatchObject({ power_state: 'Running', name_label: 'outside' });
  });

  it('is snapshotted, changed, and goes back', async () => {
    snapshot = refOf(await client.callAsync('VM.snapshot', vm, 'before'));
    await client.call('VM.set_name_description', vm, 'changed');
    await client.callAsync('VM.revert', snapshot);
    await client.barrier();
    const { name_description, power_state } = client.getObject(vm);
    expect([name_description, power_state]).toEqual([expect.not.stringContaining('changed'), 'Halted']);
  });

  it('starts again and moves to another host', async () => {
    await client.callAsync('VM.start', vm, false, false);
    const { resident_on } = await record();
    const other = simulator.db.refs('host').find((host) => host !== resident_on);
    await client.callAsync('VM.pool_migrate', vm, other, {});
    expect((await record()).resident_on).toBe(other);
  });

  it('stops, and goes with its snapshot and disks', async () => {
    await client.callAsync('VM.clean_shutdown', vm).catch(() => client.callAsync('VM.hard_shutdown', vm));
    for (const ref of [vm, snapshot]) {
      const { VBDs } = await client.call('VM.get_record', ref);
      const disks = await Promise.all(VBDs.map((vbd: string) => client.call('VBD.get_VDI', vbd)));
      await client.callAsync('VM.destroy', ref);
      for (const vdi of disks) await client.callAsync('VDI.destroy', vdi);
    }
    await client.barrier();
    expect(() => client.getObject(vm)).toThrow();
    expect(simulator.db.find('VDI', ({ name_label }) => name_label.startsWith('outside'))).toBeUndefined();
  });

  it('what is refused arrives as a code with parameters', async () => {
    const dev = named(simulator, 'VM', 'dev-01');
    const refused = client.callAsync('VM.clean_shutdown', dev);
    await expect(refused).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE', params: [dev, 'running', 'halted'] });
  });
});
