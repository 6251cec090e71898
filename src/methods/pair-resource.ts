import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import { secretKeys } from '../xenapi/secret.js';
import type { View } from '../xenapi/view.js';
import { invalid } from './input.js';
import { textIn } from './instance.js';
import { type Face, face } from './method.js';
import { resolve } from './reference.js';
import type { Existing, Machine, ResourceKind } from './resource.js';
import type { Steps } from './steps.js';

/** The folder of the xenstore that a machine reads (XenAPI VM.xenstore_data). */
const folder = 'vm-data/';

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** A key has 1 to 256 characters, a value 1 to 40,000, as it was with the predecessor. */
function pairOf(settings: CimInstance, known?: string): Pair {
  const key = textIn(settings, 'Key') ?? known ?? invalid('a key and value want a Key');
  const value = textIn(settings, 'Value') ?? invalid(`the key ${key.slice(0, 60)} wants a Value`);
  if (key.length < 1 || key.length > 256) invalid(`a key has 1 to 256 characters, not ${key.length}`);
  if (value.length < 1 || value.length > 40_000) invalid(`a value has 1 to 40000 characters, not ${value.length}`);
  return { key, value };
}

/** The value that the key has now, which records may hide. */
async function valueNow(steps: Steps, vm: string, key: string): Promise<string | undefined> {
  const all = (await steps.ask('VM.get_xenstore_data', vm)) as Readonly<Record<string, unknown>>;
  return Object.hasOwn(all, folder + key) ? String(all[folder + key]) : undefined;
}

const isSecret = secretKeys('VM', 'xenstore_data');

async function takeKey(steps: Steps, vm: string, key: string, before: string): Promise<void> {
  await steps.call('VM.remove_from_xenstore_data', vm, folder + key);
  const back = [`the value of ${key}`, 'VM.add_to_xenstore_data', vm, folder + key, before] as const;
  if (isSecret(folder + key)) steps.undoSecret(...back);
  else steps.undo(...back);
}

async function put(steps: Steps, { ref }: Pick<Machine, 'ref'>, { key, value }: Pair): Promise<Face> {
  const before = await valueNow(steps, ref, key);
  if (before !== undefined) await takeKey(steps, ref, key, before);
  await steps.call('VM.add_to_xenstore_data', ref, folder + key, value);
  steps.undo(`the key ${key}`, 'VM.remove_from_xenstore_data', ref, folder + key);
  return face('Xen_KVPSettingData', ref, key);
}

/** A key is what stands behind the first slash of `Xen:<uuid>/<key>`; it may hold more of them. */
function find(view: View, path: InstancePath): Existing | undefined {
  for (const { value } of path.keys) {
    const [, uuid, key] = /^Xen:([^/]+)\/(.+)$/s.exec(String(value)) ?? [];
    const machine =
      uuid === undefined
        ? undefined
        : resolve(view, 'VM', { ...path, keys: [{ name: '', type: 'string', value: uuid }] });
    if (machine && Object.hasOwn(machine.record.xenstore_data, folder + key)) {
      return { machine, ref: machine.ref, part: key! };
    }
  }
  return undefined;
}

const writes = ['VM.add_to_xenstore_data'];

export const pairResource: ResourceKind = {
  add: (settings) => {
    const pair = pairOf(settings);
    return { needs: writes, tasks: 0, apply: (steps, machine) => put(steps, machine, pair) };
  },
  find,
  modify: (settings, { machine, part }) => {
    const pair = pairOf(settings, part);
    return { needs: writes, tasks: 0, apply: (steps) => put(steps, machine, pair) };
  },
  remove: ({ machine, part }: Existing) => ({
    needs: ['VM.remove_from_xenstore_data'],
    tasks: 0,
    apply: async (steps) => {
      const before = await valueNow(steps, machine.ref, part!);
      if (before !== undefined) await takeKey(steps, machine.ref, part!, before);
      return undefined;
    },
  }),
};
