import { randomUUID } from 'node:crypto';
import { imageCodes } from './disk-image.js';
import { isAwaited } from './import-image.js';
import { invalid, missing } from './input.js';
import type { Method } from './method.js';
import { Refusal } from './return-code.js';
import { assertFree, endAfter, mark, markedWith, withdraw } from './transfer-mark.js';
import { certificateOf, defaultMinutes, isEncrypted, placeOf, uriAt } from './transfer-place.js';

/*
 * The transfer VM of the predecessor is gone: images are transferred by the hosts' own HTTP handlers (XenAPI
 * /export_raw_vdi and /import_raw_vdi), which take the name and password of the pool's users. So a client is let in by
 * its user's own login: no address holds a session or a secret, and no secret is kept here.
 */

/**
 * ConnectToDiskImage: gives the address where a host reads (GET, with ReadOnly) or writes (PUT) an image as raw bytes,
 * or writes one that awaits a disk of a snapshot forest as VHD, for the user who called, by that user's own login. Only
 * HTTP is served: 1 for other protocols.
 */
const connectToImage: Method = {
  run: ({ input, view, caller, pool }) => {
    const image = input.refer('DiskImage', 'VDI') ?? missing('DiskImage', 'a reference to an image');
    const protocol = input.text('Protocol')?.toLowerCase() ?? 'http';
    if (protocol !== 'http')
      throw new Refusal(
        imageCodes.NotSupported,
        `Protocol: hosts serve images by http alone, not by ${protocol.slice(0, 60)}`,
      );
    const writes = input.boolean('ReadOnly') !== true;
    const place = placeOf(view, image, input.refer('VirtualSwitch', 'network'));
    assertFree(view, image, writes);
    const encrypted = isEncrypted(input.boolean('UseSSL') !== false, pool);
    const ends = endAfter(input.number('TimeoutInMinutes') ?? defaultMinutes);
    return {
      job: 'Xen_ConnectToDiskImageJob',
      answers: 'job',
      subject: image.record.uuid,
      codes: imageCodes,
      needs: ['VDI.add_to_other_config'],
      affects: { VDIs: [image.ref] },
      run: async (steps) => {
        const handle = randomUUID();
        await mark(steps, image, { handle, writes, ends });
        const certificate = encrypted ? await certificateOf(steps, place.host) : undefined;
        const format = writes && isAwaited(image.record) ? 'vhd' : 'raw';
        const path = `${writes ? 'import' : 'export'}_raw_vdi?vdi=${image.record.uuid}&format=${format}`;
        await steps.result({
          TargetURI: uriAt(place, path, encrypted, pool),
          Username: caller.name,
          ConnectionHandle: handle,
          ...(certificate !== undefined && { SSLCertificate: certificate }),
        });
        return {};
      },
    };
  },
};

/** DisconnectFromDiskImage: the transfer under a handle is over, and the image free for others. */
const disconnectFromImage: Method = {
  run: ({ input, view }) => {
    const handle = input.text('ConnectionHandle')?.trim() ?? missing('ConnectionHandle', 'that of a connection');
    const image = markedWith(view, handle).find(({ transfer }) => transfer.machine === undefined);
    if (!image) return invalid('ConnectionHandle: no image is connected under this handle (any more)');
    return {
      job: 'Xen_DisconnectFromDiskImageJob',
      answers: 'job',
      subject: image.record.uuid,
      codes: imageCodes,
      needs: ['VDI.remove_from_other_config'],
      affects: { VDIs: [image.ref] },
      run: async (steps) => {
        await withdraw(steps, image, (each) => each.handle === handle);
        return {};
      },
    };
  },
};

export const transferMethods = {
  ConnectToDiskImage: connectToImage,
  DisconnectFromDiskImage: disconnectFromImage,
};
