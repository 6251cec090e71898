import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { bridgeTag } from './steps.js';
import { machineCompound, type UndoStep } from './undo.js';

/** The classes of what methods make, and how one of each is taken away; what hangs on others comes last. */
const removals: readonly (readonly [of: XenClass, message: string])[] = [
  ['VDI', 'VDI.destroy'],
  ['network', 'network.destroy'],
  ['VM', machineCompound],
  ['VIF', 'VIF.destroy'],
  ['VBD', 'VBD.destroy'],
  ['PBD', 'PBD.destroy'],
];

interface Tagged {
  readonly uuid: string;
  readonly name_label?: string;
  readonly other_config: Readonly<Record<string, string>>;
  readonly is_a_snapshot?: boolean;
}

/**
 * What carries the tag of a job and is not among the things that it knows how to undo: made, but its making was never
 * reported. In the order in which it was likely made, so that undoing goes the other way.
 */
export function strays(view: View, job: string, known: readonly UndoStep[]): readonly UndoStep[] {
  const refs = new Set(known.map(({ args }) => String(args[0])));
  const found: UndoStep[] = [];
  for (const [of, message] of removals) {
    for (const ref of view.refs(of)) {
      if (refs.has(ref)) continue;
      const record = view.get(of, ref) as unknown as Tagged;
      if (record.other_config[bridgeTag] !== job || record.is_a_snapshot) continue;
      found.push({ what: `the ${of} ${record.name_label ?? ''} (${record.uuid})`, message, args: [ref] });
    }
  }
  return found;
}
