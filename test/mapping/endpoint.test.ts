import { describe, expect, test } from 'vitest';
import { bitsOf, isLinkLocal, maskOf, scopeOf, splitPrefix } from '../../src/mapping/address.js';
import { cimv2, demoEngine, type Values } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const vifOf = (name: string, device = '0') =>
  demo.records('VIF').find((vif) => demo.store.get('VM', vif.VM)?.uuid === vm(name).uuid && vif.device === device)!;
const guestOf = (name: string) => demo.store.get('VM_guest_metrics', vm(name).guest_metrics)!;
const addresses = (name: string, device = '0'): Values[] =>
  demo
    .list('Xen_ComputerSystemIPProtocolEndpoint')
    .filter(({ Name }) => String(Name).startsWith(`Xen:${vifOf(name, device).uuid}/`));

describe('Xen_ComputerSystemIPProtocolEndpoint', () => {
  test('is one for each address that the agent tells of a port, once', () => {
    const guest = guestOf('web-01');
    expect(guest.networks['0/ip']).toBe(guest.networks['0/ipv4/0']);
    const { uuid } = vifOf('web-01');
    expect(addresses('web-01')).toMatchObject([
      {
        SystemName: vm('web-01').uuid,
        Name: `Xen:${uuid}/ipv4/0`,
        ElementName: guest.networks['0/ipv4/0'],
        IPv4Address: guest.networks['0/ipv4/0'],
        IPv6Address: null,
        ProtocolIFType: 4096,
        AddressOrigin: 0,
        SubnetMask: null,
        EnabledState: 2,
      },
      {
        Name: `Xen:${uuid}/ipv6/0`,
        IPv4Address: null,
        IPv6Address: guest.networks['0/ipv6/0'],
        ProtocolIFType: 4097,
        IPv6AddressType: 5,
        AddressOrigin: 10,
        IPv6SubnetPrefixLength: null,
      },
    ]);
    expect(addresses('web-01', '1').map(({ ElementName }) => ElementName)).toEqual([
      guest.networks['1/ipv4/0'],
      guest.networks['1/ipv6/0'],
    ]);
    expect(addresses('no-tools')).toEqual([]);
  });

  test('an agent that tells the plain address alone is understood; what is no address is left out', () => {
    const guest = guestOf('web-01');
    const networks = { '0/ip': '10.1.2.3', '0/ipv6/0': '', '0/ipv4/0': 'none', '10/ip': '10.9.9.9' };
    demo.change('VM_guest_metrics', guest.uuid, { networks });
    expect(addresses('web-01').map(({ Name, IPv4Address }) => [Name, IPv4Address])).toEqual([
      [`Xen:${vifOf('web-01').uuid}/ip`, '10.1.2.3'],
    ]);
    demo.change('VM_guest_metrics', guest.uuid, guest);
  });

  test('an address that XenAPI gave the port is static, with its mask (XenAPI VIF.ipv4_addresses)', () => {
    const [four, six] = addresses('monitoring');
    expect(four).toMatchObject({ AddressOrigin: 3, SubnetMask: '255.255.0.0', PrefixLength: 16 });
    expect(six).toMatchObject({ AddressOrigin: 10, SubnetMask: null });
  });

  test('is tied to its machine and to the endpoint that it is reached by', () => {
    const { uuid } = vifOf('web-01');
    const one = demo.one('Xen_ComputerSystemIPProtocolEndpoint', 'Name', `Xen:${uuid}/ipv4/0`);
    expect(demo.tied(one, 'Xen_HostedAccessPoint')).toEqual([`Xen_ComputerSystem ${vm('web-01').uuid}`]);
    expect(demo.tied(one, 'Xen_BindsToLANEndpoint')).toEqual([`Xen_ComputerSystemLANEndpoint ${uuid}`]);
    const lan = demo.one('Xen_ComputerSystemLANEndpoint', 'Name', uuid);
    expect(demo.tied(lan, 'Xen_BindsToLANEndpoint')).toEqual([
      `Xen_ComputerSystemIPProtocolEndpoint Xen:${uuid}/ipv4/0`,
      `Xen_ComputerSystemIPProtocolEndpoint Xen:${uuid}/ipv6/0`,
    ]);
  });

  test('endpoints of templates and snapshots are hosted by no machine', () => {
    const ends = demo.list('Xen_HostedAccessPoint').map(({ Antecedent }) => Antecedent);
    const systems = ends.filter((path) => (path as { className: string }).className === 'Xen_ComputerSystem');
    const interfaces = demo.records('VIF').filter((vif) => {
      const owner = demo.store.get('VM', vif.VM)!;
      return !owner.is_a_template && !owner.is_a_snapshot;
    });
    const told = demo.all('Xen_ComputerSystemIPProtocolEndpoint').length;
    expect(systems).toHaveLength(interfaces.length + told);
  });
});

