import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { Ref } from '../../src/xenapi/records.js';
import { type Answered, embedded, type Plain, path, type Stage, shown, stage, uuidIn } from './stage.js';

/** The pool of the test file that imports this: opened before its tests, closed after them. */
export let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());
afterEach(() => on.simulator.faults.clear());

export const service = path('Xen_VirtualSystemManagementService', {
  CreationClassName: 'Xen_VirtualSystemManagementService',
  Name: 'Xen Hypervisor',
  SystemCreationClassName: 'Xen_HostComputerSystem',
  SystemName: 'any',
});

export type Given = NonNullable<Parameters<Stage['invoke']>[2]>;

export const call = (name: string, parameters: Given, user = 'root'): Promise<Answered> =>
  on.invoke(service, name, parameters, user);

export const system = (values: Readonly<Record<string, Plain>>): CimInstance =>
  embedded('Xen_ComputerSystemSettingData', values);
export const processors = (VirtualQuantity: bigint, more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  embedded('Xen_ProcessorSettingData', { ResourceType: 3, VirtualQuantity, AllocationUnits: 'count', ...more });
export const memory = (VirtualQuantity: bigint, more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  embedded('Xen_MemorySettingData', { ResourceType: 4, VirtualQuantity, AllocationUnits: 'byte*2^20', ...more });
export const repository = (): string => on.db.need('SR', on.db.need('pool', on.db.refs('pool')[0]!).default_SR).uuid;
export const disk = (bytes: bigint, more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  embedded('Xen_DiskSettingData', {
    ElementName: 'disk',
    ResourceType: 19,
    PoolID: repository(),
    VirtualQuantity: bytes,
    AllocationUnits: 'byte',
    ...more,
  });
export const networks = () => on.db.refs('network').filter((ref) => on.db.need('network', ref).PIFs.length > 0);
export const networkUuid = (at = 0): string => on.db.need('network', networks()[at]!).uuid;
export const port = (more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  embedded('Xen_NetworkPortSettingData', { ResourceType: 33, PoolID: networkUuid(), ...more });
export const drive = embedded('CIM_ResourceAllocationSettingData', { ResourceType: 16 });
export const display = embedded('Xen_ConsoleSettingData', { ResourceType: 24 });
export const pair = (Key = 'greeting', Value = 'hello'): CimInstance => embedded('Xen_KVP', { Key, Value });
export const hvm = (name: string, more: Readonly<Record<string, Plain>> = {}): CimInstance =>
  system({ ElementName: name, VirtualSystemType: 'DMTF:Xen:HVM', ...more });

export const made = (answer: Answered) => {
  const uuid = uuidIn(answer.output['ResultingSystem']);
  const ref = on.db.byUuid('VM', uuid)!;
  return { uuid, ref, now: () => on.db.need('VM', ref) };
};

/** A halted machine with a disk, a port and a drive of its own. */
export async function fresh(name: string, more: readonly CimInstance[] = []) {
  const ResourceSettings = [processors(2n), memory(512n), disk(1n << 30n), drive, port(), ...more];
  const answer = await call('DefineSystem', { SystemSettings: hvm(name), ResourceSettings });
  const job = await on.job(answer);
  expect(shown(job, 'ErrorDescription')).toBeNull();
  const machine = made(answer);
  const device = (type: 'Disk' | 'CD') =>
    machine.now().VBDs.find((ref) => on.db.need('VBD', ref).type === type) as Ref<'VBD'>;
  return { ...machine, diskRef: device('Disk'), driveRef: device('CD'), portRef: machine.now().VIFs[0]! };
}

export const settingOf = (vm: string, ref: Ref<'VBD'> | Ref<'VIF'>): string =>
  `Xen:${vm}/${(on.db.get('VBD', ref) ?? on.db.get('VIF', ref))!.uuid}`;

export const template = (name: string) => on.one('VM', (vm) => vm.is_a_template && vm.name_label === name);

/** A machine that runs and whose guest has drivers. */
export const running = () =>
  on.one(
    'VM',
    (vm) =>
      vm.power_state === 'Running' &&
      vm.allowed_operations.includes('clean_shutdown') &&
      vm.allowed_operations.includes('suspend'),
  );

/** An image that no machine shows. */
export async function looseImage(): Promise<{ readonly ref: Ref<'VDI'>; readonly uuid: string }> {
  const { default_SR: SR } = on.db.need('pool', on.db.refs('pool')[0]!);
  const record = { name_label: 'loose', name_description: '', SR, virtual_size: 1n << 30n, type: 'user' };
  const more = { sharable: false, read_only: false, other_config: {}, xenstore_data: {}, sm_config: {}, tags: [] };
  const ref = (await on.connection.call('VDI.create', { ...record, ...more })) as Ref<'VDI'>;
  await on.events.caughtUp(5_000);
  return { ref, uuid: on.db.need('VDI', ref).uuid };
}
