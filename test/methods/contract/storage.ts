import type { InstancePath } from '../../../src/cim/path.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, path, type Stage, shown, uuidIn } from '../stage.js';
import { assertSeen } from './arrangement.js';
import type { Case, Given, Row, Rows } from './row.js';

const at = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });

type Values = Parameters<typeof embedded>[1];

const nfs = (on: Stage): Records['SR'] =>
  on.one('SR', ({ type, name_label }) => type === 'nfs' && name_label !== 'spare')[1];

const imageSettings = (on: Stage, values: Values = {}) =>
  embedded('Xen_DiskSettingData', {
    PoolID: nfs(on).uuid,
    VirtualQuantity: 64n,
    AllocationUnits: 'byte * 2^20',
    ElementName: 'data',
    ...values,
  });

/** An image that no machine has. */
export async function image(
  on: Stage,
): Promise<{ readonly ref: Ref<'VDI'>; readonly uuid: string; readonly sr: string }> {
  const { output } = await on.invoke(at, 'CreateDiskImage', { ResourceSetting: imageSettings(on) });
  const uuid = uuidIn(output['ResultingDiskImage']);
  return { ref: on.db.byUuid('VDI', uuid)!, uuid, sr: nfs(on).uuid };
}

/** The whole key of an image. */
export const imagePath = (sr: string, uuid: string) =>
  path('Xen_DiskImage', {
    CreationClassName: 'Xen_DiskImage',
    DeviceID: `Xen:${sr}/${uuid}`,
    SystemCreationClassName: 'Xen_StoragePool',
    SystemName: sr,
  });

const wrongImages = (values: readonly (readonly [what: string, values: Values])[]): readonly Case[] =>
  values.map(([what, each]) => ({
    what,
    given: () => ({ ResourceSetting: embedded('Xen_DiskSettingData', each) }),
    answers: 'INVALID_PARAMETER',
  }));

const createDiskImage: Row = {
  arrange: (on) => ({
    at,
    given: { ResourceSetting: imageSettings(on) },
    seen: async ({ output }) => {
      const made = await on.get(output['ResultingDiskImage'] as never);
      assertSeen(shown(made, 'NumberOfBlocks') === 64n << 20n);
    },
  }),
  gives: ['ResultingDiskImage'],
  invalid: wrongImages([
    ['no repository', { VirtualQuantity: 1n }],
    ['an unknown repository', { PoolID: 'nowhere', VirtualQuantity: 1n }],
    ['the type of a processor', { ResourceType: 3 }],
  ]),
  wrongState: [
    {
      what: 'a library of media',
      arrange: (on) => {
        const [, { uuid }] = on.one('SR', ({ name_label }) => name_label === 'NFS ISO library');
        return { at, given: { ResourceSetting: imageSettings(on, { PoolID: uuid }) } };
      },
      answers: 'NOT_SUPPORTED',
      says: /XenError:SR_OPERATION_NOT_SUPPORTED/,
    },
  ],
  refusedTo: 'vm-operator',
};

/** An image that a machine has attached. */
const attached = (on: Stage): Records['VDI'] =>
  on.db.need(
    'VDI',
    on.one('VBD', ({ currently_attached, type, mode }) => currently_attached && type === 'Disk' && mode === 'RW')[1]
      .VDI,
  );

const deleteDiskImage: Row = {
  arrange: async (on) => {
    const { ref, uuid, sr } = await image(on);
    return {
      at,
      given: { DiskImage: imagePath(sr, uuid) },
      seen: () => assertSeen(on.store.get('VDI', ref) === undefined),
    };
  },
  invalid: [],
  wrongState: [
    {
      what: 'an image that a machine has',
      arrange: (on) => ({ at, given: { DiskImage: attached(on).uuid } }),
      answers: 'FAILED',
      says: /XenError:VDI_IN_USE/,
    },
  ],
  refusedTo: 'vm-operator',
};

const transferKeys = (on: Stage, ref: Ref<'VDI'>): readonly string[] =>
  Object.keys(on.store.get('VDI', ref)!.other_config).filter((key) => key.includes('transfer'));

