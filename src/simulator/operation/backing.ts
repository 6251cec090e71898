import { refuse } from '../failure.js';
import {
  fibreLuns,
  iscsiTargets,
  isExported,
  isFileServer,
  isFreeDevice,
  isIscsiPortal,
  sizes,
} from '../storage-array.js';
import type { World } from '../world.js';
import { exportsXml, fibreXml, lunsXml, targetsXml } from './backing-xml.js';
import { storageFails } from './image.js';

type Config = Readonly<Record<string, string>>;

/** A kind of storage: what its device_config leads to, and whether that can be reached. */
export interface StorageKind {
  /** Whether one repository takes the place for itself. */
  readonly exclusive: boolean;
  /** What the storage is reached by, without secrets. */
  readonly place: (config: Config) => string;
  /** Bytes there are; what is missing or wrong is a fault of the storage manager. */
  readonly size: (config: Config) => bigint;
}

function share({ server = '', serverpath = '' }: Config): bigint {
  if (server === '') return storageFails(102, 'The request is missing the server parameter');
  if (!isFileServer(server)) return storageFails(108, 'Unable to detect an NFS service on this target');
  if (serverpath === '')
    return storageFails(101, 'The request is missing the serverpath parameter', exportsXml(server));
  return isExported(serverpath)
    ? sizes.share
    : storageFails(73, 'NFS mount error [opterr=mount failed with return code 32]');
}

function unit({ target = '', targetIQN = '', SCSIid = '', port = '3260' }: Config): bigint {
  if (target === '') return storageFails(95, 'The request is missing the target parameter');
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    return storageFails(142, 'Incorrect value for iSCSI port, must be a number between 1 and 65535');
  if (!isIscsiPortal(target)) return storageFails(141, 'Unable to connect to ISCSI service on target');
  const found = iscsiTargets.find(({ iqn }) => iqn === targetIQN);
  if (found === undefined)
    return storageFails(96, 'The request is missing or has an incorrect target IQN parameter', targetsXml(target));
  const lun = found.luns.find(({ scsiId }) => scsiId === SCSIid);
  return lun?.size ?? storageFails(107, 'The SCSIid parameter is missing or incorrect', lunsXml(found.luns));
}

const fibre = ({ SCSIid = '' }: Config): bigint =>
  fibreLuns.find(({ scsiId }) => scsiId === SCSIid)?.size ??
  storageFails(107, 'The SCSIid parameter is missing or incorrect', fibreXml());

function device({ device: path = '' }: Config): bigint {
  if (path === '') return storageFails(90, 'The request is missing the device parameter');
  return isFreeDevice(path) ? sizes.device : storageFails(91, 'The device is not a valid path');
}

function library({ location = '', legacy_mode = '' }: Config): bigint {
  if (location === '') return storageFails(220, "'Location' parameter must be specified in Device Configuration");
  if (location.startsWith('/') && !location.startsWith('//') && legacy_mode === 'true') return sizes.share;
  const [, server = '', path = ''] = /^(?:\\\\|\/\/)?([^:/\\]+):?([/\\].+)$/.exec(location) ?? [];
  if (server === '') return storageFails(225, 'Incorrect Location string format');
  const reached = isFileServer(server) && (location.includes(':') ? isExported(path) : true);
  return reached ? sizes.share : storageFails(222, 'Could not mount the directory specified in Device Configuration');
}

function windowsShare({ server = '' }: Config): bigint {
  if (server === '') return storageFails(115, 'Not all required parameters specified.');
  const [, host = ''] = /^(?:\\\\|\/\/)([^/\\]+)[/\\].+$/.exec(server) ?? [];
  return isFileServer(host) ? sizes.share : storageFails(111, 'SMB mount error');
}

const local = { exclusive: true, place: ({ device: path = '' }: Config) => path, size: device };

const kinds: Readonly<Record<string, StorageKind>> = {
  nfs: { exclusive: false, place: ({ server = '', serverpath = '' }) => `${server}:${serverpath}`, size: share },
  lvmoiscsi: { exclusive: true, place: ({ SCSIid = '' }) => SCSIid, size: unit },
  lvmohba: { exclusive: true, place: ({ SCSIid = '' }) => SCSIid, size: fibre },
  ext: local,
  lvm: local,
  iso: { exclusive: false, place: ({ location = '' }) => location, size: library },
  smb: { exclusive: false, place: ({ server = '' }) => server, size: windowsShare },
};

const unknown: StorageKind = {
  exclusive: false,
  place: () => '',
  size: () => storageFails(48, 'Unknown repository type'),
};

/** The kind of storage of a type; SR_UNKNOWN_DRIVER [type] for what no host knows (facts 5.4). */
export function kindOf({ db }: World, type: string): StorageKind {
  if (db.find('SM', (kind) => kind.type === type) === undefined) refuse('SR_UNKNOWN_DRIVER', type);
  return kinds[type] ?? unknown;
}

/** The repositories that lie at a place: those of the pool, and those that it has forgotten; uuids. */
export function repositoriesAt({ db, shelf }: World, type: string, place: string): string[] {
  const kind = kinds[type] ?? unknown;
  const known = [...db.entries('SR')].filter(
    ([, sr]) => sr.type === type && sr.PBDs.some((pbd) => kind.place(db.need('PBD', pbd).device_config) === place),
  );
  return [...known.map(([, { uuid }]) => uuid), ...shelf.at(type, place).map(({ uuid }) => uuid)];
}
