import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServerStage, startServer } from '../server-stage.js';
import { type Answer, count, pywbem, send, value } from './message.js';

/* Queries as the scripts of the predecessor's users send them (facts: client-compatibility, 1). */

let stage: ServerStage;
beforeAll(async () => {
  stage = await startServer();
});
afterAll(() => stage?.end());

const query = (text: string, language = 'WQL'): Promise<Answer> =>
  send(stage.port, pywbem('ExecQuery', value('QueryLanguage', language) + value('Query', text)));

const objects = async (text: string, language?: string): Promise<readonly string[]> => {
  const { content, error } = await query(text, language);
  expect(error).toBeUndefined();
  return content.split('<VALUE.OBJECTWITHPATH>').slice(1);
};

const propertyOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<PROPERTY NAME="${name}" TYPE="\\w+"><VALUE>([^<]*)`).exec(xml)?.[1];

describe('ExecQuery (DSP0200 5.4.2.13)', () => {
  test('SELECT * FROM a class by its name: a full path and every property, NULL ones too', async () => {
    const all = await objects('SELECT * FROM Xen_ComputerSystem');
    expect(all.length).toBeGreaterThan(20);
    const name = propertyOf(all[3]!, 'ElementName')!.replaceAll('&apos;', "'").replaceAll('&quot;', '\\"');
    const found = await objects(
      `SELECT * FROM Xen_ComputerSystem WHERE ElementName = "${name.replaceAll('&amp;', '&')}"`,
    );
    expect(found.map((one) => propertyOf(one, 'Name'))).toContain(propertyOf(all[3]!, 'Name'));
    expect(found[0]).toContain(`<INSTANCEPATH><NAMESPACEPATH><HOST>127.0.0.1:${stage.port}</HOST>`);
    expect(count(found[0]!.replaceAll(/<PROPERTY(\.\w+)? /g, '<P>'), 'P')).toBeGreaterThan(20);
  });

  test('a superclass, the RASDs of one machine by LIKE', async () => {
    const [machine] = await objects('SELECT * FROM Xen_ComputerSystem');
    const uuid = propertyOf(machine!, 'Name');
    const rasds = await objects(`SELECT * FROM CIM_ResourceAllocationSettingData WHERE InstanceID LIKE "%${uuid}%"`);
    expect(rasds.length).toBeGreaterThan(2);
    for (const rasd of rasds) expect(propertyOf(rasd, 'InstanceID')).toContain(uuid);
    const one = propertyOf(rasds[0]!, 'InstanceID')!;
    const by = `select InstanceID, ElementName from CIM_ResourceAllocationSettingData where InstanceID = "${one}" and ResourceType > 0`;
    const [only, ...more] = await objects(by);
    expect(more).toEqual([]);
    expect(only!.match(/<PROPERTY NAME="/g)).toHaveLength(2);
    expect(
      await objects(`SELECT * FROM CIM_ResourceAllocationSettingData WHERE InstanceID like "Xen:${uuid}/%"`),
    ).toEqual(rasds);
  });

  test('the instances of one system by SystemName; of one state by a number', async () => {
    const [machine] = await objects('SELECT * FROM Xen_ComputerSystem WHERE EnabledState = 2');
    const uuid = propertyOf(machine!, 'Name');
    const devices = await objects(`SELECT * FROM CIM_LogicalDevice WHERE SystemName = "${uuid}"`);
    expect(devices.length).toBeGreaterThan(2);
    for (const device of devices) expect(propertyOf(device, 'SystemName')).toBe(uuid);
  });

  test('DMTF:CQL with another name for the objects', async () => {
    const found = await objects(
      "SELECT s.Name FROM CIM_ComputerSystem s WHERE s.EnabledState = #'Enabled'",
      'DMTF:CQL',
    );
    expect(found.length).toBeGreaterThan(1);
  });

  test('what is wrong has its code, and says where and why', async () => {
    const wrong = async (text: string, language?: string) => (await query(text, language)).error;
    expect(await wrong('SELECT * FROM Xen_ComputerSystem WHERE Colour = 1')).toEqual({
      code: 15,
      description: 'at character 40 of the query: Xen_ComputerSystem has not the property Colour',
    });
    expect((await wrong('SELECT * FROM Xen_ComputerSystem WHERE Name = x-1'))?.description).toContain(
      'AND, OR or the end',
    );
    expect((await wrong('SELECT * FROM Xen_Misspelt'))?.code).toBe(15);
    expect((await wrong('anything', 'Cypher'))?.code).toBe(14);
  });
});

describe('what is supported is told (DSP0200 7.5)', () => {
  test('by OPTIONS', async () => {
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: stage.port, method: 'OPTIONS', path: '/cimom' }, (response) => {
        response.resume();
        resolve(response.headers);
      });
      asked.on('error', reject);
      asked.end();
    });
    const header = (name: string) => Object.entries(headers).find(([key]) => key.endsWith(name))?.[1];
    for (const group of ['pulled-read', 'pulled-read-count', 'pulled-query-execution', 'query-execution']) {
      expect(String(header('cimsupportedfunctionalgroups')).split(', ')).toContain(group);
    }
    expect(header('cimsupportedquerylanguages')).toBe('WQL, DMTF:CQL');
  });

  test('by the communication mechanism in root/interop', async () => {
    const ofClass = '<CLASSNAME NAME="CIM_ObjectManagerCommunicationMechanism"/>';
    const parameters = `<IPARAMVALUE NAME="ClassName">${ofClass}</IPARAMVALUE>`;
    const { content } = await send(stage.port, pywbem('EnumerateInstances', parameters, 'root/interop'));
    const [, codes] = /NAME="FunctionalProfilesSupported"[^>]*><VALUE.ARRAY>(.*?)<\/VALUE.ARRAY>/.exec(content)!;
    for (const code of [2, 6, 7, 10, 11, 12]) expect(codes).toContain(`<VALUE>${code}</VALUE>`);
  });
});
