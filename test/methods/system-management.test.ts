import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import {
  type Answered,
  embedded,
  failEachStep,
  type Plain,
  path,
  type Stage,
  settingPath,
  shown,
  stage,
  systemPath,
  uuidIn,
} from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_VirtualSystemManagementService', {
  CreationClassName: 'Xen_VirtualSystemManagementService',
  Name: 'Xen Hypervisor',
  SystemCreationClassName: 'Xen_HostComputerSystem',
  SystemName: 'any',
});

const call = (name: string, parameters: Parameters<Stage['invoke']>[2], user = 'root'): Promise<Answered> =>
  on.invoke(service, name, parameters, user);

const system = (values: Readonly<Record<string, Plain>>): CimInstance =>
  embedded('Xen_ComputerSystemSettingData', values);
const processors = (VirtualQuantity: bigint): CimInstance =>
  embedded('Xen_ProcessorSettingData', { ResourceType: 3, VirtualQuantity, AllocationUnits: 'count' });
const memory = (VirtualQuantity: bigint): CimInstance =>
  embedded('Xen_MemorySettingData', { ResourceType: 4, VirtualQuantity, AllocationUnits: 'byte*2^20' });
const repository = (): string => on.db.need('SR', on.db.need('pool', on.db.refs('pool')[0]!).default_SR).uuid;
const disk = (bytes: bigint, name = 'disk'): CimInstance =>
  embedded('Xen_DiskSettingData', {
    ElementName: name,
    ResourceType: 19,
    PoolID: repository(),
    VirtualQuantity: bytes,
    AllocationUnits: 'byte',
    Bootable: true,
  });
const port = (): CimInstance =>
  embedded('Xen_NetworkPortSettingData', {
    ResourceType: 33,
    PoolID: on.one('network', (network) => network.PIFs.length > 0)[1].uuid,
    Address: '00:16:3e:00:00:01',
  });

const drive = embedded('CIM_ResourceAllocationSettingData', { ResourceType: 16 });
const console = embedded('Xen_ConsoleSettingData', { ResourceType: 24 });
const pair = embedded('Xen_KVP', { Key: 'greeting', Value: 'hello' });
const hvm = (name: string, more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  system({ ElementName: name, Description: 'made', VirtualSystemType: 'DMTF:Xen:HVM', ...more });

const machineOf = (answer: Answered) => {
  const uuid = uuidIn(answer.output['ResultingSystem']);
  const ref = on.db.byUuid('VM', uuid)!;
  return { uuid, ref, vm: on.db.need('VM', ref) };
};

describe('DefineSystem from nothing', () => {
  test('makes a machine with its resources, and answers with it and the job', async () => {
    const ResourceSettings = [
      processors(2n),
      memory(512n),
      disk(4n << 30n),
      disk(1n << 30n),
      drive,
      port(),
      console,
      pair,
    ];
    let answer!: Answered;
    const sent = await on.messages(async () => {
      answer = await call('DefineSystem', { SystemSettings: hvm('made from nothing'), ResourceSettings });
      await on.job(answer);
    });
    const { uuid, vm } = machineOf(answer);
    expect(vm).toMatchObject({
      name_label: 'made from nothing',
      name_description: 'made',
      domain_type: 'hvm',
      power_state: 'Halted',
      VCPUs_max: 2n,
      VCPUs_at_startup: 2n,
      memory_static_max: 512n << 20n,
      memory_dynamic_min: 512n << 20n,
      is_a_template: false,
      xenstore_data: { 'vm-data/greeting': 'hello' },
    });
    const devices = vm.VBDs.map((ref) => on.db.need('VBD', ref));
    expect(devices.map(({ type }) => type).sort()).toEqual(['CD', 'Disk', 'Disk']);
    expect(vm.VIFs.map((ref) => on.db.need('VIF', ref).MAC)).toEqual(['00:16:3e:00:00:01']);
    const job = await on.get(answer.output['Job'] as never);
    expect(job.shape.className).toBe('Xen_VirtualSystemModifyResourcesJob');
    expect(shown(job, 'JobState')).toBe(7);
    expect(shown(job, 'AffectedResources')).toHaveLength(7);
    expect(shown(await on.get(systemPath(uuid)), 'ElementName')).toBe('made from nothing');
    expect(sent).toEqual([
      'Async.VDI.create',
      'Async.VDI.create',
      'VBD.create',
      'VBD.create',
      'VBD.create',
      'VIF.create',
      'VM.add_to_xenstore_data',
      'VM.create',
      'VM.get_allowed_VIF_devices',
      'VM.get_xenstore_data',
    ]);
  });

  test('a failure of any step leaves nothing behind', async () => {
    const messages = ['VM.create', 'VDI.create', 'VBD.create', 'VIF.create', 'VM.add_to_xenstore_data'];
    await failEachStep(on, messages, () =>
      call('DefineSystem', { SystemSettings: hvm('never'), ResourceSettings: [disk(1n << 30n), port(), pair] }),
    );
  });
});

describe('DefineSystem from a template', () => {
  const template = (name: string) => on.one('VM', (vm) => vm.is_a_template && vm.name_label === name)[1];

  test('clones it, makes its disks, and answers with the machine and the job', async () => {
    const { uuid } = template('Debian Bookworm 12');
    const answer = await call('DefineSystem', {
      SystemSettings: system({ ElementName: 'from a template', Description: 'x' }),
      ResourceSettings: [memory(1024n), processors(3n)],
      ReferenceConfiguration: settingPath(uuid, 'Xen_ComputerSystemTemplate'),
    });
    const job = await on.job(answer);
    expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    const { vm } = machineOf(answer);
    expect(vm).toMatchObject({
      name_label: 'from a template',
      is_a_template: false,
      VCPUs_max: 3n,
      memory_static_max: 1n << 30n,
    });
    expect(vm.VBDs.map((ref) => on.db.need('VBD', ref).type)).toContain('Disk');
  });

  test('a failure of any step leaves nothing behind', async () => {
    const { uuid } = template('Debian Bookworm 12');
    const messages = [
      'VM.clone',
      'VM.add_to_other_config',
      'VM.set_name_description',
      'VM.provision',
      'VM.set_memory_limits',
      'VDI.create',
      'VBD.create',
    ];
    await failEachStep(on, messages, () =>
      call('DefineSystem', {
        SystemSettings: system({ ElementName: 'never', Description: 'x' }),
        ResourceSettings: [memory(1024n), disk(1n << 30n)],
        ReferenceConfiguration: settingPath(uuid),
      }),
    );
  });
});
