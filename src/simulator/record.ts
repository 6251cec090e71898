import type { Records, RemoteClass } from '../xenapi/records.js';
import { fieldTables } from './catalogue.js';
import { XenApiFailure } from './failure.js';
import type { AnyRecord } from './type.js';

const initials = new Map<string, AnyRecord>();

function initialOf(of: RemoteClass): AnyRecord {
  const known = initials.get(of);
  if (known !== undefined) return known;
  const record = Object.fromEntries([...(fieldTables.get(of)?.values() ?? [])].map((f) => [f.name, f.initial]));
  initials.set(of, record);
  return record;
}

/** A whole record: the given fields, and the data model's defaults, or nothing, in all others. */
export const blank = <C extends RemoteClass>(of: C, given: Partial<Records[C]>): AnyRecord => ({
  ...initialOf(of),
  ...given,
});

/**
 * The record that a constructor makes: fields that it may set, from what was given; defaults where there are any;
 * a field that has none and is absent is INTERNAL_ERROR; fields that only the pool writes are ignored (facts 1.5).
 */
export function construct(of: RemoteClass, given: AnyRecord): AnyRecord {
  const made: Record<string, unknown> = { ...initialOf(of) };
  for (const field of fieldTables.get(of)?.values() ?? []) {
    if (!field.constructed) continue;
    if (Object.hasOwn(given, field.name)) made[field.name] = given[field.name];
    else if (!field.optional)
      throw new XenApiFailure(
        'INTERNAL_ERROR',
        `Unmarshalling failed: wanted field ${field.name} of a ${of} record, got none`,
      );
  }
  return made;
}
