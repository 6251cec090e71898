import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const shown = (name: string) => demo.show(demo.one('Xen_ComputerSystem', 'Name', vm(name).uuid));
const fine = { HealthState: 5, StatusDescriptions: null };

function report(name: string, of: string, timestamp: string): () => void {
  const after: Records['message'] = {
    uuid: `${name}-${timestamp}`,
    name,
    priority: 1n,
    cls: 'VM',
    obj_uuid: vm(of).uuid,
    timestamp,
    body: '',
  };
  demo.store.apply([{ of: 'message', ref: after.uuid, after }]);
  return () => demo.store.apply([{ of: 'message', ref: after.uuid, after: undefined }]);
}

/** Later than anything that the demonstration pool tells of. */
const later = '2999-01-01T00:00:00Z';

describe('HealthState of a machine (decisions.md 34)', () => {
  test('is bad after a crash, until the message is dismissed', () => {
    expect(shown('web-02')).toMatchObject(fine);
    const dismiss = report('VM_CRASHED', 'web-02', later);
    expect(shown('web-02')).toMatchObject({
      HealthState: 20,
      StatusDescriptions: ['The virtual machine has crashed'],
      EnabledState: 2,
    });
    expect(shown('web-01')).toMatchObject(fine);
    dismiss();
    expect(shown('web-02')).toMatchObject(fine);
  });

  test('is good again once the machine was started after the crash', () => {
    const dismiss = report('VM_CRASHED', 'web-02', '2000-01-01T00:00:00Z');
    expect(shown('web-02')).toMatchObject(fine);
    dismiss();
  });

  test('is bad when high availability gave the machine up', () => {
    const dismiss = report('HA_PROTECTED_VM_RESTART_FAILED', 'dev-01', later);
    expect(shown('dev-01')).toMatchObject({ HealthState: 20, EnabledState: 3, Status: 'Stopped' });
    dismiss();
  });

  test('is degraded while a machine that high availability is to keep running is halted', () => {
    const [pool] = demo.records('pool');
    demo.change('VM', vm('dev-01').uuid, { ha_always_run: true });
    expect(shown('dev-01')).toMatchObject(fine);
    demo.change('pool', pool!.uuid, { ha_enabled: true });
    expect(shown('dev-01')).toMatchObject({ HealthState: 10 });
    demo.change('VM', vm('dev-01').uuid, { power_state: 'Running' });
    expect(shown('dev-01')).toMatchObject(fine);
  });

  test('does not hang on what other messages say', () => {
    const dismiss = report('VM_STARTED', 'web-01', later);
    expect(shown('web-01')).toMatchObject(fine);
    dismiss();
  });
});
