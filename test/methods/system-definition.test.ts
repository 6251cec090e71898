import { describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import {
  call,
  disk,
  display,
  drive,
  fresh,
  type Given,
  hvm,
  made,
  memory,
  on,
  pair,
  port,
  processors,
  running,
  system,
  template,
} from './machine-stage.js';
import { type Answered, embedded, failEachStep, path, settingPath, shown, systemPath, uuidIn } from './stage.js';

describe('DefineSystem from nothing', () => {
  test('makes a machine with its resources, and answers with it and the job', async () => {
    const ResourceSettings = [
      processors(2n, { Weight: 512, Limit: 150n }),
      memory(512n),
      disk(4n << 30n, { Bootable: true, ElementName: 'root' }),
      disk(1n << 30n),
      drive,
      port({ Address: '00:16:3e:00:00:01', AddressOnParent: '3' }),
      display,
      pair(),
    ];
    let answer!: Answered;
    const settings = hvm('made from nothing', { Description: 'made', Other_Config: ['a=b=c', 'd='] });
    const sent = await on.messages(async () => {
      answer = await call('DefineSystem', { SystemSettings: settings, ResourceSettings });
      await on.job(answer);
    });
    const { uuid, now } = made(answer);
    expect(now()).toMatchObject({
      name_label: 'made from nothing',
      name_description: 'made',
      domain_type: 'hvm',
      power_state: 'Halted',
      VCPUs_max: 2n,
      VCPUs_at_startup: 2n,
      VCPUs_params: { weight: '512', cap: '150' },
      memory_static_max: 512n << 20n,
      memory_dynamic_max: 512n << 20n,
      memory_dynamic_min: 512n << 20n,
      is_a_template: false,
      xenstore_data: { 'vm-data/greeting': 'hello' },
    });
    const job = await on.get(answer.output['Job'] as never);
    expect(now().other_config).toMatchObject({ a: 'b=c', d: '', 'xen-cim-bridge': uuidIn(job.path) });
    const devices = now().VBDs.map((ref) => on.db.need('VBD', ref));
    expect(devices.map(({ type }) => type).sort()).toEqual(['CD', 'Disk', 'Disk']);
    const root = devices.find(({ bootable }) => bootable)!;
    expect(on.db.need('VDI', root.VDI)).toMatchObject({ name_label: 'root', virtual_size: 4n << 30n });
    expect(now().VIFs.map((ref) => on.db.need('VIF', ref))).toMatchObject([{ MAC: '00:16:3e:00:00:01', device: '3' }]);
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
      'VM.get_xenstore_data',
    ]);
  });

  test('without resources there is no job: it is done when it answers', async () => {
    const answer = await call('DefineSystem', {
      SystemSettings: system({ ElementName: 'plain', VirtualSystemType: 'DMTF:Xen:PV', PV_Args: 'console=hvc0' }),
    });
    expect([answer.returned, answer.output['Job']]).toEqual([0, undefined]);
    expect(made(answer).now()).toMatchObject({ domain_type: 'pv', PV_bootloader: 'pygrub', PV_args: 'console=hvc0' });
    expect(shown(await on.get(systemPath(made(answer).uuid)), 'ElementName')).toBe('plain');
  });

  test.each<[string, () => Given, RegExp]>([
    ['no settings', () => ({}), /SystemSettings is missing/],
    ['no name', () => ({ SystemSettings: system({ VirtualSystemType: 'HVM' }) }), /want an ElementName/],
    ['no type', () => ({ SystemSettings: system({ ElementName: 'x' }) }), /VirtualSystemType is DMTF:Xen:HVM or/],
    [
      'an unknown class',
      () => ({ SystemSettings: embedded('Xen_ComputerSystemSnapshot123', { ElementName: 'x' }) }),
      /no class Xen_ComputerSystemSnapshot123/,
    ],
    [
      'a resource of no kind',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [embedded('CIM_ResourceAllocationSettingData', {})] }),
      /no ResourceType is no resource/,
    ],
    [
      'a text that is no number',
      () => ({
        SystemSettings: hvm('x'),
        ResourceSettings: [embedded('Xen_MemorySettingData', { VirtualQuantity: 'much' })],
      }),
      /VirtualQuantity wants a uint64/,
    ],
    [
      'a number that is no text',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [embedded('Xen_DiskSettingData', { PoolID: 7 })] }),
      /PoolID wants a string/,
    ],
    [
      'no repository',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [disk(1n, { PoolID: 'none' })] }),
      /no storage repository none/,
    ],
    [
      'no network',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [port({ PoolID: 'none' })] }),
      /no network none/,
    ],
    ['no address', () => ({ SystemSettings: hvm('x'), ResourceSettings: [port({ Address: 'zz' })] }), /no MAC address/],
    [
      'an unknown unit',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [memory(1n, { AllocationUnits: 'acre' })] }),
      /no unit of bytes/,
    ],
    [
      'contradiction',
      () => ({ SystemSettings: hvm('x'), ResourceSettings: [processors(1n, { ResourceType: 4 })] }),
      /ResourceType 4 is none of/,
    ],
  ])('refuses %s, and makes nothing', async (_what, given, message) => {
    const before = on.census();
    const error = await on.refused(call('DefineSystem', given()));
    expect([error.status, error.message]).toEqual(['INVALID_PARAMETER', expect.stringMatching(message)]);
    expect(on.census()).toEqual(before);
  });

  test('a user whose role does not allow it is refused, and nothing is made', async () => {
    const before = on.census();
    const error = await on.refused(call('DefineSystem', { SystemSettings: hvm('x') }, 'vm-operator'));
    expect([error.status, error.message]).toEqual([
      'ACCESS_DENIED',
      expect.stringMatching(/XenError:RBAC_PERMISSION_DENIED:vm\.create/),
    ]);
    expect(on.census()).toEqual(before);
  });

  test('a failure of any step leaves nothing behind', async () => {
    const messages = [
      'VM.create',
      'VDI.create',
      'VBD.create',
      'VIF.create',
      'VM.get_xenstore_data',
      'VM.add_to_xenstore_data',
    ];
    await failEachStep(on, messages, () =>
      call('DefineSystem', { SystemSettings: hvm('never'), ResourceSettings: [disk(1n << 30n), port(), pair()] }),
    );
  });

  test('what cannot be undone is told', async () => {
    on.simulator.faults.failNext('VIF.create', 'INTERNAL_ERROR', ['the step']);
    on.simulator.faults.failNext('VDI.destroy', 'VDI_IN_USE', ['OpaqueRef:x', 'destroy']);
    const images = on.db.refs('VDI').length;
    const answer = await call('DefineSystem', {
      SystemSettings: hvm('never'),
      ResourceSettings: [disk(1n << 30n), port({ AddressOnParent: '0' })],
    });
    const job = await on.job(answer);
    expect(shown(job, 'ErrorDescription')).toMatch(
      /the step.*the image disk could not be undone and is left behind.*XenError:VDI_IN_USE/,
    );
    expect(on.db.refs('VDI')).toHaveLength(images + 1);
    const { output } = await on.invoke(answer.output['Job'] as never, 'GetErrors');
    const errors = output['Errors'] as readonly CimInstance[];
    expect(errors.map((error) => shown(error, 'MessageID'))).toEqual(['INTERNAL_ERROR', 'VDI_IN_USE']);
  });
});

