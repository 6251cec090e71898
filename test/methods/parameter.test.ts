import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NameMap } from '../../src/cim/name.js';
import type { Argument } from '../../src/cim/operation.js';
import { readCall } from '../../src/cimxml/call-in.js';
import { defaultLimits } from '../../src/cimxml/limit.js';
import { readTree } from '../../src/cimxml/node.js';
import { cimv2, embedded, path, type Stage, settingPath, shown, stage, systemPath, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_VirtualSystemManagementService', {
  CreationClassName: 'Xen_VirtualSystemManagementService',
  Name: 'Xen Hypervisor',
  SystemCreationClassName: 'Xen_HostComputerSystem',
  SystemName: 'any',
});

const halted = () => on.machine('Halted');

/** A METHODCALL as it travels, carried out. */
async function wire(
  parameters: string,
  method = 'ModifySystemSettings',
  keys = '<KEYBINDING NAME="Name"><KEYVALUE>Xen Hypervisor</KEYVALUE></KEYBINDING>',
) {
  const target = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH><INSTANCENAME CLASSNAME="Xen_VirtualSystemManagementService">${keys}</INSTANCENAME></LOCALINSTANCEPATH>`;
  const text = `<SIMPLEREQ><METHODCALL NAME="${method}">${target}${parameters}</METHODCALL></SIMPLEREQ>`;
  const call = readCall(readTree({ text, encoding: 'utf-8' }, defaultLimits), defaultLimits);
  if (call instanceof Error) throw call.cause ?? call;
  const result = await on.execute(call as never, await on.login('root'));
  if (result.kind !== 'method') throw new Error(result.kind);
  return Number(result.returned.value);
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const instance = (uuid: string, name: string, className = 'Xen_ComputerSystemSettingData'): string =>
  `<INSTANCE CLASSNAME="${className}"><PROPERTY NAME="InstanceID" TYPE="string"><VALUE>Xen:${uuid}</VALUE></PROPERTY>` +
  `<PROPERTY NAME="ElementName" TYPE="string"><VALUE>${name}</VALUE></PROPERTY>` +
  `<PROPERTY NAME="OnPoweroff" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>`;

const given = (name: string, attributes: string, value: string): string =>
  `<PARAMVALUE NAME="${name}" ${attributes}>${value}</PARAMVALUE>`;

describe('client-compatibility 2: an embedded instance', () => {
  const forms: readonly (readonly [string, (uuid: string, name: string) => string])[] = [
    [
      'escaped, as a string that embeds',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string" EmbeddedObject="instance"',
          `<VALUE>${escaped(instance(u, n))}</VALUE>`,
        ),
    ],
    [
      'under the attribute in capitals',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string" EMBEDDEDOBJECT="instance"',
          `<VALUE>${escaped(instance(u, n))}</VALUE>`,
        ),
    ],
    [
      'as an object',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string" EmbeddedObject="object"',
          `<VALUE>${escaped(instance(u, n))}</VALUE>`,
        ),
    ],
    [
      'in CDATA',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string" EmbeddedObject="instance"',
          `<VALUE><![CDATA[${instance(u, n)}]]></VALUE>`,
        ),
    ],
    [
      'as an element, not escaped',
      (u, n) => given('SystemSettings', 'PARAMTYPE="string"', `<VALUE>${instance(u, n)}</VALUE>`),
    ],
    [
      'as a string that does not say what it is',
      (u, n) => given('SystemSettings', 'PARAMTYPE="string"', `<VALUE>${escaped(instance(u, n))}</VALUE>`),
    ],
    ['without any type', (u, n) => given('SystemSettings', '', `<VALUE>${escaped(instance(u, n))}</VALUE>`)],
    [
      'escaped twice',
      (u, n) => given('SystemSettings', 'PARAMTYPE="string"', `<VALUE>${escaped(escaped(instance(u, n)))}</VALUE>`),
    ],
    [
      'as MOF',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string"',
          `<VALUE>instance of Xen_ComputerSystemSettingData { InstanceID = "Xen:${u}"; ElementName = "${n}"; OnPoweroff = 1; };</VALUE>`,
        ),
    ],
    [
      'as MOF with a comment and a pragma before it',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string"',
          `<VALUE>// said\n#pragma locale ("en")\ninstance of xen_computersystemsettingdata { instanceid = "Xen:${u}"; ELEMENTNAME = "${n}"; };</VALUE>`,
        ),
    ],
    [
      'of a superclass that says as much',
      (u, n) =>
        given(
          'SystemSettings',
          'PARAMTYPE="string" EmbeddedObject="instance"',
          `<VALUE>${escaped(instance(u, n, 'CIM_VirtualSystemSettingData'))}</VALUE>`,
        ),
    ],
  ];

  test.each(forms)('is taken %s; what its class does not have is passed over', async (form, parameter) => {
    const [ref, { uuid }] = halted();
    expect(await wire(parameter(uuid, form))).toBe(0);
    expect(on.db.need('VM', ref).name_label).toBe(form);
  });

  test.each<[string, string]>([
    ['of a class that is not there', '<VALUE>instance of Xen_Nothing { };</VALUE>'],
    ['of another kind of class', '<VALUE>instance of Xen_MemorySettingData { };</VALUE>'],
    ['that is a class', `<VALUE>${escaped('<CLASS NAME="Xen_ComputerSystemSettingData"/>')}</VALUE>`],
    ['that is no XML', '<VALUE>&lt;INSTANCE</VALUE>'],
    ['that is no MOF', '<VALUE>instance of Xen_ComputerSystemSettingData { x }</VALUE>'],
    ['that is plain text', '<VALUE>hello</VALUE>'],
    ['that is nothing', '<VALUE></VALUE>'],
    [
      'of which there are two',
      '<VALUE>instance of Xen_ComputerSystemSettingData { }; instance of Xen_ComputerSystemSettingData { };</VALUE>',
    ],
    ['in an array', '<VALUE.ARRAY><VALUE>instance of Xen_ComputerSystemSettingData { };</VALUE></VALUE.ARRAY>'],
    ['with a value of another type', '<VALUE>instance of Xen_ComputerSystemSettingData { ElementName = 5; };</VALUE>'],
    [
      'with a property twice',
      '<VALUE>instance of Xen_ComputerSystemSettingData { ElementName = "a"; elementname = "b"; };</VALUE>',
    ],
  ])('is refused %s', async (_what, value) => {
    const error = await on.refused(wire(given('SystemSettings', 'PARAMTYPE="string"', value)));
    expect(error.status).toBe('INVALID_PARAMETER');
    expect(error.message).not.toMatch(/fault of its own/);
  });
});

