import { describe, expect, test } from 'vitest';
import { baseClassOf, pciAddress } from '../../src/mapping/pci.js';
import { bcdOf } from '../../src/mapping/usb.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const byId = (name: string, uuid: string) =>
  demo
    .all(name)
    .find((subject) => String(demo.show(subject)['DeviceID'] ?? demo.show(subject)['InstanceID']).endsWith(uuid))!;

describe('Xen_HostPCIDevice', () => {
  const adapter = demo.records('PCI').find(({ pci_id }) => pci_id === '0000:5e:00.1')!;
  const device = byId('Xen_HostPCIDevice', adapter.uuid);

  test('shows where it is, what it is, and that nothing is known of how it does', () => {
    expect(demo.show(device)).toMatchObject({
      Name: '0000:5e:00.1',
      ElementName: 'QLogic Corp. ISP2722-based 16/32Gb Fibre Channel to PCIe Adapter',
      BusNumber: 0x5e,
      DeviceNumber: 0,
      FunctionNumber: 1,
      ClassCode: 12,
      DriverName: 'qla2xxx',
      HealthState: 0,
      EnabledState: 0,
      VendorID: null,
      PCIDeviceID: null,
    });
  });

  test('is tied to its host, to what is needed with it, and to the machine that has it', () => {
    const host = demo.store.get('host', adapter.host)!;
    const other = demo.records('PCI').find(({ pci_id }) => pci_id === '0000:5e:00.0')!;
    const id = (uuid: string) => `Xen_HostPCIDevice Xen:${host.uuid}/${uuid}`;
    expect(demo.tied(device, 'Xen_HostComputerSystemPCIDevice')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    expect(demo.tied(device, 'Xen_PCIDeviceDependency')).toEqual([id(other.uuid), id(other.uuid)]);
    const user = demo.one('Xen_ComputerSystem', 'Name', vm('仮想マシン 01').uuid);
    expect(demo.tied(user, 'Xen_PassedThroughPCIDevice').sort()).toEqual([id(adapter.uuid), id(other.uuid)].sort());
  });

  test('a network port that is one is controlled by it; bonds and VLANs are by none', () => {
    for (const port of demo.records('PIF')) {
      const subject = byId('Xen_HostNetworkPort', port.uuid);
      if (!subject) continue;
      const pci = demo.store.get('PCI', port.PCI);
      expect(demo.tied(subject, 'Xen_HostDeviceControlledBy')).toEqual(
        pci ? [expect.stringContaining(`/${pci.uuid}`)] : [],
      );
    }
    expect(demo.all('Xen_HostDeviceControlledBy').length).toBeGreaterThan(6);
  });

  test.each([
    ['0000:af:00.0', [0xaf, 0, 0]],
    ['3b:1f.7', [0x3b, 0x1f, 7]],
    ['10000:e1:00.0', [0xe1, 0, 0]],
    ['af:00', undefined],
    ['', undefined],
  ])('the PCI address "%s"', (text, address) => {
    expect(pciAddress(text)).toEqual(address);
  });

  test.each([
    ['Ethernet controller', 'Network'],
    ['Network controller', 'Network'],
    ['VGA compatible controller', 'Display'],
    ['3D controller', 'Display'],
    ['RAID bus controller', 'Mass Storage'],
    ['Serial Attached SCSI controller', 'Mass Storage'],
    ['Non-Volatile memory controller', 'Mass Storage'],
    ['Fibre Channel', 'Serial Bus'],
    ['USB controller', 'Serial Bus'],
    ['Audio device', 'Multimedia'],
    ['PCI bridge', 'Bridge'],
    ['RAM memory', 'Memory'],
    ['Processing accelerators', undefined],
    ['', undefined],
  ])('the base class of "%s"', (name, text) => {
    expect(baseClassOf(name)).toBe(text);
  });
});

describe('SR-IOV', () => {
  const [sriov] = demo.records('network_sriov');
  const port = demo.store.get('PIF', sriov!.physical_PIF)!;
  const logical = demo.store.get('PIF', sriov!.logical_PIF)!;

  test('the settings of the functions belong to the physical port and name their network', () => {
    const [settings] = demo.all('Xen_HostNetworkPortSRIOVSettingData');
    const network = demo.store.get('network', logical.network)!;
    expect(demo.show(settings!)).toMatchObject({
      ElementName: 'SR-IOV of eth1',
      ConfigurationMode: 2,
      RequiresReboot: false,
      VirtualSwitch: network.uuid,
    });
    expect(demo.tied(settings!, 'Xen_HostNetworkPortSRIOVSettingsDefineState')).toEqual([
      expect.stringContaining(`/${port.uuid}`),
    ]);
  });

  test('the port that stands for the functions depends on the physical one', () => {
    const one = byId('Xen_HostNetworkPort', logical.uuid);
    expect(demo.tied(one, 'Xen_SRIOVNetworkPort')).toEqual([expect.stringContaining(`/${port.uuid}`)]);
    expect(demo.all('Xen_SRIOVNetworkPort')).toHaveLength(1);
  });
});

describe('graphics', () => {
  const [card] = demo.records('PGPU');
  const [group] = demo.records('GPU_group');
  const [virtual] = demo.records('VGPU');
  const host = demo.store.get('host', card!.host)!;
  const hostCard = `Xen_HostDisplayController Xen:${host.uuid}/${card!.uuid}`;
  const pool = demo.one('Xen_GraphicsPool', 'PoolID', group!.uuid);

  test('a pool is made of cards, is on the hosts that have them, and counts what is in use', () => {
    expect(demo.show(pool)).toMatchObject({ ResourceType: 24, CurrentlyConsumedResource: 1n, Capacity: null });
    expect(demo.tied(pool, 'Xen_GraphicsPoolComponent')).toEqual([hostCard]);
    expect(demo.tied(pool, 'Xen_HostedGraphicsPool')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    const physical = byId('Xen_HostDisplayController', card!.uuid);
    expect(demo.show(physical)).toMatchObject({
      ElementName: 'NVIDIA Corporation GP104GL [Tesla P4]',
      VideoProcessor: 'GP104GL [Tesla P4]',
      ControlDomainAccess: 2,
      HealthState: 0,
    });
    expect(demo.tied(physical, 'Xen_HostDeviceControlledBy')).toHaveLength(1);
  });

  test('its capabilities are the kinds of virtual cards; those that are enabled are the current ones', () => {
    const ties = () =>
      demo.list('Xen_GraphicsPoolAllocationCapabilities').map(({ Characteristics }) => Characteristics);
    expect(ties()).toEqual([[3], [3]]);
    const [first] = group!.enabled_VGPU_types;
    const type = demo.store.get('VGPU_type', first!)!;
    demo.change('VGPU_type', type.uuid, { enabled_on_GPU_groups: [] });
    expect(ties().filter((value) => value === null)).toHaveLength(1);
    demo.change('VGPU_type', type.uuid, type);
    const kind = demo.show(demo.one('Xen_GraphicsAllocationCapabilities', 'ModelName', 'GRID P4-1Q'));
    expect(kind).toMatchObject({ FramebufferSize: 1n << 30n, MaxHeads: 4, SharingMode: 3, Implementation: 3 });
    demo.change('VGPU_type', type.uuid, { implementation: 'passthrough', framebuffer_size: 0n, max_heads: 0n });
    expect(demo.show(demo.one('Xen_GraphicsAllocationCapabilities', 'InstanceID', `Xen:${type.uuid}`))).toMatchObject({
      SharingMode: 2,
      FramebufferSize: null,
      MaxHeads: null,
    });
    demo.change('VGPU_type', type.uuid, type);
  });

  test('a virtual card is cut from a card while it is in use, and not otherwise', () => {
    const owner = demo.store.get('VM', virtual!.VM)!;
    const display = () => byId('Xen_DisplayController', virtual!.uuid);
    const setting = () => demo.show(byId('Xen_DisplayControllerSettingData', virtual!.uuid));
    expect(demo.show(display())).toMatchObject({
      EnabledState: 2,
      VideoProcessor: 'GRID P4-1Q',
      MaxMemorySupported: 2 ** 30,
    });
    expect(demo.tied(display(), 'Xen_HostedDisplayController')).toEqual([hostCard]);
    expect(demo.tied(display(), 'Xen_DisplayControllerAllocatedFromPool')).toHaveLength(1);
    expect(setting()['HostResource']).toEqual([expect.stringContaining(`DeviceID="Xen:${host.uuid}/${card!.uuid}"`)]);
    demo.change('VGPU', virtual!.uuid, { currently_attached: false, resident_on: 'OpaqueRef:NULL' as never });
    expect(demo.show(display())).toMatchObject({ EnabledState: 6, OperationalStatus: [15] });
    expect(demo.tied(display(), 'Xen_HostedDisplayController')).toEqual([]);
    expect(demo.tied(display(), 'Xen_DisplayControllerAllocatedFromPool')).toEqual([]);
    expect(setting()).toMatchObject({ HostResource: null, PoolID: group!.uuid });
    demo.change('VGPU', virtual!.uuid, virtual!);
    expect(demo.tied(display(), 'Xen_ComputerSystemDisplayController')).toEqual([`Xen_ComputerSystem ${owner.uuid}`]);
  });
});

describe('USB', () => {
  const [plugged] = demo.records('PUSB');
  const [group] = demo.records('USB_group');
  const [given] = demo.records('VUSB');

  test('a device of a host shows its descriptors', () => {
    expect(demo.show(byId('Xen_HostUSBDevice', plugged!.uuid))).toMatchObject({
      VendorID: 0x0529,
      ProductID: 1,
      USBVersionInBCD: 0x0200,
      Manufacturer: 'Aladdin Knowledge Systems',
      SerialNumber: null,
      Path: '1-2',
      Speed: 12_000_000n,
    });
  });

  test('a device of a machine shows those of the one device in its group, and none where there are several', () => {
    const device = () => demo.show(byId('Xen_USBDevice', given!.uuid));
    const setting = () => demo.show(byId('Xen_USBDeviceSettingData', given!.uuid));
    expect(device()).toMatchObject({ VendorID: 0x0529, Product: plugged!.product_desc, EnabledState: 6 });
    expect(setting()['HostResource']).toEqual([expect.stringContaining(plugged!.uuid)]);
    const second = { ...plugged!, uuid: '11111111-1111-4111-8111-111111111111' };
    demo.store.apply([{ of: 'PUSB', ref: 'OpaqueRef:second', after: second }]);
    demo.change('USB_group', group!.uuid, { PUSBs: [...group!.PUSBs, 'OpaqueRef:second' as never] });
    expect(device()).toMatchObject({ VendorID: null, Product: null, ElementName: group!.name_label });
    expect(setting()['HostResource']).toBeNull();
    demo.change('USB_group', group!.uuid, group!);
    demo.store.apply([{ of: 'PUSB', ref: 'OpaqueRef:second', after: undefined }]);
  });

  test('a group is a pool: what there is, and what machines have of it now', () => {
    const pool = () => demo.show(demo.one('Xen_USBPool', 'PoolID', group!.uuid));
    expect(pool()).toMatchObject({ Capacity: 1n, Reserved: 0n, OtherResourceType: 'USB Device' });
    demo.change('VUSB', given!.uuid, { currently_attached: true });
    expect(pool()).toMatchObject({ Reserved: 1n, CurrentlyConsumedResource: 1n });
    expect(demo.show(byId('Xen_USBDevice', given!.uuid))).toMatchObject({ EnabledState: 2, OperationalStatus: [2] });
    demo.change('VUSB', given!.uuid, given!);
  });

  test.each([
    ['2.00', 0x0200],
    ['1.1', 0x0110],
    [' 3.10 ', 0x0310],
    ['', null],
    ['two', null],
  ])('version "%s" as binary-coded decimals', (version, bcd) => {
    expect(bcdOf(version)).toBe(bcd);
  });
});

test('Xen_TrustedPlatformModule works while its machine does', () => {
  const [module] = demo.records('VTPM');
  const owner = demo.store.get('VM', module!.VM)!;
  const shown = () => demo.show(byId('Xen_TrustedPlatformModule', module!.uuid));
  expect(shown()).toMatchObject({ SystemName: owner.uuid, EnabledState: 6, IsUnique: false, HealthState: 5 });
  const current = () =>
    demo.list('Xen_TrustedPlatformModuleElementSettingData').map(({ IsCurrent, IsNext }) => [IsCurrent, IsNext]);
  expect(current()).toEqual([[2, 1]]);
  demo.change('VM', owner.uuid, { power_state: 'Running' });
  expect(shown()).toMatchObject({ EnabledState: 2, OperationalStatus: [2] });
  expect(current()).toEqual([[1, 1]]);
  demo.change('VM', owner.uuid, owner);
  expect(
    demo.tied(
      byId('Xen_TrustedPlatformModuleSettingData', module!.uuid),
      'Xen_TrustedPlatformModuleSettingDataComponent',
    ),
  ).toEqual([`Xen_ComputerSystemSettingData Xen:${owner.uuid}`]);
});
