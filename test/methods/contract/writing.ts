import type { InstancePath } from '../../../src/cim/path.js';
import type { RemoteClass } from '../../../src/xenapi/records.js';
import { path, type Stage, settingPath, shown, systemPath, uuidIn } from '../stage.js';
import {
  assertSeen,
  diskOf,
  fresh,
  hostPath,
  type Machine,
  networks,
  pair,
  running,
  settingId,
} from './arrangement.js';
import type { Call, Case, Given, Row, Rows } from './row.js';
import { snapshot, snapshotPath } from './snapshot.js';
import { image, imagePath } from './storage.js';

/** The one instance that a test made, or a lasting one of the pool. */
type Find = (on: Stage) => Promise<InstancePath> | InstancePath;

const plain = (value: unknown): string => (Array.isArray(value) ? value.join() : String(value));

/** New values for an instance, which the next read shows. */
const modification =
  (find: Find, values: (on: Stage) => Given): Row['arrange'] =>
  async (on) => {
    const at = await find(on);
    const given = values(on);
    return {
      at,
      given,
      seen: async () => {
        const now = await on.get(at);
        for (const [name, value] of Object.entries(given)) {
          const is = plain(shown(now, name));
          if (!is.includes(plain(value))) throw new Error(`the next read sees ${name} = ${is}, not ${plain(value)}`);
        }
      },
    };
  };

const always = 'it can be written whatever state it is in';
const notOfText = (name: string): Case => ({
  what: `${name} without a value`,
  given: { [name]: ['nothing'] },
  answers: 'INVALID_PARAMETER',
});

const modify = (
  find: Find,
  values: (on: Stage) => Given,
  refusedTo: Row['refusedTo'],
  more: Partial<Pick<Row, 'invalid' | 'wrongState' | 'remade'>> = {},
): Row => ({ arrange: modification(find, values), invalid: [], wrongState: always, refusedTo, ...more });

const ofMachine =
  (find: (on: Stage, machine: Machine) => InstancePath): Find =>
  async (on) =>
    find(on, await fresh(on, [pair('k', 'v')]));

/** The instance of a class that shows a record of the pool, looked up once for each. */
const shownOf =
  <C extends RemoteClass>(className: string, of: C, wanted: (on: Stage, record: never) => boolean = () => true): Find =>
  async (on) => {
    const [, record] = on.one(of, (each) => wanted(on, each as never));
    const { uuid } = record as { readonly uuid: string };
    const found = (await on.list(className)).find((each) => JSON.stringify(each.path?.keys).includes(uuid));
    if (!found?.path) throw new Error(`no ${className} shows ${uuid}`);
    return found.path;
  };

const system = ofMachine((_on, { uuid }) => systemPath(uuid));
const settings = ofMachine((_on, { uuid }) => settingPath(uuid));
const processor = ofMachine((_on, { uuid }) =>
  path('Xen_ProcessorSettingData', { InstanceID: `Xen:${uuid}/Processor` }),
);
const memory = ofMachine((_on, { uuid }) => path('Xen_MemorySettingData', { InstanceID: `Xen:${uuid}/Memory` }));
const disk = ofMachine((on, machine) =>
  path('Xen_DiskSettingData', { InstanceID: settingId(on, machine, diskOf(on, machine)) }),
);
const port = ofMachine((on, machine) =>
  path('Xen_NetworkPortSettingData', { InstanceID: settingId(on, machine, machine.now().VIFs[0]!) }),
);
const key = ofMachine((_on, { uuid }) => path('Xen_KVPSettingData', { InstanceID: `Xen:${uuid}/k` }));

/** The availability settings of a machine of a test's own. */
const availability: Find = async (on) => {
  const { uuid } = await fresh(on);
  return shownOf(
    'Xen_ComputerSystemAvailabilitySettingData',
    'VM',
    (_on, vm: { readonly uuid: string }) => vm.uuid === uuid,
  )(on);
};

