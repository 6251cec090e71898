import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { GIB, type PoolBuilder } from './builder.js';
import { addGuest, type GuestSpec } from './guest.js';
import { bare, type GuestSystem, linux, windows } from './guest-system.js';
import type { Scene } from './scene.js';
import { addSuspendImage } from './snapshot.js';
import { addImage } from './storage.js';

const empty = NULL_REF as Ref<'VDI'>;
const paravirtual: GuestSystem = {
  domain: 'pv',
  system: {
    name: 'CentOS release 6.10 (Final)',
    distro: 'centos',
    major: '6',
    minor: '10',
    uname: '2.6.32-754.el6.x86_64',
  },
};
const hvmWindows = { ...windows, system: { ...windows.system, name: 'Microsoft Windows 11 Pro' } };

type Row = Omit<GuestSpec, 'host'> & { readonly on?: 0 | 1 | 2 };

/** The machines of the demonstration pool: running, paused, suspended and halted ones. */
function rows({ storage, networks, media }: Scene, shared: Ref<'VDI'>): readonly Row[] {
  const { lan, office, dmz, internal, bond } = networks;
  const { nfs, iscsi, local } = storage;
  const on = (host: 0 | 1 | 2, gib: number) => ({ sr: local[host] as Ref<'SR'>, gib });
  return [
    {
      name: 'web-01',
      description: 'Front end',
      state: 'Running',
      on: 0,
      system: linux,
      vcpus: 2,
      memoryGib: 4,
      disks: [
        { sr: nfs, gib: 20 },
        { sr: nfs, gib: 50 },
      ],
      cd: empty,
      networks: [lan, dmz],
      fields: { tags: ['web', 'production'], ha_restart_priority: 'restart', order: 1n, start_delay: 10n },
    },
    {
      name: 'web-02',
      description: 'Front end',
      state: 'Running',
      on: 1,
      system: linux,
      vcpus: 2,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 20 }],
      cd: empty,
      networks: [lan, dmz],
      fields: { tags: ['web', 'production'] },
    },
    {
      name: 'db-01',
      description: 'Data base, active',
      state: 'Running',
      on: 0,
      system: linux,
      vcpus: 4,
      memoryGib: 8,
      disks: [{ sr: iscsi, gib: 40 }, { image: shared }],
      networks: [lan, office],
      fields: { VCPUs_params: { weight: '512', cap: '0', mask: '0,1,2,3' } },
    },
    {
      name: 'db-02',
      description: 'Data base, standby',
      state: 'Running',
      on: 1,
      system: linux,
      vcpus: 4,
      memoryGib: 8,
      disks: [{ sr: iscsi, gib: 40 }, { image: shared }],
      networks: [lan, office],
      fields: { VCPUs_params: { weight: '512', cap: '200' } },
    },
    {
      name: 'Büro & Söhne <Mail> "Ω"',
      description: 'Zeichen: ä ö ü ß € \' " < > & ]]> 日本語',
      state: 'Running',
      on: 1,
      system: linux,
      vcpus: 2,
      memoryGib: 2,
      disks: [{ sr: nfs, gib: 30 }],
      cd: empty,
      networks: [office],
      fields: { tags: ['büro', 'a<b'] },
    },
    {
      name: '仮想マシン 01',
      description: 'Рабочая станция 🖥',
      state: 'Running',
      on: 2,
      system: hvmWindows,
      vcpus: 2,
      memoryGib: 4,
      disks: [on(2, 40)],
      cd: empty,
      networks: [office],
    },
    {
      name: 'win-2022',
      description: 'Domain controller',
      state: 'Running',
      on: 0,
      system: windows,
      vcpus: 2,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 60 }],
      cd: media.tools,
      networks: [lan],
      fields: { has_vendor_device: true },
    },
    {
      name: 'legacy-pv',
      description: 'Paravirtual',
      state: 'Running',
      on: 2,
      system: paravirtual,
      vcpus: 1,
      memoryGib: 1,
      disks: [on(2, 8)],
      networks: [lan],
    },
    {
      name: 'no-tools',
      description: 'Its guest has no drivers',
      state: 'Running',
      on: 1,
      system: bare,
      vcpus: 1,
      memoryGib: 1,
      disks: [on(1, 8)],
      cd: media.debian,
      networks: [lan],
    },
    {
      name: 'gpu-01',
      description: 'With a virtual graphics card',
      state: 'Running',
      on: 0,
      system: windows,
      vcpus: 4,
      memoryGib: 8,
      disks: [on(0, 80)],
      cd: empty,
      networks: [bond],
    },
    {
      name: 'monitoring',
      description: '',
      state: 'Running',
      on: 1,
      system: linux,
      vcpus: 1,
      memoryGib: 2,
      disks: [{ sr: nfs, gib: 16 }],
      networks: [lan, internal],
    },
    {
      name: 'build-01',
      description: 'Stopped for a while',
      state: 'Paused',
      on: 1,
      system: linux,
      vcpus: 4,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 100 }],
      networks: [lan],
    },
    {
      name: 'sleeping-01',
      description: 'Suspended',
      state: 'Suspended',
      on: 0,
      system: linux,
      vcpus: 2,
      memoryGib: 2,
      disks: [{ sr: nfs, gib: 20 }],
      cd: empty,
      networks: [lan],
    },
    {
      name: 'sleeping-02',
      description: 'Suspended',
      state: 'Suspended',
      system: hvmWindows,
      vcpus: 2,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 40 }],
      networks: [office],
    },
    {
      name: 'dev-01',
      state: 'Halted',
      system: linux,
      vcpus: 2,
      memoryGib: 2,
      disks: [{ sr: nfs, gib: 20 }],
      cd: empty,
      networks: [lan],
      fields: { VCPUs_max: 4n },
    },
    {
      name: 'dev-02',
      state: 'Halted',
      on: 1,
      system: linux,
      vcpus: 2,
      memoryGib: 2,
      disks: [on(1, 20)],
      cd: empty,
      networks: [lan],
    },
    {
      name: 'ballooning',
      description: 'Its memory may shrink to half',
      state: 'Halted',
      system: linux,
      vcpus: 2,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 20 }],
      networks: [lan],
      fields: { memory_dynamic_min: 2n * GIB, memory_static_min: GIB },
    },
    {
      name: 'fresh-install',
      description: 'Waits for its first start',
      state: 'Halted',
      system: linux,
      vcpus: 1,
      memoryGib: 2,
      disks: [{ sr: nfs, gib: 10 }],
      cd: media.debian,
      networks: [lan],
    },
    {
      name: 'diskless',
      description: 'Boots from the network',
      state: 'Halted',
      system: bare,
      vcpus: 1,
      memoryGib: 0.5,
      disks: [],
      networks: [lan],
      fields: { HVM_boot_params: { order: 'n', firmware: 'bios' } },
    },
    {
      name: 'router',
      description: 'On every network',
      state: 'Halted',
      system: linux,
      vcpus: 1,
      memoryGib: 0.5,
      disks: [{ sr: nfs, gib: 4 }],
      networks: [lan, office, dmz, internal, bond],
    },
    {
      name: 'win-11',
      description: 'With a trusted platform module',
      state: 'Halted',
      system: hvmWindows,
      vcpus: 2,
      memoryGib: 4,
      disks: [{ sr: nfs, gib: 64 }],
      cd: media.windows,
      networks: [office],
    },
    {
      name: 'usb-dongle',
      description: 'With a USB device',
      state: 'Halted',
      on: 2,
      system: windows,
      vcpus: 1,
      memoryGib: 2,
      disks: [on(2, 24)],
      networks: [office],
    },
    {
      name: 'iscsi-only',
      description: 'Its disk is out of reach of xen-gamma',
      state: 'Halted',
      system: linux,
      vcpus: 1,
      memoryGib: 1,
      disks: [{ sr: iscsi, gib: 12 }],
      networks: [lan],
    },
    {
      name: 'too-big',
      description: 'Fits on no host',
      state: 'Halted',
      system: linux,
      vcpus: 8,
      memoryGib: 512,
      disks: [{ sr: nfs, gib: 10 }],
      networks: [lan],
    },
    {
      name: 'blocked',
      description: 'May not be started or destroyed',
      state: 'Halted',
      system: linux,
      vcpus: 1,
      memoryGib: 1,
      disks: [{ sr: nfs, gib: 10 }],
      networks: [lan],
      fields: { blocked_operations: { start: 'VM_LOCKED', destroy: 'keep this' } },
    },
  ];
}

/** Adds the machines; the answer has them by name. */
export function addMachines(builder: PoolBuilder, scene: Scene): ReadonlyMap<string, Ref<'VM'>> {
  const shared = addImage(builder, scene.storage.iscsi, {
    name_label: 'cluster quorum',
    name_description: 'Shared by two machines',
    sharable: true,
    virtual_size: GIB,
  });
  const found = new Map<string, Ref<'VM'>>();
  rows(scene, shared).forEach(({ on, ...row }, i) => {
    const host = on === undefined ? undefined : scene.hosts[on];
    const vm = addGuest(builder, { ...row, ...(host === undefined ? {} : { host }) }, i);
    found.set(row.name, vm);
    if (row.state === 'Suspended') {
      const suspend_VDI = addSuspendImage(builder, scene.storage.nfs, builder.get('VM', vm).memory_static_max);
      builder.amend('VM', vm, { suspend_VDI } satisfies Partial<Records['VM']>);
    }
  });
  return found;
}
