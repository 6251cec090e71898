/** A logical unit of a storage array. */
export interface Lun {
  readonly id: number;
  readonly scsiId: string;
  readonly serial: string;
  readonly size: bigint;
}

/** A target of a storage array, and its units. */
export interface Target {
  readonly iqn: string;
  readonly luns: readonly Lun[];
}

const GIB = 1n << 30n;

const lun = (id: number, scsiId: string, gib: bigint): Lun => ({
  id,
  scsiId,
  serial: scsiId.slice(-8),
  size: gib * GIB,
});

/** The iSCSI array that every simulated pool can reach, at 192.0.2.101 to .109. */
export const iscsiTargets: readonly Target[] = [
  { iqn: 'iqn.2026-01.test.example:lun0', luns: [lun(0, '36001405f3b2a', 2048n)] },
  {
    iqn: 'iqn.2026-01.test.example:spare',
    luns: [lun(0, '36001405aaaa0001', 500n), lun(1, '36001405aaaa0002', 1000n)],
  },
];

/** Units that every host sees by Fibre Channel. */
export const fibreLuns: readonly Lun[] = [lun(0, '3600a098000001', 800n), lun(1, '3600a098000002', 1600n)];

export const isIscsiPortal = (address: string): boolean => /^192\.0\.2\.10[1-9]$/.test(address);

/** File servers stand at 192.0.2.100, and at .110 to .119, and export what is under /export. */
export const isFileServer = (address: string): boolean => /^192\.0\.2\.1(00|1\d)$/.test(address);

/** The exports that a file server lists; it gives others under /export as well. */
export const exportedPaths: readonly string[] = ['/export/vhd', '/export/spare', '/export/iso', '/export/install'];

export const isExported = (path: string): boolean => /^\/export(\/[\w.-]+)+$/.test(path);

/** Bytes of a file server's export, and of a local device. */
export const sizes = { share: 4096n * GIB, device: 500n * GIB };

/** Devices of a host that no repository is on at first. */
export const isFreeDevice = (path: string): boolean => /^\/dev\/(sd[b-z]|disk\/by-id\/[\w:.-]+)$/.test(path);

/** What is found in a library of media. */
export const libraryFiles: readonly (readonly [name: string, size: bigint])[] = [
  ['rescue.iso', 734_003_200n],
  ['drivers.iso', 12_582_912n],
];
