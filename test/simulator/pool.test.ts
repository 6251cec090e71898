import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePoolSize } from '../../src/simulator/demo/generator.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { NULL_REF } from '../../src/xenapi/records.js';
import { instant } from './client.js';

describe('the demonstration pool (client-compatibility.md 8)', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator(instant);
  });
  afterAll(() => simulator.stop());
  const names = (of: 'VM' | 'SR' | 'network' | 'VDI' | 'host') =>
    [...simulator.db.entries(of)].map(([, r]) => r.name_label);

  it('has three hosts at addresses of their own, all of them live', () => {
    const hosts = [...simulator.db.entries('host')].map(([, host]) => host);
    expect(hosts.map((host) => host.address)).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
    expect(hosts.every((host) => simulator.db.get('host_metrics', host.metrics)?.live)).toBe(true);
    expect(hosts.every((host) => host.capabilities.some((text) => text.startsWith('hvm')))).toBe(true);
  });

  it('has the names that scripts look for', () => {
    expect(names('network')).toContain('Pool-wide network associated with eth0');
    expect(names('SR')).toEqual(
      expect.arrayContaining(['Local storage', 'XenServer Tools', 'NFS virtual disk storage']),
    );
    expect(names('VDI')).toContain('xs-tools.iso');
    expect(names('VM')).toEqual(
      expect.arrayContaining(['XenServer Transfer VM', 'Demo Linux VM', 'Windows Server 2008 (64-bit)']),
    );
    const [, pool] = simulator.db.find('pool', () => true) as NonNullable<ReturnType<typeof simulator.db.find<'pool'>>>;
    expect(simulator.db.need('SR', pool.default_SR).shared).toBe(true);
    for (const [, host] of simulator.db.entries('host')) {
      const devices = host.PIFs.map((pif) => simulator.db.need('PIF', pif).device);
      expect(devices).toEqual(expect.arrayContaining(['eth0', 'eth1', 'eth2', 'eth3', 'bond0']));
    }
  });

  it('has about 25 machines in all four states, templates, snapshots and a control domain a host', () => {
    const all = [...simulator.db.entries('VM')].map(([, vm]) => vm);
    const machines = all.filter((vm) => !vm.is_a_template && !vm.is_control_domain);
    expect(machines.length).toBeGreaterThanOrEqual(24);
    expect(new Set(machines.map((vm) => vm.power_state))).toEqual(
      new Set(['Running', 'Paused', 'Suspended', 'Halted']),
    );
    expect(all.filter((vm) => vm.is_control_domain)).toHaveLength(3);
    expect(all.filter((vm) => vm.is_default_template).length).toBeGreaterThanOrEqual(4);
    expect(all.filter((vm) => vm.is_a_snapshot).length).toBeGreaterThanOrEqual(5);
    expect(all.some((vm) => vm.is_a_snapshot && vm.suspend_VDI !== NULL_REF)).toBe(true);
    expect(all.some((vm) => vm.children.length === 2)).toBe(true);
    expect(machines.filter((vm) => vm.power_state === 'Suspended').every((vm) => vm.suspend_VDI !== NULL_REF)).toBe(
      true,
    );
  });

  it('has one at least of everything else that it promises', () => {
    const wanted = [
      'VTPM', 'VUSB', 'PUSB', 'VGPU', 'PGPU', 'GPU_group', 'VM_appliance', 'pool_update', 'SM', 'Bond', 'VLAN', 'Certificate',
      'PCI', 'console', 'host_cpu', 'PIF_metrics', 'subject', 'role', 'VMSS',
    ] as const; // biome-ignore format: a list of names
    expect(wanted.filter((of) => simulator.db.count(of) === 0)).toEqual([]);
    expect(simulator.world.messages.entries.size).toBeGreaterThan(3);
    const shared = [...simulator.db.entries('VDI')].filter(([, vdi]) => vdi.sharable && vdi.VBDs.length === 2);
    expect(shared).toHaveLength(1);
    const drives = [...simulator.db.entries('VBD')].filter(([, vbd]) => vbd.type === 'CD');
    expect(new Set(drives.map(([, vbd]) => vbd.empty))).toEqual(new Set([true, false]));
    expect(names('VM').some((name) => /[<>&"]/.test(name))).toBe(true);
    expect(names('VM').some((name) => [...name].some((c) => c.charCodeAt(0) > 255))).toBe(true);
  });

  it('has room: no host’s machines take more memory than it has', () => {
    for (const [, metrics] of simulator.db.entries('host_metrics')) expect(metrics.memory_free).toBeGreaterThan(0n);
    for (const [, sr] of simulator.db.entries('SR'))
      if (sr.content_type === 'user') expect(sr.physical_size - sr.physical_utilisation).toBeGreaterThan(0n);
  });
});

describe('the generator', () => {
  it('reads HOSTSxVMS and nothing else', () => {
    expect(parsePoolSize('64x5000')).toEqual({ hosts: 64, vms: 5000 });
    for (const text of ['', 'demo', '0x5', '5x', '5X5', '5x5x5', '-1x5', '2000x5'])
      expect(parsePoolSize(text)).toBeUndefined();
  });

  it('gives the size that was asked, about two disks and one or two interfaces a machine', async () => {
    const { db, stop } = await startSimulator({ ...instant, size: '4x200' });
    const machines = [...db.entries('VM')]
      .map(([, vm]) => vm)
      .filter((vm) => !vm.is_a_template && !vm.is_control_domain);
    expect([db.count('host'), machines.length]).toEqual([4, 200]);
    const mean = (count: (vm: (typeof machines)[number]) => number) =>
      machines.reduce((sum, vm) => sum + count(vm), 0) / 200;
    expect(mean((vm) => vm.VBDs.length)).toBeCloseTo(2, 0);
    expect(mean((vm) => vm.VIFs.length)).toBeCloseTo(1.3, 0);
    const running = machines.filter((vm) => vm.power_state === 'Running');
    expect(running.length).toBeGreaterThan(120);
    expect(running.every((vm) => vm.consoles.length === 1 && db.get('VM_guest_metrics', vm.guest_metrics))).toBe(true);
    for (const [, metrics] of db.entries('host_metrics')) expect(metrics.memory_free).toBeGreaterThan(0n);
    await stop();
  });

  it('gives the same pool for the same seed, another for another', async () => {
    const uuids = async (seed: number) => {
      const { db, stop } = await startSimulator({ ...instant, size: '2x20', seed });
      await stop();
      return [...db.entries('VM')].map(([ref, vm]) => `${ref} ${vm.uuid} ${vm.name_label}`);
    };
    expect(await uuids(7)).toEqual(await uuids(7));
    expect(await uuids(7)).not.toEqual(await uuids(8));
  });

  it('refuses a size that is none', async () => {
    await expect(startSimulator({ size: 'huge' })).rejects.toThrow(/wanted "demo" or HOSTSxVMS .* got "huge"/);
  });
});
