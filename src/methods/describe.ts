import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';

/** What people call the objects of a class, and its name there. */
const named: Readonly<Partial<Record<XenClass, string>>> = {
  VM: 'machine',
  VDI: 'image',
  SR: 'repository',
  network: 'network',
  host: 'host',
  pool: 'pool',
  VBD: 'disk device',
  VIF: 'network port',
  PIF: 'port',
  PBD: 'connection of a repository',
  task: 'task',
};

const classes = Object.keys(named) as XenClass[];

/** What stands behind a reference, in words for a person: `the machine web01 (uuid)`. */
export const describing =
  (view: View) =>
  (ref: string): string | undefined => {
    for (const of of classes) {
      const record = view.get(of, ref) as { readonly uuid: string; readonly name_label?: string } | undefined;
      if (!record) continue;
      const { uuid, name_label: name = '' } = record;
      return `the ${named[of]}${name === '' ? '' : ` ${name}`} (${uuid})`;
    }
    return undefined;
  };
