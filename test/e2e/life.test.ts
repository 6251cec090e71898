import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import type { RemoteClass } from '../../src/xenapi/records.js';
import type { Seen } from '../profile/client.js';
import { type ServerStage, startServer } from '../server-stage.js';
import { type Answer, CimClient, idOf, instanceXml, jobOf, loose, type Path, script, textIn } from './cim-client.js';

/*
 * The life of a machine through CIM-XML alone, as a client leads it that was told nothing but an address: it finds its way
 * by profiles and associations from the interop namespace, and reads after each write what it has written.
 */

let stage: ServerStage;
let client: CimClient;
let simulator: Simulator;
beforeAll(async () => {
  stage = await startServer();
  client = new CimClient(stage.port);
  simulator = stage.bridge.simulator!;
});
afterAll(() => stage?.end());

const counted = ['VM', 'VDI', 'VBD', 'VIF', 'VBD_metrics', 'VIF_metrics', 'VM_metrics', 'console', 'task'] as const;
const shownClasses = ['CIM_ComputerSystem', 'CIM_LogicalDevice', 'CIM_SettingData', 'CIM_Job'] as const;

/** What there is, at the pool and as clients see it. */
async function census(): Promise<Readonly<Record<string, number>>> {
  const shown = shownClasses.map(async (cim) => [cim, (await client.names(cim)).length] as const);
  const held = counted.map((of: RemoteClass) => [of, simulator.db.refs(of).length] as const);
  return Object.fromEntries([...(await Promise.all(shown)), ...held]);
}

const made = (answer: Answer, name: string): Path => answer.output[name] as Path;

/** Expects that a method did its work in a job, and takes the job away. */
async function completed(answer: Answer, affected?: Path): Promise<Seen> {
  const job = await jobOf(client, answer);
  expect([textIn(job, 'JobState'), textIn(job, 'ErrorDescription'), textIn(job, 'PercentComplete')]).toEqual([
    '7',
    '',
    '100',
  ]);
  if (affected) {
    const jobs = await client.associators(affected, { AssocClass: 'CIM_AffectedJobElement', ResultClass: 'CIM_Job' });
    expect(jobs.map(idOf)).toContain(idOf(job));
  }
  await client.remove(job);
  return job;
}

