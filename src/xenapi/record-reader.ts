import { classFields } from './datamodel.generated.js';
import { sharing } from './equal.js';
import type { Records, RemoteClass } from './records.js';
import { isSecretText, MASK, secretKeys } from './secret.js';
import { sortSets } from './set-order.js';
import { type Converter, type ValueReader, valueReader, WRONG } from './value.js';

/** How one field of a class is read. */
interface FieldReader {
  readonly name: string;
  readonly convert: Converter;
  readonly missing: unknown;
}

/** Told once for every field that came in a wrong shape, with what was wanted and what was got. */
export type WrongShapeListener = (field: string, wanted: string, got: string) => void;

const isTextMap = ({ type }: ValueReader): boolean => type.kind === 'map' && type.value.kind === 'string';

/** Hides the values of secret keys after the map is read (secret.ts says which). */
function masking(of: string, field: string, convert: Converter): Converter {
  const isSecret = secretKeys(of, field);
  return (wire) => {
    const map = convert(wire);
    if (map === WRONG) return WRONG;
    const texts = map as Record<string, string>;
    for (const key in texts) if (isSecret(key) && texts[key] !== '') texts[key] = MASK;
    return map;
  };
}

function fieldReader(of: string, name: string, notation: string): FieldReader {
  const reader = valueReader(notation);
  if (isTextMap(reader)) return { name, convert: masking(of, name, reader.convert), missing: reader.missing };
  if (isSecretText(of, name)) return { name, convert: (wire) => (wire === '' ? '' : MASK), missing: reader.missing };
  return { name, convert: reader.convert, missing: reader.missing };
}

function shapeOf(wire: unknown): string {
  if (wire === null) return 'null';
  if (Array.isArray(wire)) return 'an array';
  return typeof wire === 'object' ? 'a struct' : `a ${typeof wire}`;
}

/** Reads the records of one class; every record has all fields of the data model in one order, and no others. */
export type RecordReader<C extends RemoteClass> = (wire: unknown) => Records[C];

/**
 * The readers of all classes, made when first needed. Unknown fields are left out, missing ones get their type's
 * empty value, wrong-shaped ones too: those are counted, and told once a field.
 */
export class RecordReaders {
  /** How often a field (`VM.VCPUs_max`) came in a wrong shape. */
  readonly wrong = new Map<string, number>();
  readonly #told: WrongShapeListener;
  readonly #readers = new Map<RemoteClass, RecordReader<RemoteClass>>();

  constructor(told: WrongShapeListener = () => {}) {
    this.#told = told;
  }

  reader<C extends RemoteClass>(of: C): RecordReader<C> {
    let reader = this.#readers.get(of);
    if (!reader) {
      reader = this.#compile(of);
      this.#readers.set(of, reader);
    }
    return reader as RecordReader<RemoteClass> as RecordReader<C>;
  }

  /** Reads a record's new state, which shares with the old one what is the same: it is the old one where all is. */
  renewed<C extends RemoteClass>(of: C, wire: unknown, before: Records[C] | undefined): Records[C] {
    if (!before || typeof wire !== 'object' || wire === null) return this.reader(of)(wire);
    sortSets(of, wire, before);
    return sharing(before, this.reader(of)(wire)) as Records[C];
  }

  /**
   * A record is a copy of one template whose fields are then overwritten: so all records of a class share one hidden
   * class, and adding ninety fields one by one (which ends in a slow dictionary) never happens.
   */
  #compile(of: RemoteClass): RecordReader<RemoteClass> {
    const notations: Readonly<Record<string, string>> = classFields[of];
    const fields = Object.keys(notations).map((name) => fieldReader(of, name, notations[name]!));
    const template = JSON.parse(JSON.stringify(Object.fromEntries(fields.map(({ name }) => [name, null]))));
    for (const { name, missing } of fields) template[name] = missing;
    return (wire) => {
      const record = { ...template };
      if (typeof wire !== 'object' || wire === null) return record;
      const from = wire as Record<string, unknown>;
      for (const { name, convert, missing } of fields) {
        const sent = from[name];
        // Most fields of most records hold what the template has there already.
        if (sent === undefined || sent === missing) continue;
        const value = convert(sent);
        if (value === WRONG) this.#count(of, name, notations[name]!, sent);
        else if (value !== missing) record[name] = value;
      }
      return record;
    };
  }

  #count(of: string, name: string, wanted: string, got: unknown): void {
    const field = `${of}.${name}`;
    const before = this.wrong.get(field) ?? 0;
    this.wrong.set(field, before + 1);
    if (before === 0) this.#told(field, wanted, shapeOf(got));
  }
}
