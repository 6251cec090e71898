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
