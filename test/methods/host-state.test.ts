import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { failEachStep, path, type Stage, shown, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const hostPath = (uuid: string) =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });
const change = (uuid: string, RequestedState: number, user = 'root', at: Stage = on) =>
  at.invoke(hostPath(uuid), 'RequestStateChange', { RequestedState: String(RequestedState) }, user);

type Host = [Ref<'host'>, Records['host']];

/** A member that is not the coordinator. */
const member = (at: Stage = on): Host => {
  const { master } = at.db.need('pool', at.db.refs('pool')[0]!);
  return at.one('host', (host) => host.uuid !== at.db.need('host', master).uuid);
};
const guests = (host: Ref<'host'>): Ref<'VM'>[] =>
  on.db.need('host', host).resident_VMs.filter((vm) => !on.db.need('VM', vm).is_control_domain);
const isLive = (host: Ref<'host'>): boolean => on.db.need('host_metrics', on.db.need('host', host).metrics).live;
const state = (host: Ref<'host'>) => {
  const { enabled, other_config } = on.db.need('host', host);
  return [enabled, other_config['MAINTENANCE_MODE']];
};
const seen = async (uuid: string) => shown(await on.get(hostPath(uuid)), 'EnabledState');

/** Sees to it that a machine that can move runs on the host. */
async function occupy(host: Ref<'host'>): Promise<Ref<'VM'>> {
  for (const ref of on.db.refs('VM')) {
    const { allowed_operations, uuid } = on.db.need('VM', ref);
    if (!allowed_operations.includes('pool_migrate')) continue;
    const job = await on.job(
      await on.invoke(path('Xen_VirtualSystemMigrationService', { Name: 'x' }), 'MigrateVirtualSystemToSystem', {
        ComputerSystem: path('Xen_ComputerSystem', { Name: uuid }),
        DestinationSystem: hostPath(on.db.need('host', host).uuid),
      }),
    );
    if (shown(job, 'JobState') === 7) return ref;
  }
  throw new Error('no machine can be moved to the host');
}

/** Takes away what no other host could take. */
async function free(host: Ref<'host'>): Promise<void> {
  for (const vm of guests(host)) {
    if (on.db.need('VM', vm).allowed_operations.includes('pool_migrate')) continue;
    on.db.update('VM', vm, { blocked_operations: {} });
    await on.connection.call('VM.hard_shutdown', vm);
  }
}

