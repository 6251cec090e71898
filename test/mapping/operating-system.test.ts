import { describe, expect, test } from 'vitest';
import { systemType } from '../../src/mapping/operating-system-type.js';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const guestOf = ({ guest_metrics }: Records['VM']) => demo.store.get('VM_guest_metrics', guest_metrics)!;
const systemOf = ({ uuid }: Records['VM']) => demo.one('Xen_GuestOperatingSystem', 'CSName', uuid);
const web = vm('web-01');

/** What the system of web-01 shows while its records are changed so. */
function during(fields: Partial<Records['VM']>, told: Partial<Records['VM_guest_metrics']> = {}) {
  const guest = guestOf(web);
  demo.change('VM', web.uuid, fields);
  demo.change('VM_guest_metrics', guest.uuid, told);
  const found = demo.list('Xen_GuestOperatingSystem').find(({ CSName }) => CSName === web.uuid);
  demo.change('VM', web.uuid, web);
  demo.change('VM_guest_metrics', guest.uuid, guest);
  return found;
}

describe('Xen_GuestOperatingSystem', () => {
  test('machines whose agent told of a system have one, and no others', () => {
    const known = demo.records('VM').filter((record) => {
      const guest = demo.store.get('VM_guest_metrics', record.guest_metrics);
      return !record.is_a_template && !record.is_a_snapshot && Object.keys(guest?.os_version ?? {}).length > 0;
    });
    const found = demo.list('Xen_GuestOperatingSystem').map(({ CSName }) => CSName);
    expect(found.sort()).toEqual(known.map(({ uuid }) => uuid).sort());
    expect(found).not.toContain(vm('no-tools').uuid);
    expect(during({}, { os_version: {} })).toBeUndefined();
  });

  test('shows what the agent told', () => {
    expect(demo.show(systemOf(web))).toMatchObject({
      CSCreationClassName: 'Xen_ComputerSystem',
      CSName: web.uuid,
      CreationClassName: 'Xen_GuestOperatingSystem',
      Name: `Xen:${web.uuid}/OperatingSystem`,
      ElementName: 'Debian GNU/Linux 12 (bookworm)',
      OSType: 96,
      OtherTypeDescription: null,
      Version: '12.5',
      KernelVersion: '6.1.0-21-amd64',
    });
    expect(demo.show(systemOf(vm('win-2022')))).toMatchObject({
      OSType: 1,
      OtherTypeDescription: 'Microsoft Windows Server 2022 Standard',
      Version: '10.0',
      KernelVersion: null,
    });
    const told = {
      os_version: { name: 'Microsoft Windows 10 Pro|C:\\Windows|\\Device\\Harddisk0', distro: 'windows' },
    };
    expect(during({}, told)).toMatchObject({ ElementName: 'Microsoft Windows 10 Pro', OSType: 120, Version: null });
  });

  test.each([
    ['Running', true, 2, [2], 5],
    ['Running', false, 2, [12], 0],
    ['Paused', true, 9, [15], 5],
    ['Suspended', true, 6, [10], 5],
    ['Halted', true, 3, [10], 5],
    ['Melted', true, 0, [12], 0],
  ] as const)('%s with an agent that reports (%s) shows EnabledState %i', (state, live, enabled, status, health) => {
    expect(during({ power_state: state as 'Halted' }, { live })).toMatchObject({
      EnabledState: enabled,
      OperationalStatus: status,
      HealthState: health,
    });
  });

  test('a halted machine has not booted', () => {
    expect(during({})?.['LastBootUpTime']).toMatch(/^2026/);
    expect(during({ power_state: 'Halted' })?.['LastBootUpTime']).toBeNull();
  });

  test('RunningOS is there while the machine runs, InstalledOS always (CIM_RunningOS, CIM_InstalledOS)', () => {
    const ties = (name: string) => demo.tied(demo.one('Xen_ComputerSystem', 'Name', web.uuid), name);
    const expected = [`Xen_GuestOperatingSystem Xen:${web.uuid}/OperatingSystem`];
    expect([ties('Xen_RunningOS'), ties('Xen_InstalledOS')]).toEqual([expected, expected]);
    demo.change('VM', web.uuid, { power_state: 'Halted' });
    expect([ties('Xen_RunningOS'), ties('Xen_InstalledOS')]).toEqual([[], expected]);
    demo.change('VM', web.uuid, web);
    expect(demo.tied(systemOf(web), 'Xen_RunningOS')).toEqual([`Xen_ComputerSystem ${web.uuid}`]);
  });
});

describe('Xen_HostOperatingSystem', () => {
  const [host] = demo.records('host');

  test('is the product with the kernel of the control domain', () => {
    expect(demo.show(demo.one('Xen_HostOperatingSystem', 'CSName', host!.uuid))).toMatchObject({
      CSCreationClassName: 'Xen_HostComputerSystem',
      ElementName: 'XCP-ng 8.3',
      Version: '8.3.0',
      KernelVersion: '4.19.0+1',
      OSType: 101,
      LastBootUpTime: '20261013063000.000000+000',
      HealthState: 5,
    });
  });

  test('is not known to run on a host that does not answer, and runs on one that takes no machines', () => {
    const metrics = demo.store.get('host_metrics', host!.metrics)!;
    const system = () => demo.one('Xen_HostOperatingSystem', 'CSName', host!.uuid);
    demo.change('host', host!.uuid, { enabled: false });
    expect(demo.show(system())).toMatchObject({ EnabledState: 2, HealthState: 5 });
    demo.change('host_metrics', metrics.uuid, { live: false });
    expect(demo.show(system())).toMatchObject({ EnabledState: 0, HealthState: 0, OperationalStatus: [13] });
    expect(demo.tied(system(), 'Xen_RunningOS')).toEqual([]);
    demo.change('host_metrics', metrics.uuid, metrics);
    demo.change('host', host!.uuid, host!);
    expect(demo.tied(system(), 'Xen_RunningOS')).toEqual([`Xen_HostComputerSystem ${host!.uuid}`]);
  });
});

test.each([
  [{ distro: 'ubuntu', uname: '5.15.0-91-generic' }, 'Ubuntu'],
  [{ distro: 'debian', uname: '6.1.0-21-amd64' }, 'Debian 64-Bit'],
  [{ distro: 'centos', uname: '4.18.0-513.el8.x86_64' }, 'CentOS 64-bit'],
  [{ distro: 'centos', uname: '2.6.32-754.el6.i686' }, 'CentOS 32-bit'],
  [{ distro: 'centos' }, 'LINUX'],
  [{ distro: 'rocky', uname: '5.14.0-362.el9.x86_64' }, 'Linux 64-Bit'],
  [{ distro: 'Debian' }, 'Debian'],
  [{ distro: 'freebsd', uname: '14.0-RELEASE' }, 'FreeBSD'],
  [{ name: 'Microsoft Windows Server 2012 R2 Standard', distro: 'windows' }, 'Microsoft Windows Server 2012 R2'],
  [{ name: 'Microsoft Windows Server 2012 Standard' }, 'Microsoft Windows Server 2012'],
  [{ name: 'Microsoft Windows 11 Pro', distro: 'windows' }, 'Other'],
  [{ name: 'Slackware Linux 15' }, 'LINUX'],
  [{ uname: 'x86_64' }, 'Unknown'],
  [{}, 'Unknown'],
])('%j is %s', (said, text) => {
  expect(systemType(said as Record<string, string>).label).toBe(text);
});
