import { describe, expect, test } from 'vitest';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const consoles = demo.records('console');
const vmOf = ({ VM }: (typeof consoles)[number]) => demo.store.get('VM', VM)!;
const screen = consoles.find((one) => one.protocol === 'rfb' && vmOf(one).name_label === 'legacy-pv')!;
const terminal = consoles.find((one) => one.protocol === 'vt100')!;
const deviceOf = (one: typeof screen) => `Xen:${vmOf(one).uuid}/${one.uuid}`;
const shown = (one: typeof screen) => demo.show(demo.one('Xen_Console', 'DeviceID', deviceOf(one)));
const setting = (one: typeof screen) => demo.show(demo.one('Xen_ConsoleSettingData', 'InstanceID', deviceOf(one)));

describe('Xen_Console', () => {
  test('is one for each console, with the keys of a device of its machine', () => {
    expect(demo.all('Xen_Console')).toHaveLength(consoles.length);
    const vm = vmOf(screen);
    expect(shown(screen)).toMatchObject({
      SystemCreationClassName: 'Xen_ComputerSystem',
      SystemName: vm.uuid,
      CreationClassName: 'Xen_Console',
      Name: vm.name_label,
      Caption: 'Console for Xen Domain',
      Description: vm.name_description,
      HealthState: 5,
      OperationalStatus: [2],
      Status: 'OK',
      EnabledState: 2,
    });
  });

  test('is tied to its machine, to its settings and to where it is reached', () => {
    const one = demo.one('Xen_Console', 'DeviceID', deviceOf(screen));
    expect(demo.tied(one, 'Xen_ComputerSystemConsole')).toEqual([`Xen_ComputerSystem ${vmOf(screen).uuid}`]);
    expect(demo.tied(one, 'Xen_ConsoleSettingsDefineState')).toEqual([`Xen_ConsoleSettingData ${deviceOf(screen)}`]);
    expect(demo.tied(one, 'Xen_ConsoleSAPImplementation')).toEqual([`Xen_KVMRedirectionSAP ${screen.uuid}`]);
  });

  test('follows the state of its machine and of its address', () => {
    demo.change('console', screen.uuid, { location: '' });
    expect(shown(screen)).toMatchObject({ EnabledState: 6, Status: 'Starting' });
    expect(setting(screen)['URI']).toBeNull();
    demo.change('console', screen.uuid, { location: screen.location });
    demo.change('VM', vmOf(screen).uuid, { power_state: 'Halted' });
    expect(shown(screen)).toMatchObject({ EnabledState: 3, OperationalStatus: [10] });
    demo.change('VM', vmOf(screen).uuid, { power_state: 'Running' });
    expect(shown(screen)['EnabledState']).toBe(2);
  });
});

describe('Xen_ConsoleSettingData', () => {
  test('says what the console speaks, and where', () => {
    expect(setting(screen)).toMatchObject({ Protocol: 1, URI: screen.location, ResourceType: 24, VirtualQuantity: 1n });
    expect(setting(terminal)).toMatchObject({ Protocol: 0, URI: terminal.location });
  });

  test('is part of the configuration of its machine', () => {
    const one = demo.one('Xen_ConsoleSettingData', 'InstanceID', deviceOf(screen));
    expect(demo.tied(one, 'Xen_ConsoleSettingDataComponent')).toEqual([
      `Xen_ComputerSystemSettingData Xen:${vmOf(screen).uuid}`,
    ]);
  });
});

describe('access to consoles (DSP1076, DSP1024)', () => {
  test('is one for a screen and another for a terminal', () => {
    const count = (protocol: string) => consoles.filter((one) => one.protocol === protocol).length;
    expect(demo.list('Xen_KVMRedirectionSAP').map(({ KVMProtocol }) => KVMProtocol)).toEqual(
      Array(count('rfb')).fill(4),
    );
    expect(demo.list('Xen_TextRedirectionSAP').map(({ TextFlowType }) => TextFlowType)).toEqual(
      Array(count('vt100')).fill(3),
    );
  });

  test('leads to the machine and to the service of the host where it runs', () => {
    const access = demo.one('Xen_TextRedirectionSAP', 'Name', terminal.uuid);
    const vm = vmOf(terminal);
    const host = demo.store.get('host', vm.resident_on)!;
    expect(demo.tied(access, 'Xen_HostedConsoleAccessPoint')).toEqual([`Xen_ComputerSystem ${vm.uuid}`]);
    expect(demo.tied(access, 'Xen_ConsoleSAPAvailableForSystem')).toEqual([`Xen_ComputerSystem ${vm.uuid}`]);
    const [service, ...more] = [
      ...demo.engine.ties('root/cimv2', access, { association: (name) => name === 'Xen_ConsoleServiceAccessBySAP' }),
    ];
    expect(more).toEqual([]);
    expect(demo.show(service!.other as never)).toMatchObject({
      SystemName: host.uuid,
      RedirectionServiceType: [2, 3],
      SharingMode: 3,
      EnabledState: 2,
    });
    const affected = demo.tied(service!.other as never, 'Xen_ConsoleRedirectionServiceAffectsElement');
    expect(affected).toContain(`Xen_ComputerSystem ${vm.uuid}`);
    expect(affected).toContain(`Xen_Console ${deviceOf(terminal)}`);
    const elsewhere = demo
      .records('VM')
      .find(({ resident_on, power_state }) => power_state === 'Running' && resident_on !== vm.resident_on)!;
    expect(affected).not.toContain(`Xen_ComputerSystem ${elsewhere.uuid}`);
  });
});