const connectToDiskImage: Row = {
  arrange: async (on) => {
    const { ref, uuid, sr } = await image(on);
    const [, pif] = on.one('PIF', ({ management, IP }) => management && IP !== '');
    return {
      at,
      given: {
        DiskImage: imagePath(sr, uuid),
        VirtualSwitch: on.db.need('network', pif.network).uuid,
        Protocol: 'http',
        UseSSL: true,
        ReadOnly: false,
        TimeoutInMinutes: 5,
      },
      seen: ({ job }) => assertSeen(transferKeys(on, ref).length === 1 && shown(job!, 'TargetURI') !== null),
    };
  },
  answers: '4096',
  optional: ['VirtualSwitch', 'Protocol', 'UseSSL', 'ReadOnly', 'TimeoutInMinutes'],
  ignored: {
    NetworkConfiguration: 'it was for a machine of its own that served the image, and there is none any more',
  },
  invalid: [
    { what: 'a protocol that no host speaks', given: { Protocol: 'iscsi' }, answers: '1' },
    {
      what: 'a network that no host has an address on',
      arrange: async (on) => {
        const { uuid, sr } = await image(on);
        const [, bare] = on.one('network', ({ PIFs }) => PIFs.length === 0);
        return { at, given: { DiskImage: imagePath(sr, uuid), VirtualSwitch: bare.uuid } };
      },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'an image that a machine has',
      arrange: (on) => ({ at, given: { DiskImage: attached(on).uuid } }),
      answers: '2',
    },
  ],
  refusedTo: 'vm-operator',
};

const disconnectFromDiskImage: Row = {
  arrange: async (on) => {
    const { ref, uuid, sr } = await image(on);
    const job = await on.job(
      await on.invoke(at, 'ConnectToDiskImage', { DiskImage: imagePath(sr, uuid), UseSSL: 'false' }),
    );
    return {
      at,
      given: { ConnectionHandle: String(shown(job, 'ConnectionHandle')) },
      seen: () => assertSeen(transferKeys(on, ref).length === 0),
    };
  },
  answers: '4096',
  invalid: [{ what: 'a handle of nothing', given: { ConnectionHandle: '../x' }, answers: 'INVALID_PARAMETER' }],
  wrongState: 'what is connected can be disconnected whatever happens to it; a handle is of nothing then',
  refusedTo: 'vm-operator',
};

const share = ['server=192.0.2.100', 'serverpath=/export/spare'];
const poolSettings = (values: Values = {}) =>
  embedded('Xen_DiskSettingData', { ResourceSubType: 'nfs', Connection: share, Description: 'spare', ...values });

/** A shared repository without images, and its path. */
async function spare(on: Stage): Promise<{ readonly ref: Ref<'SR'>; readonly uuid: string; readonly given: Given }> {
  const { output } = await on.invoke(at, 'CreateStoragePool', { ElementName: 'spare', Settings: poolSettings() });
  const uuid = uuidIn(output['Pool']);
  return {
    ref: on.db.byUuid('SR', uuid)!,
    uuid,
    given: { Pool: path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` }) },
  };
}

/** A repository that the pool has forgotten: its uuid. */
async function forgotten(on: Stage): Promise<string> {
  const { uuid, given } = await spare(on);
  await on.invoke(at, 'DetachStoragePool', given as never);
  return uuid;
}

/** A repository that one host is connected to, one not now, and one not at all. */
async function halfConnected(on: Stage): Promise<string> {
  const { ref, uuid } = await spare(on);
  const [first, second] = on.db.need('SR', ref).PBDs;
  await on.connection.call('PBD.unplug', first!);
  await on.connection.call('PBD.unplug', second!);
  await on.connection.call('PBD.destroy', second!);
  await on.events.caughtUp(10_000);
  return uuid;
}

const connected = (on: Stage, uuid: string): boolean => {
  const { PBDs } = on.store.get('SR', on.db.byUuid('SR', uuid)!)!;
  return PBDs.filter((pbd) => on.store.get('PBD', pbd)!.currently_attached).length === on.db.count('host');
};

const attaching =
  (find: (on: Stage) => Promise<string>): Row['arrange'] =>
  async (on) => {
    const PoolID = await find(on);
    return {
      at,
      given: { ElementName: 'spare', Settings: poolSettings({ PoolID }) },
      seen: () => assertSeen(connected(on, PoolID)),
    };
  };

const createStoragePool: Row = {
  ways: {
    'of one that was detached': { arrange: attaching(forgotten), gives: ['Pool'] },
    'of one that not all hosts have': { arrange: attaching(halfConnected), gives: ['Pool'] },
    'of one host alone': {
      arrange: (on) => ({
        at,
        given: {
          ElementName: 'local',
          Settings: embedded('Xen_DiskSettingData', {
            ResourceSubType: 'ext',
            Connection: ['device=/dev/sdb'],
            HostResource: [on.db.need('host', on.db.refs('host')[0]!).uuid],
          }),
        },
        seen: async ({ output: { Pool } }) => {
          assertSeen(!on.store.get('SR', on.db.byUuid('SR', uuidIn(Pool))!)!.shared);
          await on.invoke(at, 'DeleteResourcePool', { Pool: Pool as InstancePath });
        },
      }),
      gives: ['Pool'],
    },
  },
  arrange: () => ({
    at,
    given: { ElementName: 'spare', Settings: poolSettings(), ResourceType: 19 },
    seen: () => undefined,
  }),
  gives: ['Pool'],
  optional: ['ResourceType'],
  invalid: [
    { what: 'no kind of storage', given: { Settings: poolSettings({ ResourceSubType: null }) } },
    { what: 'a kind of storage that there is not', given: { Settings: poolSettings({ ResourceSubType: 'tape' }) } },
    { what: 'half a connection', given: { Settings: poolSettings({ Connection: ['server=192.0.2.100'] }) } },
    { what: 'a connection that is no pair', given: { Settings: poolSettings({ Connection: ['server'] }) } },
    { what: 'an unknown host', given: { Settings: poolSettings({ HostResource: ['nowhere'] }) } },
    { what: 'no uuid', given: { Settings: poolSettings({ PoolID: 'spare' }) } },
    { what: 'media where disks are', given: { ResourceType: 15 }, answers: '7' },
  ].map((each) => ({ answers: 'INVALID_PARAMETER', ...each })),
  wrongState: [
    {
      what: 'storage that cannot be reached',
      arrange: () => ({
        at,
        given: { ElementName: 'x', Settings: poolSettings({ Connection: ['server=192.0.2.1', 'serverpath=/x'] }) },
      }),
      answers: 'FAILED',
      says: /XenError:SR_BACKEND_FAILURE_108/,
    },
  ],
  refusedTo: 'vm-admin',
};

/** A repository on which machines have disks. */
const busy: Case['arrange'] = (on) => {
  const { uuid } = on.db.need('SR', attached(on).SR);
  return { at, given: { Pool: path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` }) } };
};

