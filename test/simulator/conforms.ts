import { type Type, typeOf } from '../../src/simulator/type.js';
import { classFields } from '../../src/xenapi/datamodel.generated.js';

/** Whether a value is exactly of a type of the data model; enumerations hold their own values only. */
function isOf(type: Type, value: unknown): boolean {
  switch (type.kind) {
    case 'int':
      return typeof value === 'bigint';
    case 'float':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'datetime':
      return typeof value === 'string' && /^\d{8}T\d\d:\d\d:\d\dZ$/.test(value);
    case 'ref':
      return typeof value === 'string' && /^OpaqueRef:(NULL|[0-9a-f-]{36})$/.test(value);
    case 'enum':
      return typeof value === 'string' && type.values.includes(value);
    case 'set':
      return Array.isArray(value) && value.every((item) => isOf(type.item, item));
    case 'map':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(value).every(
          ([k, v]) => isOf(type.key.kind === 'int' ? typeOf('string') : type.key, k) && isOf(type.value, v),
        )
      );
    default:
      return typeof value === 'string';
  }
}

/** What is wrong with a record of a class: fields that are missing, too many, or of another type. */
export function faultsOf(of: keyof typeof classFields, record: Readonly<Record<string, unknown>>): string[] {
  const fields: Readonly<Record<string, string>> = classFields[of];
  const faults = Object.keys(record)
    .filter((name) => !Object.hasOwn(fields, name))
    .map((name) => `${of}.${name} is no field`);
  for (const [name, type] of Object.entries(fields))
    if (!isOf(typeOf(type), record[name])) faults.push(`${of}.${name}: wanted ${type}, got ${String(record[name])}`);
  return faults;
}
