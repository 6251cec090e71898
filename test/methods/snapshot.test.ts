import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NULL_REF, type Records, type Ref } from '../../src/xenapi/records.js';
import { embedded, failEachStep, path, type Stage, settingPath, shown, stage, systemPath, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_VirtualSystemSnapshotService', { Name: 'Xen Virtual System Snapshot Service' });
const snapshotPath = (uuid: string) => settingPath(uuid, 'Xen_ComputerSystemSnapshot');
const named = (ElementName: string, more = {}) => embedded('Xen_ComputerSystemSettingData', { ElementName, ...more });

const create = (uuid: string, type?: number, user = 'root', at: Stage = on) =>
  at.invoke(
    service,
    'CreateSnapshot',
    {
      AffectedSystem: systemPath(uuid),
      SnapshotSettings: named('before the change', { Description: 'nightly' }),
      ...(type === undefined ? {} : { SnapshotType: String(type) }),
    },
    user,
  );
const apply = (uuid: string, user = 'root') =>
  on.invoke(service, 'ApplySnapshot', { Snapshot: snapshotPath(uuid) }, user);
const destroy = (uuid: string, user = 'root') =>
  on.invoke(service, 'DestroySnapshot', { AffectedSnapshot: snapshotPath(uuid) }, user);

/** Running, with disks and a guest that can be suspended. */
const live = (): [Ref<'VM'>, Records['VM']] =>
  on.one('VM', (vm) => vm.allowed_operations.includes('checkpoint') && vm.power_state === 'Running');

const made = async (uuid: string, type?: number): Promise<[Ref<'VM'>, Records['VM']]> => {
  const { returned, output } = await create(uuid, type);
  expect(returned).toBe(0);
  const name = uuidIn(output['ResultingSnapshot']);
  return on.one('VM', (vm) => vm.uuid === name);
};

/** A snapshot without counting tasks: of the machine at rest. */
const rest = () => on.machine('Halted');

describe('CreateSnapshot', () => {
  test.each([
    [undefined, 'VM.snapshot', 'Halted'],
    [3, 'VM.snapshot', 'Halted'],
    [2, 'VM.checkpoint', 'Suspended'],
  ] as const)('of SnapshotType %s is %s', async (type, message, state) => {
    const [vm, { uuid }] = live();
    let snapshot: [Ref<'VM'>, Records['VM']] | undefined;
    const sent = await on.messages(async () => {
      snapshot = await made(uuid, type);
    });
    expect(sent).toEqual(
      [`Async.${message}`, 'VM.remove_from_other_config', 'VM.add_to_other_config', 'VM.set_name_description'].sort(),
    );
    const [, record] = snapshot!;
    expect(record).toMatchObject({
      is_a_snapshot: true,
      snapshot_of: vm,
      power_state: state,
      name_label: 'before the change',
      name_description: 'nightly',
    });
    const seen = await on.get(snapshotPath(record.uuid));
    expect(shown(seen, 'ElementName')).toBe('before the change');
    expect((await destroy(record.uuid)).returned).toBe(0);
  });

  test('of a machine that is halted holds all there is of it, whatever the type', async () => {
    const [, { uuid }] = rest();
    const sent = await on.messages(async () => destroy((await made(uuid, 2))[1].uuid));
    expect(sent).toContain('Async.VM.snapshot');
  });

  test('to the letter, the memory of a machine that is halted is a wrong state', async () => {
    const strict = await stage({ strict: true });
    const [, { uuid }] = strict.machine('Halted');
    expect((await create(uuid, 2, 'root', strict)).returned).toBe(5);
    await strict.end();
  });

  test('refuses what it cannot take', async () => {
    const [, { uuid }] = rest();
    expect((await create(uuid, 7)).returned).toBe(6);
    const invoke = (parameters: Parameters<Stage['invoke']>[2]) =>
      on.refused(on.invoke(service, 'CreateSnapshot', parameters));
    expect(await invoke({ SnapshotSettings: named('x') })).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await invoke({ AffectedSystem: systemPath(uuid) })).toMatchObject({ status: 'INVALID_PARAMETER' });
    const nameless = embedded('Xen_ComputerSystemSettingData', { Description: 'x' });
    expect(await invoke({ AffectedSystem: systemPath(uuid), SnapshotSettings: nameless })).toMatchObject({
      status: 'INVALID_PARAMETER',
      message: expect.stringContaining('ElementName'),
    });
    const nowhere = systemPath('00000000-0000-0000-0000-000000000000');
    expect(await invoke({ AffectedSystem: nowhere, SnapshotSettings: named('x') })).toMatchObject({
      status: 'NOT_FOUND',
    });
    const [, template] = on.one('VM', (vm) => vm.is_a_template && !vm.is_a_snapshot);
    expect(await invoke({ AffectedSystem: systemPath(template.uuid), SnapshotSettings: named('x') })).toMatchObject({
      status: 'INVALID_PARAMETER',
    });
  });

  test('is refused where the machine does not let it, and to those who may not', async () => {
    const [ref, { uuid }] = rest();
    const counts = on.census();
    on.db.update('VM', ref, { blocked_operations: { snapshot: 'is being moved' } });
    const blocked = await on.refused(create(uuid));
    expect(blocked.message).toMatch(/XenError:OPERATION_BLOCKED:/);
    on.db.update('VM', ref, { blocked_operations: {} });
    expect(await on.refused(create(uuid, 3, 'vm-operator'))).toMatchObject({ status: 'ACCESS_DENIED' });
    expect(on.census()).toEqual(counts);
  });

  test.each([2, 3])('of SnapshotType %i that fails at any step leaves nothing behind', async (type) => {
    const [, { uuid }] = live();
    const messages = await on.messages(async () => {
      await made(uuid, type);
    });
    await failEachStep(on, messages, () => create(uuid, type));
  });
});

