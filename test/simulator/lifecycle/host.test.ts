import { describe, expect, it } from 'vitest';
import type { Ref } from '../../../src/xenapi/records.js';
import { NULL_REF } from '../../../src/xenapi/records.js';
import { connect, post } from '../client.js';
import { type Refusal, refusals, stage } from './harness.js';

const on = stage();
const host = (name: string) => on.ref('host', name);
const vm = (name: string) => on.ref('VM', name);
const live = (name: string) => on.db.need('host_metrics', on.db.need('host', host(name)).metrics).live;
const guests = (name: string) =>
  on.db.need('host', host(name)).resident_VMs.filter((each) => !on.db.need('VM', each).is_control_domain);

describe('refusals (facts 5.6)', () => {
  const rows: readonly Refusal[] = [
    ['shut down while enabled', 'host.shutdown', () => [host('xen-beta')], () => ['HOST_NOT_DISABLED']],
    ['restarted while enabled', 'host.reboot', () => [host('xen-beta')], () => ['HOST_NOT_DISABLED']],
    ['switched on while live', 'host.power_on', () => [host('xen-beta')], () => ['HOST_IS_LIVE', host('xen-beta')]],
    ['forgotten while live', 'host.destroy', () => [host('xen-beta')], () => ['HOST_IS_LIVE', host('xen-beta')]],
    [
      'the coordinator forgotten',
      'host.destroy',
      () => [host('xen-alpha')],
      () => ['HOST_CANNOT_DESTROY_SELF', host('xen-alpha')],
    ],
    [
      'a plugin',
      'host.call_plugin',
      () => [host('xen-beta'), 'transfer', 'expose', {}],
      () => ['XENAPI_MISSING_PLUGIN', 'transfer'],
    ],
    [
      'a name that is none',
      'host.set_hostname_live',
      () => [host('xen-beta'), 'a b'],
      () => ['HOST_NAME_INVALID', 'hostname contains invalid characters'],
    ],
    ['no host', 'host.disable', () => ['OpaqueRef:none'], () => ['HANDLE_INVALID', 'host', 'OpaqueRef:none']],
  ];
  refusals(on, rows);

  it('a host that cannot be switched on: HOST_POWER_ON_MODE_DISABLED []', async () => {
    await on.simulator.faults.killHost('xen-alpha');
    on.simulator.faults.changeCoordinator('xen-beta');
    const beta = await connect({ url: `http://127.0.0.2:${on.simulator.port}` });
    expect(await beta.refusal('host.power_on', host('xen-alpha'))).toEqual(['HOST_POWER_ON_MODE_DISABLED']);
    expect(await beta.refusal('host.disable', host('xen-alpha'))).toEqual(['HOST_OFFLINE', host('xen-alpha')]);
  });
});

describe('enabled or not (facts 5.6)', () => {
  it('shows in what is allowed', async () => {
    const beta = host('xen-beta');
    const allowed = () => on.db.need('host', beta).allowed_operations.toSorted().join(' ');
    expect(allowed()).toBe('evacuate provision vm_migrate vm_resume vm_start');
    const told = await on.events(() => on.call('host.disable', beta));
    expect([...told]).toContain('host mod');
    expect(allowed()).toBe('apply_updates enable evacuate provision reboot shutdown vm_migrate vm_resume vm_start');
    await on.refused('VM.start_on', [vm('dev-01'), beta, false, true], ['HOST_DISABLED', beta]);
    await on.call('host.enable', beta);
    expect(on.db.need('host', beta).enabled).toBe(true);
  });
});

