import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InstancePath } from '../../src/cim/path.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
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
  uuidIn,
} from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

type Given = NonNullable<Parameters<Stage['invoke']>[2]>;

const call = async (name: string, parameters: Given, user = 'root'): Promise<Answered> => {
  const [found] = await on.list('Xen_VirtualSwitchManagementService');
  return on.invoke(found!.path!, name, parameters, user);
};

const switchSettings = (values: Readonly<Record<string, Plain>>) => embedded('Xen_VirtualSwitchSettingData', values);
const port = (values: Readonly<Record<string, Plain>>) => embedded('Xen_HostNetworkPortSettingData', values);

const define = (ElementName: string, ports: readonly ReturnType<typeof port>[] | undefined, user = 'root') =>
  call(
    'DefineSystem',
    {
      SystemSettings: switchSettings({ ElementName, Description: 'made here', OtherConfig: ['a=b=c'] }),
      ...(ports && { ResourceSettings: ports }),
    },
    user,
  );

const switchPath = (uuid: string) => path('Xen_VirtualSwitch', { CreationClassName: 'Xen_VirtualSwitch', Name: uuid });
const destroy = (uuid: string, user = 'root') => call('DestroySystem', { AffectedSystem: switchPath(uuid) }, user);

const networkOf = (uuid: string): [Ref<'network'>, Records['network']] =>
  on.one('network', (network) => network.uuid === uuid);
const named = (name: string) => on.one('network', ({ name_label }) => name_label === name);
const portsOf = (uuid: string) => networkOf(uuid)[1].PIFs.map((ref) => on.db.need('PIF', ref));
const settingOf = (pif: Records['PIF']) =>
  path('Xen_HostNetworkPortSettingData', {
    InstanceID: `Xen:${on.db.need('host', pif.host).uuid}/${pif.uuid}`,
  });
const physical = (device: string) => on.one('PIF', (pif) => pif.device === device && pif.physical);

describe('DefineSystem of a virtual switch', () => {
  test('without ports makes a network that stays inside, tagged with its job', async () => {
    let answer: Answered | undefined;
    const sent = await on.messages(async () => {
      answer = await define('inside', undefined);
    });
    expect(answer?.returned).toBe(0);
    expect(sent).toEqual(['network.create']);
    const uuid = uuidIn(answer?.output['ResultingSystem']);
    const [, network] = networkOf(uuid);
    expect(network).toMatchObject({ name_label: 'inside', name_description: 'made here', PIFs: [] });
    expect(network.other_config).toMatchObject({ a: 'b=c', 'xen-cim-bridge': expect.any(String) });
    expect(shown(await on.get(switchPath(uuid)), 'ElementName')).toBe('inside');
    await destroy(uuid);
  });

  test('with one port and a tag makes a VLAN on every host, whatever form Connection has', async () => {
    const answer = await define('tagged', [port({ Connection: ['eth1'], VlanTag: 42 })]);
    const uuid = uuidIn(answer.output['ResultingSystem']);
    expect(portsOf(uuid).map(({ VLAN, device }) => [VLAN, device])).toEqual(
      on.db.refs('host').map(() => [42n, 'eth1']),
    );
    const again = await on.refused(define('again', [port({ Connection: ['eth1'], VlanTag: 42 })]));
    expect(again.message).toContain('XenError:PIF_VLAN_EXISTS');
    expect(on.db.find('network', ({ name_label }) => name_label === 'again')).toBeUndefined();
    const [, { uuid: eth0, host }] = physical('eth0');
    const single = await define('single', [
      port({ InstanceID: `Xen:${on.db.need('host', host).uuid}/${eth0}`, VlanTag: 42 }),
    ]);
    expect(portsOf(uuidIn(single.output['ResultingSystem']))).toHaveLength(1);
    await destroy(uuid);
    await destroy(uuidIn(single.output['ResultingSystem']));
    expect(on.db.find('VLAN', ({ tag }) => tag === 42n)).toBeUndefined();
  });

  test('with several ports makes a bond of them on every host, from one setting or from several', async () => {
    const before = named('Bond 2+3')[1];
    const removal = await call('RemoveResourceSettings', {
      ResourceSettings: portsOf(before.uuid).map(settingOf),
    }).catch((reason: Error) => reason);
    expect(removal).toEqual({ returned: 0, output: expect.anything() });
    for (const ports of [
      [port({ Connection: ['eth2,eth3'] })],
      [port({ Connection: ['eth2'] }), port({ Connection: ['eth3'] })],
    ]) {
      const answer = await define('bonded', ports);
      const uuid = uuidIn(answer.output['ResultingSystem']);
      const made = portsOf(uuid);
      expect(made).toHaveLength(on.db.refs('host').length);
      for (const { bond_master_of } of made) {
        const bond = on.db.need('Bond', bond_master_of[0]!);
        expect(bond.slaves.map((ref) => on.db.need('PIF', ref).device).sort()).toEqual(['eth2', 'eth3']);
        expect(bond.mode).toBe('balance-slb');
      }
      await destroy(uuid);
    }
  });

  test.each<[string, string, ReturnType<typeof port>[]]>([
    ['no name', '', []],
    ['an unknown port', 'x', [port({ Connection: ['eth9'], VlanTag: 5 })]],
    ['a tag that there is not', 'x', [port({ Connection: ['eth1'], VlanTag: 4095 })]],
    ['a single port without a tag', 'x', [port({ Connection: ['eth1'] })]],
    ['a bond with a tag', 'x', [port({ Connection: ['eth2,eth3'], VlanTag: 5 })]],
    ['tags that differ', 'x', [port({ Connection: ['eth2'], VlanTag: 5 }), port({ Connection: ['eth2'], VlanTag: 6 })]],
    ['no port at all', 'x', [port({ VlanTag: 5 })]],
    ['an unknown InstanceID', 'x', [port({ InstanceID: 'Xen:a/b', VlanTag: 5 })]],
    ['a disk', 'x', [embedded('Xen_DiskSettingData', { Connection: ['eth1'] })]],
  ])('is an invalid parameter with %s, and makes nothing', async (_case, name, ports) => {
    const counts = on.census();
    expect((await on.refused(define(name, ports))).status).toBe('INVALID_PARAMETER');
    expect(on.census()).toEqual(counts);
  });

  test('is refused to a role that may not make networks, before anything is made', async () => {
    const sent = await on.messages(async () => {
      expect((await on.refused(define('mine', undefined, 'vm-operator'))).status).toBe('ACCESS_DENIED');
    });
    expect(sent).toEqual([]);
  });

  test('leaves nothing behind, whichever step fails', async () => {
    const steps = ['network.create', 'Async.VLAN.create', 'VLAN.add_to_other_config'];
    await failEachStep(on, steps, () => define('failing', [port({ Connection: ['eth1'], VlanTag: 43 })]));
    const bond = ['Async.Bond.create', 'Bond.add_to_other_config'];
    await failEachStep(on, bond, () => define('failing', [port({ Connection: ['eth2,eth3'] })]));
  });
});

