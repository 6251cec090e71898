import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const uplinkOf = ({ PIFs }: Records['network']) => (PIFs[0] === undefined ? undefined : demo.store.get('PIF', PIFs[0]));
const vifs = demo.records('VIF').map((record) => ({ record, network: demo.store.get('network', record.network)! }));
const { record, network } = vifs.find(
  ({ record, network }) => record.currently_attached && uplinkOf(network)?.VLAN === -1n,
)!;
const vm = demo.store.get('VM', record.VM)!;
const device = `Xen:${vm.uuid}/${record.uuid}`;
const changed = (fields: Partial<Records['VIF']>) => {
  demo.change('VIF', record.uuid, fields);
  const values = demo.show(demo.one('Xen_NetworkPort', 'DeviceID', device));
  demo.change('VIF', record.uuid, record);
  return values;
};
const settingOf = (vif: Records['VIF']) => demo.show(demo.one('Xen_NetworkPortSettingData', 'Address', vif.MAC));

describe('network ports of machines', () => {
  test('attached, detached and failed', () => {
    expect(changed({ currently_attached: true })).toMatchObject({
      EnabledState: 2,
      Availability: 3,
      Status: 'OK',
      OperationalStatus: [2],
    });
    expect(changed({ currently_attached: false })).toMatchObject({
      EnabledState: 6,
      Availability: 8,
      Status: 'No Contact',
    });
    expect(changed({ status_code: 7n, status_detail: 'no bridge' })).toMatchObject({
      OperationalStatus: [6],
      HealthState: 20,
      ErrorCleared: false,
      LastErrorCode: 7,
      ErrorDescription: 'no bridge',
    });
  });

  test('addresses come from the guest, those of the same device alone', () => {
    const guest = demo.store.get('VM_guest_metrics', vm.guest_metrics)!;
    const networks = {
      [`${record.device}/ipv6/0`]: 'fe80::1',
      [`${record.device}/ip`]: '10.0.0.1',
      [`${record.device}/ipv4/0`]: '10.0.0.1',
      [`${record.device}1/ip`]: '10.9.9.9',
    };
    demo.change('VM_guest_metrics', guest.uuid, { networks });
    expect(changed({})['NetworkAddresses']).toEqual(['10.0.0.1', 'fe80::1']);
    demo.change('VM_guest_metrics', guest.uuid, { networks: {} });
    expect(changed({})['NetworkAddresses']).toBeNull();
    demo.change('VM_guest_metrics', guest.uuid, guest);
  });

  test('no speed is made up, and no MTU of nothing', () => {
    expect(changed({ MTU: 9000n })).toMatchObject({
      Speed: null,
      MaxSpeed: null,
      ActiveMaximumTransmissionUnit: 9000n,
    });
    expect(changed({ MTU: 0n })['SupportedMaximumTransmissionUnit']).toBeNull();
  });

  test('VlanTag is NULL where frames are not tagged, else the tag', () => {
    expect(settingOf(record)).toMatchObject({
      VlanTag: null,
      Connection: null,
      HostResource: [uplinkOf(network)!.device],
    });
    const tagged = vifs.find(({ network }) => (uplinkOf(network)?.VLAN ?? -1n) > 0n)!;
    const tag = uplinkOf(tagged.network)!.VLAN;
    expect(settingOf(tagged.record)).toMatchObject({ VlanTag: tag, Connection: [String(tag)] });
  });

  test('a port is tied to its own machine, network, switch port and endpoint', () => {
    const port = demo.one('Xen_NetworkPort', 'DeviceID', device);
    const pool = demo.show(demo.one('Xen_NetworkConnectionPool', 'PoolID', network.uuid))['InstanceID'];
    expect(demo.tied(port, 'Xen_ComputerSystemNetworkPort')).toEqual([`Xen_ComputerSystem ${vm.uuid}`]);
    expect(demo.tied(port, 'Xen_NetworkPortAllocatedFromPool')).toEqual([`Xen_NetworkConnectionPool ${pool}`]);
    expect(demo.tied(port, 'Xen_HostedNetworkPort')).toEqual([
      `Xen_VirtualSwitchPort Xen:${network.uuid}/${record.uuid}`,
    ]);
    expect(demo.tied(port, 'Xen_NetworkPortSAPImplementation')).toEqual([
      `Xen_ComputerSystemLANEndpoint ${record.uuid}`,
    ]);
    expect(demo.tied(port, 'Xen_NetworkPortSettingsDefineState')).toEqual([`Xen_NetworkPortSettingData ${device}`]);
  });
});

