import { describe, expect, it } from 'vitest';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { type Refusal, refusals, stage, vifRecord } from './harness.js';

const on = stage();
const network = (name: string) => on.ref('network', name);
const eth = (n: number) => network(`Pool-wide network associated with eth${n}`);
const record = (fields: object) => ({
  name_label: 'new',
  name_description: '',
  MTU: 1500,
  other_config: {},
  bridge: '',
  managed: true,
  tags: [],
  ...fields,
});
const create = (fields: object = {}) => on.call<string>('network.create', record(fields));
const alpha = () => on.ref('host', 'xen-alpha');
const pif = (name: string, host = 'xen-alpha') => on.pif(host, name);

describe('networks (facts 5.5)', () => {
  const himn = () => network('Host internal management network');
  const rows: readonly Refusal[] = [
    [
      'a bridge with a reserved name',
      'network.create',
      () => [record({ bridge: 'xenbr9' })],
      () => ['INVALID_VALUE', 'bridge', 'xenbr9'],
    ],
    [
      'a bridge with a long name',
      'network.create',
      () => [record({ bridge: 'abcdefghijklmnop' })],
      () => ['INVALID_VALUE', 'bridge', 'abcdefghijklmnop'],
    ],
    [
      'destroyed with interfaces',
      'network.destroy',
      () => [eth(1)],
      () => ['NETWORK_CONTAINS_PIF', ...on.db.need('network', eth(1)).PIFs],
    ],
    ['the pool’s own', 'network.destroy', () => [himn()], () => ['CANNOT_DESTROY_SYSTEM_NETWORK', himn()]],
  ];
  refusals(on, rows);

  it('are made internal, with a bridge of their own, and an MTU', async () => {
    const [one, two] = [await create({ MTU: 0 }), await create({ bridge: 'mine' })];
    expect(on.db.need('network', one)).toMatchObject({ MTU: 1500n, PIFs: [], allowed_operations: ['attaching'] });
    expect(on.db.need('network', one).bridge).toMatch(/^xapi\d+$/);
    expect(on.db.need('network', two).bridge).toBe('mine');
    await on.refused('network.create', [record({ bridge: 'mine' })], ['BRIDGE_NAME_EXISTS', 'mine']);
  });

  it('attached devices hold a network; detached ones go with it', async () => {
    const made = await create();
    const VM = on.ref('VM', 'web-01');
    const vif = await on.call<string>('VIF.create', vifRecord({ VM, network: made }));
    await on.call('VIF.plug', vif);
    await on.refused('network.destroy', [made], ['NETWORK_CONTAINS_VIF', vif]);
    await on.call('VIF.unplug', vif);
    const told = await on.events(() => on.call('network.destroy', made));
    expect([...told]).toEqual(expect.arrayContaining(['network del', 'vif del', 'vif_metrics del', 'vm mod']));
  });
});