describe('DestroySystem of a virtual switch', () => {
  test('takes the VLANs away, then the network; each failing step is undone', async () => {
    const made = await define('going', [port({ Connection: ['eth0'], VlanTag: 44 })]);
    const uuid = uuidIn(made.output['ResultingSystem']);
    await failEachStep(on, ['Async.VLAN.destroy', 'network.destroy'], () => destroy(uuid));
    expect(portsOf(uuid).map(({ VLAN }) => VLAN)).toEqual(on.db.refs('host').map(() => 44n));
    const sent = await on.messages(async () => expect((await destroy(uuid)).returned).toBe(0));
    expect(sent).toEqual([...on.db.refs('host').map(() => 'Async.VLAN.destroy'), 'network.destroy']);
  });

  test('a port that is made once more keeps its addresses and its keys', async () => {
    const made = await define('addressed', [port({ Connection: ['eth0'], VlanTag: 45 })]);
    const uuid = uuidIn(made.output['ResultingSystem']);
    const [own] = portsOf(uuid);
    const setting = port({
      InstanceID: String(settingOf(own!).keys[0]!.value),
      IPConfigurationMode: 2,
      IPAddress: '10.0.45.2',
      IPSubnetMask: '255.255.255.0',
      IPGateway: '10.0.45.1',
      DNS: '10.0.45.3',
    });
    expect((await call('ModifyResourceSettings', { ResourceSettings: [setting] })).returned).toBe(0);
    const [ref] = on.one('PIF', ({ uuid: one }) => one === own!.uuid);
    await on.connection.call('PIF.add_to_other_config', ref, 'purpose', 'storage');
    await on.events.caughtUp(5_000);
    const kept = ({ ip_configuration_mode, IP, netmask, gateway, DNS, other_config: { purpose } }: Records['PIF']) => ({
      ip_configuration_mode,
      IP,
      netmask,
      gateway,
      DNS,
      purpose,
    });
    const before = portsOf(uuid).map(kept);
    expect(before).toContainEqual({
      ip_configuration_mode: 'Static',
      IP: '10.0.45.2',
      netmask: '255.255.255.0',
      gateway: '10.0.45.1',
      DNS: '10.0.45.3',
      purpose: 'storage',
    });
    on.simulator.faults.failNext('network.destroy', 'INTERNAL_ERROR', ['injected']);
    expect((await on.refused(destroy(uuid))).message).toMatch(/injected/);
    expect(portsOf(uuid).map(({ uuid: now }) => now)).not.toContain(own!.uuid);
    expect(portsOf(uuid).map(kept)).toEqual(expect.arrayContaining(before));
    expect((await destroy(uuid)).returned).toBe(0);
  });

  test('is an invalid state (5) for a switch that machines use, that hosts need, or that is on their own ports', async () => {
    const used = on.db.need('network', on.one('VIF', (vif) => vif.currently_attached)[1].network);
    const names = [used.name_label, 'Host internal management network', 'Pool-wide network associated with eth3'];
    for (const name of names) {
      const counts = on.census();
      expect((await destroy(named(name)[1].uuid)).returned, name).toBe(5);
      expect(on.census()).toEqual(counts);
    }
  });

  test('wants a switch that there is, and the right to destroy it', async () => {
    expect((await on.refused(call('DestroySystem', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(destroy('00000000-0000-0000-0000-000000000000'))).status).toBe('NOT_FOUND');
    const { uuid } = await inside();
    expect((await on.refused(destroy(uuid, 'vm-operator'))).status).toBe('ACCESS_DENIED');
  });
});

/** A new network that stays inside. */
const inside = async () => {
  const { output } = await define('inside', undefined);
  return { uuid: uuidIn(output['ResultingSystem']) };
};

describe('AddResourceSettings and RemoveResourceSettings of a virtual switch', () => {
  const add = (uuid: string, ports: readonly ReturnType<typeof port>[], user = 'root') =>
    call(
      'AddResourceSettings',
      { AffectedConfiguration: settingPath(uuid, 'Xen_VirtualSwitchSettingData'), ResourceSettings: ports },
      user,
    );
  const remove = (uuid: string, user = 'root') =>
    call('RemoveResourceSettings', { ResourceSettings: portsOf(uuid).map(settingOf) }, user);

  test('connect a network to every host and take it away again, giving the ports', async () => {
    const { uuid } = await inside();
    const wanted = [port({ Connection: ['eth1'], VlanTag: 45 })];
    await failEachStep(on, ['VLAN.create', 'VLAN.add_to_other_config'], () => add(uuid, wanted));
    const answer = await add(uuid, wanted);
    const made = answer.output['ResultingResourceSettings'] as readonly InstancePath[];
    expect(made.map(uuidIn).sort()).toEqual(
      portsOf(uuid)
        .map((pif) => pif.uuid)
        .sort(),
    );
    expect(made).toHaveLength(on.db.refs('host').length);
    expect(shown(await on.get(made[0]!), 'VlanTag')).toBe(45n);

    const twice = await on.refused(add(uuid, [port({ Connection: ['eth0'], VlanTag: 45 })]));
    expect(twice.message).toContain('XenError:NETWORK_ALREADY_CONNECTED');
    expect((await on.refused(remove(uuid, 'vm-admin'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['VLAN.destroy'], () => remove(uuid));
    expect((await remove(uuid)).returned).toBe(0);
    expect(portsOf(uuid)).toEqual([]);
  });

  test('refuse what is missing, unknown, or not allowed to the caller', async () => {
    const { uuid } = await inside();
    expect((await on.refused(add(uuid, []))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(add(uuid, [port({ Connection: ['eth9'], VlanTag: 1 })]))).status).toBe(
      'INVALID_PARAMETER',
    );
    const denied = await on.refused(add(uuid, [port({ Connection: ['eth1'], VlanTag: 46 })], 'vm-power-admin'));
    expect(denied.status).toBe('ACCESS_DENIED');
    expect((await on.refused(call('RemoveResourceSettings', {}))).status).toBe('INVALID_PARAMETER');
  });

  test('a port of the host itself cannot be removed: invalid state (5)', async () => {
    const counts = on.census();
    const setting = settingOf(physical('eth1')[1]);
    expect((await call('RemoveResourceSettings', { ResourceSettings: [setting] })).returned).toBe(5);
    expect(on.census()).toEqual(counts);
  });
});

describe('ModifyResourceSettings of a virtual switch', () => {
  const modify = (pif: Records['PIF'], values: Readonly<Record<string, Plain>>, user = 'root') =>
    call(
      'ModifyResourceSettings',
      { ResourceSettings: [port({ InstanceID: `Xen:${on.db.need('host', pif.host).uuid}/${pif.uuid}`, ...values })] },
      user,
    );
  const fixed = { IPConfigurationMode: 2, IPAddress: '192.0.2.77', IPSubnetMask: '255.255.255.0', DNS: '192.0.2.1' };

  test('gives a port an address and a purpose, and takes both back; a failing step is undone', async () => {
    const [ref, before] = physical('eth1');
    const all = { ...fixed, ManagementPurpose: 'storage' };
    await failEachStep(on, ['PIF.reconfigure_ip', 'PIF.add_to_other_config', 'PIF.set_disallow_unplug'], () =>
      modify(before, all),
    );
    const { IP, netmask, other_config, disallow_unplug } = on.db.need('PIF', ref);
    expect({ IP, netmask, other_config, disallow_unplug }).toEqual({
      IP: before.IP,
      netmask: before.netmask,
      other_config: before.other_config,
      disallow_unplug: before.disallow_unplug,
    });
    const answer = await modify(before, all);
    expect(answer.returned).toBe(0);
    expect(uuidIn((answer.output['ResultingResourceSettings'] as readonly InstancePath[])[0])).toBe(before.uuid);
    expect(on.db.need('PIF', ref)).toMatchObject({
      IP: '192.0.2.77',
      DNS: '192.0.2.1',
      disallow_unplug: true,
      other_config: { management_purpose: 'storage' },
    });
    const sent = await on.messages(() => modify(before, all));
    expect(sent, 'what is so already is not written again').toEqual([]);
    await modify(before, { IPConfigurationMode: 0, ManagementPurpose: '' });
    expect(on.db.need('PIF', ref)).toMatchObject({ IP: '', ip_configuration_mode: 'None', disallow_unplug: false });
    expect(on.db.need('PIF', ref).other_config).not.toHaveProperty('management_purpose');
    await modify(before, { IPConfigurationMode: 1 });
    expect(on.db.need('PIF', ref).ip_configuration_mode).toBe('DHCP');
  });

  test.each<[string, Readonly<Record<string, Plain>>]>([
    ['a mode that there is not', { IPConfigurationMode: 7 }],
    ['a static address without a mask', { IPConfigurationMode: 2, IPAddress: '192.0.2.9', IPSubnetMask: '' }],
    ['no address', { ...fixed, IPAddress: '192.0.2.999' }],
    ['another VLAN', { VlanTag: 7 }],
    ['another network', { VirtualSwitch: 'elsewhere' }],
    ['an unknown port', { InstanceID: 'Xen:x/y' }],
  ])('is an invalid parameter with %s', async (_case, values) => {
    expect((await on.refused(modify(physical('eth1')[1], values))).status).toBe('INVALID_PARAMETER');
  });

  test('takes back what it was given to read, without a call', async () => {
    const [, pif] = physical('eth0');
    const now = await on.get(settingOf(pif));
    const sent = await on.messages(() => call('ModifyResourceSettings', { ResourceSettings: [now] }));
    expect(sent).toEqual([]);
  });

  test('the host stays reachable, and the caller needs the right to change it', async () => {
    const [, management] = on.one('PIF', (pif) => pif.management);
    const error = await on.refused(modify(management, { IPConfigurationMode: 0 }));
    expect(error.message).toContain('XenError:PIF_IS_MANAGEMENT_INTERFACE');
    expect((await on.refused(modify(physical('eth1')[1], fixed, 'vm-admin'))).status).toBe('ACCESS_DENIED');
  });
});

describe('ModifySystemSettings of a virtual switch', () => {
  const modify = (values: Readonly<Record<string, Plain>>, user = 'root') =>
    call('ModifySystemSettings', { SystemSettings: switchSettings(values) }, user);

  test('writes name, description and single entries of OtherConfig; a failing step is undone', async () => {
    const [ref, { uuid, other_config }] = named('DMZ (VLAN 200)');
    const wanted = { InstanceID: `Xen:${uuid}`, ElementName: 'DMZ', Description: 'new', OtherConfig: ['k=v'] };
    const steps = ['network.set_name_label', 'network.set_name_description', 'network.add_to_other_config'];
    await failEachStep(on, steps, () => modify(wanted));
    expect(on.db.need('network', ref)).toMatchObject({ name_label: 'DMZ (VLAN 200)', other_config });
    expect((await modify(wanted)).returned).toBe(0);
    expect(on.db.need('network', ref)).toMatchObject({ name_label: 'DMZ', name_description: 'new' });
    expect(on.db.need('network', ref).other_config).toEqual({ ...other_config, k: 'v' });
    await modify({ InstanceID: `Xen:${uuid}`, ElementName: 'DMZ (VLAN 200)' });
    expect(on.db.need('network', ref).name_description, 'what is NULL stays').toBe('new');
  });

  test('refuses what is wrong, and who may not', async () => {
    const { uuid } = named('Internal')[1];
    for (const values of [
      { ElementName: 'x' },
      { InstanceID: 'Xen:nowhere', ElementName: 'x' },
      { InstanceID: `Xen:${uuid}`, ElementName: '' },
      { InstanceID: `Xen:${uuid}`, OtherConfig: ['novalue'] },
    ])
      expect((await on.refused(modify(values as Readonly<Record<string, Plain>>))).status).toBe('INVALID_PARAMETER');
    const denied = await on.refused(modify({ InstanceID: `Xen:${uuid}`, ElementName: 'x' }, 'vm-admin'));
    expect(denied.status).toBe('ACCESS_DENIED');
  });
});
