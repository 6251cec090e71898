import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import { rows } from '../../src/mapping/index.js';
import { classMessages } from '../../src/simulator/messages.generated.js';
import { embedded, type Plain, type Stage, shown, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const first = async (className: string): Promise<CimInstance> => (await on.list(className))[0]!;

const modify = (of: CimInstance, values: Readonly<Record<string, Plain>>, user = 'root') =>
  on.ask('ModifyInstance', { ModifiedInstance: { ...embedded(of.shape.className, values), path: of.path! } }, user);

const withSetters = rows.elements.filter(({ setters }) => setters !== undefined);

test('every setter of a row is a message of XenAPI, for a property that the row has', () => {
  for (const { cim, of, setters, properties } of withSetters) {
    for (const [name, setter] of Object.entries(setters ?? {})) {
      expect(Object.keys(properties), `${cim}.${name}`).toContain(name);
      const { fields = {}, messages = {} } = classMessages[String(of)]!;
      const field = typeof setter === 'string' ? setter.slice('set_'.length) : setter.map;
      const settable = fields[field]?.startsWith('RW') || Object.hasOwn(messages, `set_${field}`);
      expect(settable, `${cim}.${name}: ${of}.${field}`).toBe(true);
    }
  }
});

describe('ModifyInstance by the setters of rows', () => {
  test.each<[string, Readonly<Record<string, Plain>>, readonly string[], string]>([
    [
      'Xen_StoragePool',
      { Name: 'renamed', Description: 'said' },
      ['SR.set_name_description', 'SR.set_name_label'],
      'vm-admin',
    ],
    ['Xen_NetworkConnectionPool', { Name: 'renamed' }, ['network.set_name_label'], 'vm-operator'],
    [
      'Xen_ComputerSystemSnapshot',
      { ElementName: 'renamed', Description: 'said' },
      ['VM.set_name_description', 'VM.set_name_label'],
      'vm-operator',
    ],
    ['Xen_HostComputerSystem', { ElementName: 'renamed' }, ['host.set_name_label'], 'vm-admin'],
    [
      'Xen_ComputerSystemAvailabilitySettingData',
      { StartOrder: '3', StartDelay: '5', ShutdownDelay: '7' },
      ['VM.set_order', 'VM.set_shutdown_delay', 'VM.set_start_delay'],
      'vm-admin',
    ],
    ['Xen_HostPoolAvailabilitySettingData', { AllowOvercommit: true }, ['pool.set_ha_allow_overcommit'], 'vm-admin'],
    [
      'Xen_Appliance',
      { ElementName: 'renamed', Description: 'said' },
      ['VM_appliance.set_name_description', 'VM_appliance.set_name_label'],
      'vm-operator',
    ],
  ])('%s, each by one message; the next read sees it', async (className, values, sent, denied) => {
    const one = await first(className);
    expect((await on.refused(modify(one, values, 'reader'))).status).toBe('ACCESS_DENIED');
    expect((await on.refused(modify(one, values, denied))).status).toBe('ACCESS_DENIED');
    expect(await on.messages(() => modify(one, values))).toEqual(sent);
    const now = await on.get(one.path!);
    for (const [name, value] of Object.entries(values)) expect(String(shown(now, name))).toBe(String(value));
  });

  test('the restart priority is one of its labels; what is unknown is not written', async () => {
    const one = await first('Xen_ComputerSystemAvailabilitySettingData');
    const name = 'RestartPriority';
    const [restart, none] = [4, 2].map((code) => () => modify(one, { [name]: String(code) }));
    await none!();
    expect(shown(await on.get(one.path!), name)).toBe(2);
    expect(await on.messages(restart!)).toEqual(['VM.set_ha_restart_priority']);
    expect(shown(await on.get(one.path!), name)).toBe(4);
    expect((await on.refused(modify(one, { [name]: '0' }))).status).toBe('INVALID_PARAMETER');
  });
});
