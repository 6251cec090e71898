import { randomUUID } from 'node:crypto';
import { XenApiError } from '../xenapi/error.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { imageCodes } from './disk-image.js';
import { invalid, missing } from './input.js';
import type { Method, MethodCall } from './method.js';
import type { Referred } from './reference.js';
import { Refusal } from './return-code.js';
import type { Steps } from './steps.js';
import { coordinatorOf } from './storage-connection.js';

/*
 * The transfer VM of the predecessor is gone: images are transferred by the hosts' own HTTP handlers (XenAPI
 * /export_raw_vdi and /import_raw_vdi), which take the name and password of the pool's users. So a client is let in by
 * its user's own login: no address holds a session or a secret, and no secret is kept here. What this service adds is a
 * mark on the image, under which nobody else is given it to write, until it is withdrawn or its time is over.
 */

/** The key of other_config that marks a transfer, before its handle; the value is `<ro|rw> <end, Unix seconds, or 0>`. */
const keyPrefix = 'xen-cim-bridge.transfer.';

const handleForm = /^[0-9a-f-]{36}$/i;

interface Transfer {
  readonly handle: string;
  readonly writes: boolean;
  /** Unix seconds; 0 for never. */
  readonly ends: number;
}

const now = (): number => Math.floor(Date.now() / 1000);
const isOver = ({ ends }: Transfer): boolean => ends !== 0 && ends <= now();

/** The transfers that an image is marked with. */
const transfersOf = ({ other_config }: Records['VDI']): readonly Transfer[] =>
  Object.entries(other_config).flatMap(([key, value]) => {
    if (!key.startsWith(keyPrefix)) return [];
    const [mode, ends] = value.split(' ');
    return [{ handle: key.slice(keyPrefix.length), writes: mode === 'rw', ends: Number(ends) || 0 }];
  });

/** Refuses an image that machines or other transfers use otherwise: readers may be many, a writer is alone. */
function assertFree(view: View, { record }: Referred<'VDI'>, writes: boolean): void {
  const attached = record.VBDs.map((ref) => view.get('VBD', ref)).filter((vbd) => vbd?.currently_attached);
  if (attached.some((vbd) => writes || vbd?.mode === 'RW'))
    throw new Refusal(imageCodes.InUse, `${record.name_label} is attached to a machine`);
  if (transfersOf(record).some((each) => !isOver(each) && (writes || each.writes)))
    throw new Refusal(imageCodes.InUse, `${record.name_label} is being transferred; disconnect from it first`);
  if (writes && record.read_only) invalid(`the image ${record.name_label} can only be read: set ReadOnly`);
}

/** The address of a host on a network: that of a port with one, which is up. */
function addressOn(view: View, host: Ref<'host'>, network: Ref<'network'>): string | undefined {
  const pifs = [...view.refs('PIF')].map((ref) => view.get('PIF', ref)!);
  return pifs.find((pif) => pif.host === host && pif.network === network && pif.currently_attached && pif.IP !== '')
    ?.IP;
}

interface Place {
  readonly host: Ref<'host'>;
  readonly address: string;
}

/** A host that is connected to the image's repository, the coordinator before others, and its address there. */
function placeOf({ view, input }: MethodCall, { record }: Referred<'VDI'>): Place {
  const network = input.refer('VirtualSwitch', 'network');
  const plugged = (view.get('SR', record.SR)?.PBDs ?? []).map((ref) => view.get('PBD', ref));
  const hosts = plugged.filter((pbd) => pbd?.currently_attached).map((pbd) => pbd!.host);
  if (hosts.length === 0) throw new Refusal(imageCodes.InvalidState, 'no host is connected to the repository');
  const coordinator = coordinatorOf(view);
  for (const host of [...hosts.filter((ref) => ref === coordinator), ...hosts]) {
    const address = network ? addressOn(view, host, network.ref) : view.get('host', host)?.address;
    if (address) return { host, address };
  }
  return invalid('VirtualSwitch: no host that is connected to the repository has an address on that network');
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The host's certificate, where the user may ask for it. */
async function certificateOf(steps: Steps, host: Ref<'host'>): Promise<Readonly<Record<string, string>>> {
  try {
    return { SSLCertificate: String(await steps.call('host.get_server_certificate', host)) };
  } catch (reason) {
    if (reason instanceof XenApiError && reason.code === 'RBAC_PERMISSION_DENIED') return {};
    throw reason;
  }
}

const day = 1440;

/**
 * ConnectToDiskImage: gives the address where a host reads (GET, with ReadOnly) or writes (PUT) an image as raw bytes,
 * for the user who called, by that user's own login. Only HTTP is served: 1 for other protocols.
 */
const connectToImage: Method = {
  run: (call) => {
    const { input, view, caller } = call;
    const image = input.refer('DiskImage', 'VDI') ?? missing('DiskImage', 'a reference to an image');
    const protocol = input.text('Protocol')?.toLowerCase() ?? 'http';
    if (protocol !== 'http')
      throw new Refusal(
        imageCodes.NotSupported,
        `Protocol: hosts serve images by http alone, not by ${protocol.slice(0, 60)}`,
      );
    const writes = input.boolean('ReadOnly') !== true;
    const { host, address } = placeOf(call, image);
    assertFree(view, image, writes);
    const encrypted = input.boolean('UseSSL') !== false;
    const minutes = input.number('TimeoutInMinutes') ?? day;
    const ends = minutes === 0 ? 0 : now() + minutes * 60;
    return {
      job: 'Xen_ConnectToDiskImageJob',
      answers: 'job',
      subject: image.record.uuid,
      codes: imageCodes,
      needs: ['VDI.add_to_other_config'],
      affects: { VDIs: [image.ref] },
      run: async (steps) => {
        assertFree(steps.view, { ref: image.ref, record: steps.view.get('VDI', image.ref) ?? image.record }, writes);
        await withdraw(steps, image, isOver);
        const handle = randomUUID();
        const key = keyPrefix + handle;
        await steps.call('VDI.add_to_other_config', image.ref, key, `${writes ? 'rw' : 'ro'} ${ends}`);
        steps.undo('the mark of the transfer', 'VDI.remove_from_other_config', image.ref, key);
        const certificate = encrypted ? await certificateOf(steps, host) : {};
        const path = `${writes ? 'import' : 'export'}_raw_vdi?vdi=${image.record.uuid}&format=raw`;
        const TargetURI = `${encrypted ? 'https' : 'http'}://${bracketed(address)}/${path}`;
        await steps.result({ TargetURI, Username: caller.name, ConnectionHandle: handle, ...certificate });
        return {};
      },
    };
  },
};

/** Takes the marks of some of an image's transfers away. */
async function withdraw(steps: Steps, image: Referred<'VDI'>, which: (each: Transfer) => boolean): Promise<void> {
  for (const { handle } of transfersOf(image.record).filter(which))
    await steps.call('VDI.remove_from_other_config', image.ref, keyPrefix + handle);
}

function imageWith(view: View, handle: string): Referred<'VDI'> | undefined {
  const ref = [...view.refs('VDI')].find((each) =>
    Object.hasOwn(view.get('VDI', each)!.other_config, keyPrefix + handle),
  );
  return ref && { ref, record: view.get('VDI', ref)! };
}

/** DisconnectFromDiskImage: the transfer under a handle is over, and the image free for others. */
const disconnectFromImage: Method = {
  run: ({ input, view }) => {
    const handle = input.text('ConnectionHandle')?.trim() ?? missing('ConnectionHandle', 'that of a connection');
    const image = handleForm.test(handle) ? imageWith(view, handle) : undefined;
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
