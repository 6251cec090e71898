import { describe, expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import { Engine } from '../../src/provider/engine.js';
import type { RowSubject } from '../../src/provider/subject.js';
import type { ReadingKey, Sample } from '../../src/xenapi/reading.js';
import type { Records, RemoteClass } from '../../src/xenapi/records.js';
import { cimv2, demoEngine, schemas } from './demo-engine.js';

const demo = await demoEngine();

/** What the hosts are said to measure, by the name of the source; `taken` is what was asked for. */
const measured: Record<string, number> = {};
const taken: ReadingKey[] = [];
const end = Date.parse('2026-05-04T03:02:05Z');
const engine = new Engine({
  store: demo.store,
  schemas,
  rows,
  readings: {
    sample: (key): Sample | undefined => {
      taken.push(key);
      const value = measured[key.source];
      return value === undefined ? undefined : { value, time: end, seconds: 5 };
    },
    refresh: () => undefined,
  },
  canonical: (name) => (schemas.has(name) ? name : undefined),
});

const all = (name: string): RowSubject[] => [...engine.enumerate(cimv2, name)];
const show = (subject: RowSubject): Record<string, unknown> => {
  const { shape, values } = engine.instance(cimv2, subject);
  return Object.fromEntries(shape.properties.map(({ name }, i) => [name, values[i]]));
};
const list = (name: string) => all(name).map(show);
const ids = (name: string): string[] => all(name).map((subject) => String(show(subject)['InstanceID']));
const met = (subject: RowSubject, association: string): string[] =>
  [...engine.ties(cimv2, subject, { association: (name) => name === association })].map(({ other }) => {
    const { className, keys } = engine.path(cimv2, other);
    return `${className} ${keys.find(({ name }) => ['DeviceID', 'InstanceID', 'Id'].includes(name))?.value}`;
  });

const subclasses = (name: string): string[] =>
  schemas
    .get(cimv2)!
    .subclasses(name, true)
    .map((cls) => cls.name)
    .filter((cls) => cls.startsWith('Xen_'));
const definitions = () => subclasses('CIM_BaseMetricDefinition').flatMap(list);
const values = () => subclasses('CIM_BaseMetricValue').flatMap(all);

const machine = demo.records('VM').find(({ name_label }) => name_label === 'web-01')!;
const host = demo.store.get('host', machine.resident_on)!;
const here = <C extends RemoteClass>(of: C, test: (record: Records[C]) => boolean): Records[C] =>
  demo.records(of).find(test)!;
const disk = here('VBD', ({ uuid, type, currently_attached, VM }) => {
  const vm = demo.store.get('VM', VM);
  return uuid !== '' && type === 'Disk' && currently_attached && vm?.uuid === machine.uuid;
});
const port = here(
  'VIF',
  ({ VM, currently_attached }) => currently_attached && demo.store.get('VM', VM)?.uuid === machine.uuid,
);

/** Sees something while a record is otherwise. */
function changed<C extends RemoteClass, T>(of: C, uuid: string, fields: Partial<Records[C]>, see: () => T): T {
  const before = demo.records(of).find((record) => (record as { uuid: string }).uuid === uuid)!;
  demo.change(of, uuid, fields);
  const seen = see();
  demo.change(of, uuid, before);
  return seen;
}

/** The value with this InstanceID while its source shows this number; `taken` then says which source. */
function reading(cim: string, id: string, source: string, number: number) {
  measured[source] = number;
  const subject = all(cim).find((one) => show(one)['InstanceID'] === id)!;
  taken.length = 0;
  const shown = show(subject);
  delete measured[source];
  return { shown, key: taken[0] };
}

describe('definitions (DSP1053)', () => {
  const expected: Record<string, readonly [name: string, units: string, type: number]> = {
    Xen_VirtualProcessorUtilizationDef: ['DMTF:DSP1044:CPUVSUtilized', 'percent', 5],
    Xen_ComputerSystemMemoryAllocatedDef: ['Xen:MemoryAllocated', 'byte', 13],
    Xen_ComputerSystemMemoryTargetDef: ['Xen:MemoryTarget', 'byte', 13],
    Xen_ComputerSystemMemoryFreeDef: ['Xen:MemoryInternalFree', 'byte', 13],
    Xen_DiskReadThroughputDef: ['DMTF:DSP1045:ReadThroughput', 'byte / second', 5],
    Xen_DiskWriteThroughputDef: ['DMTF:DSP1045:WriteThroughput', 'byte / second', 5],
    Xen_DiskReadLatencyDef: ['DMTF:DSP1045:ReadLatency', 'second * 10^-6', 5],
    Xen_DiskWriteLatencyDef: ['DMTF:DSP1045:WriteLatency', 'second * 10^-6', 5],
    Xen_DiskReadOperationsDef: ['Xen:DiskReadOperations', 'count / second', 5],
    Xen_DiskWriteOperationsDef: ['Xen:DiskWriteOperations', 'count / second', 5],
    Xen_NetworkPortReceiveThroughputDef: ['DMTF:DSP1045:ReceiveThroughput', 'byte / second', 5],
    Xen_NetworkPortTransmitThroughputDef: ['DMTF:DSP1045:TransmitThroughput', 'byte / second', 5],
    Xen_HostProcessorUtilizationDef: ['DMTF:DSP1044:Xen_HostProcessorUtilizationDef', 'percent', 5],
    Xen_HostNetworkPortReceiveThroughputDef: ['DMTF:DSP1045:ReceiveThroughput', 'byte / second', 5],
    Xen_HostNetworkPortTransmitThroughputDef: ['DMTF:DSP1045:TransmitThroughput', 'byte / second', 5],
    Xen_HostMemoryTotalDef: ['Xen:HostMemoryTotal', 'byte', 13],
    Xen_HostMemoryFreeDef: ['Xen:HostMemoryFree', 'byte', 13],
    Xen_ProcessorResourcePoolCPUUtilizationDef: ['Xen:ProcessorPoolUtilization', 'percent', 5],
    Xen_MemoryResourcePoolConsumptionDef: ['Xen:MemoryPoolConsumption', 'byte', 13],
    Xen_StoragePoolReadThroughputDef: ['Xen:StoragePoolReadThroughput', 'byte / second', 5],
    Xen_StoragePoolWriteThroughputDef: ['Xen:StoragePoolWriteThroughput', 'byte / second', 5],
    Xen_StoragePoolReadOperationsDef: ['Xen:StoragePoolReadOperations', 'count / second', 5],
    Xen_StoragePoolWriteOperationsDef: ['Xen:StoragePoolWriteOperations', 'count / second', 5],
    Xen_StoragePoolLatencyDef: ['Xen:StoragePoolLatency', 'second * 10^-6', 5],
  };

  test('one of each a pool, by name, unit and type', () => {
    const found = definitions().map(({ Id, Name, ProgrammaticUnits, DataType }) => [
      Id,
      [Name, ProgrammaticUnits, DataType],
    ]);
    expect(found).toHaveLength(Object.keys(expected).length);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('all are gauges that go on without a gap, over intervals, taken at regular times', () => {
    for (const definition of definitions()) {
      expect(definition).toMatchObject({ IsContinuous: true, ChangeType: 4, TimeScope: 3, GatheringType: 3 });
      expect(definition['Calculable']).toBe(/percent|10\^-6/.test(String(definition['ProgrammaticUnits'])) ? 3 : 2);
      expect(definition['ElementName']).toBe(definition['Caption']);
      expect(String(definition['Units'])).not.toBe('');
    }
  });

  test('every unit has the form of DSP0004, annex C', () => {
    for (const { ProgrammaticUnits } of definitions())
      expect(ProgrammaticUnits).toMatch(/^\w+( \/ \w+)?( \* 10\^-?\d+)?$/);
  });
});

describe('values: what the host gives, in the unit of the definition (xenapi facts 4.2)', () => {
  const [pif] = demo
    .records('PIF')
    .filter((one) => one.physical && demo.store.get('host', one.host)?.uuid === host.uuid && one.device === 'eth0');
  const cpu = demo.store.get('host_cpu', host.host_CPUs[1]!)!;
  const plug = here('PBD', (one) => one.currently_attached && demo.store.get('host', one.host)?.uuid === host.uuid);
  const sr = demo.store.get('SR', plug.SR)!;
  const total = Number(demo.store.get('host_metrics', host.metrics)!.memory_total);
  const vm = `vm:${machine.uuid}`;
  const own = `host:${host.uuid}`;

  test.each([
    ['Xen_ProcessorUtilization', `${machine.uuid}/VCPU1`, vm, 'cpu1', 0.123456789, '12.345679'],
    ['Xen_ComputerSystemMemoryMetricValue', `${machine.uuid}/MemoryAllocated`, vm, 'memory', 2 ** 33, '8589934592'],
    ['Xen_ComputerSystemMemoryMetricValue', `${machine.uuid}/MemoryTarget`, vm, 'memory_target', 1.5, '2'],
    ['Xen_ComputerSystemMemoryMetricValue', `${machine.uuid}/MemoryFree`, vm, 'memory_internal_free', 3, '3072'],
    ['Xen_DiskReadThroughput', `${machine.uuid}/${disk.uuid}`, vm, `vbd_${disk.device}_read`, 1024.5, '1024.500000'],
    ['Xen_DiskWriteThroughput', `${machine.uuid}/${disk.uuid}`, vm, `vbd_${disk.device}_write`, 0, '0.000000'],
    ['Xen_DiskReadLatency', `${machine.uuid}/${disk.uuid}`, vm, `vbd_${disk.device}_read_latency`, 250, '250.000000'],
    [
      'Xen_DiskWriteLatency',
      `${machine.uuid}/${disk.uuid}`,
      vm,
      `vbd_${disk.device}_write_latency`,
      1e3,
      '1000.000000',
    ],
    ['Xen_DiskReadOperations', `${machine.uuid}/${disk.uuid}`, vm, `vbd_${disk.device}_iops_read`, 7, '7.000000'],
    ['Xen_DiskWriteOperations', `${machine.uuid}/${disk.uuid}`, vm, `vbd_${disk.device}_iops_write`, 8, '8.000000'],
    [
      'Xen_NetworkPortReceiveThroughput',
      `${machine.uuid}/${port.uuid}`,
      vm,
      `vif_${port.device}_rx`,
      1e6,
      '1000000.000000',
    ],
    ['Xen_NetworkPortTransmitThroughput', `${machine.uuid}/${port.uuid}`, vm, `vif_${port.device}_tx`, 5, '5.000000'],
    ['Xen_HostProcessorUtilization', `${host.uuid}/${cpu.uuid}`, own, `cpu${cpu.number}`, 1, '100.000000'],
    ['Xen_HostNetworkPortReceiveThroughput', `${host.uuid}/${pif!.uuid}`, own, 'pif_eth0_rx', 12, '12.000000'],
    ['Xen_HostNetworkPortTransmitThroughput', `${host.uuid}/${pif!.uuid}`, own, 'pif_eth0_tx', 13, '13.000000'],
    ['Xen_HostMemoryMetricValue', `${host.uuid}/MemoryTotal`, own, 'memory_total_kib', 4, '4096'],
    ['Xen_HostMemoryMetricValue', `${host.uuid}/MemoryFree`, own, 'memory_free_kib', 2, '2048'],
    ['Xen_ProcessorResourcePoolCPUMetricValue', `${host.uuid}/ProcessorPool`, own, 'cpu_avg', 0.5, '50.000000'],
    [
      'Xen_MemoryResourcePoolMetricValue',
      `${host.uuid}/MemoryPool`,
      own,
      'memory_free_kib',
      1024,
      String(total - 2 ** 20),
    ],
    ['Xen_MemoryResourcePoolMetricValue', `${host.uuid}/${machine.uuid}`, vm, 'memory', 77, '77'],
    [
      'Xen_StoragePoolReadThroughput',
      `${host.uuid}/${plug.uuid}`,
      own,
      `io_throughput_read_${sr.uuid.slice(0, 8)}`,
      1.5,
      '1572864.000000',
    ],
    [
      'Xen_StoragePoolWriteThroughput',
      `${host.uuid}/${plug.uuid}`,
      own,
      `io_throughput_write_${sr.uuid.slice(0, 8)}`,
      1,
      '1048576.000000',
    ],
    [
      'Xen_StoragePoolReadOperations',
      `${host.uuid}/${plug.uuid}`,
      own,
      `iops_read_${sr.uuid.slice(0, 8)}`,
      9,
      '9.000000',
    ],
    [
      'Xen_StoragePoolWriteOperations',
      `${host.uuid}/${plug.uuid}`,
      own,
      `iops_write_${sr.uuid.slice(0, 8)}`,
      9,
      '9.000000',
    ],
    ['Xen_StoragePoolLatency', `${host.uuid}/${plug.uuid}`, own, `latency_${sr.uuid.slice(0, 8)}`, 10, '10.000000'],
  ])('%s %s', (cim, id, owner, source, number, text) => {
    const { shown, key } = reading(cim, `Xen:${id}`, source, number);
    expect(key).toEqual({ host: host.uuid, owner, source });
    expect(shown).toMatchObject({ MetricValue: text, Description: source, Volatile: true });
  });

  test('the time is the end of the interval of the sample, by the clock of the host; the duration is its length', () => {
    const { shown } = reading('Xen_ProcessorUtilization', `Xen:${machine.uuid}/VCPU0`, 'cpu0', 0.5);
    expect(shown).toMatchObject({
      TimeStamp: '20260504030205.000000+000',
      Duration: '00000000000005.000000:000',
      MeasuredElementName: 'web-01',
      ElementName: 'VCPU0',
    });
  });

  test('what has no sample is NULL, with its time', () => {
    for (const value of list('Xen_DiskReadThroughput'))
      expect(value).toMatchObject({ MetricValue: null, TimeStamp: null, Duration: null });
  });

  test('a number that no uint64 holds stays within it', () => {
    const id = `Xen:${machine.uuid}/MemoryAllocated`;
    const value = (number: number) =>
      reading('Xen_ComputerSystemMemoryMetricValue', id, 'memory', number).shown['MetricValue'];
    expect(value(1e30)).toBe('18446744073709551615');
    expect(value(-5)).toBe('0');
  });
});

describe('which values there are follows from the records (decisions.md 35)', () => {
  const ofMachine = () =>
    [...values()].map((one) => String(show(one)['InstanceID'])).filter((id) => id.includes(machine.uuid));

  test('those of a machine while it has a domain', () => {
    const running = ofMachine().length;
    expect(running).toBeGreaterThan(8);
    expect(changed('VM', machine.uuid, { power_state: 'Paused' }, () => ofMachine().length)).toBe(running);
    const gone = { power_state: 'Halted', resident_on: 'OpaqueRef:NULL' } as Partial<Records['VM']>;
    expect(changed('VM', machine.uuid, gone, ofMachine)).toEqual([]);
    expect(changed('VM', machine.uuid, { ...gone, power_state: 'Suspended' }, ofMachine)).toEqual([]);
  });

  test('a processor for each that runs now, which may be fewer than there can be', () => {
    const count = () => ids('Xen_ProcessorUtilization').filter((id) => id.includes(machine.uuid)).length;
    const { uuid } = demo.store.get('VM_metrics', machine.metrics)!;
    expect(changed('VM_metrics', uuid, { VCPUs_number: 1n }, count)).toBe(1);
    expect(changed('VM_metrics', uuid, { VCPUs_number: 99n }, count)).toBe(Number(machine.VCPUs_max));
    expect(changed('VM_metrics', uuid, { VCPUs_number: 0n }, count)).toBe(Number(machine.VCPUs_at_startup));
  });

  test('a disk and a port while they are plugged', () => {
    const id = `Xen:${machine.uuid}/${disk.uuid}`;
    expect(ids('Xen_DiskReadLatency')).toContain(id);
    expect(changed('VBD', disk.uuid, { currently_attached: false }, () => ids('Xen_DiskReadLatency'))).not.toContain(
      id,
    );
    expect(changed('VBD', disk.uuid, { device: '' }, () => ids('Xen_DiskReadLatency'))).not.toContain(id);
    const other = `Xen:${machine.uuid}/${port.uuid}`;
    expect(ids('Xen_NetworkPortReceiveThroughput')).toContain(other);
    expect(
      changed('VIF', port.uuid, { currently_attached: false }, () => ids('Xen_NetworkPortReceiveThroughput')),
    ).not.toContain(other);
  });

  test('a drive has none: it is no disk', () => {
    const drives = new Set(
      demo
        .records('VBD')
        .filter(({ type }) => type !== 'Disk')
        .map(({ uuid }) => uuid),
    );
    expect(ids('Xen_DiskReadThroughput').filter((id) => drives.has(id.split('/')[1]!))).toEqual([]);
  });

  test('free memory of a guest only where an agent tells of it', () => {
    const id = `Xen:${machine.uuid}/MemoryFree`;
    expect(ids('Xen_ComputerSystemMemoryMetricValue')).toContain(id);
    const without = { guest_metrics: 'OpaqueRef:NULL' } as Partial<Records['VM']>;
    expect(changed('VM', machine.uuid, without, () => ids('Xen_ComputerSystemMemoryMetricValue'))).not.toContain(id);
  });

  test('nothing of a host that does not answer, and of what runs on it', () => {
    const { uuid } = demo.store.get('host_metrics', host.metrics)!;
    const of = () =>
      values()
        .map((one) => show(one))
        .filter(
          ({ InstanceID, MeasuredElementName }) =>
            `${InstanceID}${MeasuredElementName}`.includes(host.uuid) || MeasuredElementName === 'web-01',
        );
    expect(of().length).toBeGreaterThan(20);
    expect(changed('host_metrics', uuid, { live: false }, of)).toEqual([]);
  });

  test('traffic of physical ports and bonds; a VLAN shares its device, and what is in a bond is not shown', () => {
    const expected = demo
      .records('PIF')
      .filter(
        ({ currently_attached, physical, bond_master_of }) =>
          currently_attached && (physical || bond_master_of.length > 0),
      )
      .filter(({ bond_slave_of }) => demo.store.get('Bond', bond_slave_of) === undefined)
      .map(({ host: at, uuid }) => `Xen:${demo.store.get('host', at)!.uuid}/${uuid}`);
    expect(demo.records('PIF').some(({ VLAN }) => VLAN >= 0n)).toBe(true);
    expect(ids('Xen_HostNetworkPortReceiveThroughput').sort()).toEqual(expected.sort());
  });

  test('templates and snapshots have none', () => {
    const templates = new Set(
      demo
        .records('VM')
        .filter((vm) => vm.is_a_template)
        .map(({ uuid }) => uuid),
    );
    expect(values().filter((one) => templates.has(/Xen:([^/]*)/.exec(String(show(one)['InstanceID']))![1]!))).toEqual(
      [],
    );
  });
});

describe('ties', () => {
  test('each value names the definition that it is tied to, and one element of its own (DSP1053)', () => {
    const instances = subclasses('CIM_MetricInstance');
    const forElement = subclasses('CIM_MetricForME');
    const tied = (subject: RowSubject, names: readonly string[]) => names.flatMap((name) => met(subject, name));
    for (const value of values()) {
      const { MetricDefinitionId, InstanceID, MeasuredElementName } = show(value);
      const [definition, ...more] = tied(value, instances);
      expect([definition?.split(' ')[1], more], String(InstanceID)).toEqual([MetricDefinitionId, []]);
      const elements = tied(value, forElement);
      expect(elements, `${value.className} ${InstanceID}`).toHaveLength(1);
      expect(MeasuredElementName).not.toBeNull();
    }
  });

  test.each([
    ['Xen_ProcessorUtilization', 'Xen_MetricForVirtualProcessor'],
    ['Xen_DiskReadLatency', 'Xen_MetricForDisk'],
    ['Xen_NetworkPortTransmitThroughput', 'Xen_MetricForNetworkPort'],
    ['Xen_HostProcessorUtilization', 'Xen_MetricForHostProcessor'],
    ['Xen_HostNetworkPortTransmitThroughput', 'Xen_MetricForHostNetworkPort'],
  ])('%s has the id of its element: not that of another machine', (cim, association) => {
    for (const value of all(cim)) expect(met(value, association)[0]?.split(' ')[1]).toBe(show(value)['InstanceID']);
  });

  test('a disk is tied to all that can be measured of it even when nothing is', () => {
    const detached = here('VBD', ({ type, currently_attached, VM }) => {
      const vm = demo.store.get('VM', VM)!;
      return type === 'Disk' && !currently_attached && !vm.is_a_template && !vm.is_a_snapshot;
    });
    const subject = all('Xen_Disk').find((one) => String(show(one)['DeviceID']).endsWith(detached.uuid))!;
    expect(met(subject, 'Xen_MetricDefForDisk')).toHaveLength(6);
    expect(met(subject, 'Xen_MetricForDisk')).toEqual([]);
    const [tie] = [...engine.ties(cimv2, subject, { association: (name) => name === 'Xen_MetricDefForDisk' })];
    expect(show(tie!.association)['MetricCollectionEnabled']).toBe(2);
  });

  test('a definition is tied to its own values only', () => {
    const definition = all('Xen_DiskReadLatencyDef')[0]!;
    const tied = met(definition, 'Xen_MetricInstanceForDisk');
    expect(tied).toHaveLength(all('Xen_DiskReadLatency').length);
    expect(tied.every((text) => text.startsWith('Xen_DiskReadLatency '))).toBe(true);
  });
});

describe('breakdown (DSP1053)', () => {
  test('a value is broken down along a dimension of its definition, or not at all', () => {
    const dimensions = new Map(definitions().map(({ Id, BreakdownDimensions }) => [Id, BreakdownDimensions]));
    for (const value of values().map(show)) {
      const { BreakdownDimension, BreakdownValue, MetricDefinitionId } = value;
      expect(BreakdownDimension === null).toBe(BreakdownValue === null);
      if (BreakdownDimension !== null) expect(dimensions.get(MetricDefinitionId)).toEqual([BreakdownDimension]);
    }
  });

  test('the memory of a host: all that is taken, and the share of each machine that runs there', () => {
    const taken = list('Xen_MemoryResourcePoolMetricValue').filter(({ InstanceID }) =>
      String(InstanceID).includes(`Xen:${host.uuid}/`),
    );
    const running = demo
      .records('VM')
      .filter((vm) => demo.store.get('host', vm.resident_on)?.uuid === host.uuid && vm.power_state !== 'Suspended');
    expect(taken.filter(({ BreakdownValue }) => BreakdownValue === null)).toHaveLength(1);
    const shares = taken.filter(({ BreakdownDimension }) => BreakdownDimension === 'Virtual System');
    expect(shares.map(({ BreakdownValue }) => BreakdownValue).sort()).toEqual(running.map(({ uuid }) => uuid).sort());
    const pool = all('Xen_MemoryPool').find((one) => String(show(one)['InstanceID']).includes(host.uuid))!;
    expect(met(pool, 'Xen_MetricForMemoryPool')).toHaveLength(taken.length);
  });

  test('a shared repository: what each of its hosts measures', () => {
    const shared = here('SR', (one) => one.shared && one.PBDs.length > 1 && one.content_type !== 'iso');
    const pool = all('Xen_StoragePool').find((one) => String(show(one)['InstanceID']).endsWith(shared.uuid))!;
    const plugged = shared.PBDs.map((ref) => demo.store.get('PBD', ref)!).filter((pbd) => pbd.currently_attached);
    expect(met(pool, 'Xen_MetricForStoragePool')).toHaveLength(5 * plugged.length);
    const by = list('Xen_StoragePoolLatency').filter(({ ElementName }) => ElementName === shared.uuid);
    expect(by.map(({ BreakdownDimension }) => BreakdownDimension)).toEqual(plugged.map(() => 'Host'));
  });
});

test('processors of machines and hosts show their load', () => {
  measured['cpu0'] = 0.376;
  const load = (cim: string, id: string) => list(cim).find(({ DeviceID }) => DeviceID === id)?.['LoadPercentage'];
  const first = host.host_CPUs.map((ref) => demo.store.get('host_cpu', ref)!).find(({ number }) => number === 0n)!;
  expect(load('Xen_Processor', `Xen:${machine.uuid}/VCPU0`)).toBe(38);
  expect(load('Xen_Processor', `Xen:${machine.uuid}/VCPU1`)).toBeNull();
  expect(load('Xen_HostProcessor', `Xen:${host.uuid}/${first.uuid}`)).toBe(38);
  const halted = demo.records('VM').find((vm) => !vm.is_a_template && vm.power_state === 'Halted')!;
  expect(load('Xen_Processor', `Xen:${halted.uuid}/VCPU0`)).toBeNull();
  delete measured['cpu0'];
});
