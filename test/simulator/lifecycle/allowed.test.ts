import { describe, expect, it } from 'vitest';
import { stage } from './harness.js';

const on = stage();
const sorted = (operations: readonly string[]) => operations.toSorted().join(' ');

describe('what may be done (facts 5.1, 5.4, 5.6)', () => {
  it.each([
    ['a disk of a running machine', () => on.vbd('web-01'), 'attach pause unpause unplug unplug_force'],
    ['a disk of a halted one', () => on.vbd('dev-01'), 'attach'],
    ['a disk of a sleeping one', () => on.vbd('sleeping-01'), 'attach'],
    ['a disk of a paused one', () => on.vbd('build-01'), 'attach pause unpause'],
    ['a disk without drivers', () => on.vbd('no-tools'), 'attach pause unpause'],
    ['an empty drive of a running machine', () => on.vbd('web-01', 'CD'), 'attach insert pause unpause'],
    ['a full drive of a running machine', () => on.vbd('win-2022', 'CD'), 'attach eject pause unpause'],
    ['an empty drive of a halted one', () => on.vbd('dev-01', 'CD'), 'attach insert'],
    ['an empty drive of a sleeping one', () => on.vbd('sleeping-01', 'CD'), 'attach'],
  ])('to %s', (_what, vbd, operations) => {
    expect(sorted(vbd()[1].allowed_operations)).toBe(operations);
  });

  it.each([
    ['web-01', 'attach unplug'],
    ['dev-01', 'attach'],
    ['sleeping-01', 'attach'],
    ['no-tools', 'attach'],
  ])('to the network device of %s', (name, operations) => {
    expect(sorted(on.db.need('VIF', on.vm(name).VIFs[0] as string).allowed_operations)).toBe(operations);
  });

  it.each([
    [
      'a free image',
      () => on.disk('dev-01'),
      'clone copy destroy disable_cbt enable_cbt forget generate_config mirror resize set_on_boot snapshot update',
    ],
    ['an image in use', () => on.disk('web-01'), 'clone disable_cbt enable_cbt generate_config mirror snapshot update'],
    ['a medium', () => on.ref('VDI', 'SW_DVD9_Win_Server_STD_CORE_2022.iso'), 'clone copy forget'],
  ])('to %s', (_what, vdi, operations) => {
    expect(sorted(on.db.need('VDI', vdi()).allowed_operations)).toBe(operations);
  });

  it.each([
    [
      'shared storage',
      'NFS virtual disk storage',
      'pbd_create pbd_destroy plug scan unplug update vdi_clone vdi_create vdi_data_destroy vdi_destroy vdi_disable_cbt ' +
        'vdi_enable_cbt vdi_list_changed_blocks vdi_mirror vdi_resize vdi_set_on_boot vdi_snapshot',
    ],
    [
      'a library of media',
      'NFS ISO library',
      'pbd_create pbd_destroy plug scan unplug vdi_clone vdi_create vdi_destroy',
    ],
    ['the tools', 'XenServer Tools', 'pbd_create pbd_destroy plug scan unplug vdi_clone'],
  ])('to %s', (_what, name, operations) => {
    expect(sorted(on.db.need('SR', on.ref('SR', name)).allowed_operations)).toBe(operations);
  });

  it('to the pool', () => {
    const { allowed_operations } = on.db.need('pool', on.simulator.world.pool());
    expect(sorted(allowed_operations)).toBe(
      'cert_refresh cluster_create designate_new_master eject ha_enable tls_verification_enable',
    );
  });

  it('nothing but waiting to what is busy; all of it again when it is done', async () => {
    on.simulator.faults.takeTime('SR.scan', 80);
    const nfs = on.ref('SR', 'NFS virtual disk storage');
    const before = on.db.need('SR', nfs).allowed_operations;
    const scanning = on.call('SR.scan', nfs);
    await on.until(() => Object.keys(on.db.need('SR', nfs).current_operations).length > 0);
    expect(on.db.need('SR', nfs).allowed_operations).toEqual([]);
    await scanning;
    expect(on.db.need('SR', nfs)).toMatchObject({ current_operations: {}, allowed_operations: before });
  });
});
