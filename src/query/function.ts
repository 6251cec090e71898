import { datetimeOfEpoch } from '../cim/datetime.js';
import { fold } from '../cim/name.js';
import { integerOfText, realOfText, textOfReal } from '../cim/number-text.js';
import { type InstancePath, instancePath } from '../cim/path.js';
import { formatPath, parsePath } from '../cim/path-text.js';
import type { CimType, CimValue } from '../cim/value.js';
import { type Datum, isInstance, isPath, nullDatum } from './datum.js';

interface QueryFunction {
  readonly operands: number;
  /** The type of what it works out; string unless said. */
  readonly gives?: CimType;
  readonly of: (...given: readonly Datum[]) => Datum;
}

const text = (value: CimValue): Datum => ({ value, type: 'string' });

const ofText = (make: (given: string) => Datum): QueryFunction => ({
  operands: 1,
  of: (given) => (typeof given?.value === 'string' ? make(given.value) : nullDatum),
});

const whole = (value: string, type: 'uint64' | 'sint64'): Datum => {
  const integer = integerOfText(value.trim());
  return integer === undefined || (type === 'uint64' && integer < 0n) ? nullDatum : { value: integer, type };
};

function pathIn(given: string): InstancePath | undefined {
  try {
    const path = parsePath(given);
    return path.kind === 'path' ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The path of an object, or a path itself, also as text. */
function pathOf({ value }: Datum): InstancePath | undefined {
  if (isPath(value)) return value;
  if (typeof value === 'string') return pathIn(value);
  return isInstance(value) ? (value.path ?? instancePath(value.shape.className, [])) : undefined;
}

const ofPath = (make: (path: InstancePath) => CimValue): QueryFunction => ({
  operands: 1,
  of: (given) => {
    const path = given && pathOf(given);
    return path ? text(make(path)) : nullDatum;
  },
});

const bare = ({ className, keys }: InstancePath): InstancePath => instancePath(className, keys);

/** The functions of DSP0202 that are understood, by their names in lower case; NULL for what they cannot work out. */
const functions: ReadonlyMap<string, QueryFunction> = new Map<string, QueryFunction>([
  ['uppercase', ofText((given) => text(given.toUpperCase()))],
  ['lowercase', ofText((given) => text(given.toLowerCase()))],
  ['stringtouint', { ...ofText((given) => whole(given, 'uint64')), gives: 'uint64' }],
  ['stringtosint', { ...ofText((given) => whole(given, 'sint64')), gives: 'sint64' }],
  [
    'stringtoreal',
    {
      ...ofText((given) => {
        const value = realOfText(given.trim());
        return value === undefined ? nullDatum : { value, type: 'real64' };
      }),
      gives: 'real64',
    },
  ],
  [
    'numerictostring',
    {
      operands: 1,
      of: (given) => {
        const value = given?.value;
        if (typeof value === 'bigint') return text(String(value));
        if (typeof value !== 'number') return nullDatum;
        return text(Number.isInteger(value) ? String(value) : textOfReal(value));
      },
    },
  ],
  ['datetime', { ...ofText((value) => ({ value, type: 'datetime' })), gives: 'datetime' }],
  [
    'currentdatetime',
    { operands: 0, of: () => ({ value: datetimeOfEpoch(Date.now()), type: 'datetime' }), gives: 'datetime' },
  ],
  ['objectpath', ofPath((path) => formatPath(path))],
  ['instancepath', ofPath((path) => formatPath(path))],
  ['modelpath', ofPath((path) => formatPath(bare(path)))],
  ['classpath', ofPath((path) => formatPath({ ...path, kind: 'classPath' }))],
  ['classname', ofPath(({ className }) => className)],
  ['namespacename', ofPath(({ namespace }) => namespace ?? null)],
  ['hostport', ofPath(({ host }) => host ?? null)],
]);

/** What is wrong with a call of a function; undefined where nothing is. */
export function functionFault(name: string, operands: number): string | undefined {
  const found = functions.get(fold(name));
  if (!found) return `the function ${name}`;
  return found.operands === operands ? undefined : `${name} with ${operands} operands (it takes ${found.operands})`;
}

/** The value of a function that `functionFault` has nothing against. */
export const called = (name: string, given: readonly Datum[]): Datum => functions.get(name)!.of(...given);

/** The type of its values. */
export const typeOfCall = (name: string): CimType => functions.get(name)!.gives ?? 'string';