test('a machine is defined, started, given a disk, kept, changed, put back, moved, shut down and destroyed', async () => {
  // Profile discovery: from the profile's registration to the host, to the services, to what they can do.
  const profiles = await client.instances('CIM_RegisteredProfile', 'root/interop');
  const profile = profiles.find((each) => textIn(each, 'RegisteredName') === 'System Virtualization')!;
  const hosts = await client.associators(profile, {
    AssocClass: 'CIM_ElementConformsToProfile',
    Role: 'ConformantStandard',
    ResultRole: 'ManagedElement',
  });
  expect(hosts.length).toBeGreaterThan(1);
  const serviceOf = async (kind: string): Promise<Path> => {
    for (const host of hosts) {
      const [found] = await client.associators(host, { AssocClass: 'CIM_HostedService', ResultClass: kind });
      if (found) return found;
    }
    throw new Error(`no host has a ${kind}`);
  };
  const management = await serviceOf('CIM_VirtualSystemManagementService');
  const snapshots = await serviceOf('CIM_VirtualSystemSnapshotService');
  const migration = await serviceOf('CIM_VirtualSystemMigrationService');
  const capabilities = await client.associated(management, {
    AssocClass: 'CIM_ElementCapabilities',
    ResultClass: 'CIM_VirtualSystemManagementCapabilities',
  });
  const names = ['synchronousmethodssupported', 'asynchronousmethodssupported'];
  const methods = names.flatMap((name) => capabilities.values.get(name) ?? []);
  for (const code of ['2', '3', '5', '6', '10']) expect(methods).toContain(code);
  const before = await census();

  // Defined with processors, memory, two disks and a port, all of it loosely typed.
  const pools = await client.instances('Xen_StoragePool');
  const pool =
    pools.find((each) => textIn(each, 'Name') === 'NFS virtual disks') ??
    pools.find((each) => textIn(each, 'ResourceSubType') === 'nfs')!;
  const networks = await client.instances('Xen_NetworkConnectionPool');
  const network = networks.find((each) => textIn(each, 'Name') === 'Pool-wide network associated with eth0')!;
  const disk = (name: string, mebibytes: number) => ({
    ElementName: name,
    ResourceType: 19,
    PoolID: textIn(pool, 'PoolID'),
    VirtualQuantity: mebibytes,
    AllocationUnits: 'byte*2^20',
  });
  const defining = await client.invoke(
    management,
    'DefineSystem',
    loose.instance(
      'SystemSettings',
      instanceXml('Xen_ComputerSystemSettingData', {
        ElementName: 'a life',
        Description: 'as it was',
        VirtualSystemType: 'DMTF:Xen:PV',
        OnPoweroff: 'destroy',
      }),
    ),
    loose.instances('ResourceSettings', [
      instanceXml('Xen_ProcessorSettingData', { ResourceType: 3, VirtualQuantity: 2, AllocationUnits: 'count' }),
      instanceXml('Xen_MemorySettingData', { ResourceType: 4, VirtualQuantity: 512, AllocationUnits: 'byte*2^20' }),
      instanceXml('Xen_DiskSettingData', { ...disk('root', 2048), Bootable: 'true' }),
      instanceXml('CIM_ResourceAllocationSettingData', disk('data', 1024)),
      instanceXml('Xen_NetworkPortSettingData', { ResourceType: 33, PoolID: textIn(network, 'PoolID') }),
    ]),
    '<PARAMVALUE NAME="ReferenceConfiguration"/>',
  );
  const system = made(defining, 'ResultingSystem');
  const job = await completed(defining, system);
  expect(job.values.get('affectedresources')).toHaveLength(5);
  expect(textIn(await client.get(system), 'ElementName')).toBe('a life');
  const devices = async (kind: string) =>
    client.associators(system, { AssocClass: 'CIM_SystemDevice', ResultClass: kind });
  const numbers = async () =>
    Promise.all(
      ['CIM_Processor', 'CIM_Memory', 'Xen_Disk', 'CIM_NetworkPort'].map(async (of) => (await devices(of)).length),
    );
  expect(await numbers()).toEqual([2, 1, 2, 1]);
  const stateOf = async () => textIn(await client.get(system), 'EnabledState');
  expect(await stateOf()).toBe('3');

  const request = (state: number) => client.invoke(system, 'RequestStateChange', loose.text('RequestedState', state));
  await completed(await request(2), system);
  expect(await stateOf()).toBe('2');

  // A third disk while it runs, told as the scripts for xs-cim tell it.
  const settings = await client.associated(system, {
    AssocClass: 'CIM_SettingsDefineState',
    ResultClass: 'CIM_VirtualSystemSettingData',
  });
  const adding = await client.invoke(
    management,
    'AddResourceSettings',
    loose.reference('AffectedConfiguration', settings),
    script.texts('ResourceSettings', [script.mof('Xen_DiskSettingData', disk('late', 512))]),
  );
  await completed(adding, system);
  expect(await numbers()).toEqual([2, 1, 3, 1]);
  const held = simulator.db
    .refs('VBD')
    .map((ref) => simulator.db.need('VBD', ref))
    .filter(({ VM }) => simulator.db.need('VM', VM).uuid === idOf(system));
  expect(held.map(({ currently_attached }) => currently_attached)).toEqual([true, true, true]);

  const keeping = await client.invoke(
    snapshots,
    'CreateSnapshot',
    loose.reference('AffectedSystem', system),
    loose.instance(
      'SnapshotSettings',
      instanceXml('Xen_ComputerSystemSettingData', { ElementName: 'before the change' }),
    ),
  );
  expect(keeping.returned).toBe(0);
  const snapshot = made(keeping, 'ResultingSnapshot');
  expect(textIn(await client.get(snapshot), 'ElementName')).toBe('before the change');
  expect((await client.associators(system, { ResultClass: 'Xen_ComputerSystemSnapshot' })).map(idOf)).toEqual([
    idOf(snapshot),
  ]);

  // Changed: its settings as MOF, its processors as an instance.
  const changing = await client.invoke(
    management,
    'ModifySystemSettings',
    script.text(
      'SystemSettings',
      script.mof('Xen_ComputerSystemSettingData', { InstanceID: settings.keys[0]!.value, Description: 'changed' }),
    ),
  );
  expect(changing.returned).toBe(0);
  const parts = { AssocClass: 'CIM_VirtualSystemSettingDataComponent', ResultClass: 'Xen_ProcessorSettingData' };
  const processors = await client.associated(settings, parts);
  const weighing = await client.invoke(
    management,
    'ModifyResourceSettings',
    loose.instances('ResourceSettings', [
      instanceXml('Xen_ProcessorSettingData', { InstanceID: processors.keys[0]!.value, Weight: 512 }),
    ]),
  );
  expect(weighing.returned).toBe(0);
  const told = async () => [
    textIn(await client.get(settings), 'Description'),
    textIn(await client.get(processors), 'Weight'),
  ];
  expect(await told()).toEqual(['changed', '512']);

  const reverting = await client.invoke(snapshots, 'ApplySnapshot', loose.reference('Snapshot', snapshot));
  expect(reverting.returned).toBe(0);
  const [description, weight] = await told();
  expect([description, weight === '512']).toEqual(['as it was', false]);
  expect(await numbers()).toEqual([2, 1, 3, 1]);
  expect(await stateOf()).toBe('3');

  await completed(await request(2), system);
  const hostOf = async () =>
    await client.associated(system, {
      AssocClass: 'CIM_HostedDependency',
      Role: 'Dependent',
      ResultRole: 'Antecedent',
    });
  const here = await hostOf();
  const targets: Path[] = [];
  for (const host of hosts.filter((each) => idOf(each) !== idOf(here))) {
    const check = await client.invoke(
      migration,
      'CheckVirtualSystemIsMigratableToSystem',
      loose.reference('ComputerSystem', system),
      loose.reference('DestinationSystem', host),
    );
    if (check.returned === 0 && String(check.output['IsMigratable']).toLowerCase() === 'true') targets.push(host);
  }
  expect(targets.length).toBeGreaterThan(0);
  const moving = await client.invoke(
    migration,
    'MigrateVirtualSystemToSystem',
    loose.reference('ComputerSystem', system),
    loose.reference('DestinationSystem', targets[0]!),
  );
  await completed(moving, system);
  expect([idOf(await hostOf()), await stateOf()]).toEqual([idOf(targets[0]!), '2']);

  expect((await client.invoke(management, 'DestroySystem', loose.reference('AffectedSystem', system))).returned).toBe(
    5,
  );
  await completed(await request(32768), system);
  expect(await stateOf()).toBe('3');
  expect(
    (await client.invoke(snapshots, 'DestroySnapshot', loose.reference('AffectedSnapshot', snapshot))).returned,
  ).toBe(0);
  expect((await client.invoke(management, 'DestroySystem', loose.reference('AffectedSystem', system))).returned).toBe(
    0,
  );
  await expect(client.get(system)).rejects.toMatchObject({ code: 6 });
  expect(await census()).toEqual(before);
});
