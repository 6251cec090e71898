import { classFields } from '../xenapi/datamodel.generated.js';
import type { RemoteClass } from '../xenapi/records.js';

/** A field that holds references, and the field of their targets that leads back; the database keeps the latter. */
export interface BackReference {
  readonly of: RemoteClass;
  readonly field: string;
  readonly to: RemoteClass;
  readonly back: string;
}

/** `class.field -> class.back`. */
const pairs = [
  'VBD.VM -> VM.VBDs',
  'VBD.VDI -> VDI.VBDs',
  'VIF.VM -> VM.VIFs',
  'VIF.network -> network.VIFs',
  'console.VM -> VM.consoles',
  'crashdump.VM -> VM.crash_dumps',
  'crashdump.VDI -> VDI.crash_dumps',
  'VTPM.VM -> VM.VTPMs',
  'VGPU.VM -> VM.VGPUs',
  'VUSB.VM -> VM.VUSBs',
  'VUSB.USB_group -> USB_group.VUSBs',
  'VM.resident_on -> host.resident_VMs',
  'VM.snapshot_of -> VM.snapshots',
  'VM.parent -> VM.children',
  'VM.appliance -> VM_appliance.VMs',
  'VM.snapshot_schedule -> VMSS.VMs',
  'VM.protection_policy -> VMPP.VMs',
  'VDI.SR -> SR.VDIs',
  'VDI.snapshot_of -> VDI.snapshots',
  'PBD.SR -> SR.PBDs',
  'PBD.host -> host.PBDs',
  'PIF.network -> network.PIFs',
  'PIF.host -> host.PIFs',
  'PIF.bond_slave_of -> Bond.slaves',
  'Bond.master -> PIF.bond_master_of',
  'VLAN.untagged_PIF -> PIF.VLAN_master_of',
  'VLAN.tagged_PIF -> PIF.VLAN_slave_of',
  'tunnel.access_PIF -> PIF.tunnel_access_PIF_of',
  'tunnel.transport_PIF -> PIF.tunnel_transport_PIF_of',
  'network_sriov.physical_PIF -> PIF.sriov_physical_PIF_of',
  'network_sriov.logical_PIF -> PIF.sriov_logical_PIF_of',
  'host_cpu.host -> host.host_CPUs',
  'host_crashdump.host -> host.crashdumps',
  'host_patch.host -> host.patches',
  'host_patch.pool_patch -> pool_patch.host_patches',
  'host.updates -> pool_update.hosts',
  'Certificate.host -> host.certificates',
  'Feature.host -> host.features',
  'PCI.host -> host.PCIs',
  'PGPU.host -> host.PGPUs',
  'PGPU.GPU_group -> GPU_group.PGPUs',
  'PGPU.enabled_VGPU_types -> VGPU_type.enabled_on_PGPUs',
  'PGPU.supported_VGPU_types -> VGPU_type.supported_on_PGPUs',
  'GPU_group.enabled_VGPU_types -> VGPU_type.enabled_on_GPU_groups',
  'GPU_group.supported_VGPU_types -> VGPU_type.supported_on_GPU_groups',
  'VGPU.GPU_group -> GPU_group.VGPUs',
  'VGPU.type -> VGPU_type.VGPUs',
  'VGPU.resident_on -> PGPU.resident_VGPUs',
  'PUSB.host -> host.PUSBs',
  'PUSB.USB_group -> USB_group.PUSBs',
  'PVS_server.site -> PVS_site.servers',
  'PVS_proxy.site -> PVS_site.proxies',
  'PVS_cache_storage.site -> PVS_site.cache_storage',
  'Cluster_host.cluster -> Cluster.cluster_hosts',
  'SR.introduced_by -> DR_task.introduced_SRs',
  'VDI.metadata_of_pool -> pool.metadata_VDIs',
  'task.subtask_of -> task.subtasks',
] as const;

const place = (text: string): [RemoteClass, string] => text.split('.') as [RemoteClass, string];

/** Every pair of fields of which one follows from the other. */
export const backReferences: readonly BackReference[] = pairs.map((text) => {
  const [from, to] = text.split(' -> ') as [string, string];
  return { of: place(from)[0], field: place(from)[1], to: place(to)[0], back: place(to)[1] };
});

const byClass = new Map<string, BackReference[]>();
for (const rule of backReferences) byClass.set(rule.of, [...(byClass.get(rule.of) ?? []), rule]);

/** The pairs whose forward field a class holds. */
export const backReferencesOf = (of: string): readonly BackReference[] => byClass.get(of) ?? [];

/** Whether the target's field holds many references, or one. */
export const leadsToMany = ({ to, back }: BackReference): boolean =>
  (classFields[to] as Readonly<Record<string, string>>)[back]?.endsWith(' set') === true;