const removal: Omit<Row, 'wrongState'> = {
  arrange: async (on) => {
    const { ref, given } = await spare(on);
    return { at, given, seen: () => assertSeen(on.store.get('SR', ref) === undefined) };
  },
  invalid: [
    {
      what: 'a pool of processors',
      arrange: (on) => {
        const [, { uuid }] = on.one('host', () => true);
        return { at, given: { Pool: path('Xen_ProcessorPool', { InstanceID: `Xen:${uuid}/ProcessorPool` }) } };
      },
      answers: '7',
    },
  ],
  refusedTo: 'vm-admin',
};

const detachStoragePool: Row = {
  ...removal,
  wrongState: [{ what: 'a repository with disks of machines that run', arrange: busy, answers: '6' }],
};

const deleteResourcePool: Row = {
  ...removal,
  wrongState: [
    { what: 'a repository with disks of machines that run', arrange: busy, answers: '6' },
    {
      what: 'a repository that is marked as indestructible',
      arrange: async (on) => {
        const { ref, given } = await spare(on);
        await on.connection.call('SR.add_to_other_config', ref, 'indestructible', 'true');
        await on.events.caughtUp(10_000);
        return { at, given };
      },
      answers: '1',
    },
  ],
};

const discoverTargets: Row = {
  arrange: () => ({
    at,
    given: { TargetHost: '192.0.2.101', Port: '3260', TargetIQN: 'iqn.2026-01.test.example:spare' },
    seen: ({ output }) => assertSeen(/SCSIid/.test(String(output['TargetInfo']))),
  }),
  gives: ['TargetInfo'],
  optional: ['Port', 'TargetIQN'],
  invalid: [
    { what: 'a host that is none', given: { TargetHost: 'a b' } },
    { what: 'a port that is none', given: { Port: '70000' } },
    { what: 'a port in words', given: { Port: 'iscsi' } },
  ].map((each) => ({ ...each, answers: 'INVALID_PARAMETER' })),
  wrongState: [
    {
      what: 'a server that cannot be reached',
      given: { TargetHost: '192.0.2.9' },
      answers: 'FAILED',
      says: /XenError:SR_BACKEND_FAILURE_141/,
    },
  ],
  refusedTo: 'vm-admin',
};

/** Rows of the service that manages repositories and images. */
export const storageRows: Rows = {
  Xen_StoragePoolManagementService: {
    CreateDiskImage: createDiskImage,
    DeleteDiskImage: deleteDiskImage,
    CreateStoragePool: createStoragePool,
    DetachStoragePool: detachStoragePool,
    DeleteResourcePool: deleteResourcePool,
    ConnectToDiskImage: connectToDiskImage,
    DisconnectFromDiskImage: disconnectFromDiskImage,
    DiscoveriSCSITargetInfo: discoverTargets,
  },
};
