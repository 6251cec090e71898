import { afterEach, beforeEach, expect, it } from 'vitest';
import { refreshAll } from '../../../src/simulator/operation/allowed.js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/simulator.js';
import type { Records, Ref, RemoteClass } from '../../../src/xenapi/records.js';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { connect, instant, type TestClient } from '../client.js';

/** Classes that change by the mere asking. */
const fleeting: ReadonlySet<string> = new Set(['task', 'session']);

type Named = 'VM' | 'host' | 'SR' | 'VDI' | 'network' | 'VM_appliance' | 'pool';

/** A demonstration pool for each test, and what tests say about it. */
export class Stage {
  simulator!: Simulator;
  client!: TestClient;

  get db() {
    return this.simulator.db;
  }

  /** The reference of the object of this name. */
  ref<C extends Named>(of: C, name: string): Ref<C> {
    const found = this.db.find(of, (record) => (record as { readonly name_label?: string }).name_label === name);
    if (found === undefined) throw new Error(`there is no ${of} "${name}"`);
    return found[0];
  }

  vm(name: string): Records['VM'] {
    return this.db.need('VM', this.ref('VM', name));
  }

  /** A machine's block device of a type, and its record. */
  vbd(name: string, type: 'Disk' | 'CD' = 'Disk'): readonly [Ref<'VBD'>, Records['VBD']] {
    const found = this.vm(name)
      .VBDs.map((ref) => [ref, this.db.need('VBD', ref)] as const)
      .find(([, vbd]) => vbd.type === type);
    if (found === undefined) throw new Error(`"${name}" has no ${type}`);
    return found;
  }

  /** The image of a machine's first disk. */
  disk(name: string): Ref<'VDI'> {
    return this.vbd(name)[1].VDI;
  }

  /** An interface of a host: `eth1`, or a VLAN's by `eth1.100`. */
  pif(host: string, name: string): Ref<'PIF'> {
    const [device, tag = '-1'] = name.split('.');
    const of = this.ref('host', host);
    const found = this.db.find('PIF', (p) => p.host === of && p.device === device && p.VLAN === BigInt(tag));
    if (found === undefined) throw new Error(`${host} has no ${name}`);
    return found[0];
  }

  /** All records but for those that change by the mere asking. */
  state(): Record<string, unknown> {
    const state: Record<string, unknown> = {};
    for (const of of this.db.classes)
      if (!fleeting.has(of))
        for (const [ref, record] of this.db.entries(of)) {
          const { last_updated: _when, ...rest } = record as unknown as Record<string, unknown>;
          state[`${of} ${ref}`] = rest;
        }
    return state;
  }

  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    return this.client.call<T>(method, ...params);
  }

  /** The pool says no with exactly this, and is as before. */
  async refused(method: string, params: readonly unknown[], wanted: readonly unknown[]): Promise<void> {
    refreshAll(this.simulator.world);
    const before = this.state();
    expect(await this.client.refusal(method, ...params)).toEqual(wanted);
    expect(this.state()).toEqual(before);
  }

  /** What event.from tells of while something is done: `vm add`, `vbd mod`, each once. */
  async events(done: () => Promise<unknown>): Promise<ReadonlySet<string>> {
    const { token } = await this.call<{ token: string }>('event.from', ['*'], '', 0);
    await done();
    const told = await this.call<{ events: { class: string; operation: string }[] }>('event.from', ['*'], token, 0);
    return new Set(told.events.map((event) => `${event.class} ${event.operation}`));
  }

  /** Waits for something to be so. */
  async until(test: () => boolean): Promise<void> {
    for (let i = 0; !test(); i++) {
      if (i > 5_000) throw new Error('it never came to be so');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** A stage with a pool of its own for each test of the file. */
export function stage(options: SimulatorOptions = {}): Stage {
  const made = new Stage();
  beforeEach(async () => {
    made.simulator = await startSimulator({ ...instant, ...options });
    made.client = await connect(made.simulator);
  });
  afterEach(() => made.simulator.stop());
  return made;
}

/** A refusal: what it is about, the message, its arguments, what the pool says. */
export type Refusal = readonly [
  title: string,
  method: string,
  params: (on: Stage) => readonly unknown[],
  wanted: (on: Stage) => readonly unknown[],
];

/** A test for each refusal: the exact words, and nothing has changed. */
export function refusals(on: Stage, rows: readonly Refusal[]): void {
  it.each(rows)('%s: %s', async (_title, method, params, wanted) => {
    await on.refused(method, params(on), wanted(on));
  });
}

/** A record for VBD.create. */
export const vbdRecord = (fields: Readonly<Record<string, unknown>>) => ({
  VDI: NULL_REF,
  userdevice: 'autodetect',
  bootable: false,
  mode: 'RW',
  type: 'Disk',
  empty: false,
  other_config: {},
  qos_algorithm_type: '',
  qos_algorithm_params: {},
  ...fields,
});

/** A record for VIF.create. */
export const vifRecord = (fields: Readonly<Record<string, unknown>>) => ({
  device: '7',
  MAC: '',
  MTU: 1500,
  other_config: {},
  qos_algorithm_type: '',
  qos_algorithm_params: {},
  ...fields,
});

/** A record for VDI.create. */
export const vdiRecord = (fields: Readonly<Record<string, unknown>>) => ({
  virtual_size: 1 << 20,
  type: 'user',
  sharable: false,
  read_only: false,
  other_config: {},
  ...fields,
});

export type { RemoteClass };