describe('interfaces: refusals (facts 5.5)', () => {
  const vifOn = (name: string, of: string) =>
    on.vm(name).VIFs.find((each) => on.db.need('VIF', each).network === network(of));
  const rows: readonly Refusal[] = [
    [
      'the management interface down',
      'PIF.unplug',
      () => [pif('eth0')],
      () => ['PIF_IS_MANAGEMENT_INTERFACE', pif('eth0')],
    ],
    [
      'down while machines talk',
      'PIF.unplug',
      () => [pif('eth1.200')],
      () => ['VIF_IN_USE', network('DMZ (VLAN 200)'), vifOn('web-01', 'DMZ (VLAN 200)')],
    ],
    ['a part of a bond up', 'PIF.plug', () => [pif('eth2')], () => ['CANNOT_PLUG_BOND_SLAVE', pif('eth2')]],
    ['destroying a card', 'PIF.destroy', () => [pif('eth1')], () => ['PIF_IS_PHYSICAL', pif('eth1')]],
    ['forgetting a part of a bond', 'PIF.forget', () => [pif('eth2')], () => ['PIF_ALREADY_BONDED', pif('eth2')]],
    ['forgetting what VLANs stand on', 'PIF.forget', () => [pif('eth1')], () => ['PIF_VLAN_STILL_EXISTS', pif('eth1')]],
    [
      'no address for the management',
      'PIF.reconfigure_ip',
      () => [pif('eth0'), 'None', '', '', '', ''],
      () => ['PIF_IS_MANAGEMENT_INTERFACE', pif('eth0')],
    ],
    [
      'an address that is none',
      'PIF.reconfigure_ip',
      () => [pif('eth1'), 'Static', '192.0.2.300', '255.255.255.0', '', ''],
      () => ['INVALID_IP_ADDRESS_SPECIFIED', 'IP'],
    ],
    [
      'a mask that is none',
      'PIF.reconfigure_ip',
      () => [pif('eth1'), 'Static', '192.0.2.3', '24', '', ''],
      () => ['INVALID_IP_ADDRESS_SPECIFIED', 'netmask'],
    ],
    [
      'a gateway that is none',
      'PIF.reconfigure_ip',
      () => [pif('eth1'), 'Static', '192.0.2.3', '255.255.255.0', 'x', ''],
      () => ['INVALID_IP_ADDRESS_SPECIFIED', 'gateway'],
    ],
    [
      'servers that are none',
      'PIF.reconfigure_ip',
      () => [pif('eth1'), 'Static', '192.0.2.3', '255.255.255.0', '', 'a,b'],
      () => ['INVALID_IP_ADDRESS_SPECIFIED', 'DNS'],
    ],
    [
      'an address without its prefix',
      'PIF.reconfigure_ipv6',
      () => [pif('eth1'), 'Static', 'fe80::1', '', ''],
      () => ['INVALID_CIDR_ADDRESS_SPECIFIED', 'IPv6'],
    ],
    [
      'a card under a name that is there',
      'PIF.introduce',
      () => [alpha(), '', 'eth1'],
      () => ['DUPLICATE_PIF_DEVICE_NAME', 'eth1'],
    ],
    ['a card without an address', 'PIF.introduce', () => [alpha(), 'x', 'eth9'], () => ['MAC_INVALID', 'x']],
    [
      'management without an address',
      'host.management_reconfigure',
      () => [pif('bond0')],
      () => ['PIF_HAS_NO_NETWORK_CONFIGURATION', pif('bond0')],
    ],
  ];
  refusals(on, rows);

  it('while the pool is protected nothing that is up changes: HA_IS_ENABLED []', async () => {
    on.db.update('pool', on.simulator.world.pool(), { ha_enabled: true });
    await on.refused('PIF.unplug', [pif('eth1')], ['HA_IS_ENABLED']);
    await on.refused('PIF.reconfigure_ip', [pif('eth1'), 'DHCP', '', '', '', ''], ['HA_IS_ENABLED']);
  });

  it('one that may not go down says so: PIF_DOES_NOT_ALLOW_UNPLUG [pif]', async () => {
    await on.call('PIF.set_disallow_unplug', pif('bond0'), true);
    await on.refused('PIF.unplug', [pif('bond0')], ['PIF_DOES_NOT_ALLOW_UNPLUG', pif('bond0')]);
    on.db.update('PIF', pif('bond0'), { managed: false });
    await on.refused('PIF.plug', [pif('bond0')], ['PIF_UNMANAGED', pif('bond0')]);
  });
});

