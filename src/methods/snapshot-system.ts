import { type Input, invalid, missing } from './input.js';
import type { Referred } from './reference.js';

/** The machine that a parameter of the snapshot service refers to, which is neither a snapshot nor a template. */
export function systemOf(input: Input, name: string): Referred<'VM'> {
  const { ref, record } = input.refer(name, 'VM') ?? missing(name, 'a reference to a virtual system');
  if (!record.is_a_snapshot && !record.is_a_template) return { ref, record };
  return invalid(`${name}: ${record.name_label} is a ${record.is_a_snapshot ? 'snapshot' : 'template'}, not a system`);
}
