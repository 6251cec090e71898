import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { cimv2, demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const systemOf = (record: Records['VM']) => demo.one('Xen_ComputerSystem', 'Name', record.uuid);
const snapshotOf = (record: Records['VM']) =>
  demo.one('Xen_ComputerSystemSnapshot', 'InstanceID', `Xen:${record.uuid}`);
const shownAs = ({ uuid }: Records['VM']) => `Xen_ComputerSystemSnapshot Xen:${uuid}`;
const web = vm('web-01');
const [first, second, wrong, newest] = [
  'after installation',
  'before update 1.1',
  'update 1.1 (went wrong)',
  'before update 1.2 <&>',
].map(vm) as [Records['VM'], Records['VM'], Records['VM'], Records['VM']];
const ref = ({ uuid }: Records['VM']) => demo.store.byUuid('VM', uuid)!;

describe('Xen_SnapshotOfVirtualSystem (DSP1042)', () => {
  test('leads to the snapshots of the system alone, and back', () => {
    expect(demo.tied(systemOf(web), 'Xen_SnapshotOfVirtualSystem').sort()).toEqual(
      [first, second, wrong, newest].map(shownAs).sort(),
    );
    for (const one of [first, wrong]) {
      expect(demo.tied(snapshotOf(one), 'Xen_SnapshotOfVirtualSystem')).toEqual([`Xen_ComputerSystem ${web.uuid}`]);
    }
    const never = demo.records('VM').find((one) => one.snapshots.length === 0 && !one.is_a_template)!;
    expect(demo.tied(systemOf(never), 'Xen_SnapshotOfVirtualSystem')).toEqual([]);
  });
  test('answers to its superclass in the roles that the schema names', () => {
    const ties = demo.engine.ties(cimv2, systemOf(web), {
      association: (name) => name === 'Xen_SnapshotOfVirtualSystem',
      role: 'antecedent',
      resultRole: 'Dependent',
    });
    expect([...ties]).toHaveLength(4);
  });
});

describe('Xen_MostCurrentSnapshotInBranch (DSP1042)', () => {
  test('is the parent of the system', () => {
    expect(demo.tied(systemOf(web), 'Xen_MostCurrentSnapshotInBranch')).toEqual([shownAs(newest)]);
    expect(demo.tied(snapshotOf(newest), 'Xen_MostCurrentSnapshotInBranch')).toEqual([
      `Xen_ComputerSystem ${web.uuid}`,
    ]);
    expect(demo.tied(snapshotOf(wrong), 'Xen_MostCurrentSnapshotInBranch')).toEqual([]);
  });
});

describe('Xen_LastAppliedSnapshot (DSP1042)', () => {
  const applied = () => demo.tied(systemOf(vm('web-01')), 'Xen_LastAppliedSnapshot');
  test('is the nearest snapshot above from which another branch goes off', () => {
    expect(applied()).toEqual([shownAs(second)]);
    expect(demo.tied(snapshotOf(second), 'Xen_LastAppliedSnapshot')).toEqual([`Xen_ComputerSystem ${web.uuid}`]);
    expect(demo.tied(snapshotOf(first), 'Xen_LastAppliedSnapshot')).toEqual([]);
  });
  test('is none where the tree has one branch', () => {
    const db = vm('db-01');
    expect(db.snapshots).toHaveLength(1);
    expect(demo.tied(systemOf(db), 'Xen_LastAppliedSnapshot')).toEqual([]);
  });
  test('moves when the system is put back to another one (XenAPI VM.revert)', () => {
    demo.change('VM', newest.uuid, { children: [] });
    demo.change('VM', first.uuid, { children: [...first.children, ref(web)] });
    demo.change('VM', web.uuid, { parent: ref(first) });
    expect(applied()).toEqual([shownAs(first)]);
    for (const one of [newest, first, web]) demo.change('VM', one.uuid, one);
    expect(applied()).toEqual([shownAs(second)]);
  });
  test('does not hang on a tree that runs in a circle', () => {
    demo.change('VM', second.uuid, { children: [ref(newest)], parent: ref(newest) });
    demo.change('VM', newest.uuid, { children: [ref(second)] });
    demo.change('VM', web.uuid, { parent: ref(second) });
    expect(applied()).toEqual([]);
    for (const one of [second, newest, web]) demo.change('VM', one.uuid, one);
  });
});

describe('snapshot capabilities', () => {
  const capabilities = (allowed: Records['VM']['allowed_operations']) => {
    demo.change('VM', web.uuid, { allowed_operations: allowed });
    const shown = demo.show(demo.one('Xen_VirtualSystemSnapshotCapabilities', 'InstanceID', `Xen:${web.uuid}`));
    demo.change('VM', web.uuid, web);
    return shown;
  };
  test('every system has its own, by what is allowed now: checkpoint is full, snapshot is of disks', () => {
    expect(demo.list('Xen_VirtualSystemSnapshotCapabilities')).toHaveLength(demo.list('Xen_ComputerSystem').length);
    expect(capabilities(['start', 'snapshot', 'checkpoint'])).toMatchObject({
      ElementName: 'web-01',
      SnapshotTypesEnabled: [2, 3],
      GuestOSNotificationEnabled: false,
    });
    expect(capabilities(['snapshot'])).toMatchObject({ SnapshotTypesEnabled: [3] });
    expect(capabilities([])).toMatchObject({ SnapshotTypesEnabled: [] });
  });
  test('of the service: the kinds that there are, and the methods that work', () => {
    const [service] = demo.list('Xen_VirtualSystemSnapshotServiceCapabilities');
    expect(service).toMatchObject({
      SnapshotTypesSupported: [2, 3],
      SynchronousMethodsSupported: [2, 3, 4],
      AynchronousMethodsSupported: [2, 3, 4],
    });
  });
  test('a system is tied to its own alone', () => {
    expect(demo.tied(systemOf(web), 'Xen_ComputerSystemSnapshotCapabilities')).toEqual([
      `Xen_VirtualSystemSnapshotCapabilities Xen:${web.uuid}`,
    ]);
  });
});
