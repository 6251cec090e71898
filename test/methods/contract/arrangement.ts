import { expect } from 'vitest';
import type { CimInstance } from '../../../src/cim/instance.js';
import type { InstancePath } from '../../../src/cim/path.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { embedded, type Plain, path, type Stage, shown, uuidIn } from '../stage.js';

type Values = Readonly<Record<string, Plain>>;

export const managementService = path('Xen_VirtualSystemManagementService', { Name: 'Xen Hypervisor' });

export const system = (values: Values): CimInstance => embedded('Xen_ComputerSystemSettingData', values);
export const hvm = (ElementName: string, more: Values = {}): CimInstance =>
  system({ ElementName, VirtualSystemType: 'DMTF:Xen:HVM', ...more });
export const processors = (VirtualQuantity: bigint): CimInstance =>
  embedded('Xen_ProcessorSettingData', { ResourceType: 3, VirtualQuantity, AllocationUnits: 'count' });
export const memory = (megabytes: bigint): CimInstance =>
  embedded('Xen_MemorySettingData', { ResourceType: 4, VirtualQuantity: megabytes, AllocationUnits: 'byte*2^20' });
export const pair = (Key: string, Value: string): CimInstance => embedded('Xen_KVP', { Key, Value });
export const drive = embedded('CIM_ResourceAllocationSettingData', { ResourceType: 16 });

/** The pool's default repository. */
export const repository = (on: Stage): Records['SR'] =>
  on.db.need('SR', on.db.need('pool', on.db.refs('pool')[0]!).default_SR);
export const disk = (on: Stage, VirtualQuantity = 1n << 30n, more: Values = {}): CimInstance =>
  embedded('Xen_DiskSettingData', {
    ElementName: 'disk',
    ResourceType: 19,
    PoolID: repository(on).uuid,
    VirtualQuantity,
    AllocationUnits: 'byte',
    ...more,
  });
/** Networks that hosts have a port to. */
export const networks = (on: Stage): Records['network'][] =>
  on.db
    .refs('network')
    .map((ref) => on.db.need('network', ref))
    .filter(({ PIFs }) => PIFs.length > 0);
export const port = (on: Stage, more: Values = {}): CimInstance =>
  embedded('Xen_NetworkPortSettingData', { ResourceType: 33, PoolID: networks(on)[0]!.uuid, ...more });

/** A machine of a test's own. */
export interface Machine {
  readonly uuid: string;
  readonly ref: Ref<'VM'>;
  readonly now: () => Records['VM'];
}

export function machineAt(on: Stage, uuid: string): Machine {
  const ref = on.db.byUuid('VM', uuid);
  if (!ref) throw new Error(`the pool has no machine ${uuid}`);
  return { uuid, ref, now: () => on.db.need('VM', ref) };
}

let made = 0;

/** A halted machine with processors, memory, a disk, a drive and a port, made for one test. */
export async function fresh(on: Stage, more: readonly CimInstance[] = []): Promise<Machine> {
  const answer = await on.invoke(managementService, 'DefineSystem', {
    SystemSettings: hvm(`machine ${++made}`),
    ResourceSettings: [processors(1n), memory(256n), disk(on), drive, port(on), ...more],
  });
  const job = await on.job(answer);
  expect(shown(job, 'ErrorDescription')).toBeNull();
  return machineAt(on, uuidIn(answer.output['ResultingSystem']));
}

/** The InstanceID of the settings of one of its devices. */
export const settingId = (on: Stage, { uuid }: Machine, ref: Ref<'VBD'> | Ref<'VIF'>): string =>
  `Xen:${uuid}/${(on.db.get('VBD', ref) ?? on.db.get('VIF', ref))!.uuid}`;

export const diskOf = (on: Stage, { now }: Machine): Ref<'VBD'> =>
  now().VBDs.find((ref) => on.db.need('VBD', ref).type === 'Disk')!;

export const template = (on: Stage, name: string): Machine =>
  machineAt(on, on.one('VM', (vm) => vm.is_a_template && vm.name_label === name)[1].uuid);

/** A machine that runs, and whose guest has drivers; it is the pool's, and every test's. */
export const running = (on: Stage): Machine =>
  machineAt(
    on,
    on.one(
      'VM',
      ({ power_state, allowed_operations: allowed }) =>
        power_state === 'Running' && allowed.includes('clean_shutdown') && allowed.includes('suspend'),
    )[1].uuid,
  );

export const hostPath = (uuid: string): InstancePath =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });

/** Fails where the next read does not see what was done. */
export function assertSeen(holds: boolean): void {
  if (!holds) throw new Error('the next read does not see what was done');
}
