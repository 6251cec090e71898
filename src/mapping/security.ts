import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { dualConfiguration, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, dormant, working } from './condition.js';
import { configurations } from './setting.js';
import { system } from './system.js';

type Vtpm = Records['VTPM'];
interface Owned {
  readonly vm: Records['VM'] | undefined;
}

const isUsed = (vm: Records['VM'] | undefined): boolean =>
  vm?.power_state === 'Running' || vm?.power_state === 'Paused';

/** A module works while its machine does. */
const moduleState = states((_vtpm: Vtpm, { vm }: Owned) => (isUsed(vm) ? 'used' : 'kept'), {
  used: working,
  kept: dormant,
});

const name = { value: 'Trusted Platform Module' } as const;

export const trustedModule = element('Xen_TrustedPlatformModule', 'VTPM', {
  reads: { vm: ['VM'] },
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Trusted platform module of a Xen virtual machine' },
    Name: 'uuid',
    ElementName: name,
    IsUnique: 'is_unique',
    IsProtected: 'is_protected',
    ...deviceColumns(moduleState),
  },
});

export const trustedModuleSetting = element('Xen_TrustedPlatformModuleSettingData', 'VTPM', {
  reads: { vm: ['VM'] },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Settings of the trusted platform module of a Xen virtual machine' },
    ElementName: name,
    ResourceType: { value: label('Other') },
    OtherResourceType: name,
    PersistenceBackend: 'persistence_backend',
    AllocationUnits: { value: 'count' },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    Reservation: { value: 1 },
    Limit: { value: 1 },
    ConsumerVisibility: { value: label('Virtualized') },
  },
});

/** A module comes from no pool: it is made for its machine. */
export const securityAssociations = [
  association(
    'Xen_ComputerSystemTrustedPlatformModule',
    ['PartComponent', trustedModule],
    ['GroupComponent', system],
    ['VM'],
  ),
  association(
    'Xen_TrustedPlatformModuleSettingsDefineState',
    ['ManagedElement', trustedModule],
    ['SettingData', trustedModuleSetting],
    [],
  ),
  association(
    'Xen_TrustedPlatformModuleSettingDataComponent',
    ['PartComponent', trustedModuleSetting],
    ['GroupComponent', configurations],
    ['VM'],
  ),
  dualConfiguration('Xen_TrustedPlatformModuleElementSettingData', trustedModuleSetting, ({ reads }) =>
    isUsed(reads.vm),
  ),
];
