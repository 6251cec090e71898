import type { CimInstance, PropertyShape } from '../../src/cim/instance.js';
import { instancePath } from '../../src/cim/path.js';
import type { CimType, CimValue } from '../../src/cim/value.js';
import type { Surroundings } from '../../src/query/datum.js';
import { holds } from '../../src/query/evaluation.js';
import { parseFilter, parseQuery } from '../../src/query/query.js';

type Typed = readonly [type: CimType, value: CimValue];

export function instance(className: string, properties: Readonly<Record<string, Typed>>): CimInstance {
  const shape = Object.entries(properties).map(([name, [type, value]]): PropertyShape => {
    const isArray = Array.isArray(value);
    return {
      name,
      type,
      isArray,
      ...(typeof value === 'object' && value !== null && { embedded: 'instance' as const }),
    };
  });
  const values = Object.values(properties).map(([, value]) => value);
  return { kind: 'instance', shape: { className, properties: shape }, values };
}

const uuid = '6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77';

const path = instancePath(
  'Xen_ComputerSystem',
  [
    { name: 'CreationClassName', type: 'string', value: 'Xen_ComputerSystem' },
    { name: 'Name', type: 'string', value: uuid },
  ],
  'root/cimv2',
);

/** A machine with a value of every kind. */
export const machine: CimInstance = {
  ...instance('Xen_ComputerSystem', {
    Name: ['string', uuid],
    ElementName: ['string', 'Bob\'s "web" server'],
    Description: ['string', null],
    Empty: ['string', ''],
    EnabledState: ['uint16', 2],
    Memory: ['uint64', 18_446_744_073_709_551_615n],
    Offset: ['sint32', -25_123],
    Load: ['real64', 20.5],
    Started: ['boolean', true],
    Dedicated: ['boolean', false],
    InstallDate: ['datetime', '20241224120000.000000+060'],
    Uptime: ['datetime', '00000010000000.000000:000'],
    OperationalStatus: ['uint16', [2, 15, 2]],
    Tags: ['string', ['zero', 'one', null]],
    None: ['string', []],
    Host: ['reference', instancePath('Xen_HostComputerSystem', [{ name: 'Name', type: 'string', value: 'h' }])],
    Setting: ['string', instance('Xen_Setting', { Count: ['uint32', 5], Text: ['string', 'Test'] })],
  }),
  path,
};

/** What a subscriber hears of: the machine as it is, and as it was. */
export const modification = instance('CIM_InstModification', {
  IndicationTime: ['datetime', '20241224120000.000000+000'],
  SourceInstance: ['string', machine],
  PreviousInstance: ['string', instance('Xen_ComputerSystem', { EnabledState: ['uint16', 3] })],
});

const parents: Readonly<Record<string, string>> = {
  Xen_ComputerSystem: 'CIM_ComputerSystem',
  Xen_HostComputerSystem: 'CIM_ComputerSystem',
  CIM_ComputerSystem: 'CIM_System',
  CIM_InstModification: 'CIM_InstIndication',
};

const descends = (className: string, ancestor: string): boolean =>
  className.toLowerCase() === ancestor.toLowerCase() ||
  (parents[className] !== undefined && descends(parents[className], ancestor));

export const surroundings: Surroundings = {
  isA: descends,
  labelled: (_className, property, label) =>
    property === 'EnabledState' ? { enabled: 2, disabled: 3 }[label.toLowerCase()] : undefined,
};

const truthOf = (language: string, where: string, object: CimInstance): boolean =>
  holds(
    parseQuery(language, `SELECT * FROM ${object.shape.className} WHERE ${where}`).condition!,
    object,
    surroundings,
  );

export const wql = (where: string, object = machine): boolean => truthOf('WQL', where, object);

export const cql = (where: string, object = machine): boolean => truthOf('DMTF:CQL', where, object);

export const fql = (filter: string, object = machine): boolean =>
  holds(parseFilter('DMTF:FQL', filter), object, surroundings);
