import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { InstancePath } from '../../src/cim/path.js';
import { embedded, type Plain, path, type Stage, settingPath, shown, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

type Values = Readonly<Record<string, Plain>>;

/** ModifyInstance with these properties alone, and with the list where one is given. */
const modify = (at: InstancePath, values: Values, list: readonly string[] | null = null, user = 'root') =>
  on.ask(
    'ModifyInstance',
    { ModifiedInstance: { ...embedded(at.className, values), path: at }, PropertyList: list },
    user,
  );

const set = (InstanceName: InstancePath, PropertyName: string, NewValue: string | null, user = 'root') =>
  on.ask('SetProperty', { InstanceName, PropertyName, NewValue }, user);

const remove = (InstanceName: InstancePath, user = 'root') => on.ask('DeleteInstance', { InstanceName }, user);

const hostPath = (uuid: string) =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });
const halted = () => on.machine('Halted');

describe('DSP0200 5.4.2.8: ModifyInstance', () => {
  test('writes what the row has a setter for, and the next read sees it', async () => {
    const [, { uuid }] = halted();
    const sent = await on.messages(() =>
      modify(systemPath(uuid), { ElementName: 'renamed', Description: 'described' }),
    );
    expect(sent).toEqual(['VM.set_name_description', 'VM.set_name_label']);
    const now = await on.get(systemPath(uuid));
    expect([shown(now, 'ElementName'), shown(now, 'Description')]).toEqual(['renamed', 'described']);
  });

  test('passes over what is as it was, and what cannot be written beside what can', async () => {
    const [, { uuid }] = halted();
    const read = await on.get(systemPath(uuid));
    const values = read.values.map((value, i) => {
      const { name } = read.shape.properties[i]!;
      return name === 'ElementName' ? 'sent back' : name === 'EnabledState' ? 2 : value;
    });
    const given = { ...read, values } as CimInstance;
    const sent = await on.messages(() => on.ask('ModifyInstance', { ModifiedInstance: given }));
    expect(sent).toEqual(['VM.set_name_label']);
  });

  test.each<[string, Values, readonly string[] | null, string]>([
    ['a property alone that cannot be written', { EnabledState: 2 }, null, 'NOT_SUPPORTED'],
    [
      'one that the list names',
      { EnabledState: 2, ElementName: 'x' },
      ['EnabledState', 'ElementName'],
      'NOT_SUPPORTED',
    ],
    ['a property that is not there', { Colour: 'red' }, null, 'NO_SUCH_PROPERTY'],
    ['a key', { Name: 'other' }, null, 'INVALID_PARAMETER'],
    ['a value of another type', { ElementName: 7 }, null, 'INVALID_PARAMETER'],
  ])('refuses %s', async (_what, values, list, status) => {
    const [, { uuid }] = halted();
    expect((await on.refused(modify(systemPath(uuid), values, list))).status).toBe(status);
  });

  test('writes maps key by key, without what is hidden in them', async () => {
    const [ref, { uuid }] = on.one('host', () => true);
    const read = shown(await on.get(hostPath(uuid)), 'OtherConfig') as readonly string[];
    await modify(hostPath(uuid), { OtherConfig: [...read, 'rack=7'] });
    expect(on.db.need('host', ref).other_config['rack']).toBe('7');
    await modify(hostPath(uuid), { OtherConfig: read });
    expect(on.db.need('host', ref).other_config['rack']).toBeUndefined();
    const error = await on.refused(modify(hostPath(uuid), { OtherConfig: ['nothing'] }));
    expect(error.message).toMatch(/OtherConfig wants key=value/);
  });

  test.each([
    ['Xen_HostPool', 'ElementName'],
    ['Xen_StoragePool', 'Name'],
    ['Xen_NetworkConnectionPool', 'Name'],
    ['Xen_VirtualSwitch', 'ElementName'],
    ['Xen_VirtualSwitchSettingData', 'Description'],
    ['Xen_ComputerSystemTemplate', 'ElementName'],
  ])('writes %s.%s', async (className, property) => {
    const [first] = await on.list(className);
    await modify(first!.path!, { [property]: 'written' });
    expect(shown(await on.get(first!.path!), property)).toBe('written');
  });

  test('writes settings of systems and of their resources as the Modify methods do', async () => {
    const [ref, { uuid }] = halted();
    const now = () => on.db.need('VM', ref);
    await modify(settingPath(uuid), { Description: 'of the settings', HVM_Boot_Params: ['order=n'] });
    expect(now()).toMatchObject({ name_description: 'of the settings', HVM_boot_params: { order: 'n' } });
    await modify(path('Xen_ProcessorSettingData', { InstanceID: `Xen:${uuid}/Processor` }), {
      VirtualQuantity: 3n,
      Reservation: 1n,
    });
    expect(now()).toMatchObject({ VCPUs_max: 3n, VCPUs_at_startup: 1n });
    await modify(path('Xen_MemorySettingData', { InstanceID: `Xen:${uuid}/Memory` }), {
      VirtualQuantity: 768n,
      Limit: 768n,
      Reservation: 768n,
    });
    expect(now().memory_static_max).toBe(768n << 20n);
  });

  test('a failure half-way leaves everything as it was', async () => {
    const [ref, vm] = halted();
    on.simulator.faults.failNext('VM.set_name_description', 'INTERNAL_ERROR', ['no']);
    const error = await on.refused(modify(systemPath(vm.uuid), { ElementName: 'half', Description: 'way' }));
    expect(error.message).toMatch(/XenError:INTERNAL_ERROR:no/);
    expect(on.db.need('VM', ref).name_label).toBe(vm.name_label);
  });

  test('is refused to whom the role does not allow it', async () => {
    const [ref, { uuid, name_label }] = halted();
    for (const user of ['reader', 'vm-operator']) {
      const error = await on.refused(modify(systemPath(uuid), { ElementName: 'x' }, null, user));
      expect(error.status).toBe('ACCESS_DENIED');
    }
    expect(on.db.need('VM', ref).name_label).toBe(name_label);
  });

  test('is not supported of what has nothing to write', async () => {
    const [first] = await on.list('Xen_HostMemory');
    expect((await on.refused(modify(first!.path!, { ElementName: 'x' }))).status).toBe('NOT_SUPPORTED');
  });
});

