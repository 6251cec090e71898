import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { type Answered, failEachStep, path, type Stage, shown, stage, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });
const call = (name: string, parameters: Readonly<Record<string, Argument>>, user?: string) =>
  on.invoke(service, name, parameters, user);

const size = 4 << 20;

/** A fresh image of 4 MiB that no machine has. */
async function image(): Promise<string> {
  const [, { uuid }] = on.one('SR', ({ type }) => type === 'nfs');
  const setting = `instance of Xen_DiskSettingData { PoolID = "${uuid}"; VirtualQuantity = ${size}; ElementName = "x"; };`;
  const { output } = await call('CreateDiskImage', { ResourceSetting: setting });
  return uuidIn(output['ResultingDiskImage']);
}

const connect = (DiskImage: string, more: Readonly<Record<string, Argument>> = {}, user?: string): Promise<Answered> =>
  call('ConnectToDiskImage', { DiskImage, UseSSL: 'false', ...more }, user);
const disconnect = (ConnectionHandle: string, user?: string) =>
  call('DisconnectFromDiskImage', { ConnectionHandle }, user);

const marks = (uuid: string): string[] =>
  Object.keys(on.one('VDI', (vdi) => vdi.uuid === uuid)[1].other_config).filter((key) => /transfer/.test(key));

async function connected(uuid: string, more: Readonly<Record<string, Argument>> = {}) {
  const job = await on.job(await connect(uuid, more));
  expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
  return { job, handle: String(shown(job, 'ConnectionHandle')), uri: new URL(String(shown(job, 'TargetURI'))) };
}

const attached = (): [Ref<'VDI'>, Records['VDI']] => {
  const [, { VDI }] = on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk' && vbd.mode === 'RW');
  return [VDI, on.db.need('VDI', VDI)];
};

