import { type Association, association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies, states, uriOf } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, dormant, working } from './condition.js';
import { host } from './host.js';
import { unobserved } from './pci.js';
import { configurations } from './setting.js';
import { system } from './system.js';

type Pusb = Records['PUSB'];
type Vusb = Records['VUSB'];

const usb = { ResourceType: { value: label('Other') }, OtherResourceType: { value: 'USB Device' } } as const;

/** A number of four hexadecimal digits, as XenAPI writes vendors and products. */
const hex = (text: string): number | null => (/^[\da-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : null);

/** `2.10` as binary-coded decimals: 0x0210. */
export function bcdOf(version: string): number | null {
  const found = /^\s*(\d{1,2})\.(\d{1,2})\s*$/.exec(version);
  return found ? Number.parseInt(found[1]! + found[2]!.padEnd(2, '0'), 16) : null;
}

const megabit = 1_000_000;

/** What the device on the host is, which a machine's device shows too. */
const nameOf = ({ description, vendor_desc, product_desc, uuid }: Pusb): string =>
  [vendor_desc, product_desc].filter(Boolean).join(' ') || description || uuid;

/** What the descriptors of a device say, given the device or nothing. */
const descriptors = <A extends readonly unknown[]>(device: (...subject: A) => Pusb | undefined) => {
  const show = <V>(read: (pusb: Pusb) => V) => ({
    calc: (...subject: A): V | undefined => {
      const found = device(...subject);
      return found && read(found);
    },
  });
  return {
    VendorID: show(({ vendor_id }) => hex(vendor_id)),
    ProductID: show(({ product_id }) => hex(product_id)),
    USBVersionInBCD: show(({ version }) => bcdOf(version)),
    Manufacturer: show(({ vendor_desc }) => vendor_desc || null),
    Product: show(({ product_desc }) => product_desc || null),
    SerialNumber: show(({ serial }) => serial || null),
  };
};

const physicalKey = { form: 'device', systemClass: 'Xen_HostComputerSystem', owner: 'host', suffix: 'uuid' } as const;

export const hostUsb = element('Xen_HostUSBDevice', 'PUSB', {
  reads: { host: ['host'] },
  key: physicalKey,
  properties: {
    ...unobserved,
    ...descriptors((pusb: Pusb) => pusb),
    Caption: { value: 'USB device of a Xen host' },
    Name: 'path',
    ElementName: { calc: nameOf },
    Description: { calc: ({ description }) => description || null },
    Path: 'path',
    PassthroughEnabled: 'passthrough_enabled',
    Speed: { calc: ({ speed }) => (speed > 0 ? Math.round(speed * megabit) : null) },
  },
});

export const usbPool = element('Xen_USBPool', 'USB_group', {
  reads: { given: ['VUSBs'] },
  key: { form: 'setting' },
  properties: {
    ...usb,
    Caption: { value: 'USB devices that machines can be given' },
    Name: 'name_label',
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    Description: { calc: ({ name_description }) => name_description || null },
    PoolID: 'uuid',
    Primordial: { value: true },
    AllocationUnits: { value: 'count' },
    Capacity: { calc: ({ PUSBs }) => PUSBs.length },
    Reserved: { calc: (_group, { given }) => given.filter(({ currently_attached }) => currently_attached).length },
    ConsumedResourceUnits: { value: 'count' },
    CurrentlyConsumedResource: {
      calc: (_group, { given }) => given.filter(({ currently_attached }) => currently_attached).length,
    },
    HealthState: { value: label('Unknown') },
    OperationalStatus: { value: [label('Unknown')] },
    Status: { value: 'Unknown' },
  },
});

/** What shows whether a device is in its machine now. */
const deviceState = states(({ currently_attached }: Vusb) => (currently_attached ? 'attached' : 'detached'), {
  attached: working,
  detached: dormant,
});

/** The one device of the group; where it holds several, XenAPI does not tell which of them is meant. */
const single = (devices: readonly Pusb[]): Pusb | undefined => (devices.length === 1 ? devices[0] : undefined);

interface Grouped {
  readonly group: Records['USB_group'] | undefined;
  readonly devices: readonly Pusb[];
}

const groupName = ({ uuid }: Vusb, { group, devices }: Grouped): string => {
  const device = single(devices);
  return device ? nameOf(device) : group?.name_label || uuid;
};

export const usbDevice = element('Xen_USBDevice', 'VUSB', {
  reads: { vm: ['VM'], group: ['USB_group'], devices: ['USB_group', 'PUSBs'] },
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: {
    ...descriptors((_vusb: Vusb, { devices }: Grouped) => single(devices)),
    Caption: { value: 'USB device of a Xen virtual machine' },
    Name: 'uuid',
    ElementName: { calc: groupName },
    ...deviceColumns(deviceState),
  },
});

const uriOfDevice = uriOf('Xen_HostUSBDevice', physicalKey);

export const usbSetting = element('Xen_USBDeviceSettingData', 'VUSB', {
  reads: {
    vm: ['VM'],
    group: ['USB_group'],
    devices: ['USB_group', 'PUSBs'],
    hosts: ['USB_group', 'PUSBs', 'host'],
  },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    ...usb,
    Caption: { value: 'Settings of a USB device of a Xen virtual machine' },
    ElementName: { calc: groupName },
    PoolID: { from: 'group', field: 'uuid' },
    HostResource: {
      calc: (_vusb, { devices, hosts }) => {
        const device = single(devices);
        const uri = device && uriOfDevice(device, { host: hosts[0] });
        return uri ? [uri] : null;
      },
    },
    AllocationUnits: { value: 'count' },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    Reservation: { value: 1 },
    Limit: { value: 1 },
    ConsumerVisibility: { value: label('Passed-Through') },
  },
});

export const usbAssociations: readonly Association[] = [
  association('Xen_HostComputerSystemUSBDevice', ['PartComponent', hostUsb], ['GroupComponent', host], ['host']),
  association('Xen_USBPoolComponent', ['PartComponent', hostUsb], ['GroupComponent', usbPool], ['USB_group']),
  association('Xen_HostedUSBPool', ['PartComponent', usbPool], ['GroupComponent', host], ['PUSBs', 'host']),
  ...deviceTies('USBDevice', usbDevice, {
    system,
    toSystem: ['VM'],
    pool: usbPool,
    toPool: ['USB_group'],
    setting: usbSetting,
  }),
  ...settingTies('USBDevice', usbSetting, {
    configurations,
    toConfiguration: ['VM'],
    pool: usbPool,
    toPool: ['USB_group'],
    current: ({ record }) => record.currently_attached,
  }),
];