describe('interfaces (facts 5.5)', () => {
  it('get addresses by hand, by DHCP, or none', async () => {
    await on.call(
      'PIF.reconfigure_ip',
      pif('eth1'),
      'Static',
      '198.51.100.7',
      '255.255.255.0',
      '198.51.100.1',
      '192.0.2.1,192.0.2.2',
    );
    expect(on.db.need('PIF', pif('eth1'))).toMatchObject({
      ip_configuration_mode: 'Static',
      IP: '198.51.100.7',
      DNS: '192.0.2.1,192.0.2.2',
    });
    await on.call('PIF.reconfigure_ip', pif('eth1'), 'DHCP', '', '', '', '');
    expect(on.db.need('PIF', pif('eth1')).IP).toMatch(/^198\.51\.100\.\d+$/);
    await on.call('PIF.reconfigure_ip', pif('eth1'), 'None', '', '', '', '');
    expect(on.db.need('PIF', pif('eth1'))).toMatchObject({ ip_configuration_mode: 'None', IP: '', netmask: '' });
    await on.call('PIF.reconfigure_ipv6', pif('eth1'), 'Static', '2001:db8::1/64', '2001:db8::2', '');
    expect(on.db.need('PIF', pif('eth1')).IPv6).toEqual(['2001:db8::1/64']);
  });

  it('a bond goes down and up again with its parts', async () => {
    const gamma = pif('bond0', 'xen-gamma');
    const told = await on.events(() => on.call('PIF.unplug', gamma));
    expect([...told]).toContain('pif mod');
    expect(on.db.need('PIF', gamma).currently_attached).toBe(false);
    await on.call('PIF.unplug', gamma);
    on.db.update('PIF', pif('eth2', 'xen-gamma'), { currently_attached: false });
    await on.call('PIF.plug', gamma);
    expect(on.db.need('PIF', pif('eth2', 'xen-gamma')).currently_attached).toBe(true);
  });

  it('a card is forgotten and introduced again', async () => {
    const made = await on.call<string>('PIF.introduce', alpha(), '', 'eth9');
    expect(on.db.need('PIF', made)).toMatchObject({
      physical: true,
      device: 'eth9',
      currently_attached: false,
      VLAN: -1n,
    });
    await on.call('PIF.forget', made);
    expect(on.db.get('PIF', made)).toBeUndefined();
  });
});

describe('VLANs (facts 5.5)', () => {
  const made = { network: '' };
  const rows: readonly Refusal[] = [
    [
      'a tag too high',
      'VLAN.create',
      () => [pif('eth1'), 4095, network('Internal')],
      () => ['VLAN_TAG_INVALID', '4095'],
    ],
    ['a tag below 0', 'VLAN.create', () => [pif('eth1'), -1, network('Internal')], () => ['VLAN_TAG_INVALID', '-1']],
    [
      'a tag that is there',
      'VLAN.create',
      () => [pif('eth1'), 100, network('Internal')],
      () => ['PIF_VLAN_EXISTS', 'eth1'],
    ],
    [
      'on a network that is connected',
      'VLAN.create',
      () => [pif('eth1'), 7, eth(0)],
      () => ['NETWORK_ALREADY_CONNECTED', alpha(), pif('eth0')],
    ],
    [
      'on a part of a bond',
      'VLAN.create',
      () => [pif('eth2'), 7, network('Internal')],
      () => ['CANNOT_ADD_VLAN_TO_BOND_SLAVE', pif('eth2')],
    ],
    [
      'on a VLAN',
      'VLAN.create',
      () => [pif('eth1.100'), 7, network('Internal')],
      () => ['PIF_IS_VLAN', pif('eth1.100')],
    ],
    [
      'while machines talk through it',
      'VLAN.destroy',
      () => [on.db.need('PIF', pif('eth1.200')).VLAN_master_of],
      () => ['VIF_IN_USE', network('DMZ (VLAN 200)'), expect.any(String)],
    ],
    [
      'on all hosts at once, of which one has it',
      'pool.create_VLAN',
      () => ['eth1', network('Internal'), 100],
      () => ['PIF_VLAN_EXISTS', 'eth1'],
    ],
    [
      'on a device that is nowhere',
      'pool.create_VLAN',
      () => ['eth77', network('Internal'), 5],
      () => ['PIF_DEVICE_NOT_FOUND'],
    ],
  ];
  refusals(on, rows);

  it('are made with an interface of their own, plugged; and go with it', async () => {
    made.network = await create();
    const before = on.db.count('PIF_metrics');
    const told = await on.events(() => on.call('VLAN.create', pif('eth1'), 300, made.network));
    expect([...told]).toEqual(expect.arrayContaining(['vlan add', 'pif add', 'pif mod', 'network mod', 'host mod']));
    const [ref, vlan] = on.db.find('VLAN', ({ tag }) => tag === 300n) as never as [string, { untagged_PIF: string }];
    expect(on.db.need('PIF', vlan.untagged_PIF)).toMatchObject({
      physical: false,
      VLAN: 300n,
      device: 'eth1',
      currently_attached: true,
      VLAN_master_of: ref,
      network: made.network,
    });
    expect(on.db.need('PIF', pif('eth1')).VLAN_slave_of).toContain(ref);
    await on.call('VLAN.destroy', ref);
    expect(on.db.get('PIF', vlan.untagged_PIF)).toBeUndefined();
    expect(on.db.count('PIF_metrics')).toBe(before);
  });

  it('on all hosts at once', async () => {
    const pifs = await on.call<string[]>('pool.create_VLAN', 'eth1', await create(), 400);
    expect(new Set(pifs.map((each) => on.db.need('PIF', each).host)).size).toBe(3);
    await on.call('PIF.destroy', pifs[0]);
    expect(on.db.get('PIF', pifs[0] as string)).toBeUndefined();
    const more = await on.call<string[]>('pool.create_VLAN_from_PIF', pif('eth1'), await create(), 401);
    expect(more).toHaveLength(3);
  });
});

