import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const machine = demo.records('VM').find(({ name_label }) => name_label === 'web-01')!;
const host = demo.store.get('host', machine.resident_on)!;
const setting = (kind: string) => demo.one(`Xen_${kind}SettingData`, 'InstanceID', `Xen:${machine.uuid}/${kind}`);
const changed = <T>(fields: Partial<Records['VM']>, see: () => T): T => {
  demo.change('VM', machine.uuid, fields);
  const seen = see();
  demo.change('VM', machine.uuid, machine);
  return seen;
};
const firstCpu = () => demo.one('Xen_Processor', 'DeviceID', `Xen:${machine.uuid}/VCPU0`);
const memory = () => demo.one('Xen_Memory', 'DeviceID', `Xen:${machine.uuid}/Memory`);
const halted = { power_state: 'Halted', resident_on: 'OpaqueRef:NULL', affinity: 'OpaqueRef:NULL' } as Partial<
  Records['VM']
>;

describe('virtual processors', () => {
  test('one for each that the machine can have, running or not', () => {
    const count = (fields: Partial<Records['VM']>) =>
      changed(fields, () => demo.list('Xen_Processor').filter(({ SystemName }) => SystemName === machine.uuid).length);
    expect(count({ VCPUs_max: 3n })).toBe(3);
    expect(count({ VCPUs_max: 3n, ...halted })).toBe(3);
  });

  test('speed and family are those of the host, and nobody knows them of a halted machine', () => {
    expect(demo.show(firstCpu())).toMatchObject({
      CurrentClockSpeed: Math.round(Number(host.cpu_info['speed'])),
      Family: 179,
      ExternalBusClockSpeed: null,
      LoadPercentage: null,
    });
    expect(changed(halted, () => demo.show(firstCpu()))).toMatchObject({ CurrentClockSpeed: null, Family: null });
  });

  test('reservation, cap and weight', () => {
    const values = changed({ VCPUs_max: 4n, VCPUs_at_startup: 2n, VCPUs_params: { cap: '150', weight: '512' } }, () =>
      demo.show(setting('Processor')),
    );
    expect(values).toMatchObject({ VirtualQuantity: 4n, Reservation: 2n, Limit: 150n, Weight: 512, PoolID: host.uuid });
    const without = changed({ VCPUs_params: { cap: 'much' } }, () => demo.show(setting('Processor')));
    expect(without).toMatchObject({ Limit: null, Weight: null });
  });

  test('only a pinned processor is tied to those of the host, and to those of its mask alone', () => {
    const tied = (mask: Record<string, string>) =>
      changed({ VCPUs_params: mask }, () => demo.tied(firstCpu(), 'Xen_HostedProcessor'));
    expect(tied({})).toEqual([]);
    const numbers = host.host_CPUs
      .map((ref) => demo.store.get('host_cpu', ref)!)
      .filter(({ number }) => number === 0n || number === 3n);
    expect(tied({ mask: '0,3' }).sort()).toEqual(
      numbers.map(({ uuid }) => `Xen_HostProcessor Xen:${host.uuid}/${uuid}`).sort(),
    );
  });
});

describe('memory', () => {
  test('bytes in the device, mebibytes in the settings, a part of one counted whole', () => {
    const fields = {
      memory_dynamic_max: 3_145_729n,
      memory_dynamic_min: 1_048_576n,
      memory_static_max: 4_194_304n,
      memory_static_min: 1_048_577n,
    };
    expect(changed(fields, () => demo.show(memory()))).toMatchObject({
      BlockSize: 1n,
      NumberOfBlocks: 3_145_729n,
      EndingAddress: 3_145_729n,
      HealthState: 5,
    });
    const metrics = demo.store.get('VM_metrics', machine.metrics)!;
    demo.change('VM_metrics', metrics.uuid, { memory_actual: 2_097_153n });
    expect(changed(fields, () => demo.show(setting('Memory')))).toMatchObject({
      AllocationUnits: 'byte * 2^20',
      VirtualQuantity: 3n,
      Reservation: 1n,
      Limit: 4n,
      StaticMinimum: 2n,
      StaticMaximum: 4n,
    });
    demo.change('VM_metrics', metrics.uuid, { memory_actual: 0n });
    expect(changed(fields, () => demo.show(setting('Memory')))).toMatchObject({ VirtualQuantity: 4n });
    demo.change('VM_metrics', metrics.uuid, metrics);
  });

  test.each(['Memory', 'Processor'])('%s settings of templates and snapshots say whose they are', (kind) => {
    const captions = demo.list(`Xen_${kind}SettingData`).map(({ Caption }) => Caption);
    expect(new Set(captions)).toEqual(
      new Set(['Domain', 'Template', 'Snapshot'].map((whose) => `Xen ${whose} ${kind} Setting Data`)),
    );
    expect(captions.filter((caption) => String(caption).includes('Snapshot'))).toHaveLength(
      demo.all('Xen_ComputerSystemSnapshot').length,
    );
  });

  test('what is in use of the pool is what is not free', () => {
    const { memory_total, memory_free } = demo.store.get('host_metrics', host.metrics)!;
    expect(demo.show(demo.one('Xen_MemoryPool', 'PoolID', host.uuid))).toMatchObject({
      InstanceID: `Xen:${host.uuid}/MemoryPool`,
      Capacity: memory_total,
      Reserved: memory_total - memory_free,
      AllocationUnits: 'byte',
    });
  });
});

describe('pools', () => {
  test.each([
    ['Memory', memory],
    ['Processor', firstCpu],
  ] as const)('%s is taken from the host that it runs on, by settings that outlast it', (kind, device) => {
    const pools = () => [
      demo.tied(device(), `Xen_${kind}AllocatedFromPool`),
      demo.tied(setting(kind), `Xen_${kind}SettingAllocationFromPool`),
    ];
    const pool = `Xen_${kind}Pool Xen:${host.uuid}/${kind}Pool`;
    expect(pools()).toEqual([[pool], [pool]]);
    const coordinator = demo.store.get('host', demo.records('pool')[0]!.master)!;
    expect(changed(halted, pools)).toEqual([[], [`Xen_${kind}Pool Xen:${coordinator.uuid}/${kind}Pool`]]);
  });

  test('settings define the state of their own machine alone', () => {
    expect(demo.tied(memory(), 'Xen_MemorySettingsDefineState')).toEqual([
      `Xen_MemorySettingData Xen:${machine.uuid}/Memory`,
    ]);
    expect(demo.tied(setting('Processor'), 'Xen_ProcessorSettingsDefineState')).toEqual(
      Array.from({ length: Number(machine.VCPUs_max) }, (_, i) => `Xen_Processor Xen:${machine.uuid}/VCPU${i}`),
    );
  });

  test('a pool is hosted by its host and made of what the host has', () => {
    const pool = demo.one('Xen_ProcessorPool', 'PoolID', host.uuid);
    expect(demo.tied(pool, 'Xen_HostedProcessorPool')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    expect(demo.tied(pool, 'Xen_ProcessorPoolComponent')).toHaveLength(host.host_CPUs.length);
    expect(demo.show(pool)['Capacity']).toBe(BigInt(host.host_CPUs.length));
  });
});
