import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import type { PoolBuilder } from './builder.js';
import { addGuest } from './guest.js';
import { bare, type GuestSystem, linux, windows } from './guest-system.js';
import type { Scene } from './scene.js';

/** A default template: what clones of it are provisioned with, sizes in GiB. */
interface TemplateRow {
  readonly name: string;
  readonly system: GuestSystem;
  readonly diskGib: readonly number[];
  readonly memoryGib: number;
  readonly vcpus: number;
  readonly config?: Readonly<Record<string, string>>;
}

const linuxConfig = { linux_template: 'true', 'install-methods': 'cdrom,nfs,http,ftp' };
const windowsConfig = { 'install-methods': 'cdrom' };

/** The default templates, by the names that clients' scripts look for (client-compatibility.md 8). */
const rows: readonly TemplateRow[] = [
  {
    name: 'XenServer Transfer VM',
    system: { domain: 'pv' },
    diskGib: [1],
    memoryGib: 0.25,
    vcpus: 1,
    config: { HideFromXenCenter: 'true' },
  },
  { name: 'Debian Bookworm 12', system: linux, diskGib: [10], memoryGib: 2, vcpus: 2, config: linuxConfig },
  { name: 'Rocky Linux 9', system: linux, diskGib: [10], memoryGib: 2, vcpus: 2, config: linuxConfig },
  {
    name: 'Windows Server 2008 (64-bit)',
    system: windows,
    diskGib: [24],
    memoryGib: 2,
    vcpus: 1,
    config: windowsConfig,
  },
  {
    name: 'Windows Server 2022 (64-bit)',
    system: windows,
    diskGib: [32],
    memoryGib: 4,
    vcpus: 2,
    config: windowsConfig,
  },
  { name: 'Other install media', system: bare, diskGib: [], memoryGib: 1, vcpus: 1, config: windowsConfig },
];

/** other_config.disks: what VM.provision makes (facts 5.3). */
const disksText = (gib: readonly number[]): string => {
  const disks = gib.map(
    (size, i) => `<disk device="${i}" size="${size * 1024 ** 3}" sr="" bootable="${i === 0}" type="system"/>`,
  );
  return `<provision>${disks.join('')}</provision>`;
};

function defaultFields({ diskGib, config }: TemplateRow): Partial<Records['VM']> {
  const disks: Record<string, string> = diskGib.length > 0 ? { disks: disksText(diskGib) } : {};
  return {
    is_a_template: true,
    is_default_template: true,
    other_config: { default_template: 'true', ...config, ...disks },
  };
}

/** Adds default templates and two of the pool's own with disks; gives back one of those. */
export function addTemplates(builder: PoolBuilder, { storage, networks }: Scene): Ref<'VM'> {
  rows.forEach((row, i) => {
    const { name, system, memoryGib, vcpus } = row;
    const description = `Clones of this template will automatically provision their storage when first booted`;
    addGuest(
      builder,
      {
        name,
        description,
        state: 'Halted',
        system,
        vcpus,
        memoryGib,
        disks: [],
        networks: [],
        fields: defaultFields(row),
      },
      900 + i,
    );
  });
  const own = {
    state: 'Halted',
    system: linux,
    vcpus: 2,
    memoryGib: 2,
    cd: NULL_REF as Ref<'VDI'>,
    networks: [networks.lan],
  } as const;
  const fields = { is_a_template: true, other_config: { 'install-methods': 'cdrom', instant: 'true' } };
  const description = 'Demonstration template that clones at once';
  addGuest(builder, { ...own, name: 'Demo Linux VM', description, disks: [{ sr: storage.nfs, gib: 8 }], fields }, 990);
  const disks = [{ sr: storage.iscsi, gib: 20 }];
  return addGuest(
    builder,
    { ...own, name: 'Golden <web> image & "base"', description: 'Vorlage für Webserver', disks, fields },
    991,
  );
}