/** A template of a test's own. */
const template: Find = async (on) => {
  const { uuid, ref } = await fresh(on);
  await on.connection.call('VM.set_is_a_template', ref, true);
  await on.events.caughtUp(10_000);
  return settingPath(uuid, 'Xen_ComputerSystemTemplate');
};

let writings = 0;

/** A text that is no one's yet. */
const text = (): string => `written ${++writings}`;
const names = (): Given => ({ ElementName: text(), Description: text() });

const removal =
  (find: Find): Row['arrange'] =>
  async (on) => {
    const at = await find(on);
    return {
      at,
      given: {},
      seen: async () => assertSeen((await on.refused(on.get(at))).status === 'NOT_FOUND'),
    };
  };

const remove = (find: Find, refusedTo: Row['refusedTo'], more: Partial<Row> = {}): Row => ({
  arrange: removal(find),
  invalid: [],
  wrongState: 'it can be deleted whatever state it is in',
  refusedTo,
  ...more,
});

const lastingImages = { 'VDI.destroy': 'the machine is gone: the answer names the images that are not' };
const remade = 'XenAPI has no way back for a device that is destroyed: it is made anew, of the same record';

/** A disk that a machine holds which does not run. */
const heldDisk: Case = {
  what: 'a disk that a suspended machine holds',
  arrange: (on) => {
    const held = (ref: string): boolean => on.db.need('VBD', ref).currently_attached;
    const [, { uuid, VBDs }] = on.one('VM', (vm) => vm.power_state === 'Suspended' && vm.VBDs.some(held));
    const device = on.db.need('VBD', VBDs.find(held)!).uuid;
    return { at: path('Xen_DiskSettingData', { InstanceID: `Xen:${uuid}/${device}` }), given: {} };
  },
  answers: 'FAILED',
};

const beyond = (className: string, part: string, given: (machine: Machine) => Given): Case => ({
  what: 'more than a machine that runs can have',
  arrange: (on) => {
    const machine = running(on);
    return { at: path(className, { InstanceID: `Xen:${machine.uuid}/${part}` }), given: given(machine) };
  },
  answers: 'FAILED',
});

const createPair: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on);
    return {
      at: path('Xen_KVPSettingData', {}),
      given: { VM_ID: uuid, key: 'made', value: 'v' },
      seen: ({ output }) => {
        assertSeen(on.store.get('VM', ref)!.xenstore_data['vm-data/made'] === 'v');
        assertSeen(uuidIn(output['Path']) === 'made' || JSON.stringify(output['Path']).includes(`${uuid}/made`));
      },
    };
  },
  invalid: [
    { what: 'an unknown machine', given: { VM_ID: 'nowhere' } },
    { what: 'no machine', given: { VM_ID: null } },
    { what: 'no value', given: { value: null } },
    { what: 'no key', given: { key: null } },
  ].map((each) => ({ ...each, answers: 'INVALID_PARAMETER' })),
  wrongState: always,
  refusedTo: 'vm-operator',
};

const modifyPair: Row = {
  arrange: async (on) => {
    const { uuid, ref } = await fresh(on, [pair('k', 'v')]);
    return {
      at: path('Xen_KVPSettingData', { InstanceID: `Xen:${uuid}/k` }),
      given: { value: 'new' },
      seen: () => assertSeen(on.store.get('VM', ref)!.xenstore_data['vm-data/k'] === 'new'),
    };
  },
  invalid: [{ what: 'an empty value', given: { value: '' }, answers: 'INVALID_PARAMETER' }],
  wrongState: always,
  refusedTo: 'vm-operator',
};

const ofImage: Find = async (on) => {
  const { sr, uuid } = await image(on);
  return imagePath(sr, uuid);
};

