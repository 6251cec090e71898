import { exportedPaths, fibreLuns, iscsiTargets, type Lun } from '../storage-array.js';

const element = (name: string, text: string): string => `<${name}>${text}</${name}>`;
const document = (body: string): string => `<?xml version="1.0" ?>${body}`;

/** What a file server exports. */
export const exportsXml = (server: string): string => {
  const each = (path: string) =>
    element('Export', element('Target', server) + element('Path', path) + element('Accesslist', '*'));
  return document(element('nfs-exports', exportedPaths.map(each).join('')));
};

/** What an iSCSI portal offers. */
export const targetsXml = (address: string): string => {
  const each = (iqn: string, i: number) =>
    element('TGT', element('Index', String(i)) + element('IPAddress', address) + element('TargetIQN', iqn));
  return document(element('iscsi-target-iqns', iscsiTargets.map(({ iqn }, i) => each(iqn, i)).join('')));
};

const lunFacts = ({ id, scsiId, serial, size }: Lun): string =>
  element('vendor', 'SIMULATE') +
  element('serial', serial) +
  element('LUNid', String(id)) +
  element('size', String(size)) +
  element('SCSIid', scsiId);

/** The units of a target. */
export const lunsXml = (luns: readonly Lun[]): string =>
  document(element('iscsi-target', luns.map((lun) => element('LUN', lunFacts(lun))).join('')));

/** The units that hosts see by Fibre Channel. */
export const fibreXml = (): string => {
  const each = (lun: Lun) =>
    element(
      'BlockDevice',
      element('path', `/dev/disk/mpInuse/${lun.scsiId}`) + lunFacts(lun) + element('adapter', 'host1'),
    );
  return document(element('Devlist', fibreLuns.map(each).join('')));
};

/** The repositories that lie on a storage. */
export const repositoriesXml = (uuids: readonly string[]): string =>
  document(element('SRlist', uuids.map((uuid) => element('SR', element('UUID', uuid))).join('')));