describe('emptying (facts 5.6)', () => {
  const gamma = () => host('xen-gamma');
  it('names what cannot go: CANNOT_EVACUATE_HOST ["CODE,p|CODE,p"], and evacuate the first of them', async () => {
    const sr = on.db.need('VDI', on.disk('仮想マシン 01')).SR;
    const [windows, pv] = [vm('仮想マシン 01'), vm('legacy-pv')];
    const refused = await on.client.refusal('host.assert_can_evacuate', gamma());
    const reason = (ref: string) =>
      on.db.need('VM', ref).attached_PCIs.length > 0 ? `VM_HAS_PCI_ATTACHED,${ref}` : `VM_REQUIRES_SR,${ref},${sr}`;
    const each = [windows, pv].map(reason);
    expect([refused[0], (refused[1] as string).split('|').toSorted()]).toEqual([
      'CANNOT_EVACUATE_HOST',
      each.toSorted(),
    ]);
    const reasons = await on.call<Record<string, string[]>>('host.get_vms_which_prevent_evacuation', gamma());
    expect(reasons[pv]).toEqual(reason(pv).split(','));
    await on.refused('host.evacuate', [gamma()], reason(windows).split(','));
  });

  it('memory short elsewhere, and no host at all, name the machine in odd places', async () => {
    await on.call('VM.hard_shutdown', vm('legacy-pv'));
    await on.call('VM.hard_shutdown', vm('仮想マシン 01'));
    on.db.update('VM', vm('monitoring'), { resident_on: gamma() });
    on.db.update('VM', vm('monitoring'), {
      memory_dynamic_min: 1n << 40n,
      memory_dynamic_max: 1n << 40n,
      memory_static_max: 1n << 40n,
    });
    await on.refused('host.evacuate', [gamma()], ['HOST_NOT_ENOUGH_FREE_MEMORY', vm('monitoring')]);
    for (const each of on.db.refs('host')) on.db.update('host', each, { enabled: false });
    await on.refused('host.evacuate', [gamma()], ['NO_HOSTS_AVAILABLE', vm('monitoring')]);
  });

  it('moves all machines, and is shown on the host while it lasts', async () => {
    for (const name of ['no-tools', 'build-01']) await on.call('VM.hard_shutdown', vm(name));
    on.simulator.faults.takeTime('VM.pool_migrate', 20);
    await on.call('host.disable', host('xen-beta'));
    const leaving = on.call('host.evacuate', host('xen-beta'));
    await on.until(() => Object.values(on.db.need('host', host('xen-beta')).current_operations).includes('evacuate'));
    expect((await on.client.refusal('VM.start_on', vm('dev-01'), host('xen-beta'), false, true))[0]).toBe(
      'HOST_EVACUATE_IN_PROGRESS',
    );
    await leaving;
    expect(guests('xen-beta')).toEqual([]);
    expect(on.vm('web-02').power_state).toBe('Running');
    await on.call('host.assert_can_evacuate', host('xen-beta'));
  });
});

describe('power (facts 5.6)', () => {
  const at = (address: string) => `http://${address}:${on.simulator.port}`;
  const login = (address: string) => post(at(address), 'session.login_with_password', ['root', 'xenroot']);

  it('shutdown answers early; then the host is not live, and its machines still claim to run', async () => {
    on.simulator.faults.takeTime('host.action', 30);
    await on.call('host.disable', host('xen-gamma'));
    await on.call('host.shutdown', host('xen-gamma'));
    expect(live('xen-gamma')).toBe(true);
    await on.until(() => !live('xen-gamma'));
    expect(on.vm('legacy-pv')).toMatchObject({ power_state: 'Running', resident_on: host('xen-gamma') });
    expect(on.db.need('host', host('xen-gamma')).allowed_operations).toContain('power_on');
    await expect(login('127.0.0.3')).rejects.toThrow();
    await on.call('host.power_on', host('xen-gamma'));
    await on.until(() => live('xen-gamma'));
    expect(on.vm('legacy-pv')).toMatchObject({ power_state: 'Halted', resident_on: NULL_REF });
    expect(await login('127.0.0.3')).toMatchObject({ code: 'HOST_IS_SLAVE' });
    expect(on.db.need('host', host('xen-gamma')).enabled).toBe(true);
  });

  it('reboot: down, up again, enabled', async () => {
    on.simulator.faults.takeTime('host.boot', 30);
    await on.call('host.disable', host('xen-gamma'));
    await on.call('host.reboot', host('xen-gamma'));
    await on.until(() => !live('xen-gamma'));
    await on.until(() => live('xen-gamma'));
    expect(on.db.need('host', host('xen-gamma'))).toMatchObject({ enabled: true, current_operations: {} });
  });

  it('the coordinator takes sessions with it when it goes', async () => {
    on.simulator.faults.takeTime('host.boot', 40);
    await on.call('host.disable', host('xen-alpha'));
    await on.call('host.reboot', host('xen-alpha'));
    await on.until(() => !live('xen-alpha'));
    await on.until(() => live('xen-alpha'));
    expect((await on.client.refusal('VM.get_all'))[0]).toBe('SESSION_INVALID');
    await connect(on.simulator);
  });

  it('a host that is gone for good is forgotten with all that was only there', async () => {
    await on.call('host.disable', host('xen-gamma'));
    await on.simulator.faults.killHost('xen-gamma');
    const gamma = host('xen-gamma');
    await on.refused('host.destroy', [gamma], ['HOST_HAS_RESIDENT_VMS', gamma]);
    await on.call('host.declare_dead', gamma);
    const told = await on.events(() => on.call('host.destroy', gamma));
    for (const event of [
      'host del',
      'host_metrics del',
      'host_cpu del',
      'pif del',
      'pbd del',
      'sr del',
      'vdi del',
      'vlan del',
      'bond del',
    ])
      expect(told).toContain(event);
    const left = [...on.db.entries('PIF')].filter(([, { host: of }]) => of === (gamma as Ref<'host'>));
    expect(left).toEqual([]);
  });
});

it('tells its certificate, its management interface and its time', async () => {
  expect(await on.call('host.get_server_certificate', host('xen-alpha'))).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(await on.call('host.get_management_interface', host('xen-alpha'))).toBe(on.pif('xen-alpha', 'eth0'));
  expect(await on.call('host.get_servertime', host('xen-alpha'))).toMatch(/^\d{8}T/);
});
