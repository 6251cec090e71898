import { association } from '../provider/association.js';
import { filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { hostPool } from './pool.js';
import { isSystem, system } from './system.js';

const priorities = ['Restart', 'Best Effort', 'None', 'Unknown'] as const;

/** XenAPI keeps the priority as a text, empty where the machine is not protected; old pools have numbers that mean restart. */
export function priorityOf({ ha_restart_priority: text }: Records['VM']): (typeof priorities)[number] {
  if (text === '') return 'None';
  if (text === 'restart' || /^\d+$/.test(text)) return 'Restart';
  return text === 'best-effort' ? 'Best Effort' : 'Unknown';
}

export const systemAvailability = element('Xen_ComputerSystemAvailabilitySettingData', 'VM', {
  reads: { affinity: ['affinity'], appliance: ['appliance'] },
  where: isSystem,
  key: { form: 'member', owner: 'self', suffix: { text: 'Availability' } },
  properties: {
    Caption: { value: 'Availability settings of a Xen virtual machine' },
    ElementName: 'name_label',
    RestartPriority: { calc: (vm) => label(priorityOf(vm)), labels: priorities },
    AlwaysRun: 'ha_always_run',
    StartOrder: 'order',
    StartDelay: 'start_delay',
    ShutdownDelay: 'shutdown_delay',
    HostAffinity: { from: 'affinity', field: 'uuid' },
    Appliance: { from: 'appliance', field: 'uuid' },
  },
});

export const poolAvailability = element('Xen_HostPoolAvailabilitySettingData', 'pool', {
  key: { form: 'member', owner: 'self', suffix: { text: 'Availability' } },
  properties: {
    Caption: { value: 'High availability settings of a Xen pool' },
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    HighAvailabilityEnabled: 'ha_enabled',
    ClusterStack: { field: 'ha_cluster_stack', as: filled },
    HostFailuresToTolerate: 'ha_host_failures_to_tolerate',
    PlanExistsFor: { calc: (pool) => (pool.ha_enabled ? pool.ha_plan_exists_for : null) },
    AllowOvercommit: 'ha_allow_overcommit',
    Overcommitted: { calc: (pool) => (pool.ha_enabled ? pool.ha_overcommitted : null) },
  },
});

/** Machines that are started and stopped together. */
export const appliance = element('Xen_Appliance', 'VM_appliance', {
  key: { form: 'setting' },
  properties: {
    Caption: { value: 'Machines that are started and stopped together' },
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    Description: { field: 'name_description', as: filled },
  },
});

export const availabilityAssociations = [
  association(
    'Xen_ComputerSystemAvailabilitySettingsDefineState',
    ['SettingData', systemAvailability],
    ['ManagedElement', system],
    [],
  ),
  association(
    'Xen_HostPoolAvailabilityElementSettingData',
    ['SettingData', poolAvailability],
    ['ManagedElement', hostPool],
    [],
    {
      properties: {
        IsDefault: { value: label('Is Default') },
        IsCurrent: { value: label('Is Current') },
        IsNext: { value: label('Is Next') },
      },
    },
  ),
  association('Xen_ComputerSystemHostAffinity', ['Dependent', system], ['Antecedent', host], ['affinity']),
  association('Xen_ApplianceMember', ['Member', system], ['Collection', appliance], ['appliance'], {
    properties: { AssignedSequence: { calc: ({ record }) => record.order } },
  }),
];
