import { Buffer } from 'node:buffer';
import { forester } from '../forest-stage.js';
import { path, type Stage, shown, systemPath, uuidIn } from '../stage.js';
import { assertSeen } from './arrangement.js';
import type { Call, Case, Row } from './row.js';

const at = path('Xen_VirtualSystemSnapshotService', { Name: 'Xen Virtual System Snapshot Service' });

const nowhere = '00000000-0000-0000-0000-000000000000';
const disk = 'aaaaaaaa-0000-4000-8000-000000000001';

/** A halted machine with a disk and a snapshot of it. */
async function grown(on: Stage): Promise<string> {
  const client = forester(on);
  const [vm, uuid] = await client.machine('forest', 1);
  await client.snapshot(vm, 'before');
  return uuid;
}

/** The description of such a machine in an image, with images made for its disks where wanted. */
async function described(on: Stage, withImages: boolean): Promise<{ readonly metadata: string; readonly map: string }> {
  const client = forester(on);
  const { description, files } = await client.download(await grown(on));
  const metadata = await client.imageOf(description);
  if (!withImages) return { metadata, map: '' };
  return { metadata, map: (await client.sequence(await client.context(metadata), files)).map };
}

const bare = (on: Stage): string => on.one('network', ({ PIFs }) => PIFs.length === 0)[1].uuid;

const managed = (on: Stage): string =>
  on.db.need('network', on.one('PIF', ({ management, IP }) => management && IP !== '')[1].network).uuid;

