import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import type { NameMap } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import { labelOf } from '../mof/value-map.js';
import { type Codec, type Given, label } from '../provider/codec.js';
import type { Provided, RowSubject } from '../provider/subject.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Work } from './method.js';
import { serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { lost } from './undo.js';

/** Those new values that are asked for, as an instance of the subject's class that holds them alone. */
export function changesOf(
  subject: RowSubject,
  taken: (property: string) => boolean,
  changes: NameMap<CimValue>,
): CimInstance {
  const { shape } = subject.kind === 'row' ? subject.row : subject.association;
  const properties = shape.properties.filter(({ name }) => changes.has(name) && taken(name));
  const values = properties.map(({ name }) => changes.get(name) ?? null);
  return { kind: 'instance', shape: { className: shape.className, properties }, values };
}

/** What a value is where secrets are hidden: it says that the value stays. */
const masks: ReadonlySet<string> = new Set(['***', '********']);

/** `key=value` texts as a map; the first `=` divides. INVALID_PARAMETER for one that has none. */
export function mapOf(name: string, pairs: readonly unknown[]): Readonly<Record<string, string>> {
  const map: Record<string, string> = {};
  for (const pair of pairs) {
    const text = String(pair);
    const at = text.indexOf('=');
    if (at <= 0) throw new CimError('INVALID_PARAMETER', `${name} wants key=value; got "${text.slice(0, 60)}"`);
    map[text.slice(0, at)] = text.slice(at + 1);
  }
  return map;
}

/** Writes single keys of a map: those that are new or other, and (with `whole`) takes away those that are not named. */
export async function writeMap(
  steps: Steps,
  of: string,
  field: string,
  ref: string,
  now: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  whole: boolean,
): Promise<void> {
  for (const [key, value] of Object.entries(wanted)) {
    if (now[key] === value || masks.has(value)) continue;
    if (now[key] !== undefined) await removeKey(steps, of, field, ref, key, now[key]);
    await steps.call(`${of}.add_to_${field}`, ref, key, value);
    steps.undo(`the new ${key} in ${field}`, `${of}.remove_from_${field}`, ref, key);
  }
  if (!whole) return;
  for (const [key, value] of Object.entries(now)) {
    if (!Object.hasOwn(wanted, key)) await removeKey(steps, of, field, ref, key, value);
  }
}

/** A value that is hidden in the records cannot be put back: then its loss is what an undoing reports. */
async function removeKey(
  steps: Steps,
  of: string,
  field: string,
  ref: string,
  key: string,
  value: string,
): Promise<void> {
  await steps.call(`${of}.remove_from_${field}`, ref, key);
  steps.undo(`the old ${key} in ${field}`, masks.has(value) ? lost : `${of}.add_to_${field}`, ref, key, value);
}

type Spec = { readonly as?: Codec<unknown> } | string | undefined;

/** What the setter is given: the value itself, or what the property's codec makes of it; labels for values of a ValueMap. */
function written(target: Provided, name: string, value: CimValue): CallValue {
  const spec = target.row.element.properties[name] as Spec;
  const codec = typeof spec === 'object' ? spec.as : undefined;
  const property = target.row.cls.properties.get(name)!;
  const text = value === null || typeof value === 'object' ? undefined : labelOf(property, value);
  const given = (text === undefined ? value : label(text)) as Given;
  if (codec?.write) return codec.write(given) as CallValue;
  if (value === null) return '';
  return value as CallValue;
}

/** One property that is to be written. */
interface Write {
  /** The messages that it takes. */
  readonly messages: readonly string[];
  run(steps: Steps): Promise<void>;
}

/** A property's write, its value checked (CIM_ERR_INVALID_PARAMETER). */
function writeOf(target: Provided, name: string, value: CimValue): Write {
  const { element } = target.row;
  const of = String(element.of);
  const setter = element.setters?.[name];
  if (typeof setter === 'string') {
    const message = `${of}.${setter}`;
    const wanted = written(target, name, value);
    const before = target.record[setter.slice('set_'.length)] as CallValue;
    const run = async (steps: Steps): Promise<void> => {
      await steps.call(message, target.ref, wanted);
      steps.undo(`the new value of ${name}`, message, target.ref, before);
    };
    return { messages: [message], run };
  }
  if (!setter) return { messages: [], run: async () => {} };
  const { map: field } = setter;
  const wanted = mapOf(name, Array.isArray(value) ? value : []);
  const run = (steps: Steps): Promise<void> =>
    writeMap(steps, of, field, target.ref, target.record[field], wanted, true);
  return { messages: [`${of}.add_to_${field}`, `${of}.remove_from_${field}`], run };
}

/** Writes properties by the setters of the row; all of them are checked before the first is written. */
export function setterWork(target: Provided, changes: CimInstance): Work {
  const writes = changes.shape.properties.map(({ name }, i) => writeOf(target, name, changes.values[i]!));
  return {
    job: 'Xen_Job',
    answers: 'done',
    subject: String(target.record.name_label ?? target.record.uuid),
    codes: serviceCodes,
    needs: writes.flatMap(({ messages }) => messages),
    run: async (steps) => {
      for (const write of writes) await write.run(steps);
      return {};
    },
  };
}
