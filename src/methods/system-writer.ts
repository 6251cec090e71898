import type { CimInstance } from '../cim/instance.js';
import { type InstancePath, instancePath } from '../cim/path.js';
import type { Records, Ref } from '../xenapi/records.js';
import { invalid } from './input.js';
import { textIn } from './instance.js';
import { type ClassWriter, face, type MethodCall, type Work, type WriterTable } from './method.js';
import { resolve } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import { newResources } from './system-definition.js';
import { addition, destruction, modifyResources, modifySystem, removals } from './system-management.js';
import { writableSettings } from './system-setting.js';

const machineOf = ({ target }: Pick<MethodCall, 'target'>) => ({
  ref: target.ref as Ref<'VM'>,
  record: target.record as Records['VM'],
});

/** A halted machine or template goes with the disks that are its own; anything else stays. */
function remove(call: MethodCall): Work {
  const machine = machineOf(call);
  const { name_label, power_state } = machine.record;
  if (power_state === 'Halted') return destruction(machine, call.view);
  throw new Refusal(serviceCodes.InvalidState, `${name_label} is ${power_state}: only a halted system can be deleted`);
}

const setting: ClassWriter = {
  properties: writableSettings,
  modify: (call) => modifySystem(machineOf(call), call.changes, call),
};

const pathOf = ({ target: { row, keys } }: MethodCall): InstancePath => instancePath(row.cls.name, row.bindings(keys));

/** The changes with the InstanceID of what they are for. */
function addressed(call: MethodCall & { readonly changes: CimInstance }): CimInstance {
  const { changes } = call;
  const id = pathOf(call).keys.find(({ name }) => name === 'InstanceID')!;
  return {
    ...changes,
    shape: {
      ...changes.shape,
      properties: [...changes.shape.properties, { name: id.name, type: 'string', isArray: false }],
    },
    values: [...changes.values, String(id.value)],
  };
}

const changeable = (properties: readonly string[]): ClassWriter => ({
  properties,
  modify: (call) => modifyResources([addressed(call)], call),
});

const device = (properties: readonly string[]): ClassWriter => ({
  ...changeable(properties),
  remove: (call) => removals([pathOf(call)], call),
});

/** A key and its value for the machine that the instance names. */
const pair: ClassWriter = {
  ...device(['value']),
  create: ({ instance, view }) => {
    const id =
      textIn(instance, 'VM_ID') ??
      textIn(instance, 'InstanceID') ??
      invalid('VM_ID, the uuid of the machine, is wanted');
    const machine = resolve(view, 'VM', instancePath('', [{ name: '', type: 'string', value: id }]));
    if (!machine) return invalid(`VM_ID: the pool has no machine ${id.slice(0, 60)}`);
    const work = addition(machine, newResources([instance], view), true);
    return {
      ...work,
      run: async (steps) => {
        await work.run(steps);
        return { Path: face('Xen_KVPSettingData', machine.ref, textIn(instance, 'Key') ?? '') };
      },
    };
  },
};

/** What can be written of machines, their settings, and those of their resources. */
export const systemWriters: WriterTable = {
  Xen_ComputerSystem: { remove },
  Xen_ComputerSystemSettingData: setting,
  Xen_ComputerSystemTemplate: { ...setting, remove },
  Xen_ProcessorSettingData: changeable(['VirtualQuantity', 'Reservation', 'Limit', 'Weight']),
  Xen_MemorySettingData: changeable(['VirtualQuantity', 'Reservation', 'Limit']),
  Xen_DiskSettingData: device([
    'ElementName',
    'Description',
    'VirtualQuantity',
    'HostResource',
    'HostExtentName',
    'AddressOnParent',
    'Access',
    'Bootable',
  ]),
  Xen_NetworkPortSettingData: device(['PoolID', 'Address', 'AddressOnParent']),
  Xen_KVPSettingData: pair,
};
