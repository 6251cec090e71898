import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import type { Ref, RemoteClass } from '../../src/xenapi/records.js';
import { failEachStep, type Stage, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const change = (target: InstancePath, state: number | string, user = 'root') =>
  on.invoke(target, 'RequestStateChange', { RequestedState: String(state) }, user);

/** The instance of a class whose path names this uuid. */
const faceOf = async (className: string, uuid: string): Promise<InstancePath> =>
  (await on.list(className)).find(({ path }) => JSON.stringify(path?.keys).includes(uuid))!.path!;

interface Plugged {
  readonly className: string;
  readonly of: RemoteClass & ('VBD' | 'VIF' | 'PIF' | 'PBD');
  readonly pick: () => readonly [Ref, { readonly uuid: string }];
  /** Whose role may do it, and whose may not. */
  readonly allowed: string;
  readonly denied: string;
}

const machineOf = (vm: Ref<'VM'>) => on.db.need('VM', vm);

const cases: readonly Plugged[] = [
  {
    className: 'Xen_Disk',
    of: 'VBD',
    pick: () =>
      on.one('VBD', (vbd) => {
        const { power_state, is_control_domain, guest_metrics } = machineOf(vbd.VM);
        const movable = vbd.type === 'Disk' && vbd.currently_attached && vbd.userdevice !== '0';
        return movable && power_state === 'Running' && !is_control_domain && guest_metrics !== 'OpaqueRef:NULL';
      }),
    allowed: 'vm-admin',
    denied: 'vm-operator',
  },
  {
    className: 'Xen_NetworkPort',
    of: 'VIF',
    pick: () =>
      on.one('VIF', (vif) => {
        const { power_state, is_control_domain } = machineOf(vif.VM);
        return vif.currently_attached && power_state === 'Running' && !is_control_domain;
      }),
    allowed: 'vm-admin',
    denied: 'vm-operator',
  },
  {
    className: 'Xen_HostNetworkPort',
    of: 'PIF',
    pick: () =>
      on.one('PIF', (pif) => {
        const { VIFs } = on.db.need('network', pif.network);
        const used = VIFs.some((vif) => on.db.need('VIF', vif).currently_attached);
        return pif.physical && pif.currently_attached && !pif.management && !used;
      }),
    allowed: 'pool-operator',
    denied: 'vm-admin',
  },
  {
    className: 'Xen_StorageConnection',
    of: 'PBD',
    pick: () =>
      on.one('PBD', (pbd) => {
        const { VDIs, name_label } = on.db.need('SR', pbd.SR);
        const used = VDIs.some((vdi) =>
          on.db.need('VDI', vdi).VBDs.some((vbd) => on.db.need('VBD', vbd).currently_attached),
        );
        const isDefault = on.one('pool', () => true)[1].default_SR === pbd.SR;
        return pbd.currently_attached && !used && !isDefault && name_label !== '';
      }),
    allowed: 'pool-operator',
    denied: 'vm-admin',
  },
];

describe.each(cases)('RequestStateChange of $className', (one) => {
  const { className, of, pick, allowed, denied } = one;

  test('Disabled unplugs it and Enabled plugs it in, by one message each; again it is done already', async () => {
    const [ref, { uuid }] = pick();
    const target = await faceOf(className, uuid);
    const attached = () =>
      (on.db.need(of, ref as never) as { readonly currently_attached: boolean }).currently_attached;
    for (const [state, message, then] of [
      [3, 'unplug', false],
      [2, 'plug', true],
    ] as const) {
      const messages = await on.messages(async () => {
        expect(await change(target, state, allowed)).toEqual({ returned: 0, output: {} });
      });
      expect(messages).toEqual([`Async.${of}.${message}`]);
      expect(attached()).toBe(then);
      expect(await on.messages(() => change(target, state, allowed))).toEqual([]);
    }
    expect(on.db.refs('task')).toEqual([]);
  });

  test('a failing pool leaves it as it was', async () => {
    const [, { uuid }] = pick();
    const target = await faceOf(className, uuid);
    await failEachStep(on, [`${of}.unplug`], () => change(target, 3));
  });

  test('refuses who may not, states that a device has not (1), unknown ones (5) and a period (4098)', async () => {
    const [, { uuid }] = pick();
    const target = await faceOf(className, uuid);
    expect((await on.refused(change(target, 3, denied))).status).toBe('ACCESS_DENIED');
    expect((await on.refused(change(target, 3, 'reader'))).status).toBe('ACCESS_DENIED');
    expect(await change(target, 9)).toEqual({ returned: 1, output: { Reason: expect.stringMatching(/not 9$/) } });
    expect(await change(target, 77)).toEqual({ returned: 5, output: { Reason: expect.stringMatching(/got 77$/) } });
    const given = { RequestedState: '3', TimeoutPeriod: '00000000000100.000000:000' };
    expect(await on.invoke(target, 'RequestStateChange', given)).toMatchObject({ returned: 4098 });
    expect((await on.refused(on.invoke(target, 'RequestStateChange', {}))).status).toBe('INVALID_PARAMETER');
  });
});

test.each(['Xen_Disk', 'Xen_NetworkPort'])('a device of a machine that is halted (%s) is 4097', async (className) => {
  const of = className === 'Xen_Disk' ? 'VBD' : 'VIF';
  const [, { uuid }] = on.one(of, (device) => {
    const { power_state, is_a_template, is_a_snapshot } = machineOf(device.VM);
    const fits = !('type' in device) || device.type === 'Disk';
    return fits && power_state === 'Halted' && !is_a_template && !is_a_snapshot;
  });
  const target = await faceOf(className, uuid);
  expect(await change(target, 2)).toEqual({
    returned: 4097,
    output: { Reason: expect.stringMatching(/ is Halted: devices are plugged while it is Running$/) },
  });
});
