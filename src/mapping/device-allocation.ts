import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { amounts, defines, has, limit, limits, units } from './allocation-limit.js';
import { graphicsCapabilities, nameOfType } from './graphics.js';
import { host } from './host.js';
import { usbPool } from './usb.js';

/** One device at a time is asked for. */
const one = { ...limit, ...units('count'), ...amounts(() => 1) } as const;

const graphics = { ResourceType: { value: label('Graphics controller') } } as const;

export const graphicsLimit = element('Xen_GraphicsCapabilitiesSettingData', 'VGPU_type', {
  parts: limits('Graphics'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...one,
    ...graphics,
    ElementName: { calc: (type, _reads, { role }) => `${role} of ${nameOfType(type)}` },
    Caption: { value: 'Virtual graphics cards of a kind that can be given' },
    ResourceSubType: { calc: ({ identifier, model_name }) => identifier || model_name || null },
    ConsumerVisibility: {
      calc: ({ implementation }) => label(implementation === 'passthrough' ? 'Passed-Through' : 'Virtualized'),
      labels: ['Passed-Through', 'Virtualized'],
    },
  },
});

const usb = { ResourceType: { value: label('Other') }, OtherResourceType: { value: 'USB Device' } } as const;

/** No method gives a machine a device, or takes it away: that is for the pool's own tools (XenAPI VUSB.create). */
export const usbCapabilities = element('Xen_USBAllocationCapabilities', 'USB_group', {
  key: { form: 'member', owner: 'self', suffix: { text: 'USBAllocationCapabilities' } },
  properties: {
    ...usb,
    ElementName: 'name_label',
    Caption: { value: 'Allocation capabilities of a group of USB devices' },
    RequestTypesSupported: { value: label('General') },
    SharingMode: { value: label('Dedicated') },
    SupportedAddStates: { value: [] },
    SupportedRemoveStates: { value: [] },
  },
});

export const usbLimit = element('Xen_USBCapabilitiesSettingData', 'USB_group', {
  parts: limits('USB'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...one,
    ...usb,
    Caption: { value: 'USB devices that a group can give' },
    PoolID: 'uuid',
    ConsumerVisibility: { value: label('Passed-Through') },
  },
});

export const deviceAllocationAssociations = [
  defines('Graphics', graphicsLimit, graphicsCapabilities),
  defines('USB', usbLimit, usbCapabilities),
  has('Xen_USBPoolAllocationCapabilities', usbPool, usbCapabilities),
  has('Xen_HostUSBAllocationCapabilities', host, usbCapabilities, ['PUSBs', 'host']),
  has('Xen_HostGraphicsAllocationCapabilities', host, graphicsCapabilities, ['supported_on_PGPUs', 'host']),
];
