import type { Records } from '../../xenapi/records.js';

/** What runs in a machine: how it boots, and what its agent says. */
export interface GuestSystem {
  readonly domain: 'hvm' | 'pv' | 'pvh';
  /** What the agent tells of the system; without it there is no agent. */
  readonly system?: Readonly<Record<string, string>>;
  readonly platform?: Readonly<Record<string, string>>;
  readonly firmware?: 'bios' | 'uefi';
}

/** What the agent of a Linux machine tells. */
export const linux: GuestSystem = {
  domain: 'hvm',
  system: {
    name: 'Debian GNU/Linux 12 (bookworm)',
    distro: 'debian',
    major: '12',
    minor: '5',
    uname: '6.1.0-21-amd64',
  },
};
/** What the agent of a Windows machine tells. */
export const windows: GuestSystem = {
  domain: 'hvm',
  system: {
    name: 'Microsoft Windows Server 2022 Standard',
    distro: 'windows',
    major: '10',
    minor: '0',
    spmajor: '0',
    spminor: '0',
  },
  platform: { viridian: 'true', viridian_time_ref_count: 'true', viridian_reference_tsc: 'true', device_id: '0002' },
  firmware: 'uefi',
};
/** A machine whose guest has no drivers for the hypervisor: it cannot be asked to shut down. */
export const bare: GuestSystem = { domain: 'hvm' };

const agentFeatures = {
  'platform-feature-multiprocessor-suspend': '1',
  'feature-suspend': '1',
  'feature-poweroff': '1',
  'feature-reboot': '1',
  'feature-vcpu-hotplug': '1',
  'feature-balloon': '1',
  'has-vendor-device': '0',
};

/** What a system's agent reports of it: addresses by interface, names, drivers (facts 4.3). */
export function agentReport(
  system: GuestSystem,
  interfaces: number,
  number: number,
): Partial<Records['VM_guest_metrics']> {
  const networks: Record<string, string> = {};
  for (let i = 0; i < interfaces; i++) {
    const address = `10.${20 + i}.${(number >> 8) & 255}.${number & 255}`;
    networks[`${i}/ip`] = address;
    networks[`${i}/ipv4/0`] = address;
    networks[`${i}/ipv6/0`] = `fe80::${(number + 1).toString(16)}:${i + 1}`;
  }
  return {
    os_version: system.system ?? {},
    PV_drivers_version: { major: '7', minor: '30', micro: '0', build: '12' },
    PV_drivers_up_to_date: true,
    PV_drivers_detected: true,
    networks,
    other: agentFeatures,
    can_use_hotplug_vbd: 'yes',
    can_use_hotplug_vif: 'yes',
  };
}