describe('client-compatibility 2: arrays of embedded instances', () => {
  const memory = (uuid: string, mib: number): string =>
    `instance of Xen_MemorySettingData { InstanceID = "Xen:${uuid}/Memory"; ResourceType = "4"; VirtualQuantity = ${mib}; Limit = ${mib}; Reservation = ${mib}; AllocationUnits = "byte*2^20"; };`;

  test.each<[string, (text: string) => string]>([
    [
      'an array of texts',
      (text) => given('ResourceSettings', 'PARAMTYPE="string"', `<VALUE.ARRAY><VALUE>${text}</VALUE></VALUE.ARRAY>`),
    ],
    [
      'one text where an array is declared',
      (text) => given('ResourceSettings', 'PARAMTYPE="string"', `<VALUE>${text}</VALUE>`),
    ],
    [
      'an array without a type, with a NULL in it',
      (text) => given('ResourceSettings', '', `<VALUE.ARRAY><VALUE.NULL/><VALUE>${text}</VALUE></VALUE.ARRAY>`),
    ],
  ])('%s', async (_form, parameter) => {
    const [ref, { uuid, memory_static_max }] = halted();
    const mib = Number(memory_static_max >> 20n) + 4;
    expect(await wire(parameter(memory(uuid, mib)), 'ModifyResourceSettings')).toBe(0);
    expect(on.db.need('VM', ref).memory_static_max).toBe(BigInt(mib) << 20n);
  });

  test('a reference in the place of settings means the settings as they are', async () => {
    const [, { uuid }] = halted();
    const answer = await on.invoke(service, 'ModifyResourceSettings', {
      ResourceSettings: [path('Xen_MemorySettingData', { InstanceID: `Xen:${uuid}/Memory` })],
    });
    expect(answer.returned).toBe(0);
  });
});

describe('client-compatibility 2: references', () => {
  const find = (System: Argument) => on.invoke(service, 'FindPossibleHostsToRunOn', { System });

  test.each<[string, (uuid: string) => Argument]>([
    ['its path', systemPath],
    ['a path with the identifying key alone', (uuid) => path('Xen_ComputerSystem', { Name: uuid })],
    ['a path of another class', (uuid) => path('CIM_Nothing', { name: uuid })],
    [
      'a path with keys that are wrong',
      (uuid) => path('Xen_ComputerSystem', { CreationClassName: 'x', Name: uuid, SystemName: 'y' }),
    ],
    ['the path of its settings', (uuid) => settingPath(uuid)],
    ['a WBEM URI', (uuid) => `root/cimv2:Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${uuid}"`],
    ['a WBEM URI with a host', (uuid) => `//host:5988/root/cimv2:Xen_ComputerSystem.Name="${uuid}"`],
    ['a WBEM URI without quotes', (uuid) => `Xen_ComputerSystem.Name=${uuid}`],
    ['an InstanceID', (uuid) => `Xen:${uuid}`],
    ['a uuid', (uuid) => uuid],
    ['a uuid in capitals, with spaces around it', (uuid) => ` ${uuid.toUpperCase()} `],
  ])('%s names the system', async (_form, reference) => {
    expect((await find(reference(halted()[1].uuid))).returned).toBe(0);
  });

  test.each<[string, Argument]>([
    ['an array', [systemPath('x')]],
    ['an embedded instance', embedded('Xen_ComputerSystem', { Name: 'x' })],
    ['the path of a class', { kind: 'classPath', className: 'Xen_ComputerSystem' }],
    ['a path that cannot be read', 'Xen_ComputerSystem.Name="x'],
    ['an empty text', ''],
  ])('%s is refused', async (_form, reference) => {
    expect((await on.refused(find(reference))).status).toBe('INVALID_PARAMETER');
  });
});