describe('endpoints of hosts', () => {
  const host = demo.records('host').find(({ name_label }) => name_label === 'xen-beta')!;
  const port = demo.records('PIF').find((pif) => demo.store.get('host', pif.host) === host && pif.management)!;
  const own = (name: string) =>
    demo.list(name).filter(({ Name }) => Name === port.uuid || String(Name).startsWith(`Xen:${port.uuid}/`));

  test('Xen_HostIPProtocolEndpoint: the addresses of a port with their masks and origins', () => {
    expect(own('Xen_HostIPProtocolEndpoint')).toMatchObject([
      { IPv4Address: host.address, SubnetMask: '255.0.0.0', PrefixLength: 8, AddressOrigin: 3, Management: true },
      { IPv6Address: '2001:db8::2', IPv6SubnetPrefixLength: 64, AddressOrigin: 3, IPv6AddressType: 6 },
      { IPv6Address: 'fe80::2', AddressOrigin: 10, IPv6AddressType: 5 },
    ]);
    demo.change('PIF', port.uuid, { ip_configuration_mode: 'DHCP', ipv6_configuration_mode: 'Autoconf' });
    expect(own('Xen_HostIPProtocolEndpoint').map(({ AddressOrigin }) => AddressOrigin)).toEqual([4, 8, 10]);
    demo.change('PIF', port.uuid, { IP: '', IPv6: [''] });
    expect(own('Xen_HostIPProtocolEndpoint')).toEqual([]);
    demo.change('PIF', port.uuid, port);
  });

  test('Xen_HostLANEndpoint: the hardware address in twelve digits (CIM_LANEndpoint.MACAddress)', () => {
    const [lan] = own('Xen_HostLANEndpoint');
    expect(lan).toMatchObject({
      ElementName: 'eth0',
      MACAddress: port.MAC.replaceAll(':', '').toUpperCase(),
      LANType: 2,
    });
    expect(lan?.['MACAddress']).toMatch(/^[\dA-F]{12}$/);
    const subject = demo.one('Xen_HostLANEndpoint', 'Name', port.uuid);
    expect(demo.tied(subject, 'Xen_HostPortImplementsEndpoint')).toEqual([
      `Xen_HostNetworkPort Xen:${host.uuid}/${port.uuid}`,
    ]);
    expect(demo.tied(subject, 'Xen_HostedAccessPoint')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
  });

  test('members of a bond have no endpoint: the bond has', () => {
    const members = demo.records('PIF').filter(({ bond_slave_of }) => demo.store.get('Bond', bond_slave_of));
    expect(members.length).toBeGreaterThan(0);
    const names = demo.list('Xen_HostLANEndpoint').map(({ Name }) => Name);
    for (const { uuid } of members) expect(names).not.toContain(uuid);
  });

  test('gateways belong to the addresses of their family, name servers to all', () => {
    const used = (name: string) => {
      const subject = demo.one('Xen_HostRemoteServiceAccessPoint', 'Name', `Xen:${port.uuid}/${name}`);
      const { AccessContext, AccessInfo, InfoFormat } = demo.show(subject);
      const ties = [...demo.engine.ties(cimv2, subject, { role: 'Antecedent', resultRole: 'Dependent' })];
      const ends = ties.map(({ other }) => demo.show(other)['ElementName']);
      return [AccessContext, AccessInfo, InfoFormat, ends];
    };
    expect(used('gateway')).toEqual([2, '127.0.0.254', 3, [host.address]]);
    expect(used('ipv6_gateway')).toEqual([2, '2001:db8::1', 4, ['2001:db8::2', 'fe80::2']]);
    expect(used('dns/1')).toEqual([3, '2001:db8::53', 4, [host.address, '2001:db8::2', 'fe80::2']]);
    const orders = demo.list('Xen_RemoteAccessAvailableToElement').map(({ OrderOfAccess }) => OrderOfAccess);
    expect(new Set(orders)).toEqual(new Set([0, 1, 2]));
  });
});

describe('addresses', () => {
  test.each([
    ['::', 'Unspecified'],
    ['::1', 'Loopback'],
    ['::ffff:10.0.0.1', 'Embedded IPv4 Address'],
    ['ff02::1', 'Multicast'],
    ['fe80::1', 'Link Local Unicast'],
    ['febf::1', 'Link Local Unicast'],
    ['fec0::1', 'Site Local Unicast'],
    ['2001:db8::1', 'Global Unicast'],
    ['fd00::1', undefined],
    ['::2', undefined],
  ])('%s is %s (RFC 4291 2.4)', (address, scope) => {
    expect(scopeOf(address)).toBe(scope);
  });

  test.each([
    [0, '0.0.0.0'],
    [1, '128.0.0.0'],
    [16, '255.255.0.0'],
    [23, '255.255.254.0'],
    [32, '255.255.255.255'],
  ])('%i bits are the mask %s', (bits, mask) => {
    expect(maskOf(bits)).toBe(mask);
    expect(bitsOf(mask)).toBe(bits);
  });

  test('what is no mask has no bits', () => {
    expect([bitsOf('255.0.255.0'), bitsOf(''), bitsOf('::'), maskOf(33)]).toEqual(Array(4).fill(undefined));
  });

  test('prefixes and link-local addresses', () => {
    expect(splitPrefix('fe80::1/64')).toEqual({ address: 'fe80::1', bits: 64 });
    expect(splitPrefix('10.0.0.1')).toEqual({ address: '10.0.0.1', bits: undefined });
    expect(splitPrefix('10.0.0.1/x').bits).toBeUndefined();
    expect([isLinkLocal('169.254.3.4'), isLinkLocal('10.0.0.1'), isLinkLocal('fe80::9')]).toEqual([true, false, true]);
  });
});
