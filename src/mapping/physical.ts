import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { hostSystemState } from './operating-system.js';

type Host = Records['host'];
interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** What the firmware of the host says under a name; NULL what it leaves empty. */
const bios =
  (key: string) =>
  ({ bios_strings }: Host): string | null =>
    bios_strings[key]?.trim() || null;

const maker = { system: bios('system-manufacturer'), board: bios('baseboard-manufacturer') } as const;
const model = { system: bios('system-product-name'), board: bios('baseboard-product-name') } as const;
const serial = { system: bios('system-serial-number'), board: bios('baseboard-serial-number') } as const;

const called = (what: 'system' | 'board', fallback: string) => ({
  calc: (record: Host) => [maker[what](record), model[what](record)].filter(Boolean).join(' ') || fallback,
});

/** XenAPI tells nothing of fans, power or temperature: how the parts are is not known. */
const unknownHealth = {
  HealthState: { value: label('Unknown') },
  OperationalStatus: { value: [label('Unknown')] },
  Status: { value: 'Unknown' },
} as const;

/** A host that answers has power; of another one nothing is known. */
const powered = { calc: (_host: Host, { metrics }: Measured) => (metrics?.live ? true : null) };

export const chassis = element('Xen_HostChassis', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'physical', text: 'Chassis' },
  properties: {
    ...unknownHealth,
    Caption: { value: 'Chassis of a Xen host' },
    ElementName: called('system', 'Chassis'),
    Name: 'hostname',
    Manufacturer: { calc: maker.system },
    Model: { calc: model.system },
    SerialNumber: { calc: serial.system },
    Version: { calc: bios('system-version') },
    PoweredOn: powered,
    PackageType: { value: label('Chassis/Frame') },
    ChassisPackageType: { value: label('Unknown') },
    RemovalConditions: { value: label('Unknown') },
    MultipleSystemSupport: { value: label('Unknown') },
    RackMountable: { value: label('Unknown') },
  },
});

export const baseboard = element('Xen_HostBaseboard', 'host', {
  reads: { metrics: ['metrics'] },
  where: (record) => [maker.board, model.board, serial.board].some((read) => read(record) !== null),
  key: { form: 'physical', text: 'Baseboard' },
  properties: {
    ...unknownHealth,
    Caption: { value: 'Baseboard of a Xen host' },
    ElementName: called('board', 'Baseboard'),
    Manufacturer: { calc: maker.board },
    Model: { calc: model.board },
    SerialNumber: { calc: serial.board },
    PoweredOn: powered,
    PackageType: { value: label('Module/Card') },
    RemovalConditions: { value: label('Unknown') },
    HostingBoard: { value: true },
  },
});

/** SoftwareElementState and TargetOperatingSystem are keys: Running, and Not Applicable. */
export const biosElement = element('Xen_HostBIOSElement', 'host', {
  reads: { metrics: ['metrics'] },
  where: (record) => bios('bios-version')(record) !== null,
  key: {
    form: 'softwareElement',
    text: 'BIOS',
    keys: {
      Name: () => 'BIOS',
      Version: ({ bios_strings }) => bios_strings['bios-version'],
      SoftwareElementState: () => '3',
      TargetOperatingSystem: () => '66',
    },
  },
  properties: {
    Caption: { value: 'Firmware of a Xen host' },
    ElementName: { calc: (record) => `BIOS ${bios('bios-version')(record)}` },
    Manufacturer: { calc: bios('bios-vendor') },
    PrimaryBIOS: { value: true },
    HealthState: hostSystemState('HealthState'),
    OperationalStatus: hostSystemState('OperationalStatus'),
    Status: hostSystemState('Status'),
  },
});

export const physicalAssociations = [
  association('Xen_HostComputerSystemPackage', ['Antecedent', chassis], ['Dependent', host], []),
  association('Xen_BaseboardInChassis', ['PartComponent', baseboard], ['GroupComponent', chassis], []),
  association('Xen_HostBIOS', ['PartComponent', biosElement], ['GroupComponent', host], []),
];