describe('ConnectToDiskImage', () => {
  test('its job names the address at a host for the user who called, without a session or a secret', async () => {
    const uuid = await image();
    let answer: Awaited<ReturnType<typeof connected>> | undefined;
    const sent = await on.messages(async () => {
      answer = await connected(uuid);
    });
    expect(sent).toEqual(['VDI.add_to_other_config']);
    const { job, handle, uri } = answer!;
    expect(job.shape.className).toBe('Xen_ConnectToDiskImageJob');
    expect([shown(job, 'Username'), shown(job, 'Password')]).toEqual(['root', null]);
    expect(uri.pathname + uri.search).toBe(`/import_raw_vdi?vdi=${uuid}&format=raw`);
    expect(on.db.find('host', (host) => host.address === uri.hostname)).toBeDefined();
    expect(uri.href).not.toMatch(/session|OpaqueRef/i);
    expect(marks(uuid)).toEqual([`xen-cim-bridge.transfer.${handle}`]);
  });

  /** What is done while the pool is reached by another URL. */
  const reachedBy = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
    Object.defineProperty(on.connection, 'origin', { value: url, configurable: true });
    return work().finally(() => Reflect.deleteProperty(on.connection, 'origin'));
  };

  test('encrypted unless told otherwise, with the certificate; read-only for many at a time', async () => {
    const uuid = await image();
    const given = { UseSSL: 'true', ReadOnly: 'true', Protocol: 'http' };
    const { job, uri } = await reachedBy('https://xen1', () => connected(uuid, given));
    expect([uri.protocol, uri.port]).toEqual(['https:', '']);
    expect(uri.pathname).toBe('/export_raw_vdi');
    expect(shown(job, 'SSLCertificate')).toMatch(/BEGIN CERTIFICATE/);
    const plain = await reachedBy('https://xen1', () => connected(uuid, { UseSSL: 'false', ReadOnly: 'true' }));
    expect([plain.uri.protocol, plain.uri.port, shown(plain.job, 'SSLCertificate')]).toEqual(['http:', '', null]);
    expect(marks(uuid)).toHaveLength(2);
    expect((await connect(uuid)).returned).toBe(2);
  });

  test("the pool's own port and scheme count where it has one (decisions.md 41)", async () => {
    const uuid = await image();
    const { port } = new URL(on.simulator.url);
    const there = await connected(uuid, { ReadOnly: 'true' });
    expect([there.uri.protocol, there.uri.port, shown(there.job, 'SSLCertificate')]).toEqual(['http:', port, null]);
    const given = { ReadOnly: 'true', UseSSL: 'false' };
    const { uri } = await reachedBy('https://xen1:8443', () => connected(uuid, given));
    expect([uri.protocol, uri.port]).toEqual(['https:', '8443']);
  });

  test('a writer is alone until it disconnects or its time is over', async () => {
    const uuid = await image();
    const { handle } = await connected(uuid, { TimeoutInMinutes: '0' });
    expect((await connect(uuid)).returned).toBe(2);
    expect((await connect(uuid, { ReadOnly: 'true' })).returned).toBe(2);
    await on.job(await disconnect(handle));
    const again = await connected(uuid);
    const [ref] = on.one('VDI', (vdi) => vdi.uuid === uuid);
    const key = `xen-cim-bridge.transfer.${again.handle}`;
    await on.connection.call('VDI.remove_from_other_config', ref, key);
    await on.connection.call('VDI.add_to_other_config', ref, key, 'rw 1000');
    await on.events.caughtUp(5000);
    const last = await connected(uuid);
    expect(marks(uuid)).toEqual([`xen-cim-bridge.transfer.${last.handle}`]);
  });

  test('by a network: the address that the host has there, or none', async () => {
    const uuid = await image();
    const [, pif] = on.one('PIF', ({ management, IP }) => management && IP !== '');
    const { uuid: network } = on.db.need('network', pif.network);
    const addresses = on.db.refs('PIF').map((ref) => on.db.need('PIF', ref).IP);
    expect(addresses).toContain((await connected(uuid, { ReadOnly: 'true', VirtualSwitch: network })).uri.hostname);
    const [, bare] = on.one('network', ({ PIFs }) => PIFs.length === 0);
    const error = await on.refused(connect(uuid, { ReadOnly: 'true', VirtualSwitch: bare.uuid }));
    expect(error.status).toBe('INVALID_PARAMETER');
  });

  test('refuses no image, one that is not there, and protocols that no host speaks: 1', async () => {
    expect((await on.refused(call('ConnectToDiskImage', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(connect('nowhere'))).status).toBe('NOT_FOUND');
    const uuid = await image();
    expect((await connect(uuid, { Protocol: 'iscsi' })).returned).toBe(1);
    expect((await connect(uuid, { Protocol: 'bits' })).returned).toBe(1);
    expect(marks(uuid)).toEqual([]);
  });

  test('an image that a machine has attached stays with it: 2', async () => {
    const [, { uuid }] = attached();
    expect((await connect(uuid)).returned).toBe(2);
    expect((await connect(uuid, { ReadOnly: 'true' })).returned).toBe(2);
  });

  test('is refused to a role that may not change images; each failing step leaves no mark', async () => {
    const uuid = await image();
    expect((await on.refused(connect(uuid, {}, 'vm-operator'))).status).toBe('ACCESS_DENIED');
    const steps = ['VDI.add_to_other_config', 'host.get_server_certificate'];
    await reachedBy('https://xen1', () => failEachStep(on, steps, () => connect(uuid, { UseSSL: 'true' })));
    expect(marks(uuid)).toEqual([]);
  });
});

describe('the address of a transfer', () => {
  /** The hosts of a simulated pool serve at another port than real ones do. */
  const at = (uri: URL): URL => {
    const here = new URL(uri);
    here.port = new URL(on.simulator.url).port;
    return here;
  };
  const as = (name: string) => ({ authorization: `Basic ${Buffer.from(`${name}:${name}`).toString('base64')}` });

  test("takes and gives an image's bytes by the user's own login, and by none other", async () => {
    const uuid = await image();
    const bytes = Buffer.alloc(size, 'what is in the image. ');
    const write = await connected(uuid);
    const put = (headers: Record<string, string>) => fetch(at(write.uri), { method: 'PUT', body: bytes, headers });
    expect((await put({})).status).toBe(401);
    expect((await put(as('reader'))).status).toBe(403);
    expect((await put(as('vm-admin'))).status).toBe(200);
    await on.job(await disconnect(write.handle));

    const read = await connected(uuid, { ReadOnly: 'true' });
    expect((await fetch(at(read.uri))).status).toBe(401);
    const answer = await fetch(at(read.uri), { headers: as('vm-admin') });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    await on.job(await disconnect(read.handle));
  });
});

describe('DisconnectFromDiskImage', () => {
  test('takes the mark away, once', async () => {
    const uuid = await image();
    const { handle } = await connected(uuid);
    const job = await on.job(await disconnect(handle));
    expect([job.shape.className, shown(job, 'JobState')]).toEqual(['Xen_DisconnectFromDiskImageJob', 7]);
    expect(marks(uuid)).toEqual([]);
    expect((await on.refused(disconnect(handle))).status).toBe('INVALID_PARAMETER');
  });

  test('refuses no handle, and what is none', async () => {
    expect((await on.refused(call('DisconnectFromDiskImage', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(disconnect('../x'))).status).toBe('INVALID_PARAMETER');
  });

  test('is refused to a role that may not; a failure leaves the mark', async () => {
    const uuid = await image();
    const { handle } = await connected(uuid);
    expect((await on.refused(disconnect(handle, 'vm-operator'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['VDI.remove_from_other_config'], () => disconnect(handle));
    expect(marks(uuid)).toHaveLength(1);
  });
});