const createImage: Row = {
  arrange: async (on) => ({
    at: path('Xen_DiskImage', {}),
    given: { SystemName: (await image(on)).sr, NumberOfBlocks: 2048n, BlockSize: 4096n, ElementName: 'made' },
    seen: async ({ output }: Parameters<NonNullable<Call['seen']>>[0]) => {
      const made = await on.get(output['Path'] as InstancePath);
      assertSeen(shown(made, 'NumberOfBlocks') === 8n << 20n);
    },
  }),
  invalid: [
    { what: 'no repository', given: { SystemName: null } },
    { what: 'an unknown repository', given: { SystemName: 'nowhere' } },
    { what: 'no size', given: { NumberOfBlocks: null } },
    { what: 'a size of nothing', given: { NumberOfBlocks: 0n } },
  ].map((each) => ({ ...each, answers: 'INVALID_PARAMETER' })),
  wrongState: [
    {
      what: 'a library of media',
      given: ({ given }) => given,
      arrange: (on) => {
        const [, { uuid }] = on.one('SR', ({ name_label }) => name_label === 'NFS ISO library');
        return { at: path('Xen_DiskImage', {}), given: { SystemName: uuid, NumberOfBlocks: 2048n } };
      },
      answers: 'NOT_SUPPORTED',
    },
  ],
  refusedTo: 'vm-operator',
};

const usedImage: Case = {
  what: 'an image that a machine has',
  arrange: (on) => {
    const [, { VDI }] = on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk');
    const { uuid, SR } = on.db.need('VDI', VDI);
    return { at: imagePath(on.db.need('SR', SR).uuid, uuid), given: {} };
  },
  answers: 'FAILED',
  says: /XenError:VDI_IN_USE/,
};

