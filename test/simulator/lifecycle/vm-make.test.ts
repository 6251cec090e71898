import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/xenapi/records.js';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { faultsOf } from '../conforms.js';
import { type Refusal, refusals, stage } from './harness.js';

const on = stage();
const vm = (name: string) => on.ref('VM', name);
const machine = (ref: string) => on.db.need('VM', ref);
const disks = (ref: string) =>
  machine(ref)
    .VBDs.map((each) => on.db.need('VBD', each))
    .filter(({ type }) => type === 'Disk')
    .map(({ VDI }) => VDI);
const nfs = () => on.ref('SR', 'NFS virtual disk storage');

describe('refusals (facts 5.3)', () => {
  const rows: readonly Refusal[] = [
    [
      'of a running machine',
      'VM.clone',
      () => [vm('web-01'), 'x'],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted', 'running'],
    ],
    [
      'into a library of media',
      'VM.copy',
      () => [vm('dev-01'), 'x', on.ref('SR', 'NFS ISO library')],
      () => ['OPERATION_NOT_ALLOWED', expect.any(String)],
    ],
    [
      'onto nothing',
      'VM.copy',
      () => [vm('dev-01'), 'x', 'OpaqueRef:none'],
      () => ['HANDLE_INVALID', 'SR', 'OpaqueRef:none'],
    ],
    ['what is no template', 'VM.provision', () => [vm('dev-01')], () => ['PROVISION_ONLY_ALLOWED_ON_TEMPLATE']],
    ['a default template', 'VM.destroy', () => [vm('Rocky Linux 9')], () => ['VM_CANNOT_DELETE_DEFAULT_TEMPLATE']],
    [
      'a running machine',
      'VM.destroy',
      () => [vm('web-01')],
      () => ['VM_BAD_POWER_STATE', vm('web-01'), 'halted, suspended', 'running'],
    ],
    ['a blocked one', 'VM.destroy', () => [vm('blocked')], () => ['OPERATION_BLOCKED', vm('blocked'), 'keep this']],
    ['disks that name no repository', 'VM.provision', () => [vm('Rocky Linux 9')], () => ['UUID_INVALID', 'sr', '']],
    [
      'a record without its fields',
      'VM.create',
      () => [{ name_label: 'x' }],
      () => ['INTERNAL_ERROR', expect.stringContaining('wanted field')],
    ],
  ];
  refusals(on, rows);
});

describe('a full repository takes nothing: SR_BACKEND_FAILURE_44, and nothing is left behind (facts 0.3)', () => {
  const full = ['SR_BACKEND_FAILURE_44', '', 'There is insufficient space', ''];
  const room = (bytes: bigint) => {
    const { physical_size } = on.db.need('SR', nfs());
    on.db.update('SR', nfs(), { physical_utilisation: physical_size - bytes });
  };
  it.each([
    ['VM.clone', () => [vm('dev-01'), 'x']],
    ['VM.copy', () => [vm('dev-01'), 'x', NULL_REF]],
    ['VM.snapshot', () => [vm('web-01'), 'x']],
  ] as const)('%s', async (method, params) => {
    room(0n);
    await on.refused(method, params(), full);
  });

  it('not even what fitted before the last disk did not', async () => {
    room(12n << 20n);
    await on.refused('VM.snapshot', [vm('web-01'), 'x'], full);
    const template = await on.call<Ref<'VM'>>('VM.clone', vm('Rocky Linux 9'), 'two disks');
    const uuid = on.db.need('SR', nfs()).uuid;
    const disk = `<disk device="0" size="1073741824" sr="${uuid}" bootable="true" type="system"/>`;
    on.db.update('VM', template, {
      other_config: { disks: `<provision>${disk}${disk.replace('"0"', '"1"')}</provision>` },
    });
    room(3n << 20n);
    await on.refused('VM.provision', [template], full);
  });
});

