import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/xenapi/records.js';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { faultsOf } from '../conforms.js';
import { type Refusal, refusals, stage, vbdRecord, vdiRecord } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const machine = (ref: string) => on.db.need('VM', ref);
const disksOf = (ref: string) =>
  machine(ref)
    .VBDs.map((each) => on.db.need('VBD', each))
    .filter(({ type }) => type === 'Disk')
    .map(({ VDI }) => VDI);

describe('refusals (facts 5.1, 5.3)', () => {
  const rows: readonly Refusal[] = [
    ['of no snapshot', 'VM.revert', () => [vm('dev-01')], () => ['REVERT_ONLY_ALLOWED_ON_SNAPSHOT']],
    [
      'with memory of a halted machine',
      'VM.checkpoint',
      () => [vm('dev-01'), 'x'],
      () => ['VM_BAD_POWER_STATE', vm('dev-01'), 'running, paused, suspended', 'halted'],
    ],
    ['without drivers', 'VM.checkpoint', () => [vm('no-tools'), 'x'], () => ['VM_LACKS_FEATURE', vm('no-tools')]],
    ['with a graphics card', 'VM.checkpoint', () => [vm('gpu-01'), 'x'], () => ['VM_HAS_VGPU', vm('gpu-01')]],
    [
      'of a snapshot',
      'VM.snapshot',
      () => [vm('after installation'), 'x'],
      () => ['VM_IS_SNAPSHOT', vm('after installation'), 'snapshot'],
    ],
    [
      'started',
      'VM.start',
      () => [vm('after installation'), false, true],
      () => ['VM_IS_SNAPSHOT', vm('after installation'), 'start'],
    ],
  ];
  refusals(on, rows);

  it('of an image that forgets at each start', async () => {
    on.db.update('VDI', on.disk('web-01'), { on_boot: 'reset' });
    await on.refused('VM.snapshot', [vm('web-01'), 'x'], ['VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION']);
  });
});

