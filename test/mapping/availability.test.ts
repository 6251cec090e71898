import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const idOf = ({ uuid }: Records['VM']) => `Xen:${uuid}/Availability`;
const settingOf = (record: Records['VM']) =>
  demo.one('Xen_ComputerSystemAvailabilitySettingData', 'InstanceID', idOf(record));
const shown = (record: Records['VM']) => demo.show(settingOf(record));

describe('Xen_ComputerSystemAvailabilitySettingData', () => {
  test.each([
    ['', 2],
    ['best-effort', 3],
    ['restart', 4],
    ['1', 4],
    ['sometimes', 0],
  ])('the priority "%s" is %i', (ha_restart_priority, priority) => {
    const record = vm('web-01');
    demo.change('VM', record.uuid, { ha_restart_priority });
    expect(shown(record)['RestartPriority']).toBe(priority);
    demo.change('VM', record.uuid, record);
  });

  test('shows the place in the order of starts, and where the machine would rather run', () => {
    const record = vm('web-01');
    expect(shown(record)).toMatchObject({
      StartOrder: 1n,
      StartDelay: 10n,
      ShutdownDelay: 0n,
      HostAffinity: demo.store.get('host', record.affinity)!.uuid,
      Appliance: null,
    });
    expect(shown(vm('dev-01'))['HostAffinity']).toBeNull();
    expect(demo.tied(settingOf(record), 'Xen_ComputerSystemAvailabilitySettingsDefineState')).toEqual([
      `Xen_ComputerSystem ${record.uuid}`,
    ]);
  });

  test('affinity ties a machine to the host it would rather run on, and one without it to none', () => {
    const hosts = (name: string) =>
      demo.tied(demo.one('Xen_ComputerSystem', 'Name', vm(name).uuid), 'Xen_ComputerSystemHostAffinity');
    expect(hosts('web-01')).toEqual([`Xen_HostComputerSystem ${demo.store.get('host', vm('web-01').affinity)!.uuid}`]);
    expect(hosts('dev-01')).toEqual([]);
  });
});

test('Xen_HostPoolAvailabilitySettingData says nothing of plans while high availability is off', () => {
  const [pool] = demo.records('pool');
  const shown = () => demo.show(demo.all('Xen_HostPoolAvailabilitySettingData')[0]!);
  expect(shown()).toMatchObject({ HighAvailabilityEnabled: false, PlanExistsFor: null, Overcommitted: null });
  const on = { ha_enabled: true, ha_host_failures_to_tolerate: 2n, ha_plan_exists_for: 1n, ha_overcommitted: true };
  demo.change('pool', pool!.uuid, on);
  expect(shown()).toMatchObject({
    HighAvailabilityEnabled: true,
    HostFailuresToTolerate: 2n,
    PlanExistsFor: 1n,
    Overcommitted: true,
  });
  demo.change('pool', pool!.uuid, pool!);
  expect(demo.tied(demo.all('Xen_HostPool')[0]!, 'Xen_HostPoolAvailabilityElementSettingData')).toEqual([
    `Xen_HostPoolAvailabilitySettingData Xen:${pool!.uuid}/Availability`,
  ]);
});

test('Xen_Appliance holds its machines in the order of their start (CIM_OrderedMemberOfCollection.AssignedSequence)', () => {
  const [appliance] = demo.all('Xen_Appliance');
  expect(demo.show(appliance!)).toMatchObject({ ElementName: 'Shop' });
  const members = demo.list('Xen_ApplianceMember').map(({ Member, AssignedSequence }) => {
    const name = (Member as { keys: { name: string; value: string }[] }).keys.find((key) => key.name === 'Name')!.value;
    return [demo.records('VM').find(({ uuid }) => uuid === name)!.name_label, AssignedSequence];
  });
  expect(new Map(members as [string, bigint][])).toEqual(
    new Map([
      ['db-02', 0n],
      ['web-02', 1n],
    ]),
  );
});
