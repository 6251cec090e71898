import { describe, expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import { cimv2, demoEngine, schemas, type Values } from './demo-engine.js';

const demo = await demoEngine();
const schema = schemas.get(cimv2)!;
const mapped = [...new Set(rows.elements.map(({ cim }) => cim))];

/** What a tool gets that asks for a superclass without knowing Xen. */
const polled = (superclass: string): readonly (readonly [cim: string, values: Values])[] =>
  mapped
    .filter((cim) => schema.class(cim) && schema.isA(cim, superclass))
    .flatMap((cim) => demo.list(cim).map((values) => [cim, values] as const));

/** CIM_ManagedSystemElement.HealthState: the values that are not reserved. */
const healthStates = [0, 5, 10, 15, 20, 25, 30];

/** Those that hardware monitors poll by their standard names, beside what they list as software and devices. */
const superclasses = [
  'CIM_ComputerSystem',
  'CIM_OperatingSystem',
  'CIM_SoftwareIdentity',
  'CIM_Chassis',
  'CIM_Card',
  'CIM_BIOSElement',
  'CIM_Memory',
  'CIM_Processor',
  'CIM_RecordLog',
  'CIM_LogicalDevice',
  'CIM_PCIDevice',
  'CIM_USBDevice',
  'CIM_DisplayController',
  'CIM_NetworkPort',
  'CIM_ProtocolEndpoint',
  'CIM_ServiceAccessPoint',
  'CIM_ResourcePool',
] as const;

describe.each(superclasses)('a tool that polls %s', (superclass) => {
  const found = polled(superclass);

  test('sees something', () => expect(found.length).toBeGreaterThan(0));

  test('gets a name for each', () => {
    const nameless = found.filter(([, { ElementName }]) => typeof ElementName !== 'string' || ElementName === '');
    expect([...new Set(nameless.map(([cim]) => cim))]).toEqual([]);
  });

  test('gets a HealthState that it can judge, or none at all', () => {
    const odd = found.filter(
      ([, { HealthState }]) => HealthState !== null && !healthStates.includes(HealthState as number),
    );
    expect(odd.map(([cim, { HealthState }]) => [cim, HealthState])).toEqual([]);
  });
});

test('what a tool shows of hardware and software is there for each host', () => {
  const hosts = demo.records('host').length;
  for (const superclass of ['CIM_Chassis', 'CIM_Card', 'CIM_BIOSElement'])
    expect(polled(superclass)).toHaveLength(hosts);
  for (const [, { Manufacturer, SerialNumber }] of polled('CIM_Chassis'))
    expect([typeof Manufacturer, typeof SerialNumber]).toEqual(['string', 'string']);
  for (const [cim, { VersionString }] of polled('CIM_SoftwareIdentity'))
    expect([cim, typeof VersionString]).toEqual([cim, 'string']);
});
