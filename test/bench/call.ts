import { callXml, ofClass } from '../intrinsic-call.js';
import { downloadText, instanceName } from './client.js';

/** What the measurements ask for. */
export const machineClass = 'Xen_ComputerSystem';

export const enumerationOf = (className: string): string => callXml('EnumerateInstances', ofClass(className));

export const namesOf = (className: string): string => callXml('EnumerateInstanceNames', ofClass(className));

export const machine = (uuid: string): string => callXml('GetInstance', instanceName(uuid));

/** Where an instance of an enumeration begins. */
export const instanceMark = '<VALUE.NAMEDINSTANCE>';

/** The uuids of all Xen_ComputerSystem. */
export async function machineUuids(url: URL): Promise<readonly string[]> {
  const answer = await downloadText(url, namesOf(machineClass));
  const uuids = [...answer.matchAll(/<KEYBINDING NAME="Name"><KEYVALUE[^>]*>([^<]+)</g)].map(([, uuid]) => uuid!);
  if (uuids.length === 0) throw new Error(`wanted names of ${machineClass}, got ${answer.slice(0, 600)}`);
  return uuids;
}
