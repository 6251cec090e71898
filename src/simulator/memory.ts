import type { Records } from '../xenapi/records.js';

const MIB = 1n << 20n;

type Sized = Pick<Records['VM'], 'memory_static_max' | 'VCPUs_max' | 'domain_type' | 'HVM_shadow_multiplier'>;

/** Bytes of memory that a machine takes beside its own: shadow tables grow with memory and processors. */
export function memoryOverhead(vm: Sized): bigint {
  if (vm.domain_type === 'pv') return MIB;
  const shadow = (MIB * (vm.memory_static_max / (128n * MIB)) + vm.VCPUs_max * MIB) as bigint;
  const multiplied = BigInt(Math.round(Number(shadow) * vm.HVM_shadow_multiplier));
  return ((9n * MIB + multiplied) / MIB) * MIB;
}

/** Bytes that a machine has to find on a host: dynamic_min, or static_max for pv-in-pvh, and its overhead (facts 5.2). */
export function memoryNeeded(vm: Records['VM']): bigint {
  const own = vm.domain_type === 'pv_in_pvh' ? vm.memory_static_max : vm.memory_dynamic_min;
  return own + memoryOverhead(vm);
}