describe('networks', () => {
  test('the pool bears the lowest host among its ports, or none', () => {
    const shown = demo.list('Xen_NetworkConnectionPool');
    for (const { uuid, PIFs } of demo.records('network')) {
      const hosts = PIFs.map((ref) => demo.store.get('host', demo.store.get('PIF', ref)!.host)!.uuid).sort();
      expect(shown.find(({ PoolID }) => PoolID === uuid)!['InstanceID']).toBe(`Xen:${hosts[0] ?? 'NoHost'}/${uuid}`);
    }
  });

  test('a switch has a port for each network port, at its other end', () => {
    const subject = demo.one('Xen_VirtualSwitch', 'Name', network.uuid);
    expect(demo.tied(subject, 'Xen_VirtualSwitchVirtualSwitchPort').sort()).toEqual(
      network.VIFs.map((ref) => `Xen_VirtualSwitchPort Xen:${network.uuid}/${demo.store.get('VIF', ref)!.uuid}`).sort(),
    );
    expect(demo.show(subject)).toMatchObject({ Dedicated: [5], ElementName: network.name_label });
  });

  test('a network on every host is shared', () => {
    const hosts = demo.records('host').length;
    for (const values of demo.list('Xen_VirtualSwitchSettingData')) {
      const { PIFs } = demo.records('network').find(({ uuid }) => uuid === values['VirtualSystemIdentifier'])!;
      expect(values['Shared']).toBe(PIFs.length === hosts);
    }
  });
});

describe('network ports of hosts', () => {
  const pifs = demo.records('PIF');
  const alone = pifs.filter(({ bond_slave_of }) => demo.store.get('Bond', bond_slave_of) === undefined);
  const pif = alone.find(({ physical, currently_attached }) => physical && currently_attached)!;
  const host = demo.store.get('host', pif.host)!;
  const metrics = demo.store.get('PIF_metrics', pif.metrics)!;
  const measured = (fields: Partial<Records['PIF_metrics']>, attached = true) => {
    demo.change('PIF_metrics', metrics.uuid, fields);
    demo.change('PIF', pif.uuid, { currently_attached: attached });
    const values = demo.show(demo.one('Xen_HostNetworkPort', 'DeviceID', `Xen:${host.uuid}/${pif.uuid}`));
    demo.change('PIF_metrics', metrics.uuid, metrics);
    demo.change('PIF', pif.uuid, pif);
    return values;
  };

  test('members of a bond are not shown', () => {
    expect(alone.length).toBeLessThan(pifs.length);
    expect(demo.all('Xen_HostNetworkPort')).toHaveLength(alone.length);
    expect(demo.all('Xen_HostNetworkPortSettingData')).toHaveLength(alone.length);
  });

  test('a megabit is 10^6 bits, and a speed that nobody knows is NULL', () => {
    expect(measured({ speed: 10_000n })).toMatchObject({ Speed: 10_000_000_000n, MaxSpeed: 10_000_000_000n });
    expect(measured({ speed: 65_535n })['Speed']).toBeNull();
    expect(measured({ speed: 0n })['Speed']).toBeNull();
  });

  test('a port without a carrier is ill; one that is not plugged is not', () => {
    expect(measured({ carrier: true })).toMatchObject({
      CommunicationStatus: 2,
      OperationalStatus: [2],
      HealthState: 5,
    });
    expect(measured({ carrier: false })).toMatchObject({
      CommunicationStatus: 1,
      OperationalStatus: [13],
      HealthState: 20,
    });
    expect(measured({ carrier: false }, false)).toMatchObject({
      OperationalStatus: [10],
      HealthState: 5,
      EnabledState: 3,
    });
  });

  test('a VLAN names its tag and the port that carries it', () => {
    const vlan = alone.find(({ VLAN }) => VLAN >= 0n)!;
    const tagged = demo.store.get('PIF', demo.store.get('VLAN', vlan.VLAN_master_of)!.tagged_PIF)!;
    const owner = demo.store.get('host', vlan.host)!;
    expect(
      demo.show(demo.one('Xen_HostNetworkPortSettingData', 'InstanceID', `Xen:${owner.uuid}/${vlan.uuid}`)),
    ).toMatchObject({ VlanTag: vlan.VLAN, Parent: `Xen:${owner.uuid}/${tagged.uuid}`, PoolID: owner.uuid });
    expect(
      demo.show(demo.one('Xen_HostNetworkPortSettingData', 'InstanceID', `Xen:${host.uuid}/${pif.uuid}`)),
    ).toMatchObject({ VlanTag: null, Parent: null, Connection: [pif.device], ElementName: host.uuid });
  });
});
