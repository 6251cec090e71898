import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import { instant, named } from '../client.js';
import { present, run } from './command.js';

const where = 'Debian: fence-agents python3-pycurl python3-pexpect';

describe.runIf(present('fence_xenapi', ['-h'], where))('fence_xenapi of Debian', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator(instant);
  });
  afterAll(() => simulator.stop());

  const fence = (action: string, ...more: string[]) =>
    run('fence_xenapi', ['-s', `${simulator.url}/`, '-l', 'root', '-p', 'xenroot', '-o', action, ...more]);
  const state = (name: string) => simulator.db.need('VM', named(simulator, 'VM', name)).power_state;

  it('lists the machines', async () => {
    const { code, out } = await fence('list');
    expect(code).toBe(0);
    const machines = [...simulator.db.entries('VM')].filter(([, vm]) => !vm.is_a_template && !vm.is_control_domain);
    for (const [, vm] of machines) expect(out).toContain(`${vm.uuid},${vm.name_label}`);
  });

  it('switches a machine on and off, and makes it start again', async () => {
    expect((await fence('status', '-n', 'dev-01')).out).toContain('OFF');
    expect((await fence('on', '-n', 'dev-01')).out).toContain('Success: Powered ON');
    expect([state('dev-01'), (await fence('status', '-n', 'dev-01')).out]).toEqual(['Running', 'Status: ON\n']);
    expect((await fence('reboot', '-n', 'dev-01')).out).toContain('Success: Rebooted');
    expect((await fence('off', '-n', 'dev-01')).out).toContain('Success: Powered OFF');
    expect(state('dev-01')).toBe('Halted');
  }, 60_000);

  it('fails for what is not there, and with a wrong password', async () => {
    expect((await fence('status', '-n', 'nothing')).code).not.toBe(0);
    const refused = await run('fence_xenapi', ['-s', `${simulator.url}/`, '-l', 'root', '-p', 'no', '-o', 'list']);
    expect(refused.code).not.toBe(0);
  });
});
