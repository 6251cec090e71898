import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const systemOf = ({ uuid }: Records['VM']) => demo.one('Xen_ComputerSystem', 'Name', uuid);
const shown = (record: Records['VM']) => demo.show(systemOf(record));
const running = vm('web-01');
const changed = (fields: Partial<Records['VM']>) => {
  demo.change('VM', running.uuid, fields);
  const values = shown(running);
  demo.change('VM', running.uuid, running);
  return values;
};

describe('Xen_ComputerSystem', () => {
  test('machines and control domains are systems; templates and snapshots are not', () => {
    const expected = demo.records('VM').filter((record) => !record.is_a_template && !record.is_a_snapshot);
    expect(
      demo
        .list('Xen_ComputerSystem')
        .map(({ Name }) => Name)
        .sort(),
    ).toEqual(expected.map(({ uuid }) => uuid).sort());
    const control = expected.find(({ is_control_domain }) => is_control_domain)!;
    expect(shown(control)).toMatchObject({ Caption: 'XenServer Host' });
    expect(shown(running)).toMatchObject({ Caption: 'Xen Virtual Machine', InstanceID: `Xen:${running.uuid}` });
  });

  test.each([
    ['Halted', 3, 15, 'Stopped'],
    ['Paused', 9, 15, 'Stopped'],
    ['Running', 2, 2, 'OK'],
    ['Suspended', 6, 10, 'Stopped'],
  ] as const)('%s shows EnabledState %i, OperationalStatus [%i], Status %s', (power_state, enabled, status, text) => {
    expect(changed({ power_state, current_operations: {} })).toMatchObject({
      EnabledState: enabled,
      OperationalStatus: [status],
      Status: text,
      HealthState: 5,
    });
  });

  test('a power state that nobody knows is told as such', () => {
    expect(changed({ power_state: 'Melted' as 'Halted' })).toMatchObject({
      EnabledState: 0,
      OperationalStatus: [0],
      Status: 'No Contact',
      HealthState: 0,
    });
  });

  test('while it starts, stops or migrates it says so', () => {
    const during = (power_state: 'Halted' | 'Running', operation: string) =>
      changed({ power_state, current_operations: { task: operation } as Records['VM']['current_operations'] });
    expect(during('Halted', 'start')).toMatchObject({ EnabledState: 10, TransitioningToState: 2 });
    expect(during('Running', 'clean_shutdown')).toMatchObject({ EnabledState: 4, TransitioningToState: 3 });
    expect(during('Running', 'pool_migrate')).toMatchObject({ EnabledState: 2, OperatingStatus: 9 });
    expect(during('Halted', 'migrate_send')).toMatchObject({ EnabledState: 3 });
    expect(during('Running', 'snapshot')).toMatchObject({ EnabledState: 2 });
  });

  test.each([
    [['start', 'clone', 'destroy'], [2]],
    [
      ['unpause', 'hard_shutdown'],
      [2, 32_768],
    ],
    [['resume'], [2]],
    [
      ['clean_shutdown', 'clean_reboot', 'hard_reboot', 'hard_shutdown', 'suspend', 'pause', 'snapshot'],
      [3, 4, 6, 9, 10, 11, 32_768, 32_769],
    ],
    [['snapshot'], null],
    [[], null],
  ])('of the operations %j the states %j can be asked for', (allowed_operations, states) => {
    const fields = { allowed_operations } as Partial<Records['VM']>;
    expect(changed(fields)['AvailableRequestedStates']).toEqual(states);
    demo.change('VM', running.uuid, fields);
    const capabilities = demo.one('Xen_ComputerSystemCapabilities', 'InstanceID', `Xen:${running.uuid}`);
    expect(demo.show(capabilities)['RequestedStatesSupported']).toEqual(states ?? []);
    demo.change('VM', running.uuid, running);
  });

  test.each(['Paused', 'Suspended'] as const)('%s, the pool shuts it down for its guest', (power_state) => {
    const back = power_state === 'Paused' ? 'unpause' : 'resume';
    const allowed_operations = [back, 'hard_shutdown'] as Records['VM']['allowed_operations'];
    const states = changed({ power_state, allowed_operations })['AvailableRequestedStates'];
    expect(states).toEqual([2, 3, 4, 32_768]);
  });

  test('what the guest says of its operating system, each beside its name', () => {
    const guest = demo.store.get('VM_guest_metrics', running.guest_metrics)!;
    demo.change('VM_guest_metrics', guest.uuid, { os_version: { distro: 'debian', name: 'Debian 12', major: '12' } });
    expect(shown(running)).toMatchObject({
      IdentifyingDescriptions: ['OS Name', 'Major Version', 'OS Distribution', 'CIM:GUID'],
      OtherIdentifyingInfo: ['Debian 12', '12', 'debian', running.uuid],
    });
  });

  test('owner and roles come from other_config; roles are a list', () => {
    expect(changed({ other_config: { owner: 'ann', owner_contact: 'a@x', roles: 'web' } })).toMatchObject({
      PrimaryOwnerName: 'ann',
      PrimaryOwnerContact: 'a@x',
      Roles: ['web'],
    });
    expect(changed({ other_config: {} })).toMatchObject({ PrimaryOwnerName: null, Roles: null });
  });

  test('a machine that does not run has no Host, but depends on a host: the preferred, else the coordinator', () => {
    const [resident, other] = demo.records('host') as [Records['host'], Records['host']];
    const refOf = ({ uuid }: Records['host']) => demo.store.byUuid('host', uuid)!;
    const coordinator = demo.store.get('host', demo.records('pool')[0]!.master)!;
    const none = 'OpaqueRef:NULL' as ReturnType<typeof refOf>;
    const dependsOn = (fields: Partial<Records['VM']>) => {
      demo.change('VM', running.uuid, fields);
      return [shown(running)['Host'], ...demo.tied(systemOf(running), 'Xen_HostedComputerSystem')];
    };
    expect(dependsOn({ resident_on: refOf(resident), affinity: refOf(other) })).toEqual([
      resident.uuid,
      `Xen_HostComputerSystem ${resident.uuid}`,
    ]);
    expect(dependsOn({ resident_on: none })).toEqual([null, `Xen_HostComputerSystem ${other.uuid}`]);
    expect(dependsOn({ affinity: none })).toEqual([null, `Xen_HostComputerSystem ${coordinator.uuid}`]);
    expect(
      demo.tied(demo.one('Xen_HostComputerSystem', 'Name', coordinator.uuid), 'Xen_HostedComputerSystem'),
    ).toContain(`Xen_ComputerSystem ${running.uuid}`);
    demo.change('VM', running.uuid, running);
  });
});
