/** One of the Values of the property it is given to; the schema turns it into the number of its ValueMap. */
export interface Label {
  readonly label: string;
}

const interned = new Map<string, Label>();

/** The label as a value: one object a text, so that it can be looked up by identity. */
export function label(text: string): Label {
  const found = interned.get(text) ?? Object.freeze({ label: text });
  interned.set(text, found);
  return found;
}

export const isLabel = (value: unknown): value is Label =>
  typeof value === 'object' && value !== null && 'label' in value;

type Single = string | number | bigint | boolean | Label | null | undefined;

/**
 * What a row may give for a property. The MOF's type decides what becomes of it: numbers are widened or refused as
 * NULL when out of range, XenAPI dates become CIM datetimes (1970 is NULL), maps become `key=value` arrays.
 */
export type Given = Single | readonly Single[] | Readonly<Record<string, string>>;

/** A mapping between a XenAPI value and what the CIM property shows. Without `write` the property is read-only. */
export interface Codec<X> {
  readonly read: (value: X) => Given;
  readonly write?: (value: Given) => X;
  /** The labels that `read` can give, for the check against the MOF. */
  readonly labels?: readonly string[];
}

/** A closed table from a XenAPI enumeration to labels; the compiler refuses an incomplete one. A member unknown here is NULL. */
export function labels<X extends string>(table: Readonly<Record<X, string>>): Codec<X> {
  const read = new Map(Object.entries<string>(table).map(([value, text]) => [value, label(text)]));
  return { read: (value) => read.get(value) ?? null, labels: Object.values(table) };
}

/** A size in bytes as blocks of `size`, the last one counted whole. */
export const blocks = (size: bigint): Codec<bigint> => ({
  read: (bytes) => (bytes + size - 1n) / size,
  write: (count) => BigInt(count as bigint) * size,
});

/** Text that NULL stands for when it is empty. */
export const filled: Codec<string> = {
  read: (text) => (text === '' ? null : text),
  write: (text) => String(text ?? ''),
};

export const mebibyte = 1_048_576n;
