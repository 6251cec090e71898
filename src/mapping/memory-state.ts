import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { masked, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, missing, working } from './condition.js';
import { configurations } from './setting.js';
import { diskImage, unused } from './storage.js';
import { system } from './system.js';

interface Saved {
  readonly image: Records['VDI'] | undefined;
}

/** What shows whether the image that holds the memory is where it should be. */
const imageState = states((_vm: Records['VM'], { image }: Saved) => (image?.missing ? 'missing' : 'there'), {
  there: { ...working, Availability: label('Quiesced') },
  missing,
});

/** The keys name a snapshot even where the machine is suspended: stored paths do (decisions.md 30). */
export const memoryState = element('Xen_MemoryState', 'VM', {
  reads: { image: ['suspend_VDI'] },
  key: {
    form: 'device',
    systemClass: 'Xen_ComputerSystemSnapshot',
    owner: 'self',
    suffix: { read: 'image' },
    ofSetting: true,
  },
  properties: {
    Name: { from: 'image', field: 'uuid' },
    ElementName: { from: 'image', field: 'name_label' },
    Description: { from: 'image', field: 'name_description' },
    Caption: { value: 'Saved memory of a Xen virtual machine' },
    Access: { value: label('Read/Write Supported') },
    ...deviceColumns(imageState),
    BlockSize: { value: 1 },
    NumberOfBlocks: { from: 'image', field: 'virtual_size' },
    ConsumableBlocks: { calc: (_vm, { image }) => image && unused(image) },
    DataOrganization: { value: label('Unknown') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    NameFormat: { value: label('Other') },
    OtherNameFormat: { value: 'Xen VDI ID' },
    NameNamespace: { value: label('Other') },
    OtherNameNamespace: { value: 'Xen UUID' },
    Primordial: { value: false },
    OtherConfig: { from: 'image', field: 'other_config', as: masked },
  },
});

export const memoryStateAssociations = [
  association('Xen_HostedMemoryState', ['Dependent', memoryState], ['Antecedent', diskImage], ['suspend_VDI']),
  association('Xen_MemoryStateDependency', ['Antecedent', memoryState], ['Dependent', [system, ...configurations]], []),
];
