import type { Records, Ref } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { refuse, refuseIf } from '../failure.js';
import { memoryOverhead } from '../memory.js';
import { bootObstacle, possibleHosts } from '../placement.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable } from '../world.js';
import { refreshMachine } from './allowed.js';
import { freeBlockDevices, freeInterfaces } from './device-name.js';
import { spend } from './during.js';
import { addVmMetrics } from './vm-duplicate.js';
import { onVm } from './vm-power.js';
import { setIsTemplate } from './vm-provision.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];

/** Milliseconds that a guest's plugin waits for other operations (facts 0.2). */
const pluginWait = 3_000;

/** XenAPI VM.create: always halted, with metrics of its own; what is wrong with it shows when it starts (facts 5.3). */
function create({ world }: Call, given: AnyRecord): Vm {
  const ref = world.ids.ref() as Vm;
  const made = construct('VM', given) as unknown as Machine;
  const derived = made.HVM_boot_policy === '' ? 'pv' : 'hvm';
  const domain_type = made.domain_type === 'unspecified' ? derived : made.domain_type;
  const metrics = addVmMetrics(world, world.clock.text());
  world.db.insert('VM', ref, {
    ...made,
    uuid: world.ids.uuid(),
    power_state: 'Halted',
    is_default_template: false,
    is_a_snapshot: false,
    snapshot_time: EPOCH,
    domain_type,
    domid: -1n,
    memory_overhead: memoryOverhead({ ...made, domain_type }),
    metrics,
    other_config: { mac_seed: world.ids.uuid(), ...made.other_config },
  });
  refreshMachine(world, ref);
  return ref;
}

/** Only what can be made a template of becomes one; a template becomes a machine in any case (facts 5.3). */
function changeTemplate({ world }: Call, ref: Vm, value: boolean): void {
  if (value) refuseIf(vmObstacle(world, ref, 'make_into_template'));
  setIsTemplate(world, ref, value);
}

/** The messages of class VM that neither change power states nor make machines of machines. */
export const vmHandlers: HandlerTable = {
  'VM.create': create,
  'VM.update_allowed_operations': ({ world }: Call, vm: Vm) => {
    world.db.need('VM', vm);
    refreshMachine(world, vm);
  },
  'VM.assert_operation_valid': ({ world }: Call, vm: Vm, operation: VmOperation) =>
    refuseIf(vmObstacle(world, vm, operation)),
  'VM.assert_can_boot_here': ({ world }: Call, vm: Vm, host: Ref<'host'>) => refuseIf(bootObstacle(world, vm, host)),
  'VM.get_possible_hosts': ({ world }: Call, vm: Vm) => possibleHosts(world, vm),
  'VM.get_allowed_VBD_devices': ({ world }: Call, vm: Vm) => freeBlockDevices(world, vm),
  'VM.get_allowed_VIF_devices': ({ world }: Call, vm: Vm) => freeInterfaces(world, vm),
  'VM.get_cooperative': () => true,
  'VM.set_is_a_template': changeTemplate,
  'VM.get_boot_record': (call: Call, vm: Vm) => onVm(call, vm, 'get_boot_record', () => call.world.db.need('VM', vm)),
  'VM.query_services': (call: Call, vm: Vm) => onVm(call, vm, 'query_services', () => ({})),
  'VM.send_sysrq': () => refuse('NOT_IMPLEMENTED', 'send_sysrq'),
  'VM.send_trigger': () => refuse('NOT_IMPLEMENTED', 'send_trigger'),
  'VM.call_plugin': (call: Call, vm: Vm, plugin: string) =>
    onVm(call, vm, 'call_plugin', () => refuse('XENAPI_MISSING_PLUGIN', plugin), [], pluginWait),
  'VM.restart_device_models': (call: Call, vm: Vm) => onVm(call, vm, 'pause', () => spend(call)),
  'VM.retrieve_wlb_recommendations': () => refuse('WLB_NOT_INITIALIZED'),
};
