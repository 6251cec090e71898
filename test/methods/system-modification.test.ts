import { describe, expect, test } from 'vitest';
import { call, fresh, on, system } from './machine-stage.js';
import { failEachStep, type Plain, settingPath, shown } from './stage.js';

describe('ModifySystemSettings', () => {
  const modify = (values: Readonly<Record<string, Plain>>, user = 'root') =>
    call('ModifySystemSettings', { SystemSettings: system(values) }, user);

  test('changes what is named and nothing else', async () => {
    const { uuid, now } = await fresh('before');
    const sent = await on.messages(async () => {
      const answer = await modify({
        InstanceID: `Xen:${uuid}`,
        ElementName: 'after',
        Description: 'said',
        HVM_Boot_Params: 'ndc',
        Other_Config: ['x=y'],
        AutomaticRecoveryAction: 2,
        HostAffinity: on.one('host', () => true)[1].uuid,
      });
      expect(answer).toEqual({ returned: 0, output: {} });
    });
    expect(now()).toMatchObject({
      name_label: 'after',
      name_description: 'said',
      HVM_boot_params: { order: 'ndc' },
      actions_after_crash: 'destroy',
      affinity: on.one('host', () => true)[0],
    });
    expect(now().other_config).toMatchObject({ x: 'y', 'xen-cim-bridge': expect.any(String) });
    expect(sent).toContain('VM.set_name_label');
    expect(shown(await on.get(settingPath(uuid)), 'ElementName')).toBe('after');
  });

  test('settings that are sent back as they were read call nothing', async () => {
    const { uuid } = await fresh('read and written');
    const read = await on.get(settingPath(uuid));
    expect(await on.messages(() => call('ModifySystemSettings', { SystemSettings: read }))).toEqual([]);
  });

  test('refuses what is missing, unknown or impossible, and whom the role does not allow it', async () => {
    const { uuid, now } = await fresh('firm');
    const InstanceID = `Xen:${uuid}`;
    const status = async (values: Readonly<Record<string, Plain>>, user?: string) =>
      (await on.refused(modify(values, user))).status;
    expect((await on.refused(call('ModifySystemSettings', {}))).status).toBe('INVALID_PARAMETER');
    expect(await status({ ElementName: 'x' })).toBe('INVALID_PARAMETER');
    expect(await status({ InstanceID: 'Xen:none', ElementName: 'x' })).toBe('NOT_FOUND');
    expect(await status({ InstanceID, AutomaticShutdownAction: 3 })).toBe('INVALID_PARAMETER');
    expect(await status({ InstanceID, HostAffinity: 'none' })).toBe('INVALID_PARAMETER');
    expect(await status({ InstanceID, Other_Config: ['nothing'] })).toBe('INVALID_PARAMETER');
    expect(await status({ InstanceID, ElementName: 'x' }, 'vm-operator')).toBe('ACCESS_DENIED');
    expect(now().name_label).toBe('firm');
  });

  test('what the pool refuses in the state that the machine is in is declined as such, as XenAPI says it', async () => {
    const { uuid } = await fresh('refused');
    on.simulator.faults.failNext('VM.set_HVM_shadow_multiplier', 'VM_BAD_POWER_STATE', ['x', 'halted', 'running']);
    const { returned, output } = await modify({ InstanceID: `Xen:${uuid}`, HVM_ShadowMultiplier: 2 });
    expect([returned, output['Reason']]).toEqual([5, expect.stringMatching(/XenError:VM_BAD_POWER_STATE/)]);
  });

  test('a failure of any step leaves everything as it was', async () => {
    const { uuid, now } = await fresh('constant');
    const seen = () => JSON.stringify(now(), (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    const before = seen();
    await failEachStep(
      on,
      [
        'VM.set_name_label',
        'VM.set_name_description',
        'VM.remove_from_HVM_boot_params',
        'VM.add_to_HVM_boot_params',
        'VM.set_actions_after_crash',
        'VM.add_to_other_config',
      ],
      () =>
        modify({
          InstanceID: `Xen:${uuid}`,
          ElementName: 'x',
          Description: 'y',
          HVM_Boot_Params: ['order=n'],
          AutomaticRecoveryAction: 2,
          Other_Config: ['p=q'],
        }),
    );
    expect(seen()).toEqual(before);
  });
});