describe('DefineSystem from something', () => {
  test('clones a template, makes its disks, and answers with the machine and the job', async () => {
    const [, { uuid }] = template('Debian Bookworm 12');
    let answer!: Answered;
    const sent = await on.messages(async () => {
      answer = await call('DefineSystem', {
        SystemSettings: system({ ElementName: 'from a template', Description: 'x' }),
        ResourceSettings: [memory(1024n), processors(3n)],
        ReferenceConfiguration: settingPath(uuid, 'Xen_ComputerSystemTemplate'),
      });
      const job = await on.job(answer);
      expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    });
    const { now } = made(answer);
    expect(now()).toMatchObject({ name_label: 'from a template', is_a_template: false, VCPUs_max: 3n });
    expect(now().memory_static_max).toBe(1n << 30n);
    expect(now().VBDs.map((ref) => on.db.need('VBD', ref).type)).toContain('Disk');
    expect(sent).toEqual([
      'Async.VM.clone',
      'Async.VM.provision',
      'VM.add_to_other_config',
      'VM.add_to_other_config',
      'VM.remove_from_other_config',
      'VM.remove_from_other_config',
      'VM.set_VCPUs_at_startup',
      'VM.set_VCPUs_max',
      'VM.set_memory_limits',
      'VM.set_name_description',
    ]);
  });

  test.each<[string, (uuid: string) => Given[string]]>([
    ['a path of a misspelt class', (uuid) => path('Xen_CompterSystemTemplat', { InstanceID: `Xen:${uuid}` })],
    ['the path of a system', (uuid) => path('Xen_ComputerSystem', { Name: uuid })],
    ['a uuid', (uuid) => uuid],
    ['an InstanceID', (uuid) => `Xen:${uuid}`],
    ['a WBEM URI', (uuid) => `root/cimv2:Xen_ComputerSystemTemplate.InstanceID="Xen:${uuid}"`],
  ])('takes %s for the reference', async (_what, reference) => {
    const [, { uuid }] = template('Other install media');
    const answer = await call('DefineSystem', {
      SystemSettings: system({ ElementName: 'named' }),
      ReferenceConfiguration: reference(uuid),
    });
    expect(shown(await on.job(answer), 'JobState')).toBe(7);
    expect(made(answer).now().is_a_template).toBe(false);
  });

  test('refuses a reference that leads nowhere, and an embedded instance in its place', async () => {
    const define = (ReferenceConfiguration: Given[string]) =>
      on.refused(call('DefineSystem', { SystemSettings: system({ ElementName: 'x' }), ReferenceConfiguration }));
    expect((await define(settingPath('00000000-0000-4000-8000-00000000dead'))).status).toBe('NOT_FOUND');
    expect((await define(system({ InstanceID: 'Xen:x' }))).status).toBe('INVALID_PARAMETER');
  });

  test('copies a halted machine with its disks; one that runs is refused as XenAPI says it', async () => {
    const source = await fresh('the original');
    const answer = await call('DefineSystem', {
      SystemSettings: system({ ElementName: 'its clone' }),
      ReferenceConfiguration: settingPath(source.uuid),
    });
    expect(shown(await on.job(answer), 'JobState')).toBe(7);
    expect(made(answer).now().VBDs).toHaveLength(source.now().VBDs.length);
    const [, { uuid }] = running();
    const error = await on.refused(
      call('DefineSystem', { SystemSettings: system({ ElementName: 'x' }), ReferenceConfiguration: settingPath(uuid) }),
    );
    expect(error.message).toMatch(/XenError:VM_BAD_POWER_STATE/);
  });

  test('a snapshot becomes a machine', async () => {
    const [, { uuid }] = on.one('VM', (vm) => vm.is_a_snapshot && vm.power_state === 'Halted');
    const answer = await call('DefineSystem', {
      SystemSettings: system({ ElementName: 'of a snapshot' }),
      ReferenceConfiguration: settingPath(uuid),
    });
    expect(shown(await on.job(answer), 'ErrorDescription')).toBeNull();
    expect(made(answer).now()).toMatchObject({ is_a_template: false, is_a_snapshot: false });
  });

  test('a failure of any step leaves nothing behind', async () => {
    const [, { uuid }] = template('Debian Bookworm 12');
    const messages = [
      'VM.clone',
      'VM.remove_from_other_config',
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
