import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const message = (name: string): Records['message'] => demo.records('message').find((one) => one.name === name)!;
const entry = ({ uuid }: Records['message']) => demo.one('Xen_LogEntry', 'InstanceID', `Xen:${uuid}`);
const [pool] = demo.records('pool');
const logId = `Xen:${pool!.uuid}/Messages`;

describe('Xen_LogEntry', () => {
  test('shows a message (XenAPI message)', () => {
    const crashed = message('VM_CRASHED');
    expect(demo.show(entry(crashed))).toMatchObject({
      ElementName: 'VM_CRASHED',
      MessageID: 'VM_CRASHED',
      Message: crashed.body,
      RecordID: crashed.uuid,
      LogInstanceID: logId,
      PerceivedSeverity: 5,
      Priority: 2,
      ElementClass: 'VM',
      ElementID: crashed.obj_uuid,
    });
    expect(demo.show(entry(crashed))['CreationTimeStamp']).toMatch(/^\d{14}\.000000\+000$/);
  });

  test.each([
    [1n, 6],
    [2n, 5],
    [3n, 3],
    [4n, 2],
    [5n, 2],
    [0n, 0],
    [9n, 0],
  ])('the priority %i is the severity %i', (priority, severity) => {
    const one = message('ALARM');
    demo.change('message', one.uuid, { priority });
    expect(demo.show(entry(one))['PerceivedSeverity']).toBe(severity);
    demo.change('message', one.uuid, one);
  });

  test('is tied to what it is about: a machine, a host, a repository, the pool', () => {
    const about = (name: string) => demo.tied(entry(message(name)), 'Xen_RecordAppliesToElement');
    const uuid = (name: string) => message(name).obj_uuid;
    expect(about('VM_CRASHED')).toEqual([`Xen_ComputerSystem ${uuid('VM_CRASHED')}`]);
    expect(about('BOND_STATUS_CHANGED')).toEqual([`Xen_HostComputerSystem ${uuid('BOND_STATUS_CHANGED')}`]);
    expect(about('ALARM')).toEqual([`Xen_StoragePool Xen:Shared/${uuid('ALARM')}`]);
    expect(about('LICENSE_EXPIRES_SOON')).toEqual([`Xen_HostPool Xen:${pool!.uuid}`]);
  });

  test('is found from what it is about; what is gone has none', () => {
    const crashed = message('VM_CRASHED');
    const system = demo.one('Xen_ComputerSystem', 'Name', crashed.obj_uuid);
    expect(demo.tied(system, 'Xen_RecordAppliesToElement')).toEqual([`Xen_LogEntry Xen:${crashed.uuid}`]);
    demo.change('message', crashed.uuid, { obj_uuid: '00000000-0000-4000-8000-00000000dead' });
    expect(demo.tied(system, 'Xen_RecordAppliesToElement')).toEqual([]);
    expect(demo.tied(entry(message('VM_CRASHED')), 'Xen_RecordAppliesToElement')).toEqual([]);
    demo.change('message', crashed.uuid, crashed);
  });
});

describe('Xen_RecordLog', () => {
  const [log, ...more] = demo.all('Xen_RecordLog');

  test('is one, and holds every message (CIM_LogManagesRecord)', () => {
    expect(more).toEqual([]);
    expect(demo.show(log!)).toMatchObject({
      InstanceID: logId,
      MaxNumberOfRecords: 10_000n,
      CurrentNumberOfRecords: BigInt(demo.records('message').length),
      OverwritePolicy: 2,
      EnabledState: 2,
      HealthState: 5,
    });
    expect(demo.tied(log!, 'Xen_LogManagesRecord').sort()).toEqual(
      demo
        .records('message')
        .map(({ uuid }) => `Xen_LogEntry Xen:${uuid}`)
        .sort(),
    );
  });

  test('is used by every host (CIM_UseOfLog)', () => {
    expect(demo.tied(log!, 'Xen_UseOfLog')).toHaveLength(demo.records('host').length);
  });
});
