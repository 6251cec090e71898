import { randomUUID } from 'node:crypto';
import { imageCodes } from './disk-image.js';
import { forestAt, type Grown, type PoolImage } from './forest.js';
import { invalid, missing } from './input.js';
import type { Method, MethodCall } from './method.js';
import { systemOf } from './snapshot-system.js';
import type { Steps } from './steps.js';
import { assertFree, endAfter, isOver, mark, markedWith, withdraw } from './transfer-mark.js';
import {
  certificateOf,
  coordinatorPlace,
  defaultMinutes,
  isEncrypted,
  type Place,
  placeOf,
  uriAt,
} from './transfer-place.js';

/*
 * A snapshot forest is a machine with all its snapshots. What the predecessor had its transfer VM serve, the hosts serve
 * by themselves (image-transfer.ts): the description by /export_metadata, each image by /export_raw_vdi as a VHD file.
 * Clients log in there as who they are. Each image is marked as long as the export lasts, so that nobody is given one to
 * write to.
 */

/** An image and the host that serves it. */
interface Served extends Grown<PoolImage> {
  readonly place: Place;
}

/** A state of a disk whose predecessor is exported as well is given as what it differs in from that. */
const imagePath = ({ image, base }: Served): string =>
  `export_raw_vdi?vdi=${image.uuid}&format=vhd${base ? `&base=${base.uuid}` : ''}`;

const descriptionPath = (uuid: string): string =>
  `export_metadata?uuid=${uuid}&export_snapshots=true&include_vhd_parents=true`;

/** The certificates of the hosts, that of the description's first. */
async function certificatesOf(steps: Steps, places: readonly Place[]): Promise<readonly string[]> {
  const hosts = [...new Set(places.map(({ host }) => host))];
  const certificates: string[] = [];
  for (const host of hosts) {
    const certificate = await certificateOf(steps, host);
    if (certificate !== undefined) certificates.push(certificate);
  }
  return certificates;
}

function served({ view, input }: MethodCall, forest: readonly Grown<PoolImage>[]): readonly Served[] {
  const network = input.refer('VirtualSwitch', 'network');
  return forest.map((grown) => ({ ...grown, place: placeOf(view, grown.image, network) }));
}

/**
 * StartSnapshotForestExport: gives the addresses at which a machine's description and the images of it and of its
 * snapshots are read by the user's own login. The machine must not be using its disks: Failed. Where there is no image
 * there is nothing to withdraw, and so no handle.
 */
const startExport: Method = {
  run: (call) => {
    const { input, view, pool } = call;
    const { ref, record } = systemOf(input, 'System');
    const forest = served(call, forestAt(view, record));
    for (const { image } of forest) assertFree(view, image, false);
    const coordinator = coordinatorPlace(view, input.refer('VirtualSwitch', 'network'));
    const encrypted = isEncrypted(input.boolean('UseSSL') !== false, pool);
    const ends = endAfter(input.number('TimeoutInMinutes') ?? defaultMinutes);
    return {
      job: 'Xen_StartSnapshotForestExportJob',
      answers: 'job',
      subject: record.uuid,
      codes: imageCodes,
      needs: ['VDI.add_to_other_config', 'http/get_export_metadata', 'http/get_export_raw_vdi'],
      affects: { VMs: [ref, ...record.snapshots], VDIs: forest.map(({ image }) => image.ref) },
      run: async (steps) => {
        const handle = randomUUID();
        for (const { image } of forest) await mark(steps, image, { handle, writes: false, ends, machine: record.uuid });
        const places = [coordinator, ...forest.map(({ place }) => place)];
        await steps.result({
          MetadataURI: uriAt(coordinator, descriptionPath(record.uuid), encrypted, pool),
          DiskImageURIs: forest.map((each) => uriAt(each.place, imagePath(each), encrypted, pool)),
          SSLCertificates: encrypted ? await certificatesOf(steps, places) : [],
          ...(forest.length > 0 && { ExportConnectionHandle: handle }),
        });
        return {};
      },
    };
  },
};

/** EndSnapshotForestExport: the images of an export are free for others. */
const endExport: Method = {
  run: ({ input, view }) => {
    const name = 'ExportConnectionHandle';
    const handle = input.text(name)?.trim() ?? missing(name, 'that of an export');
    const images = markedWith(view, handle).filter(({ transfer }) => transfer.machine !== undefined);
    const [first] = images;
    if (!first) return invalid(`${name}: nothing is exported under this handle (any more)`);
    if (isOver(first.transfer)) return invalid(`${name}: the time of this export is over; it has ended by itself`);
    return {
      job: 'Xen_EndSnapshotForestExportJob',
      answers: 'job',
      subject: first.transfer.machine!,
      codes: imageCodes,
      needs: ['VDI.remove_from_other_config'],
      affects: { VDIs: images.map(({ ref }) => ref) },
      run: async (steps) => {
        for (const image of images) await withdraw(steps, image, (each) => each.handle === handle);
        return {};
      },
    };
  },
};

export const forestExportMethods = {
  StartSnapshotForestExport: startExport,
  EndSnapshotForestExport: endExport,
};
