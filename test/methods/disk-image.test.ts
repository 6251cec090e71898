import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { embedded, failEachStep, type Plain, path, type Stage, shown, stage, uuidIn } from './stage.js';

let on: Stage;
let service: ReturnType<typeof path>;
let nfs: [Ref<'SR'>, Records['SR']];
beforeAll(async () => {
  on = await stage();
  nfs = on.one('SR', ({ type }) => type === 'nfs');
  service = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });
});
afterAll(() => on.end());

const call = (name: string, parameters: Readonly<Record<string, Argument>>, user?: string) =>
  on.invoke(service, name, parameters, user);

const imagePath = (uuid: string) => path('Xen_DiskImage', { DeviceID: `Xen:${nfs[1].uuid}/${uuid}` });

/** The whole key of an image, as intrinsic operations want it. */
const exactPath = (sr: string, uuid: string) =>
  path('Xen_DiskImage', {
    CreationClassName: 'Xen_DiskImage',
    DeviceID: `Xen:${sr}/${uuid}`,
    SystemCreationClassName: 'Xen_StoragePool',
    SystemName: sr,
  });

const settings = (values: Readonly<Record<string, Plain>> = {}, className = 'Xen_DiskSettingData') =>
  embedded(className, {
    PoolID: nfs[1].uuid,
    ResourceType: 19,
    VirtualQuantity: '64',
    AllocationUnits: 'byte * 2^20',
    ElementName: 'data',
    ...values,
  });

const make = async (): Promise<string> => {
  const { returned, output } = await call('CreateDiskImage', { ResourceSetting: settings() });
  expect(returned).toBe(0);
  return uuidIn(output['ResultingDiskImage']);
};

const imageOf = (uuid: string) => on.one('VDI', (vdi) => vdi.uuid === uuid);

describe('CreateDiskImage', () => {
  test('makes an image of that size by one message, which the next read shows', async () => {
    let uuid = '';
    const sent = await on.messages(async () => {
      uuid = await make();
    });
    expect(sent).toEqual(['Async.VDI.create']);
    const instance = await on.get(exactPath(nfs[1].uuid, uuid));
    expect([shown(instance, 'NumberOfBlocks'), shown(instance, 'ElementName')]).toEqual([64n << 20n, 'data']);
    expect(imageOf(uuid)[1].other_config['xen-cim-bridge']).toBeDefined();
  });

  test.each<[string, () => Readonly<Record<string, Plain>>]>([
    ['the InstanceID of the pool', () => ({ PoolID: `Xen:Shared/${nfs[1].uuid}` })],
    ['a WBEM URI', () => ({ PoolID: `root/cimv2:Xen_StoragePool.InstanceID="Xen:Shared/${nfs[1].uuid}"` })],
    ['other units', () => ({ VirtualQuantity: '65536', AllocationUnits: 'KiloBytes' })],
    ['bytes where no unit is named', () => ({ VirtualQuantity: 67_108_864n, AllocationUnits: null })],
  ])('understands %s', async (_what, values) => {
    const { output } = await call('CreateDiskImage', { ResourceSetting: settings(values()) });
    expect(imageOf(uuidIn(output['ResultingDiskImage']))[1]).toMatchObject({ SR: nfs[0], virtual_size: 64n << 20n });
  });

  test.each<[string, Readonly<Record<string, Plain>>, RegExp]>([
    ['no pool', { PoolID: null }, /PoolID is missing/],
    ['an unknown pool', { PoolID: 'nowhere' }, /no repository for Xen_StoragePool nowhere/],
    ['no size', { VirtualQuantity: null }, /VirtualQuantity is missing/],
    ['a size of zero', { VirtualQuantity: 0 }, /a size above 0/],
    ['a unit of something else', { AllocationUnits: 'hertz' }, /no unit of bytes/],
    ['the type of a processor', { ResourceType: 3 }, /17, 19 or 31/],
  ])('refuses %s', async (_what, values, said) => {
    const before = on.census();
    const error = await on.refused(call('CreateDiskImage', { ResourceSetting: settings(values) }));
    expect([error.status, error.message]).toEqual(['INVALID_PARAMETER', expect.stringMatching(said)]);
    expect(on.census()).toEqual(before);
  });

  test('refuses no settings at all, and settings of a processor', async () => {
    expect((await on.refused(call('CreateDiskImage', {}))).status).toBe('INVALID_PARAMETER');
    const wrong = settings({}, 'Xen_ProcessorSettingData');
    expect((await on.refused(call('CreateDiskImage', { ResourceSetting: wrong }))).status).toBe('INVALID_PARAMETER');
  });

  test('a repository of media makes none: the pool says so', async () => {
    const [, { uuid }] = on.one('SR', ({ name_label }) => name_label === 'NFS ISO library');
    const error = await on.refused(call('CreateDiskImage', { ResourceSetting: settings({ PoolID: uuid }) }));
    expect(error.message).toContain('XenError:SR_OPERATION_NOT_SUPPORTED');
  });

  test('a role that may not make images sends nothing', async () => {
    const sent = await on.messages(async () => {
      const error = await on.refused(call('CreateDiskImage', { ResourceSetting: settings() }, 'vm-operator'));
      expect(error.status).toBe('ACCESS_DENIED');
    });
    expect(sent).toEqual([]);
  });

  test('nothing stays behind where it fails', () =>
    failEachStep(on, ['VDI.create'], () => call('CreateDiskImage', { ResourceSetting: settings() })));
});