describe('a machine from a template (facts 5.3, 5.6)', () => {
  const uuid = () => on.db.need('SR', nfs()).uuid;

  it('clone, fill in the repository, provision, start, stop, destroy', async () => {
    const made = await on.call<Ref<'VM'>>('VM.clone', vm('Rocky Linux 9'), 'rocky');
    expect(machine(made)).toMatchObject({ is_a_template: true, is_default_template: false });
    const disksText = machine(made).other_config['disks'] as string;
    await on.call('VM.remove_from_other_config', made, 'disks');
    await on.call('VM.add_to_other_config', made, 'disks', disksText.replaceAll('sr=""', `sr="${uuid()}"`));
    const told = await on.events(() => on.call('VM.provision', made));
    for (const event of ['vm mod', 'vdi add', 'vbd add', 'vbd_metrics add', 'sr mod']) expect(told).toContain(event);
    expect(machine(made)).toMatchObject({ is_a_template: false });
    expect(machine(made).other_config).not.toHaveProperty('disks');
    const [vdi] = disks(made);
    expect(on.db.need('VDI', vdi as string)).toMatchObject({ virtual_size: 10n << 30n, type: 'system', SR: nfs() });
    expect(on.db.need('VBD', machine(made).VBDs[0] as string)).toMatchObject({
      bootable: true,
      other_config: { owner: '' },
    });
    expect(faultsOf('VM', machine(made) as never)).toEqual([]);
    await on.call('VM.start', made, false, true);
    await on.call('VM.hard_shutdown', made);
    await on.call('VM.destroy', made);
    expect(on.db.get('VDI', vdi as string)).toBeDefined();
  });

  it('disks that cannot be read, are too small or go nowhere are refused', async () => {
    const made = await on.call<Ref<'VM'>>('VM.clone', vm('Rocky Linux 9'), 'rocky');
    const set = (disks: string) => on.db.update('VM', made, { other_config: { disks } });
    set('<provision><disk device="0" size="x" sr=""/></provision>');
    expect((await on.client.refusal('VM.provision', made))[0]).toBe('INTERNAL_ERROR');
    set('nonsense');
    expect((await on.client.refusal('VM.provision', made))[0]).toBe('INTERNAL_ERROR');
    set(`<provision><disk device="0" size="0" sr="${uuid()}"/></provision>`);
    expect((await on.client.refusal('VM.provision', made))[0]).toBe('SR_BACKEND_FAILURE_79');
    set('<provision/>');
    await on.call('VM.provision', made);
    expect(machine(made).is_a_template).toBe(false);
  });
});

describe('copies (facts 5.3)', () => {
  it('a copy of a sleeping snapshot sleeps with a memory of its own', async () => {
    const source = vm('checkpoint with memory');
    const made = await on.call<Ref<'VM'>>('VM.clone', source, 'woken');
    expect(machine(made).power_state).toBe('Suspended');
    expect(machine(made).suspend_VDI).not.toBe(machine(source).suspend_VDI);
    expect(on.db.need('VDI', machine(made).suspend_VDI).type).toBe('suspend');
  });

  it('drives of a clone show the same medium, interfaces have addresses of their own', async () => {
    const made = await on.call<Ref<'VM'>>('VM.clone', vm('fresh-install'), 'x');
    const medium = (ref: string) =>
      machine(ref)
        .VBDs.map((each) => on.db.need('VBD', each))
        .find(({ type }) => type === 'CD')?.VDI;
    expect(medium(made)).toBe(medium(vm('fresh-install')));
    const address = (ref: string) => machine(ref).VIFs.map((each) => on.db.need('VIF', each).MAC);
    expect(address(made)).not.toEqual(address(vm('fresh-install')));
  });

  it('what is in an image is in its copies, and no longer when they are written', async () => {
    const { contents } = on.simulator.world;
    contents.write(on.disk('dev-01'), 5, Buffer.from('hello'));
    const made = await on.call<Ref<'VM'>>('VM.clone', vm('dev-01'), 'x');
    const [copy] = disks(made);
    expect(contents.read(copy as string, 5, 5).toString()).toBe('hello');
    contents.write(copy as string, 5, Buffer.from('HELLO'));
    expect(contents.read(on.disk('dev-01'), 5, 5).toString()).toBe('hello');
  });

  it('destroying tells of all that goes', async () => {
    const made = await on.call<Ref<'VM'>>('VM.clone', vm('dev-01'), 'x');
    const told = await on.events(() => on.call('VM.destroy', made));
    for (const event of ['vm del', 'vbd del', 'vif del', 'vm_metrics del', 'vbd_metrics del', 'vif_metrics del'])
      expect(told).toContain(event);
    expect(told).not.toContain('vdi del');
  });
});
