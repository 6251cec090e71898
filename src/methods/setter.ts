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

/** Writes properties by the setters of the row. */
export function setterWork(target: Provided, changes: CimInstance): Work {
  const { element } = target.row;
  const of = element.of as string;
  return {
    job: 'Xen_Job',
    answers: 'done',
    subject: String(target.record.name_label ?? target.record.uuid),
    codes: serviceCodes,
    run: async (steps) => {
      for (const [i, { name }] of changes.shape.properties.entries()) {
        const setter = element.setters?.[name];
        const value = changes.values[i]!;
        if (typeof setter === 'string') {
          await steps.call(`${of}.${setter}`, target.ref, written(target, name, value));
          const before = target.record[setter.slice('set_'.length)] as CallValue;
          steps.undo(`the new value of ${name}`, `${of}.${setter}`, target.ref, before);
        } else if (setter) {
          const map = mapOf(name, Array.isArray(value) ? value : []);
          await writeMap(steps, of, setter.map, target.ref, target.record[setter.map], map, true);
        }
      }
      return {};
    },
  };
}