describe('client-compatibility 2: the instance that a method is called on', () => {
  const change = (keys: Readonly<Record<string, string>>) =>
    on.invoke(path('Xen_ComputerSystem', keys), 'RequestStateChange', { RequestedState: '2' });

  test('is named by its identifying key alone; one that is not there is not found', async () => {
    expect((await change({ Name: halted()[1].uuid })).returned).toBe(4096);
    const error = await on.refused(change({ Name: 'none' }));
    expect([error.status, error.message]).toEqual([
      'NOT_FOUND',
      'there is no instance Xen_ComputerSystem.Name="none" in root/cimv2',
    ]);
  });

  test('cannot be told from keys that say nothing of it, or that the class does not have', async () => {
    for (const keys of [{ CreationClassName: 'Xen_ComputerSystem' }, { Name: 'none', Colour: 'x', More: 'y' }])
      expect((await on.refused(change(keys))).status, JSON.stringify(keys)).toBe('INVALID_PARAMETER');
  });
});

describe('parameters as the method declares them', () => {
  test('NULL is as good as left out, also of what only comes out', async () => {
    const [, { uuid }] = halted();
    const system = given('System', '', `<VALUE>${uuid}</VALUE>`);
    const parameters = `${system}<PARAMVALUE NAME="PossibleHosts"/><PARAMVALUE NAME="job"/>`;
    expect(await wire(parameters, 'FindPossibleHostsToRunOn')).toBe(0);
  });

  test.each<[string, Readonly<Record<string, Argument>>, RegExp]>([
    ['unknown', { Systen: 'x' }, /has no parameter Systen; it takes System/],
    ['one that only comes out', { PossibleHosts: ['x'] }, /only gives PossibleHosts/],
  ])('%s is refused', async (_what, parameters, message) => {
    const error = await on.refused(on.invoke(service, 'FindPossibleHostsToRunOn', parameters));
    expect([error.status, error.message]).toEqual(['INVALID_PARAMETER', expect.stringMatching(message)]);
  });

  test('numbers come as text, in any notation of the integers', async () => {
    const [, { uuid }] = on.machine('Running');
    for (const state of ['2', ' 2 ', '0x2', '+2']) {
      const answer = await on.invoke(systemPath(uuid), 'RequestStateChange', { RequestedState: state });
      expect(shown(await on.job(answer), 'ErrorCode')).toBe(4097);
    }
  });
});

describe('DSP0200 5.4.5: what a method is called on', () => {
  const invoke = (target: Parameters<Stage['invoke']>[0], name = 'FindPossibleHostsToRunOn') =>
    on.invoke(target, name, { System: halted()[1].uuid });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['its name alone', { Name: 'Xen Hypervisor' }],
    [
      'a name that it once had',
      {
        Name: 'Xen Something',
        SystemName: 'host1',
        SystemCreationClassName: 'CIM_ComputerSystem',
        CreationClassName: 'x',
      },
    ],
  ])('a service is found by %s', async (_what, keys) => {
    expect((await invoke(path('Xen_VirtualSystemManagementService', keys))).returned).toBe(0);
  });

  test('a system is found by its name alone', async () => {
    const [, { uuid }] = on.machine('Running');
    const answer = await on.invoke(path('xen_computersystem', { Name: uuid }), 'RequestStateChange', {
      RequestedState: '2',
    });
    expect(uuidIn(answer.output['Job'])).not.toBe('');
  });

  test.each<[string, Parameters<Stage['invoke']>[0], string, string]>([
    ['a class that is not there', path('Xen_Nothing', { Name: 'x' }), 'Any', 'NOT_FOUND'],
    ['a method that the class does not declare', service, 'Any', 'METHOD_NOT_FOUND'],
    ['a method that nobody carries out', service, 'ChangeAffectedElementsAssignedSequence', 'METHOD_NOT_AVAILABLE'],
    ['a system that is not there', systemPath('none'), 'RequestStateChange', 'NOT_FOUND'],
    ['an abstract class', path('CIM_ComputerSystem', { Name: 'x' }), 'RequestStateChange', 'METHOD_NOT_AVAILABLE'],
  ])('%s is refused', async (_what, target, name, status) => {
    expect((await on.refused(on.invoke(target, name, {}))).status).toBe(status);
  });

  test('a class in the place of an instance is refused: no method is static', async () => {
    const call = {
      kind: 'extrinsic' as const,
      name: 'FindPossibleHostsToRunOn',
      namespace: cimv2,
      parameters: new NameMap<never>(),
    };
    const target = { kind: 'classPath' as const, className: 'Xen_VirtualSystemManagementService' };
    const error = await on.refused(on.execute({ ...call, target }, await on.login('root')));
    expect([error.status, error.message]).toEqual([
      'INVALID_PARAMETER',
      expect.stringMatching(/is a method of instances/),
    ]);
  });
});
