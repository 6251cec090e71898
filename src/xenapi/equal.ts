function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!equalValues(a[i], b[i])) return false;
  return true;
}

function equalFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let size = 0;
  for (const key in a) {
    size++;
    const other = b[key];
    if (other === undefined ? a[key] !== undefined || !(key in b) : !equalValues(a[key], other)) return false;
  }
  for (const _ in b) size--;
  return size === 0;
}

/** Whether two record values are the same: records and maps by fields, sets by items in order, NaN like itself. */
export function equalValues(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b);
  return !Array.isArray(b) && equalFields(a as Record<string, unknown>, b as Record<string, unknown>);
}

type Fields = Record<string, unknown>;

/**
 * A record's new state made of its old one's values as far as they are equal; the old state itself where all are. So
 * whoever compares the two has to look into what differs alone. Changes `after`, which nobody may have seen yet.
 */
export function sharing<T extends object>(before: object, after: T): object {
  let same = true;
  for (const key in after) {
    const value = (before as Fields)[key];
    if (!Object.is(value, after[key]) && equalValues(value, after[key])) (after as Fields)[key] = value;
    else if (!Object.is(value, after[key])) same = false;
  }
  return same && equalValues(before, after) ? before : after;
}