describe('going back (facts 5.3)', () => {
  it('disks, interfaces and fields are as they were; the machine is halted; its parent is the snapshot', async () => {
    const web = vm('web-01');
    const [before] = disksOf(web);
    const { contents } = on.simulator.world;
    contents.write(before as string, 0, Buffer.from('old'));
    const snapshot = await on.call<Ref<'VM'>>('VM.snapshot', web, 'now');
    contents.write(before as string, 0, Buffer.from('new'));
    const mac = machine(web).VIFs.map((vif) => on.db.need('VIF', vif).MAC);
    await on.call('VM.set_name_label', web, 'renamed');
    await on.call('VM.set_name_description', web, 'changed');
    await on.call('VM.clean_shutdown', web);
    await on.call('VM.set_memory', web, 2 * 2 ** 30);
    await on.call('VIF.destroy', machine(web).VIFs[0]);
    await on.call('VM.start', web, false, true);
    const told = await on.events(() => on.call('VM.revert', snapshot));
    const after = machine(web);
    expect(after).toMatchObject({
      name_label: 'web-01',
      name_description: 'Front end',
      power_state: 'Halted',
      memory_static_max: 4n << 30n,
      parent: snapshot,
      is_a_template: false,
      is_a_snapshot: false,
      current_operations: {},
    });
    expect(after.VIFs.map((vif) => on.db.need('VIF', vif).MAC)).toEqual(mac);
    const [now] = disksOf(web);
    expect(contents.read(now as string, 0, 3).toString()).toBe('old');
    expect(on.db.get('VDI', before as string)).toBeUndefined();
    expect(on.db.need('VDI', disksOf(snapshot)[0] as string).snapshot_of).toBe(now);
    for (const event of ['vdi add', 'vdi del', 'vbd add', 'vbd del', 'vif add', 'vif del', 'vm mod', 'message add'])
      expect(told).toContain(event);
    expect(faultsOf('VM', after as never)).toEqual([]);
  });

  it('a disk that the snapshot does not hold stays, unattached', async () => {
    const dev = vm('dev-01');
    const snapshot = await on.call<Ref<'VM'>>('VM.snapshot', dev, 'now');
    const VDI = await on.call<string>('VDI.create', vdiRecord({ SR: on.ref('SR', 'NFS virtual disk storage') }));
    await on.call('VBD.create', vbdRecord({ VM: dev, VDI }));
    await on.call('VM.revert', snapshot);
    expect(on.db.need('VDI', VDI).VBDs).toEqual([]);
    expect(disksOf(dev)).toHaveLength(1);
  });

  it('to a checkpoint: the machine sleeps with its memory, and wakes', async () => {
    const web = vm('web-02');
    const checkpoint = await on.call<Ref<'VM'>>('VM.checkpoint', web, 'with memory');
    expect(machine(web).power_state).toBe('Running');
    expect(machine(checkpoint).snapshot_info['power-state-at-snapshot']).toBe('Running');
    await on.call('VM.revert', checkpoint);
    expect(machine(web).power_state).toBe('Suspended');
    expect(machine(web).suspend_VDI).not.toBe(machine(checkpoint).suspend_VDI);
    await on.call('VM.resume', web, false, false);
    expect(machine(web)).toMatchObject({ power_state: 'Running', suspend_VDI: NULL_REF });
  });

  it('a machine that is gone is made again, and its snapshots are those of the new one', async () => {
    const dev = vm('dev-01');
    const { uuid } = machine(dev);
    const [first, second] = [
      await on.call<Ref<'VM'>>('VM.snapshot', dev, 'one'),
      await on.call<Ref<'VM'>>('VM.snapshot', dev, 'two'),
    ];
    await on.call('VM.destroy', dev);
    await on.call('VM.revert', first);
    const [made] = on.db.find('VM', (each) => each.uuid === uuid) as readonly [Ref<'VM'>, unknown];
    expect(machine(made)).toMatchObject({ name_label: 'dev-01', is_a_template: false, is_a_snapshot: false });
    expect([machine(first).snapshot_of, machine(second).snapshot_of]).toEqual([made, made]);
  });

  it('without room it fails: VM_REVERT_FAILED [vm, snapshot], and all is as before', async () => {
    const snapshot = await on.call<Ref<'VM'>>('VM.snapshot', vm('web-01'), 'now');
    on.simulator.faults.fillRepository('NFS virtual disk storage');
    await on.refused('VM.revert', [snapshot], ['VM_REVERT_FAILED', vm('web-01'), snapshot]);
  });
});

describe('taking (facts 5.1, 5.3)', () => {
  it('a machine sleeps while its memory is written, and images are busy', async () => {
    on.simulator.faults.takeTime('VM.checkpoint', 120);
    const taking = on.call('VM.checkpoint', vm('web-01'), 'x');
    await on.until(() => on.vm('web-01').power_state === 'Suspended');
    expect(Object.values(on.db.need('VDI', on.disk('web-01')).current_operations)).toEqual(['snapshot']);
    await taking;
    expect(on.vm('web-01')).toMatchObject({ power_state: 'Running', current_operations: {} });
  });

  it('a cancelled checkpoint leaves nothing', async () => {
    on.simulator.faults.takeTime('VM.checkpoint', 300);
    const before = on.state();
    const { domid } = on.vm('web-01');
    const task = await on.call<string>('Async.VM.checkpoint', vm('web-01'), 'x');
    await on.until(() => on.db.need('task', task).allowed_operations.includes('cancel'));
    await on.call('task.cancel', task);
    await on.until(() => on.db.need('task', task).status === 'cancelled');
    on.db.update('VM', vm('web-01'), { domid });
    expect(on.state()).toEqual(before);
  });

  it('of a sleeping machine the memory is kept twice', async () => {
    const made = await on.call<Ref<'VM'>>('VM.checkpoint', vm('sleeping-01'), 'x');
    expect(machine(made).power_state).toBe('Suspended');
    expect(machine(made).suspend_VDI).not.toBe(on.vm('sleeping-01').suspend_VDI);
  });

  it('tells of the snapshot, its devices and images, and of the machine', async () => {
    const told = await on.events(() => on.call('VM.snapshot', vm('web-01'), 'x'));
    for (const event of ['vm add', 'vm mod', 'vbd add', 'vif add', 'vdi add', 'sr mod', 'message add'])
      expect(told).toContain(event);
  });
});
