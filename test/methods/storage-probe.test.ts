import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import { failEachStep, path, type Stage, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });
const discover = (parameters: Readonly<Record<string, Argument>>, user?: string) =>
  on.invoke(service, 'DiscoveriSCSITargetInfo', parameters, user);

const TargetHost = '192.0.2.101';

describe('DiscoveriSCSITargetInfo', () => {
  test('lists the targets of a server by one message that changes nothing', async () => {
    const before = on.census();
    const sent = await on.messages(async () => {
      const { returned, output } = await discover({ TargetHost });
      expect(returned).toBe(0);
      expect(output['TargetInfo']).toMatch(/<TargetIQN>iqn\.2026-01\.test\.example:spare<\/TargetIQN>/);
    });
    expect(sent).toEqual(['Async.SR.probe']);
    expect(on.census()).toEqual(before);
  });

  test('lists the units of one target', async () => {
    const { output } = await discover({ TargetHost, Port: '3260', TargetIQN: 'iqn.2026-01.test.example:spare' });
    expect(output['TargetInfo']).toMatch(/<SCSIid>36001405aaaa0002<\/SCSIid>/);
  });

  test.each<[string, Readonly<Record<string, Argument>>]>([
    ['no host', {}],
    ['a host that is none', { TargetHost: 'a b' }],
    ['a port that is none', { TargetHost, Port: '70000' }],
    ['a port in words', { TargetHost, Port: 'iscsi' }],
  ])('refuses %s', async (_what, parameters) => {
    expect((await on.refused(discover(parameters))).status).toBe('INVALID_PARAMETER');
  });

  test('a server that cannot be reached is a failure of the pool', async () => {
    const error = await on.refused(discover({ TargetHost: '192.0.2.9' }));
    expect(error.message).toContain('XenError:SR_BACKEND_FAILURE_141');
  });

  test('is refused to a role that may not ask, and leaves nothing where it fails', async () => {
    expect((await on.refused(discover({ TargetHost }, 'vm-admin'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['SR.probe'], () => discover({ TargetHost }));
  });
});
