import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { hostNetworkPort } from './host-network.js';
import { system } from './system.js';

type Pci = Records['PCI'];

/** XenAPI tells that a device is there, and nothing of how it does. */
export const unobserved = {
  EnabledState: { value: label('Unknown') },
  HealthState: { value: label('Unknown') },
  OperationalStatus: { value: [label('Unknown')] },
  Status: { value: 'Unknown' },
} as const;

/** `<domain>:<bus>:<device>.<function>`, in hexadecimal, as numbers; undefined for what is no such address. */
export function pciAddress(text: string): readonly [bus: number, device: number, fn: number] | undefined {
  const found = /^(?:[\da-f]{4,8}:)?([\da-f]{2}):([\da-f]{2})\.([0-7])$/i.exec(text);
  if (!found) return undefined;
  const [bus, device, fn] = found.slice(1).map((part) => Number.parseInt(part, 16));
  return [bus!, device!, fn!];
}

const addressPart = (at: 0 | 1 | 2) => ({ calc: ({ pci_id }: Pci) => pciAddress(pci_id)?.[at] });

/** The base class of a device by the words in the name of its class (the names are those of the PCI ID list). */
const baseClasses: readonly (readonly [words: RegExp, text: string])[] = [
  [/fibre channel|usb controller|smbus|firewire|serial bus/i, 'Serial Bus'],
  [/storage|raid|sata|scsi|ide interface|non-volatile memory|floppy disk|ata controller/i, 'Mass Storage'],
  [/wireless|bluetooth/i, 'Wireless'],
  [/ethernet|network|infiniband|fabric/i, 'Network'],
  [/vga|3d controller|display|xga/i, 'Display'],
  [/multimedia|audio|video/i, 'Multimedia'],
  [/bridge/i, 'Bridge'],
  [/memory/i, 'Memory'],
  [/communication|serial controller|parallel controller|modem/i, 'Simple Communications'],
  [/encryption/i, 'Encryption/Decryption'],
  [/signal processing/i, 'Data Acquisition and Signal Processing'],
  [/co-processor|^processor/i, 'Processor'],
  [/input|keyboard|mouse/i, 'Input'],
  [/peripheral|iommu|timer|sd host/i, 'Base Peripheral'],
];

/** The base class of a device; undefined where its class says none that there is. */
export const baseClassOf = (className: string): string | undefined =>
  baseClasses.find(([words]) => words.test(className))?.[1];

/** Vendor and name of a device, else its address. */
export const nameOfPci = ({ vendor_name, device_name, pci_id }: Pci): string =>
  [vendor_name, device_name].filter(Boolean).join(' ') || pci_id;

const identifying = ['pci_id', 'subsystem_vendor_name', 'subsystem_device_name', 'driver_name'] as const;
const identityOf = (pci: Pci) => identifying.filter((field) => pci[field] !== '');

export const pciDevice = element('Xen_HostPCIDevice', 'PCI', {
  reads: { host: ['host'] },
  key: { form: 'device', systemClass: 'Xen_HostComputerSystem', owner: 'host', suffix: 'uuid' },
  properties: {
    ...unobserved,
    Caption: { value: 'PCI device of a Xen host' },
    Name: 'pci_id',
    ElementName: { calc: nameOfPci },
    Description: { calc: ({ class_name }) => class_name || null },
    BusNumber: addressPart(0),
    DeviceNumber: addressPart(1),
    FunctionNumber: addressPart(2),
    ClassCode: {
      calc: ({ class_name }) => {
        const text = baseClassOf(class_name);
        return text === undefined ? null : label(text);
      },
      labels: baseClasses.map(([, text]) => text),
    },
    ProtocolSupported: { value: label('PCI') },
    DriverName: { calc: ({ driver_name }) => driver_name || null },
    IdentifyingDescriptions: { calc: (pci) => identityOf(pci) },
    OtherIdentifyingInfo: { calc: (pci) => identityOf(pci).map((field) => pci[field]) },
  },
});

export const pciAssociations = [
  association('Xen_HostComputerSystemPCIDevice', ['PartComponent', pciDevice], ['GroupComponent', host], ['host']),
  association('Xen_HostDeviceControlledBy', ['Dependent', hostNetworkPort], ['Antecedent', pciDevice], ['PCI']),
  association('Xen_PCIDeviceDependency', ['Dependent', pciDevice], ['Antecedent', pciDevice], ['dependencies']),
  association('Xen_PassedThroughPCIDevice', ['Dependent', system], ['Antecedent', pciDevice], ['attached_PCIs']),
];