describe('DeleteDiskImage', () => {
  test('destroys an image by one message', async () => {
    const uuid = await make();
    const sent = await on.messages(async () => {
      expect(await call('DeleteDiskImage', { DiskImage: imagePath(uuid) })).toMatchObject({ returned: 0 });
    });
    expect(sent).toEqual(['Async.VDI.destroy']);
    expect(on.db.find('VDI', (vdi) => vdi.uuid === uuid)).toBeUndefined();
  });

  test('takes the bare uuid as text', async () => {
    const uuid = await make();
    expect(await call('DeleteDiskImage', { DiskImage: uuid })).toMatchObject({ returned: 0 });
  });

  test('refuses no image, and one that is not there', async () => {
    expect((await on.refused(call('DeleteDiskImage', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(call('DeleteDiskImage', { DiskImage: 'nowhere' }))).status).toBe('NOT_FOUND');
  });

  test('an image that a machine uses stays', async () => {
    const [, { VDI }] = on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk');
    const { uuid } = on.db.need('VDI', VDI);
    const error = await on.refused(call('DeleteDiskImage', { DiskImage: imagePath(uuid) }));
    expect(error.message).toContain('XenError:VDI_IN_USE');
    expect(on.db.get('VDI', VDI)).toBeDefined();
  });

  test('is refused to those who may not, and changes nothing where it fails', async () => {
    const uuid = await make();
    const attempt = (user?: string) => call('DeleteDiskImage', { DiskImage: imagePath(uuid) }, user);
    expect((await on.refused(attempt('vm-operator'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['VDI.destroy'], () => attempt());
  });
});

describe('images as instances', () => {
  const modify = (uuid: string, values: Readonly<Record<string, Plain>>, user?: string) =>
    on.ask(
      'ModifyInstance',
      {
        ModifiedInstance: {
          ...embedded('Xen_DiskImage', values),
          path: exactPath(nfs[1].uuid, uuid),
        } as unknown as Argument,
      },
      user,
    );

  test('NumberOfBlocks makes an image larger, after its name (DSP0200 5.4.2.8)', async () => {
    const uuid = await make();
    const sent = await on.messages(() => modify(uuid, { ElementName: 'more', NumberOfBlocks: 128n << 20n }));
    expect(sent).toEqual(['Async.VDI.resize', 'VDI.set_name_label']);
    expect(imageOf(uuid)[1]).toMatchObject({ name_label: 'more', virtual_size: 128n << 20n });
  });

  test('an image cannot become smaller, and then keeps its name', async () => {
    const uuid = await make();
    const error = await on.refused(modify(uuid, { ElementName: 'less', NumberOfBlocks: 1n << 20n }));
    expect(error.message).toContain('XenError:SR_BACKEND_FAILURE_79');
    expect(imageOf(uuid)[1]).toMatchObject({ name_label: 'data', virtual_size: 64n << 20n });
  });

  test('refuses a size of nothing, and those who may not', async () => {
    const uuid = await make();
    expect((await on.refused(modify(uuid, { NumberOfBlocks: 0n }))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(modify(uuid, { NumberOfBlocks: 128n << 20n }, 'vm-operator'))).status).toBe(
      'ACCESS_DENIED',
    );
  });

  test('CreateInstance and DeleteInstance make one and take it away (DSP0200 5.4.2.6, 5.4.2.4)', async () => {
    const values = { SystemName: nfs[1].uuid, NumberOfBlocks: 2048n, BlockSize: 4096n, ElementName: 'made' };
    const made = await on.ask('CreateInstance', { NewInstance: embedded('Xen_DiskImage', values) as never });
    const [, { uuid, virtual_size }] = on.one('VDI', ({ name_label }) => name_label === 'made');
    expect(virtual_size).toBe(8n << 20n);
    if (made.kind !== 'instanceNames') throw new Error(`CreateInstance gave ${made.kind}`);
    expect([...made.items].map(uuidIn)).toEqual([uuid]);
    await on.ask('DeleteInstance', { InstanceName: exactPath(nfs[1].uuid, uuid) });
    expect(on.db.find('VDI', (vdi) => vdi.uuid === uuid)).toBeUndefined();
  });
});
