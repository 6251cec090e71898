import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, connect } from './client.js';
import { shownBy } from './walk.js';

/** What general clients do first of all, before they know anything of the server. */

let client: Client;
beforeAll(async () => {
  client = await connect();
});
afterAll(() => client?.end());

/** The names that clients try for the interop namespace, one after the other (DSP1033 1.1). */
const tried = ['interop', 'root/interop', 'root/PG_InterOp'];

describe('discovery', () => {
  test('the interop namespace answers under each of its names, and a namespace that is not there is refused', async () => {
    for (const name of tried) expect(await client.enumerate(name, 'CIM_Namespace')).not.toEqual([]);
    const parameters = '<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="CIM_Namespace"/></IPARAMVALUE>';
    expect(await client.refusal('root/nowhere', 'EnumerateInstanceNames', parameters)).toMatchObject({ code: 3 });
    expect(await client.refusal('root/cimv2', 'EnumerateInstanceNames', parameters)).toBeUndefined();
  });

  test.each(tried)(
    '%s lists itself, under the name that was asked, and the namespace of the elements',
    async (name) => {
      const listed = (await client.enumerate(name, 'CIM_Namespace')).map((one) => shownBy(one, 'Name'));
      expect(listed).toEqual(['root/cimv2', name]);
    },
  );

  test('the object manager tells what the server is, and how it is reached', async () => {
    const [manager, ...more] = await client.enumerate('root/interop', 'CIM_ObjectManager');
    expect(more).toEqual([]);
    expect(Object.fromEntries(manager!.values)).toMatchObject({
      elementname: 'xen-cim-bridge',
      description: expect.stringMatching(/^xen-cim-bridge Version \S+$/),
      enabledstate: '2',
      started: 'TRUE',
    });
    const ways = await client.associators(manager!, { AssocClass: 'CIM_CommMechanismForManager' });
    expect(ways.map(({ className }) => className)).toEqual(['Xen_CIMXMLCommunicationMechanism']);
    const namespaces = await client.associators(manager!, { AssocClass: 'CIM_NamespaceInManager' });
    expect(namespaces.map((one) => shownBy(one, 'Name'))).toEqual(['root/cimv2', 'root/interop']);
    const [host] = await client.associators(manager!, { AssocClass: 'CIM_HostedService', ResultClass: 'CIM_System' });
    expect(shownBy(host!, 'Dedicated')).toEqual(['14']);
  });

  test('asked under an alias, paths speak of the alias', async () => {
    const [profile] = await client.enumerate('interop', 'CIM_RegisteredProfile');
    const others = await client.associators(profile!, { AssocClass: 'CIM_ReferencedProfile' });
    expect(new Set(others.map(({ namespace }) => namespace))).toEqual(new Set(['interop']));
    const elements = await client.associators(profile!, { AssocClass: 'CIM_ElementConformsToProfile' });
    expect(elements.every(({ namespace }) => namespace === 'interop' || namespace === 'root/cimv2')).toBe(true);
  });

  test('GetCentralInstances is carried out, and what no class declares is refused (DSP1033 1.1)', async () => {
    const [profile] = await client.enumerate('root/interop', 'CIM_RegisteredProfile');
    expect(await client.methodRefusal(profile!, 'GetCentralInstances')).toBeUndefined();
    expect(await client.methodRefusal(profile!, 'GetPeripheralInstances')).toMatchObject({ code: 17 });
  });

  test('the profiles of earlier providers answer in root/cimv2, each with its elements', async () => {
    const old = await client.enumerate('root/cimv2', 'CIM_RegisteredProfile');
    expect(old.map((one) => shownBy(one, 'InstanceID')).sort()).toEqual([
      'Xen:EthernetPortResourceVirtualizationProfile',
      'Xen:GenericDeviceAllocationProfile',
      'Xen:MemoryAllocationProfile',
      'Xen:ProcessorAllocationProfile',
      'Xen:StorageResourceVirtualizationProfile',
      'Xen:SystemVirtualizationProfile',
      'Xen:VirtualSystemProfile',
    ]);
    for (const profile of old) {
      const id = shownBy(profile, 'InstanceID');
      const elements = await client.associators(profile, { AssocClass: 'CIM_ElementConformsToProfile' });
      if (id === 'Xen:GenericDeviceAllocationProfile') expect(elements).toEqual([]);
      else expect(elements, String(id)).not.toEqual([]);
    }
  });
});