describe('DSP0200 5.4.2.19: SetProperty', () => {
  test('writes one property', async () => {
    const [, { uuid }] = halted();
    await set(systemPath(uuid), 'elementname', 'set');
    expect(shown(await on.get(systemPath(uuid)), 'ElementName')).toBe('set');
  });

  test('refuses what is not there, cannot be written, or is of another type', async () => {
    const [, { uuid }] = halted();
    const status = async (name: string, value: string) => (await on.refused(set(systemPath(uuid), name, value))).status;
    expect(await status('Colour', 'red')).toBe('NO_SUCH_PROPERTY');
    expect(await status('EnabledState', '9')).toBe('NOT_SUPPORTED');
    expect(await status('EnabledState', 'on')).toBe('INVALID_PARAMETER');
    expect((await on.refused(set(systemPath('none'), 'ElementName', 'x'))).status).toBe('NOT_FOUND');
  });
});

describe('DSP0200 5.4.2.4: DeleteInstance', () => {
  test('destroys a halted machine with its disks, and refuses one that runs', async () => {
    const [ref, { uuid }] = on.one(
      'VM',
      (vm) =>
        vm.power_state === 'Halted' &&
        !vm.is_a_template &&
        !vm.is_a_snapshot &&
        vm.allowed_operations.includes('destroy') &&
        vm.snapshots.length === 0,
    );
    await remove(systemPath(uuid));
    expect(on.db.get('VM', ref)).toBeUndefined();
    const error = await on.refused(remove(systemPath(on.machine('Running')[1].uuid)));
    expect([error.status, error.message]).toEqual([
      'FAILED',
      expect.stringMatching(/is Running: only a halted system/),
    ]);
  });

  test('takes a device from a machine by its settings', async () => {
    const [ref, { uuid, VIFs }] = on.one(
      'VM',
      (vm) => vm.power_state === 'Halted' && !vm.is_a_template && !vm.is_a_snapshot && vm.VIFs.length > 0,
    );
    await remove(path('Xen_NetworkPortSettingData', { InstanceID: `Xen:${uuid}/${on.db.need('VIF', VIFs[0]!).uuid}` }));
    expect(on.db.need('VM', ref).VIFs).toHaveLength(VIFs.length - 1);
  });

  test("is not supported of what is no one's to delete, and refused to whom the role does not allow it", async () => {
    const [, { uuid }] = on.one('host', () => true);
    expect((await on.refused(remove(hostPath(uuid)))).status).toBe('NOT_SUPPORTED');
    expect((await on.refused(remove(systemPath(halted()[1].uuid), 'vm-operator'))).status).toBe('ACCESS_DENIED');
    expect(
      (await on.refused(remove(path('Xen_ProcessorSettingData', { InstanceID: `Xen:${halted()[1].uuid}/Processor` }))))
        .status,
    ).toBe('NOT_SUPPORTED');
  });
});

describe('DSP0200 5.4.2.6: CreateInstance', () => {
  test('makes a key and value of a machine, and answers with its path', async () => {
    const [ref, { uuid }] = halted();
    const NewInstance = embedded('Xen_KVPSettingData', {
      VM_ID: uuid,
      key: 'made',
      value: 'v',
      Elsewhere: null,
    }) as CimInstance;
    const properties = NewInstance.shape.properties.slice(0, 3);
    const given = {
      ...NewInstance,
      shape: { ...NewInstance.shape, properties },
      values: NewInstance.values.slice(0, 3),
    };
    const result = await on.ask('CreateInstance', { NewInstance: given });
    const [at] = result.kind === 'instanceNames' ? [...result.items] : [];
    expect(at?.keys).toEqual([expect.objectContaining({ name: 'InstanceID', value: `Xen:${uuid}/made` })]);
    expect(on.db.need('VM', ref).xenstore_data['vm-data/made']).toBe('v');
  });

  test('is not supported of what comes about in other ways', async () => {
    const error = await on.refused(
      on.ask('CreateInstance', { NewInstance: embedded('Xen_ComputerSystem', { Name: 'x' }) }),
    );
    expect(error.status).toBe('NOT_SUPPORTED');
  });
});

test('a read-only server refuses all writing, whoever asks', async () => {
  const sealed = await stage({ simulator: on.simulator, readOnly: true });
  try {
    const at = systemPath(halted()[1].uuid);
    const status = async (call: Promise<unknown>) => (await sealed.refused(call)).status;
    expect(await status(sealed.ask('DeleteInstance', { InstanceName: at }))).toBe('ACCESS_DENIED');
    expect(
      await status(sealed.ask('SetProperty', { InstanceName: at, PropertyName: 'ElementName', NewValue: 'x' })),
    ).toBe('ACCESS_DENIED');
    expect(await status(sealed.invoke(at, 'RequestStateChange', { RequestedState: '2' }))).toBe('ACCESS_DENIED');
  } finally {
    await sealed.end();
  }
});