describe('bonds (facts 5.5)', () => {
  const free = async (host: string) => {
    const on_host = on.ref('host', host);
    return Promise.all([5, 6].map((n) => on.call<string>('PIF.introduce', on_host, '', `eth${n}`)));
  };
  const bond = (where: string, members: readonly string[], MAC = '') =>
    ['Bond.create', where, members, MAC, 'balance-slb', {}] as const;

  it('refusals, in order', async () => {
    const where = await create();
    const [a, b] = (await free('xen-alpha')) as [string, string];
    const [c] = (await free('xen-beta')) as [string, string];
    const refused = (members: readonly string[], wanted: readonly unknown[], MAC = '', at = where) => {
      const [method, ...params] = bond(at, members, MAC);
      return on.refused(method, params, wanted);
    };
    await refused([], ['PIF_BOND_NEEDS_MORE_MEMBERS']);
    await refused([a, b], ['NETWORK_ALREADY_CONNECTED', alpha(), pif('eth1')], '', eth(1));
    await refused([a, b], ['MAC_INVALID', 'x'], 'x');
    await refused([a, pif('eth2')], ['PIF_ALREADY_BONDED', pif('eth2')]);
    await refused([a, pif('eth1.100')], ['PIF_VLAN_EXISTS', 'eth1']);
    await refused([a, c], ['PIF_CANNOT_BOND_CROSS_HOST']);
    await refused([pif('eth0'), pif('eth1')], ['PIF_BOND_MORE_THAN_ONE_IP']);
    on.db.update('PIF', b, { properties: { gro: 'off' } });
    await refused([a, b], ['INCOMPATIBLE_PIF_PROPERTIES']);
    on.db.update('pool', on.simulator.world.pool(), { ha_enabled: true });
    await refused([pif('eth0'), a], ['HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE']);
  });

  it('take address, management, VLANs and machines over from their parts, and give them back', async () => {
    const where = await create({ name_label: 'bonded' });
    const [a] = (await free('xen-alpha')) as [string, string];
    const eth1 = pif('eth1');
    on.db.update('PIF', a, { properties: on.db.need('PIF', eth1).properties });
    const { IP, MAC, VLAN_slave_of } = on.db.need('PIF', eth1);
    const [method, ...params] = bond(where, [a, eth1]);
    let made = '';
    const told = await on.events(async () => {
      made = await on.call<string>(method, ...params);
    });
    expect([...told]).toEqual(expect.arrayContaining(['bond add', 'pif add', 'pif mod', 'vlan mod', 'network mod']));
    const { master, slaves, primary_slave } = on.db.need('Bond', made);
    expect([new Set(slaves), primary_slave]).toEqual([new Set([a, eth1]), eth1]);
    expect(on.db.need('PIF', master)).toMatchObject({
      device: 'bond1',
      IP,
      MAC,
      VLAN_slave_of,
      physical: false,
      currently_attached: true,
    });
    expect(on.db.need('PIF', eth1)).toMatchObject({
      IP: '',
      ip_configuration_mode: 'None',
      bond_slave_of: made,
      VLAN_slave_of: [],
    });
    await on.call('Bond.set_property', made, 'hashing_algorithm', 'src_mac');
    await on.refused(
      'Bond.set_property',
      [made, 'hashing_algorithm', 'x'],
      ['INVALID_VALUE', 'hashing_algorithm', 'x'],
    );
    await on.call('Bond.destroy', made);
    expect(on.db.get('PIF', master)).toBeUndefined();
    expect(on.db.need('PIF', eth1)).toMatchObject({ IP, bond_slave_of: NULL_REF, VLAN_slave_of });
  });
});
