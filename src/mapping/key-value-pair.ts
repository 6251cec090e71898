import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { dualConfiguration, hidden } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { configurations } from './setting.js';
import { isSystem, system } from './system.js';

interface Entry {
  /** The key, without the folder. */
  readonly name: string;
}

/** The folder of the xenstore that a machine reads; what stands beside it is not for the guest (XenAPI VM.xenstore_data). */
const folder = 'vm-data/';

const none: readonly Entry[] = [];

function entries({ xenstore_data }: Records['VM']): readonly Entry[] {
  let found: Entry[] | undefined;
  for (const key in xenstore_data) {
    if (!key.startsWith(folder) || key.length === folder.length) continue;
    found ??= [];
    found.push({ name: key.slice(folder.length) });
  }
  return found?.sort((a, b) => (a.name < b.name ? -1 : 1)) ?? none;
}

const keyName = { calc: (_vm: Records['VM'], _reads: unknown, { name }: Entry) => name };

export const keyValuePair = element('Xen_KVP', 'VM', {
  where: isSystem,
  parts: entries,
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'self', suffix: 'part' },
  properties: {
    Name: keyName,
    ElementName: keyName,
    Caption: { value: 'Key and value for a Xen Domain' },
    Key: keyName,
    Value: { value: hidden },
    Vm_uuid: 'uuid',
    EnabledState: { value: label('Not Applicable') },
    EnabledDefault: { value: label('Not Applicable') },
    RequestedState: { value: label('Not Applicable') },
  },
});

/** What no ResourceType of the DMTF's stands for. */
const vendorType = 0x8000;

export const keyValuePairSetting = element('Xen_KVPSettingData', 'VM', {
  parts: entries,
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ElementName: keyName,
    Caption: { value: 'Key and value for a Xen Domain' },
    ResourceType: { value: vendorType },
    ResourceSubType: { value: 'Xen:KVP' },
    key: keyName,
    value: { value: hidden },
    VM_ID: 'uuid',
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    AllocationUnits: { value: 'count' },
    ConsumerVisibility: { value: label('Virtualized') },
    AutomaticAllocation: { value: true },
    AutomaticDeallocation: { value: true },
  },
});

export const keyValuePairAssociations = [
  association('Xen_ComputerSystemKVP', ['PartComponent', keyValuePair], ['GroupComponent', system], []),
  association(
    'Xen_KVPSettingDataComponent',
    ['PartComponent', keyValuePairSetting],
    ['GroupComponent', configurations],
    [],
  ),
  association('Xen_KVPSettingsDefineState', ['ManagedElement', keyValuePair], ['SettingData', keyValuePairSetting], []),
  dualConfiguration('Xen_KVPElementSettingData', keyValuePairSetting, ({ record }) => record.power_state !== 'Halted'),
];
