import type { enumValues } from '../xenapi/datamodel.generated.js';
import type { Records } from '../xenapi/records.js';

/** What can be done to a machine, as its allowed_operations and current_operations name it. */
export type VmOperation = (typeof enumValues.vm_operations)[number];
export type PowerState = Records['VM']['power_state'];

const any: readonly PowerState[] = ['Halted', 'Paused', 'Running', 'Suspended'];
const live: readonly PowerState[] = ['Running', 'Paused', 'Suspended'];
const halted: readonly PowerState[] = ['Halted'];
const running: readonly PowerState[] = ['Running'];
const atRest: readonly PowerState[] = ['Halted', 'Suspended'];

/** The states from which each operation is possible (facts 5.1); csvm and the quiesced snapshot never are. */
export const powerStates: Readonly<Record<VmOperation, readonly PowerState[]>> = {
  start: halted,
  start_on: halted,
  pause: running,
  unpause: ['Paused'],
  clean_shutdown: running,
  clean_reboot: running,
  hard_shutdown: live,
  hard_reboot: ['Running', 'Paused'],
  suspend: running,
  resume: ['Suspended'],
  resume_on: ['Suspended'],
  shutdown: live,
  clone: halted,
  copy: halted,
  snapshot: any,
  checkpoint: live,
  snapshot_with_quiesce: [],
  revert: any,
  reverting: any,
  provision: halted,
  destroy: atRest,
  export: atRest,
  create_template: atRest,
  import: any,
  metadata_export: any,
  pool_migrate: running,
  migrate_send: ['Halted', 'Suspended', 'Running'],
  make_into_template: halted,
  changing_shadow_memory: halted,
  changing_NVRAM: halted,
  create_vtpm: halted,
  changing_VCPUs: halted,
  changing_static_range: halted,
  changing_memory_limits: halted,
  changing_dynamic_range: ['Halted', 'Running'],
  changing_VCPUs_live: running,
  changing_memory_live: running,
  awaiting_memory_live: running,
  changing_shadow_memory_live: running,
  data_source_op: running,
  send_sysrq: running,
  send_trigger: running,
  call_plugin: running,
  get_boot_record: live,
  power_state_reset: any,
  update_allowed_operations: any,
  assert_operation_valid: any,
  query_services: any,
  csvm: [],
};

/** Operations that are possible and yet never listed (facts 5.1). */
export const neverListed: ReadonlySet<VmOperation> = new Set<VmOperation>([
  'create_template',
  'power_state_reset',
  'csvm',
  'get_boot_record',
  'send_sysrq',
  'send_trigger',
  'query_services',
  'shutdown',
  'call_plugin',
  'changing_memory_live',
  'awaiting_memory_live',
  'changing_memory_limits',
  'changing_shadow_memory_live',
  'changing_VCPUs',
  'assert_operation_valid',
  'data_source_op',
  'update_allowed_operations',
  'import',
  'reverting',
]);

type OperationSet = ReadonlySet<VmOperation>;
const setOf = (...operations: VmOperation[]): OperationSet => new Set(operations);

/** What may be done to a template that is no snapshot. */
export const forTemplates = setOf(
  'clone',
  'copy',
  'export',
  'metadata_export',
  'provision',
  'changing_dynamic_range',
  'changing_static_range',
  'changing_memory_limits',
  'changing_shadow_memory',
  'changing_VCPUs',
  'changing_NVRAM',
  'update_allowed_operations',
  'assert_operation_valid',
);
/** What may be done to a template as well if it is no default one. */
export const forOwnTemplates = setOf('destroy', 'migrate_send');
/** What may be done to a snapshot. */
export const forSnapshots = setOf(
  'revert',
  'clone',
  'copy',
  'export',
  'destroy',
  'hard_shutdown',
  'metadata_export',
  'update_allowed_operations',
  'assert_operation_valid',
);
/** What may be done to a control domain. */
export const forControlDomains = setOf(
  'data_source_op',
  'changing_memory_live',
  'awaiting_memory_live',
  'metadata_export',
  'changing_dynamic_range',
  'changing_memory_limits',
  'changing_static_range',
  'changing_VCPUs',
  'update_allowed_operations',
  'assert_operation_valid',
);
/** What takes a machine, or its memory, off its host. */
export const moving = setOf('suspend', 'checkpoint', 'pool_migrate', 'migrate_send');

/** What a guest's drivers must be able to do for an operation, by the key that its agent writes. */
export const features: Partial<Record<VmOperation, string>> = {
  clean_shutdown: 'feature-poweroff',
  clean_reboot: 'feature-reboot',
  suspend: 'feature-suspend',
  checkpoint: 'feature-suspend',
  pool_migrate: 'feature-suspend',
  migrate_send: 'feature-suspend',
  changing_VCPUs_live: 'feature-vcpu-hotplug',
};

/** Operations that may run beside each other (facts 5.1, check 3). */
const together: readonly OperationSet[] = [setOf('clone', 'copy', 'export'), setOf('snapshot', 'checkpoint')];
const duringMigration = setOf('metadata_export', 'clean_shutdown', 'clean_reboot');

/** Whether one operation may begin while another runs. */
export function compatible(current: VmOperation, wanted: VmOperation): boolean {
  if (wanted === 'get_boot_record' || current === 'get_boot_record') return true;
  if (wanted === 'hard_shutdown') return current !== 'hard_shutdown';
  if (wanted === 'hard_reboot') return current !== 'hard_shutdown' && current !== 'hard_reboot';
  if (current === 'migrate_send' && duringMigration.has(wanted)) return true;
  return together.some((set) => set.has(current) && set.has(wanted));
}
