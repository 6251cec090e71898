import type { Records, Ref } from '../../xenapi/records.js';
import { GIB, type PoolBuilder } from './builder.js';

type Sr = Ref<'SR'>;
type Vdi = Ref<'VDI'>;

/** A kind of storage as class SM tells of it. */
interface StorageKind {
  readonly type: string;
  readonly description: string;
  readonly features: readonly string[];
  readonly configuration: Readonly<Record<string, string>>;
}

const diskFeatures = (
  'SR_PROBE SR_UPDATE VDI_CREATE VDI_DELETE VDI_ATTACH VDI_DETACH VDI_UPDATE VDI_CLONE VDI_SNAPSHOT VDI_RESIZE ' +
  'VDI_MIRROR VDI_GENERATE_CONFIG VDI_RESET_ON_BOOT VDI_CONFIG_CBT ATOMIC_PAUSE VDI_ACTIVATE VDI_DEACTIVATE'
).split(' ');
const isoFeatures = ['VDI_CREATE', 'VDI_DELETE', 'VDI_ATTACH', 'VDI_DETACH', 'SR_SCAN', 'SR_ATTACH', 'SR_DETACH'];

const device = { device: 'local device path (required)' };
const scsi = { SCSIid: 'The scsi_id of the destination LUN' };
const location = { location: 'path to mount (required)' };
const nfs = {
  server: 'hostname or IP address of NFS server (required)',
  serverpath: 'path on remote server (required)',
};
const iscsi = {
  target: 'IP address or hostname of the iSCSI target',
  targetIQN: 'The IQN of the target LUN group',
  ...scsi,
};
const smb = { server: 'path to the SMB share (required)' };
const udevFeatures = ['VDI_INTRODUCE', 'VDI_ATTACH', 'VDI_DETACH', 'SR_SCAN'];
const cachingFeatures = [...diskFeatures, 'SR_SUPPORTS_LOCAL_CACHING'];

const storageKinds: readonly StorageKind[] = [
  { type: 'ext', description: 'Local EXT3 VHD', features: cachingFeatures, configuration: device },
  { type: 'lvm', description: 'Local VHD on LVM', features: diskFeatures, configuration: device },
  { type: 'nfs', description: 'NFS VHD', features: diskFeatures, configuration: nfs },
  { type: 'lvmoiscsi', description: 'LVHD over iSCSI', features: diskFeatures, configuration: iscsi },
  { type: 'lvmohba', description: 'LVHD over FC', features: diskFeatures, configuration: scsi },
  { type: 'iso', description: 'ISO', features: isoFeatures, configuration: location },
  { type: 'smb', description: 'SMB VHD', features: diskFeatures, configuration: smb },
  { type: 'udev', description: 'udev', features: udevFeatures, configuration: location },
];

/** Adds the kinds of storage that a host knows. */
export function addStorageKinds(builder: PoolBuilder): void {
  for (const { type, description, features, configuration } of storageKinds)
    builder.add('SM', {
      type,
      name_label: description,
      name_description: `SR plugin which manages storage of type ${type}`,
      vendor: 'Xen',
      copyright: '',
      version: '1.0',
      required_api_version: '1.0',
      configuration,
      capabilities: features,
      features: Object.fromEntries(features.map((feature) => [feature, 1n])),
      driver_filename: `/opt/xensource/sm/${type.toUpperCase()}SR`,
    });
}

/** Where a repository is plugged: a host, and what tells it how. */
export interface Plug {
  readonly host: Ref<'host'>;
  readonly config: Readonly<Record<string, string>>;
  readonly attached?: boolean;
}

/** Adds a repository with its PBDs; sizes in bytes. */
export function addRepository(builder: PoolBuilder, fields: Partial<Records['SR']>, plugs: readonly Plug[]): Sr {
  const sr = builder.add('SR', { content_type: 'user', physical_size: 0n, physical_utilisation: 0n, ...fields });
  for (const { host, config, attached = true } of plugs)
    builder.add('PBD', { SR: sr, host, device_config: config, currently_attached: attached });
  return sr;
}

/** Adds a disk image and counts its size to its repository. */
export function addImage(builder: PoolBuilder, sr: Sr, fields: Partial<Records['VDI']>): Vdi {
  const uuid = builder.ids.uuid();
  const size = fields.virtual_size ?? 8n * GIB;
  const used = fields.physical_utilisation ?? size / 3n;
  const repository = builder.get('SR', sr);
  builder.amend('SR', sr, {
    virtual_allocation: repository.virtual_allocation + size,
    physical_utilisation: repository.physical_utilisation + used,
  });
  return builder.add('VDI', {
    uuid,
    SR: sr,
    type: 'user',
    virtual_size: size,
    physical_utilisation: used,
    location: uuid,
    managed: true,
    read_only: false,
    sharable: false,
    storage_lock: false,
    missing: false,
    ...fields,
  });
}

/** Adds an ISO image to a library; it is known by its file name. */
export const addIso = (builder: PoolBuilder, sr: Sr, name: string, fields: Partial<Records['VDI']> = {}): Vdi =>
  addImage(builder, sr, {
    name_label: name,
    location: name,
    virtual_size: 661_651_456n,
    physical_utilisation: 661_651_456n,
    read_only: true,
    ...fields,
  });
