import type { Ref } from '../../xenapi/records.js';
import type { PoolBuilder } from './builder.js';
import { GIB, MIB } from './builder.js';
import { biosStrings, cpuInfo, type HostModel, hostCapabilities, hostCpu, softwareVersion } from './hardware.js';

/** One host of a made-up pool, as later parts refer to it. */
export interface HostPart {
  readonly ref: Ref<'host'>;
  readonly name: string;
  readonly address: string;
  readonly model: HostModel;
  readonly controlDomain: Ref<'VM'>;
}

/** Memory that the hypervisor keeps for itself on a host. */
const hostOverhead = 512n * MIB;

/** The address of a pool's host by its place in the pool: 127.0.0.1, .2, .3 (decisions.md 41). */
export const hostAddress = (index: number, subnet = 0): string =>
  `127.${subnet}.${(index + 1) >> 8}.${(index + 1) & 255}`;

function controlDomain(builder: PoolBuilder, ref: Ref<'VM'>, host: Ref<'host'>, name: string, vcpus: bigint): void {
  const memory = 4n * GIB;
  const metrics = builder.add('VM_metrics', {
    memory_actual: memory,
    VCPUs_number: vcpus,
    VCPUs_flags: {},
    state: [],
    start_time: builder.hoursAgo(24 * 40),
    install_time: builder.hoursAgo(24 * 400),
    last_updated: builder.hoursAgo(24 * 40),
    current_domain_type: 'pv',
  });
  builder.add(
    'VM',
    {
      name_label: `Control domain on host: ${name}`,
      name_description: 'The domain which manages physical devices and manages other domains',
      power_state: 'Running',
      is_control_domain: true,
      domid: 0n,
      domarch: 'x64',
      resident_on: host,
      affinity: host,
      metrics,
      memory_target: memory,
      memory_static_max: memory,
      memory_dynamic_max: memory,
      memory_dynamic_min: memory,
      memory_static_min: memory,
      memory_overhead: 84n * MIB,
      VCPUs_max: vcpus,
      VCPUs_at_startup: vcpus,
      actions_after_shutdown: 'destroy',
      actions_after_reboot: 'destroy',
      actions_after_crash: 'destroy',
      domain_type: 'pv',
      other_config: { storage_driver_domain: 'OpaqueRef:NULL', is_system_domain: 'true' },
    },
    ref,
  );
}

/** Adds a host with its metrics, processors, certificate and control domain. */
export function addHost(builder: PoolBuilder, index: number, name: string, model: HostModel): HostPart {
  const [ref, domain] = [builder.ref('host'), builder.ref('VM')];
  const address = hostAddress(index, builder.subnet);
  const total = BigInt(model.memoryGib) * GIB;
  const metrics = builder.add('host_metrics', {
    memory_total: total,
    memory_free: total,
    live: true,
    last_updated: builder.hoursAgo(0),
  });
  const fingerprint = Array.from({ length: 32 }, () => builder.ids.below(256).toString(16).padStart(2, '0')).join(':');
  builder.add('Certificate', {
    type: 'host',
    host: ref,
    not_before: builder.hoursAgo(24 * 400),
    not_after: builder.hoursAgo(-24 * 3250),
    fingerprint,
  });
  for (let number = 0; number < model.cpus; number++) builder.add('host_cpu', { ...hostCpu(model, number), host: ref });
  const boot = String(Date.parse('2026-10-13T06:30:00Z') / 1000);
  builder.add(
    'host',
    {
      name_label: name,
      name_description: 'Default install',
      hostname: name,
      address,
      metrics,
      memory_overhead: hostOverhead,
      API_version_major: 2n,
      API_version_minor: 21n,
      API_version_vendor: 'XenSource',
      enabled: true,
      software_version: { ...softwareVersion, hostname: name },
      capabilities: hostCapabilities,
      cpu_configuration: {},
      cpu_info: cpuInfo(model),
      sched_policy: 'credit',
      supported_bootloaders: ['pygrub', 'eliloader'],
      bios_strings: biosStrings(model, `CZ${String(index + 1).padStart(6, '0')}`),
      chipset_info: { iommu: 'true' },
      license_params: { sku_type: 'free', version: '', expiry: '20991231T23:59:59Z', productcode: '' },
      license_server: { address: 'localhost', port: '27000' },
      edition: 'xcp-ng',
      editions: ['xcp-ng'],
      power_on_mode: index === 0 ? '' : 'wake-on-lan',
      virtual_hardware_platform_versions: [0n, 1n, 2n],
      control_domain: domain,
      iscsi_iqn: `iqn.2026-01.test.example:${name}`,
      external_auth_type: 'AD',
      external_auth_service_name: 'example.test',
      ssl_legacy: false,
      tls_verification_enabled: true,
      other_config: {
        agent_start_time: `${boot}.`,
        boot_time: `${boot}.`,
        iscsi_iqn: `iqn.2026-01.test.example:${name}`,
      },
      logging: {},
    },
    ref,
  );
  controlDomain(builder, domain, ref, name, BigInt(Math.min(model.cpus, 4)));
  return { ref, name, address, model, controlDomain: domain };
}
