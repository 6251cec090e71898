import { describe, expect, test } from 'vitest';
import { call, fresh, type Given, on, pair, port, running, settingOf } from './machine-stage.js';
import { embedded, failEachStep, path, settingPath } from './stage.js';

describe('RemoveResourceSettings', () => {
  const remove = (ResourceSettings: Given[string], user = 'root') =>
    call('RemoveResourceSettings', { ResourceSettings }, user);
  const setting = (className: string, InstanceID: string) => path(className, { InstanceID });

  test('takes devices and keys away; the image of a disk stays', async () => {
    const { uuid, now, diskRef, portRef } = await fresh('shrinks', [pair('k', 'v')]);
    const { VDI } = on.db.need('VBD', diskRef);
    const refs = [
      setting('Xen_DiskSettingData', settingOf(uuid, diskRef)),
      setting('Xen_NetworkPortSettingData', settingOf(uuid, portRef)),
      setting('Xen_KVPSettingData', `Xen:${uuid}/k`),
    ];
    expect((await remove(refs)).returned).toBe(0);
    expect([now().VBDs.length, now().VIFs.length, now().xenstore_data]).toEqual([1, 0, {}]);
    expect(on.db.get('VDI', VDI)).toBeDefined();
  });

  test('takes texts and embedded instances for references too', async () => {
    const { uuid, now, diskRef, portRef } = await fresh('many words');
    expect((await remove([settingOf(uuid, diskRef)])).returned).toBe(0);
    expect(
      (await remove([embedded('Xen_NetworkPortSettingData', { InstanceID: settingOf(uuid, portRef) })])).returned,
    ).toBe(0);
    expect([now().VBDs.length, now().VIFs.length]).toEqual([1, 0]);
  });

  test('takes away once what is named twice', async () => {
    const { uuid, now, portRef } = await fresh('named twice');
    const setting = path('Xen_NetworkPortSettingData', { InstanceID: settingOf(uuid, portRef) });
    const other = path('CIM_ResourceAllocationSettingData', { InstanceID: settingOf(uuid, portRef) });
    expect((await remove([setting, other])).returned).toBe(0);
    expect(now().VIFs).toEqual([]);
  });

  test('unplugs what a running machine holds', async () => {
    const [ref, { uuid }] = running();
    await on.job(
      await call('AddResourceSettings', { AffectedConfiguration: settingPath(uuid), ResourceSettings: [port()] }),
    );
    const held = on.db
      .need('VM', ref)
      .VIFs.find((vif) => on.db.need('VIF', vif).other_config['xen-cim-bridge'] !== undefined)!;
    expect(on.db.need('VIF', held).currently_attached).toBe(true);
    expect((await remove([settingOf(uuid, held)])).returned).toBe(0);
    expect(on.db.get('VIF', held)).toBeUndefined();
  });

  test('answers 5 for a disk that a machine holds which is not running, 1 for a console', async () => {
    const [, { uuid, VBDs }] = on.one(
      'VM',
      (vm) => vm.power_state === 'Suspended' && vm.VBDs.some((ref) => on.db.need('VBD', ref).currently_attached),
    );
    const held = VBDs.find((ref) => on.db.need('VBD', ref).currently_attached)!;
    expect((await remove([settingOf(uuid, held)])).returned).toBe(5);
    const [, { uuid: own, VM }] = on.one('console', () => true);
    expect(
      (await remove([setting('Xen_ConsoleSettingData', `Xen:${on.db.need('VM', VM).uuid}/${own}`)])).returned,
    ).toBe(1);
  });

  test('refuses what is missing, processors and memory, and whom the role does not allow it', async () => {
    const { uuid, diskRef } = await fresh('whole');
    const status = async (given: Given[string], user?: string) => (await on.refused(remove(given, user))).status;
    expect(await status(null)).toBe('INVALID_PARAMETER');
    expect(await status(['Xen:none/none'])).toBe('INVALID_PARAMETER');
    expect(await status([setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`)])).toBe('INVALID_PARAMETER');
    expect(await status([setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`)])).toBe('INVALID_PARAMETER');
    expect(await status([settingOf(uuid, diskRef)], 'vm-operator')).toBe('ACCESS_DENIED');
  });

  test('a failure of any step brings back what had been taken', async () => {
    const { uuid, now } = await fresh('restored', [pair('k', 'v')]);
    const refs = () => [
      ...now().VBDs.map((ref) => settingOf(uuid, ref)),
      ...now().VIFs.map((ref) => settingOf(uuid, ref)),
      `Xen:${uuid}/k`,
    ];
    await failEachStep(on, ['VBD.destroy', 'VIF.destroy', 'VM.remove_from_xenstore_data'], () => remove(refs()));
    expect(now().xenstore_data).toEqual({ 'vm-data/k': 'v' });
  });
});