const startExport: Row = {
  arrange: async (on) => ({
    at,
    given: {
      System: systemPath(await grown(on)),
      VirtualSwitch: managed(on),
      UseSSL: true,
      TimeoutInMinutes: 5,
    },
    seen: ({ job }) =>
      assertSeen(shown(job!, 'MetadataURI') !== null && shown(job!, 'ExportConnectionHandle') !== null),
  }),
  answers: '4096',
  optional: ['VirtualSwitch', 'UseSSL', 'TimeoutInMinutes'],
  ignored: {
    NetworkConfiguration: 'it was for machines of their own that served the disks, and there are none any more',
  },
  invalid: [
    {
      what: 'a snapshot in place of a system',
      arrange: (on) => ({ at, given: { System: systemPath(on.one('VM', (vm) => vm.is_a_snapshot)[1].uuid) } }),
      answers: 'INVALID_PARAMETER',
    },
    {
      what: 'a network that no host has an address on',
      arrange: async (on) => ({ at, given: { System: systemPath(await grown(on)), VirtualSwitch: bare(on) } }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a system that is using its disks',
      arrange: (on) => {
        const [, { uuid }] = on.one(
          'VM',
          ({ power_state, is_control_domain, VBDs }) =>
            power_state === 'Running' &&
            !is_control_domain &&
            VBDs.some((vbd) => on.db.need('VBD', vbd).type === 'Disk'),
        );
        return { at, given: { System: systemPath(uuid) } };
      },
      answers: '2',
    },
  ],
  refusedTo: 'vm-operator',
};

const endExport: Row = {
  arrange: async (on) => {
    const { handle } = await forester(on).exported(await grown(on));
    return {
      at,
      given: { ExportConnectionHandle: handle },
      seen: () =>
        assertSeen(
          !on.db.refs('VDI').some((ref) => JSON.stringify(on.db.need('VDI', ref).other_config).includes(handle)),
        ),
    };
  },
  answers: '4096',
  invalid: ['', '../x', nowhere].map((handle) => ({
    what: `the handle "${handle}"`,
    given: { ExportConnectionHandle: handle },
    answers: 'INVALID_PARAMETER',
  })),
  wrongState: 'a handle is good, or none',
  refusedTo: 'vm-operator',
};

const inUse = (on: Stage): string =>
  on.db.need('VDI', on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk' && vbd.mode === 'RW')[1].VDI)
    .uuid;

const prepareImport: Row = {
  arrange: async (on) => ({
    at,
    given: { MetadataDiskImage: (await described(on, false)).metadata },
    seen: ({ output }) => assertSeen(String(output['ImportContext']).startsWith('create ')),
  }),
  gives: ['ImportContext'],
  invalid: [],
  wrongState: [
    {
      what: 'an image that a machine uses',
      arrange: (on) => ({ at, given: { MetadataDiskImage: inUse(on) } }),
      answers: 'FAILED',
      says: /VDI_IN_USE/,
    },
    {
      what: 'an image that holds no description',
      arrange: async (on) => ({
        at,
        given: { MetadataDiskImage: await forester(on).imageOf(Buffer.from('no archive')) },
      }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  refusedTo: 'vm-operator',
};

const wrongContexts = (contexts: readonly (readonly [what: string, text: string, map?: string])[]): readonly Case[] =>
  contexts.map(([what, ImportContext, DiskImageMap = '']) => ({
    what,
    given: { ImportContext, DiskImageMap },
    answers: 'INVALID_PARAMETER',
  }));

const createNextDisk: Row = {
  arrange: (on) => ({
    at,
    given: {
      ImportContext: `pass\r\ncreate ${disk} 1048576\r\nleaf ${disk}`,
      StoragePool: forester(on).repository().uuid,
      DiskImageMap: '',
    },
    seen: ({ output }) => {
      assertSeen(output['DiskImageMap'] === `${disk}=${uuidIn(output['NewDiskImage'])}`);
      assertSeen(output['ImportContext'] === `leaf ${disk}`);
    },
  }),
  gives: ['ImportContext', 'DiskImageMap', 'NewDiskImage', 'OldDiskID'],
  optional: ['DiskImageMap'],
  invalid: wrongContexts([
    ['an unknown instruction', 'format c:'],
    ['a size that is no number', `create ${disk} many`],
    ['a disk without an image', `snap ${disk}`],
    ['a map that is none', 'pass', 'everything'],
    ['an image that is not there', 'pass', `${disk}=${nowhere}`],
    ['a disk that has an image', `create ${disk} 1048576`, `${disk}=${nowhere}`],
  ]),
  wrongState: [
    {
      what: 'a repository of media',
      given: {},
      arrange: (on): Call => ({
        at,
        given: {
          ImportContext: `create ${disk} 1048576`,
          StoragePool: on.one('SR', (sr) => sr.content_type === 'iso')[1].uuid,
        },
      }),
      answers: 'NOT_SUPPORTED',
      says: /SR_OPERATION_NOT_SUPPORTED/,
    },
  ],
  refusedTo: 'vm-operator',
};

const finalizeImport: Row = {
  arrange: async (on) => {
    const { metadata, map } = await described(on, true);
    return {
      at,
      given: { MetadataDiskImage: metadata, StoragePool: forester(on).repository().uuid, DiskImageMap: map },
      seen: async ({ output }) => {
        const made = on.db.byUuid('VM', uuidIn(output['VirtualSystem']))!;
        assertSeen(on.db.need('VM', made).snapshots.length === 1);
        assertSeen(shown(await on.get(output['VirtualSystem'] as never), 'ElementName') === 'forest');
      },
    };
  },
  gives: ['VirtualSystem'],
  invalid: [
    { what: 'a map that is none', given: { DiskImageMap: 'everything' }, answers: 'INVALID_PARAMETER' },
    { what: 'an image that is not there', given: { DiskImageMap: `${disk}=${nowhere}` }, answers: 'INVALID_PARAMETER' },
    {
      what: 'another repository than that of the images',
      arrange: async (on) => {
        const { metadata, map } = await described(on, true);
        const { uuid } = forester(on).repository('lvm');
        return { at, given: { MetadataDiskImage: metadata, StoragePool: uuid, DiskImageMap: map } };
      },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'images that a machine has already',
      arrange: async (on) => {
        const { metadata } = await described(on, false);
        const [image] = forester(on)
          .disks(on.db.byUuid('VM', await grown(on))!)
          .values();
        const DiskImageMap = `${disk}=${on.db.need('VDI', image!).uuid}`;
        return {
          at,
          given: { MetadataDiskImage: metadata, StoragePool: forester(on).repository().uuid, DiskImageMap },
        };
      },
      answers: '2',
    },
    {
      what: 'a disk that has no image yet',
      arrange: async (on) => {
        const { metadata } = await described(on, false);
        return {
          at,
          given: { MetadataDiskImage: metadata, StoragePool: forester(on).repository().uuid, DiskImageMap: '' },
        };
      },
      answers: 'INVALID_PARAMETER',
    },
  ],
  optional: ['DiskImageMap'],
  refusedTo: 'vm-operator',
};

const cleanupImport: Row = {
  arrange: async (on) => {
    const { metadata, map } = await described(on, true);
    return {
      at,
      given: { MetadataDiskImage: metadata, DiskImageMap: map },
      seen: () => {
        const gone = [metadata, ...map.split(',').map((pair) => pair.split('=')[1]!)];
        assertSeen(gone.every((uuid) => on.db.byUuid('VDI', uuid) === undefined));
      },
    };
  },
  optional: ['DiskImageMap'],
  invalid: [{ what: 'a map that is none', given: { DiskImageMap: 'everything' }, answers: 'INVALID_PARAMETER' }],
  wrongState: 'what a machine has by now is spared',
  refusedTo: 'vm-operator',
  lasting: { 'VDI.destroy': 'what an image held is gone; the others are destroyed all the same' },
};

export const forestRows: Readonly<Record<string, Row>> = {
  StartSnapshotForestExport: startExport,
  EndSnapshotForestExport: endExport,
  PrepareSnapshotForestImport: prepareImport,
  CreateNextDiskInImportSequence: createNextDisk,
  FinalizeSnapshotForestImport: finalizeImport,
  CleanupSnapshotForestImport: cleanupImport,
};
