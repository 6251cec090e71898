import { isDatetime } from '../cim/datetime.js';
import { CimError } from '../cim/error.js';
import { parseInstancePath } from '../cim/path-text.js';
import { type CimScalar, type CimType, type CimValue, forIntegers, integerRange, isWide } from '../cim/value.js';
import { MofError, type SourceText } from './error.js';
import type { Literal } from './syntax.js';

/** The declared type that a literal is to have. */
export interface Wanted {
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
}

/** Where a literal stands, and what an alias in it means; without `alias` none may stand there. */
export interface LiteralContext {
  readonly source: SourceText;
  readonly alias?: (name: string, wanted: Wanted) => CimScalar | undefined;
}

type Reading = (literal: Literal) => CimScalar | undefined;

const integer =
  (type: CimType): Reading =>
  (literal) => {
    if (literal.kind !== 'integer') return undefined;
    const [min, max] = integerRange[type]!;
    if (literal.value < min || literal.value > max) return undefined;
    return isWide(type) ? literal.value : Number(literal.value);
  };

const real: Reading = (literal) => {
  if (literal.kind === 'integer') return Number(literal.value);
  return literal.kind === 'real' ? literal.value : undefined;
};

/** A character may be given by its number (DSP0004 7.12.2). */
const char16: Reading = (literal) => {
  if (literal.kind === 'character') return literal.value;
  if (literal.kind !== 'integer' || literal.value < 0n || literal.value > 0xffffn) return undefined;
  return String.fromCharCode(Number(literal.value));
};

const readings: Readonly<Record<CimType, Reading>> = {
  boolean: (literal) => (literal.kind === 'boolean' ? literal.value : undefined),
  string: (literal) => (literal.kind === 'string' ? literal.value : undefined),
  char16,
  datetime: (literal) => (literal.kind === 'string' && isDatetime(literal.value) ? literal.value : undefined),
  ...forIntegers(integer),
  real32: real,
  real64: real,
  reference: (literal) => (literal.kind === 'string' ? parseInstancePath(literal.value) : undefined),
};

function describe(type: CimType): string {
  const range = integerRange[type];
  if (range) return `a ${type} (${range[0]} to ${range[1]})`;
  if (type === 'datetime') return 'a datetime of 25 characters (DSP0004 5.2.4)';
  if (type === 'reference') return 'the path of an instance, or an alias';
  return `a ${type}`;
}

const shown = (literal: Literal): string => {
  if (literal.kind === 'alias') return literal.name;
  return 'value' in literal ? `the ${literal.kind} ${JSON.stringify(String(literal.value))}` : `an ${literal.kind}`;
};

function readScalar(literal: Literal, wanted: Wanted, context: LiteralContext): CimScalar | null {
  if (literal.kind === 'null') return null;
  const place = { source: context.source, offset: literal.offset };
  try {
    const value = literal.kind === 'alias' ? context.alias?.(literal.name, wanted) : readings[wanted.type](literal);
    if (value !== undefined) return value;
  } catch (reason) {
    if (reason instanceof CimError) throw new MofError(place, reason.message);
    throw reason;
  }
  throw new MofError(place, `${describe(wanted.type)} was expected, not ${shown(literal)}`);
}

/** The value that a literal is as a value of the declared type; MofError where it is none. DSP0004 7.12. */
export function readLiteral(literal: Literal, wanted: Wanted, context: LiteralContext): CimValue {
  const place = { source: context.source, offset: literal.offset };
  if (literal.kind === 'null') return null;
  if (literal.kind !== 'array') {
    if (wanted.isArray)
      throw new MofError(place, `an array of ${wanted.type} in { } was expected, not ${shown(literal)}`);
    return readScalar(literal, wanted, context);
  }
  if (!wanted.isArray) throw new MofError(place, `a single ${wanted.type} was expected, not an array`);
  if (wanted.arraySize !== undefined && literal.items.length > wanted.arraySize)
    throw new MofError(place, `at most ${wanted.arraySize} values were expected, not ${literal.items.length}`);
  return literal.items.map((item) => readScalar(item, wanted, context));
}