describe('RequestStateChange of a host', () => {
  test('3 is maintenance, for which machines leave; 2 ends it', async () => {
    const [host, { uuid }] = member();
    await free(host);
    const vm = await occupy(host);
    const sent = await on.messages(async () => {
      const job = await on.job(await change(uuid, 3));
      expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    });
    expect(sent).toEqual(
      ['host.assert_can_evacuate', 'host.disable', 'host.add_to_other_config', 'Async.host.evacuate'].sort(),
    );
    expect(guests(host)).toEqual([]);
    expect(on.db.need('VM', vm)).toMatchObject({ power_state: 'Running' });
    expect([state(host), await seen(uuid)]).toEqual([[false, 'true'], 6]);
    const back = await on.messages(async () => {
      expect(shown(await on.job(await change(uuid, 2)), 'JobState')).toBe(7);
    });
    expect(back).toEqual(['Async.host.enable', 'host.remove_from_other_config']);
    expect([state(host), await seen(uuid)]).toEqual([[true, undefined], 2]);
  });

  test('that fails at any step leaves the host as it was', async () => {
    const [host, { uuid }] = member();
    await free(host);
    const messages = ['host.assert_can_evacuate', 'host.disable', 'host.add_to_other_config', 'host.evacuate'];
    for (const message of messages) {
      await failEachStep(on, [message], () => change(uuid, 3));
      expect(state(host), `after ${message} failed`).toEqual([true, undefined]);
    }
    for (const message of ['host.disable', 'host.evacuate', 'host.shutdown']) {
      await failEachStep(on, [message], () => change(uuid, 4));
      expect([...state(host), isLive(host)], `after ${message} failed`).toEqual([true, undefined, true]);
    }
    await failEachStep(on, ['host.reboot'], () => change(uuid, 10));
    expect([...state(host), isLive(host)]).toEqual([true, undefined, true]);
    await on.job(await change(uuid, 3));
    for (const message of ['host.remove_from_other_config', 'host.enable']) {
      await failEachStep(on, [message], () => change(uuid, 2));
      expect(state(host), `after ${message} failed`).toEqual([false, 'true']);
    }
    await on.job(await change(uuid, 2));
  });

  test('does nothing where a machine can go nowhere, and says which', async () => {
    const [host, { uuid }] = member();
    const vm = await occupy(host);
    on.db.update('VM', vm, { blocked_operations: { pool_migrate: 'audit' } });
    for (const wanted of [3, 4, 10]) {
      const sent = await on.messages(async () => {
        const job = await on.job(await change(uuid, wanted));
        expect(shown(job, 'JobState')).toBe(10);
        expect(shown(job, 'ErrorDescription')).toMatch(/XenError:CANNOT_EVACUATE_HOST:.*OPERATION_BLOCKED/);
      });
      expect(sent).toEqual(['host.assert_can_evacuate']);
    }
    expect([state(host), on.db.need('VM', vm).resident_on]).toEqual([[true, undefined], host]);
    on.db.update('VM', vm, { blocked_operations: {} });
  });

  test('4 stops it without its machines, 2 powers it on again, 10 reboots it', async () => {
    const [host, { uuid }] = member();
    on.db.update('host', host, { power_on_mode: 'wake-on-lan' });
    await free(host);
    const vm = await occupy(host);
    const sent = await on.messages(async () => {
      expect(shown(await on.job(await change(uuid, 4)), 'ErrorDescription')).toBeNull();
    });
    expect(sent).toEqual(['Async.host.evacuate', 'Async.host.shutdown', 'host.assert_can_evacuate', 'host.disable']);
    await vi.waitFor(() => expect(isLive(host)).toBe(false));
    expect(on.db.need('VM', vm)).toMatchObject({ power_state: 'Running' });
    expect(on.db.need('VM', vm).resident_on).not.toBe(host);
    await vi.waitFor(async () => expect(await seen(uuid)).toBe(3));
    expect(shown(await on.job(await change(uuid, 3)), 'ErrorCode')).toBe(4097);
    const power = await on.messages(async () => {
      expect(shown(await on.job(await change(uuid, 2)), 'ErrorDescription')).toBeNull();
    });
    expect(power).toEqual(['Async.host.power_on']);
    await vi.waitFor(async () => expect([isLive(host), await seen(uuid)]).toEqual([true, 2]));
    const again = await on.messages(async () => {
      expect(shown(await on.job(await change(uuid, 10)), 'ErrorDescription')).toBeNull();
    });
    expect(again).toContain('Async.host.reboot');
    await vi.waitFor(async () => expect([isLive(host), ...state(host)]).toEqual([true, true, undefined]));
  });

  test('tells what it cannot do: by the value, by the state, and to whom', async () => {
    const [, { uuid }] = member();
    expect((await change(uuid, 77)).returned).toBe(5);
    expect(await on.refused(on.invoke(hostPath(uuid), 'RequestStateChange'))).toMatchObject({
      status: 'INVALID_PARAMETER',
    });
    expect(await on.refused(change('nobody', 3))).toMatchObject({ status: 'NOT_FOUND' });
    const TimeoutPeriod = '00000000000100.000000:000';
    const limited = await on.invoke(hostPath(uuid), 'RequestStateChange', { RequestedState: '3', TimeoutPeriod });
    expect(limited.returned).toBe(4098);
    for (const wanted of [2, 6, 11]) {
      const job = await on.job(await change(uuid, wanted));
      expect([shown(job, 'JobState'), shown(job, 'ErrorCode')]).toEqual([10, 4097]);
    }
    expect(await on.refused(change(uuid, 3, 'vm-power-admin'))).toMatchObject({ status: 'ACCESS_DENIED' });
    const strict = await stage({ strict: true });
    expect((await change(member(strict)[1].uuid, 2, 'root', strict)).returned).toBe(4097);
    await strict.end();
  });
});