describe('ApplySnapshot', () => {
  test('puts a machine back to what it was', async () => {
    const [ref, { uuid, memory_static_max, power_state }] = rest();
    const [snapshotRef, snapshot] = await made(uuid);
    on.db.update('VM', ref, { memory_static_max: memory_static_max + 1_048_576n });
    const sent = await on.messages(async () => {
      expect((await apply(snapshot.uuid)).returned).toBe(0);
    });
    expect(sent).toEqual(['Async.VM.revert']);
    expect(on.store.get('VM', ref)).toMatchObject({ memory_static_max, power_state, parent: snapshotRef });
    await destroy(snapshot.uuid);
  });

  test('refuses what is no snapshot, what the pool blocks, and those who may not', async () => {
    const [, { uuid }] = rest();
    const [ref, snapshot] = await made(uuid);
    expect(await on.refused(apply(uuid))).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await on.refused(on.invoke(service, 'ApplySnapshot'))).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await on.refused(apply('nobody'))).toMatchObject({ status: 'NOT_FOUND' });
    on.db.update('VM', ref, { blocked_operations: { revert: 'audit' } });
    expect((await on.refused(apply(snapshot.uuid))).message).toMatch(/XenError:OPERATION_BLOCKED:/);
    on.db.update('VM', ref, { blocked_operations: {} });
    expect(await on.refused(apply(snapshot.uuid, 'vm-operator'))).toMatchObject({ status: 'ACCESS_DENIED' });
    await failEachStep(on, ['VM.revert'], () => apply(snapshot.uuid));
    await destroy(snapshot.uuid);
  });
});

describe('DestroySnapshot', () => {
  test.each([2, 3])('of SnapshotType %i takes its images along, and nothing else', async (type) => {
    const [, { uuid }] = live();
    const counts = on.census();
    const [ref, snapshot] = await made(uuid, type);
    const images = snapshot.VBDs.map((vbd) => on.db.need('VBD', vbd)).filter((vbd) => vbd.type === 'Disk').length;
    const memory = snapshot.suspend_VDI === NULL_REF ? 0 : 1;
    expect([memory, images > 0]).toEqual([type === 2 ? 1 : 0, true]);
    const sent = await on.messages(async () => {
      expect((await destroy(snapshot.uuid)).returned).toBe(0);
    });
    expect(sent).toEqual([...Array<string>(images + memory).fill('Async.VDI.destroy'), 'Async.VM.destroy']);
    expect(on.store.get('VM', ref)).toBeUndefined();
    expect(on.census()).toEqual(counts);
  });

  test('refuses machines, templates, what is not there, and those who may not', async () => {
    const [, { uuid }] = rest();
    const [, template] = on.one('VM', (vm) => vm.is_a_template && !vm.is_a_snapshot);
    const [ref, snapshot] = await made(uuid);
    const counts = on.census();
    for (const each of [uuid, template.uuid])
      expect(await on.refused(destroy(each))).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await on.refused(on.invoke(service, 'DestroySnapshot'))).toMatchObject({ status: 'INVALID_PARAMETER' });
    expect(await on.refused(destroy('nobody'))).toMatchObject({ status: 'NOT_FOUND' });
    expect(await on.refused(destroy(snapshot.uuid, 'vm-operator'))).toMatchObject({ status: 'ACCESS_DENIED' });
    on.db.update('VM', ref, { blocked_operations: { destroy: 'audit' } });
    expect((await on.refused(destroy(snapshot.uuid))).message).toMatch(/XenError:OPERATION_BLOCKED:/);
    on.db.update('VM', ref, { blocked_operations: {} });
    await failEachStep(on, ['VM.destroy'], () => destroy(snapshot.uuid));
    expect(on.census()).toEqual(counts);
    await destroy(snapshot.uuid);
  });

  test('tries an image again that could not be removed, and says which is left', async () => {
    const [, { uuid }] = live();
    const counts = on.census();
    const [, once] = await made(uuid, 2);
    on.simulator.faults.failNext('VDI.destroy', 'SR_BACKEND_FAILURE_46', ['', 'in use', '']);
    expect((await on.refused(destroy(once.uuid))).message).toMatch(/XenError:SR_BACKEND_FAILURE_46/);
    on.simulator.faults.clear();
    expect(on.census()).toEqual(counts);
    const [, always] = await made(uuid, 2);
    on.simulator.faults.failNext('VDI.destroy', 'SR_BACKEND_FAILURE_46', ['', 'in use', ''], 9);
    expect((await on.refused(destroy(always.uuid))).message).toMatch(/left behind/);
    on.simulator.faults.clear();
  });

  test('is DeleteInstance of a snapshot too', async () => {
    const [, { uuid }] = rest();
    const counts = on.census();
    const [, snapshot] = await made(uuid);
    await on.ask('DeleteInstance', { InstanceName: snapshotPath(snapshot.uuid) });
    expect(on.census()).toEqual(counts);
  });
});

test('The capabilities of the service name what works (decisions.md 33)', async () => {
  const [capabilities] = await on.list('Xen_VirtualSystemSnapshotServiceCapabilities');
  expect(shown(capabilities!, 'SynchronousMethodsSupported')).toEqual([2, 3, 4]);
});
