import { describe, expect, test } from 'vitest';
import { familyOf } from '../../src/mapping/processor-family.js';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const record = demo.records('host')[0]!;
const metrics = demo.store.get('host_metrics', record.metrics)!;
const shown = (name = 'Xen_HostComputerSystem', key = 'Name', value = record.uuid) =>
  demo.show(demo.one(name, key, value));
const changed = (fields: Partial<Records['host']>, measured: Partial<Records['host_metrics']> = {}, name?: string) => {
  demo.change('host', record.uuid, fields);
  demo.change('host_metrics', metrics.uuid, measured);
  const values = name === undefined ? shown() : demo.list(name).find(({ SystemName }) => SystemName === record.uuid)!;
  demo.change('host', record.uuid, record);
  demo.change('host_metrics', metrics.uuid, metrics);
  return values;
};

describe('Xen_HostComputerSystem', () => {
  test('address and product stand beside their names', () => {
    expect(shown()).toMatchObject({
      Caption: 'XenServer Host',
      IdentifyingDescriptions: ['IPv4Address', 'ProductBrand', 'ProductVersion', 'BuildNumber'],
      OtherIdentifyingInfo: [
        record.address,
        record.software_version['product_brand'],
        record.software_version['product_version'],
        record.software_version['build_number'],
      ],
      Dedicated: [2],
    });
  });

  test('a host that is up, one that is held, one that does not answer', () => {
    expect(changed({ enabled: true }, { live: true })).toMatchObject({
      EnabledState: 2,
      OperationalStatus: [2],
      HealthState: 5,
      AvailableRequestedStates: [3, 10, 4],
    });
    expect(changed({ enabled: false }, { live: true })).toMatchObject({
      EnabledState: 6,
      OperationalStatus: [10],
      HealthState: 5,
      AvailableRequestedStates: [2, 10, 4],
    });
    expect(changed({ enabled: true }, { live: false })).toMatchObject({
      EnabledState: 3,
      OperationalStatus: [13],
      HealthState: 25,
      Status: 'Lost Comm',
      AvailableRequestedStates: [2],
    });
  });

  test('boot time, certificate name and secrets of other_config', () => {
    expect(
      changed({ other_config: { boot_time: '1700000000.5', host_cn: 'alpha', auth_token: 'sesame', role: 'lab' } }),
    ).toMatchObject({
      StartTime: '20231114221320.000000+000',
      CN: 'alpha',
      OtherConfig: ['boot_time=1700000000.5', 'host_cn=alpha', 'auth_token=***', 'role=lab'],
      Roles: ['lab'],
    });
    expect(changed({ other_config: {} })).toMatchObject({ StartTime: null, CN: null, Roles: null });
  });

  test('memory is counted in bytes, the free part from the metrics', () => {
    expect(changed({}, { memory_total: 1000n, memory_free: 400n }, 'Xen_HostMemory')).toMatchObject({
      BlockSize: 1n,
      NumberOfBlocks: 1000n,
      ConsumableBlocks: 400n,
      DeviceID: `Xen:${record.uuid}/Memory`,
    });
  });

  test('each processor belongs to its host and does what it does', () => {
    const host = demo.one('Xen_HostComputerSystem', 'Name', record.uuid);
    expect(demo.tied(host, 'Xen_HostComputerSystemProcessor')).toHaveLength(record.host_CPUs.length);
    expect(changed({ enabled: true }, {}, 'Xen_HostProcessor')).toMatchObject({
      CPUStatus: 1,
      Availability: 3,
      EnabledState: 2,
    });
    expect(changed({ enabled: false }, {}, 'Xen_HostProcessor')).toMatchObject({
      CPUStatus: 7,
      Availability: 8,
      EnabledState: 3,
    });
  });

  test('the pool names its coordinator and its default repository, and holds every host', () => {
    const [pool] = demo.records('pool');
    const [subject] = demo.all('Xen_HostPool');
    expect(demo.show(subject!)).toMatchObject({
      InstanceID: `Xen:${pool!.uuid}`,
      Master: demo.store.get('host', pool!.master)!.uuid,
      DefaultStoragePoolID: demo.store.get('SR', pool!.default_SR)!.uuid,
      HighAvailabilityEnabled: false,
    });
    expect(demo.tied(subject!, 'Xen_HostPoolMember')).toHaveLength(demo.records('host').length);
  });
});

test.each([
  ['Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz', 'Intel Xeon'],
  ['Intel(R) Core(TM)2 Duo CPU E8400', 'Intel Core 2 Duo'],
  ['Intel(R) Core(TM) i7-9700', 'Intel Core i7'],
  ['AMD EPYC 7302 16-Core Processor', 'AMD Zen'],
  ['AMD Athlon(tm) 64 Processor', 'AMD Athlon 64'],
  ['Intel(R) Pentium(R) 4 CPU', 'Pentium 4'],
  ['Intel(R) Pentium(R) III', 'Pentium III'],
  ['Genuine Intel(R) CPU', 'Other'],
  ['', 'Unknown'],
])('%s is of the family %s', (model, family) => expect(familyOf(model).label).toBe(family));