/** Rows of the instances that are written beside the methods. */
export const writingRows: Rows = {
  Xen_ComputerSystem: {
    ModifyInstance: modify(system, names, 'vm-operator'),
    DeleteInstance: remove(system, 'vm-operator', {
      wrongState: [
        {
          what: 'a machine that runs',
          arrange: (on) => ({ at: systemPath(running(on).uuid), given: {} }),
          answers: 'FAILED',
        },
      ],
      lasting: lastingImages,
    }),
  },
  Xen_ComputerSystemSettingData: {
    ModifyInstance: modify(settings, () => ({ ...names(), HVM_Boot_Params: ['order=n'] }), 'vm-operator', {
      invalid: [notOfText('Other_Config')],
    }),
  },
  Xen_ComputerSystemTemplate: {
    ModifyInstance: modify(template, names, 'vm-operator', { invalid: [notOfText('Other_Config')] }),
    DeleteInstance: remove(template, 'vm-operator', { lasting: lastingImages }),
  },
  Xen_ComputerSystemSnapshot: {
    ModifyInstance: modify(async (on) => snapshotPath((await snapshot(on)).shot.uuid), names, 'vm-operator'),
    DeleteInstance: remove(async (on) => snapshotPath((await snapshot(on)).shot.uuid), 'vm-operator', {
      lasting: lastingImages,
    }),
  },
  Xen_ComputerSystemAvailabilitySettingData: {
    ModifyInstance: modify(availability, () => ({ StartOrder: ++writings, StartDelay: writings }), 'vm-operator', {
      invalid: [{ what: 'no priority', given: { RestartPriority: 'soon' }, answers: 'INVALID_PARAMETER' }],
    }),
  },
  Xen_HostPoolAvailabilitySettingData: {
    ModifyInstance: modify(
      shownOf('Xen_HostPoolAvailabilitySettingData', 'pool'),
      (on) => ({ AllowOvercommit: !on.one('pool', () => true)[1].ha_allow_overcommit }),
      'vm-power-admin',
    ),
  },
  Xen_Appliance: { ModifyInstance: modify(shownOf('Xen_Appliance', 'VM_appliance'), names, 'vm-operator') },
  Xen_ProcessorSettingData: {
    ModifyInstance: modify(processor, () => ({ VirtualQuantity: 3n, Weight: 100 }), 'vm-operator', {
      invalid: [{ what: 'no processors', given: { VirtualQuantity: 0n }, answers: 'INVALID_PARAMETER' }],
      wrongState: [
        beyond('Xen_ProcessorSettingData', 'Processor', ({ now }) => ({ VirtualQuantity: now().VCPUs_max + 1n })),
      ],
    }),
  },
  Xen_MemorySettingData: {
    ModifyInstance: modify(memory, () => ({ VirtualQuantity: 768n }), 'vm-operator', {
      invalid: [{ what: 'hardly any memory', given: { VirtualQuantity: 1n }, answers: 'INVALID_PARAMETER' }],
      wrongState: [
        beyond('Xen_MemorySettingData', 'Memory', ({ now }) => ({
          VirtualQuantity: (now().memory_static_max >> 20n) * 2n,
        })),
      ],
    }),
  },
  Xen_DiskSettingData: {
    ModifyInstance: modify(
      disk,
      () => ({ ElementName: text(), VirtualQuantity: 2n << 30n, AddressOnParent: '7' }),
      'vm-operator',
      {
        invalid: [{ what: 'a size of nothing', given: { VirtualQuantity: 0n }, answers: 'INVALID_PARAMETER' }],
        wrongState: [{ what: 'a disk that is to shrink', given: { VirtualQuantity: 1n << 20n }, answers: 'FAILED' }],
      },
    ),
    DeleteInstance: remove(disk, 'vm-operator', { wrongState: [heldDisk], remade }),
  },
  Xen_NetworkPortSettingData: {
    ModifyInstance: {
      ...modify(port, () => ({}), 'vm-operator'),
      arrange: async (on) => {
        const { uuid } = networks(on)[1]!;
        return modification(port, () => ({ PoolID: uuid }))(on);
      },
      invalid: [
        { what: 'an unknown network', given: { PoolID: 'none' }, answers: 'INVALID_PARAMETER' },
        { what: 'no address', given: { Address: 'zz' }, answers: 'INVALID_PARAMETER' },
      ],
    },
    DeleteInstance: remove(port, 'vm-operator', { remade }),
  },
  Xen_KVPSettingData: {
    CreateInstance: createPair,
    ModifyInstance: modifyPair,
    DeleteInstance: remove(key, 'vm-operator'),
  },
  Xen_DiskImage: {
    CreateInstance: createImage,
    ModifyInstance: modify(ofImage, () => ({ ElementName: text(), NumberOfBlocks: 128n << 20n }), 'vm-operator', {
      invalid: [{ what: 'a size of nothing', given: { NumberOfBlocks: 0n }, answers: 'INVALID_PARAMETER' }],
      wrongState: [
        {
          what: 'an image that is to shrink',
          given: { NumberOfBlocks: 1n << 20n },
          answers: 'INVALID_PARAMETER',
          says: /XenError:SR_BACKEND_FAILURE_79/,
        },
      ],
    }),
    DeleteInstance: remove(ofImage, 'vm-operator', { wrongState: [usedImage] }),
  },
  Xen_HostComputerSystem: {
    ModifyInstance: modify((on) => hostPath(on.db.need('host', on.db.refs('host')[0]!).uuid), names, 'vm-power-admin', {
      invalid: [notOfText('OtherConfig')],
    }),
  },
  Xen_HostPool: { ModifyInstance: modify(shownOf('Xen_HostPool', 'pool'), names, 'vm-power-admin') },
  Xen_StoragePool: {
    ModifyInstance: modify(
      shownOf('Xen_StoragePool', 'SR'),
      () => ({ Name: text(), Description: text() }),
      'vm-admin',
      {
        invalid: [notOfText('OtherConfig')],
      },
    ),
  },
  Xen_NetworkConnectionPool: {
    ModifyInstance: modify(shownOf('Xen_NetworkConnectionPool', 'network'), () => ({ Name: text() }), 'vm-operator'),
  },
  Xen_VirtualSwitch: { ModifyInstance: modify(shownOf('Xen_VirtualSwitch', 'network'), names, 'vm-operator') },
  Xen_VirtualSwitchSettingData: {
    ModifyInstance: modify(shownOf('Xen_VirtualSwitchSettingData', 'network'), names, 'vm-operator', {
      invalid: [notOfText('OtherConfig')],
    }),
  },
};
