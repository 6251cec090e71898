import type { XenClass } from '../xenapi/records.js';
import { type Association, association, type EndSubject } from './association.js';
import { type Codec, type Given, isLabel, type Label, label } from './codec.js';
import type { Element } from './element.js';
import { type Maker, makers } from './identity.js';
import type { Key } from './key.js';
import type { Checked, End, Steps } from './path.js';

/** `Xen:<uuid>`, where a property that is no key shows it. */
export const settingId = makers('', { form: 'setting' })['InstanceID']!;

/** `Xen:<owner>/<uuid>` of a record that another one's property names. */
export const memberId = (owner: string, uuid: string): string =>
  makers('', { form: 'member', owner: () => owner, suffix: 'uuid' })['InstanceID']!({ uuid }, {}, {})!;

/** The InstanceID of another row's instance, as a property of the same record's names it. */
export const instanceIdOf = ({ cim, key }: Element<any, any, any>): Maker => makers(cim, key)['InstanceID']!;

const escaped = (text: string): string => text.replaceAll(/["\\]/g, '\\$&');

/**
 * The untyped WBEM URI of an instance in root/cimv2 (DSP0207 without host), as properties of type string show it. NULL
 * where a key cannot be made.
 */
export function uriOf(cim: string, key: Key<any, any, any>): (record: unknown, reads?: unknown) => string | null {
  const keys = Object.entries(makers(cim, key)).sort(([a], [b]) => (a < b ? -1 : 1));
  return (record, reads = {}) => {
    const values = keys.map(([, make]) => make(record, reads, {}));
    if (values.includes(undefined)) return null;
    return `root/cimv2:${cim}.${keys.map(([name], i) => `${name}="${escaped(values[i]!)}"`).join(',')}`;
  };
}

/** A property that shows one column of a table of states. */
interface Column<X, R> {
  readonly calc: (record: X, reads: R) => Given;
  readonly labels: readonly string[];
}

const textsOf = (given: Given): readonly string[] =>
  [given].flat().flatMap((value) => (isLabel(value) ? [value.label] : []));

/** A table of what each state shows in several properties; gives the property for one of its columns. */
export function states<X, R, S extends string, K extends string>(
  state: (record: X, reads: R) => S,
  table: Readonly<Record<S, Readonly<Record<K, Given>>>>,
): (column: K) => Column<X, R> {
  const rows = Object.values<Readonly<Record<K, Given>>>(table);
  return (column) => ({
    calc: (record, reads) => table[state(record, reads)][column],
    labels: [...new Set(rows.flatMap((row) => textsOf(row[column])))],
  });
}

/**
 * Labels that a set of XenAPI enumeration members stands for, in the order of the table; each is there when one of the
 * members beside it is. NULL when none is.
 */
export function choices<X extends string>(
  table: readonly (readonly [text: string, ...members: X[]])[],
): Codec<readonly X[]> {
  const bits = new Map<string, number>();
  for (const [i, [, ...members]] of table.entries()) {
    for (const member of members) bits.set(member, (bits.get(member) ?? 0) | (1 << i));
  }
  const made = new Map<number, readonly Label[] | null>([[0, null]]);
  const list = (mask: number): readonly Label[] =>
    table.filter((_row, i) => mask & (1 << i)).map(([text]) => label(text));
  return {
    read: (members) => {
      let mask = 0;
      for (const member of members) mask |= bits.get(member) ?? 0;
      let found = made.get(mask);
      if (found === undefined) {
        found = list(mask);
        made.set(mask, found);
      }
      return found;
    },
    labels: table.map(([text]) => text),
  };
}

const secretName = /pass(?:word|wd|phrase)?|secret|token|private|credential|chap/i;
/** What stands in the place of a secret. */
export const hidden = '***';

/** A map whose values are hidden where the key says that they are secret (decisions.md 36). */
export const masked: Codec<Readonly<Record<string, string>>> = {
  read: (map) => {
    const keys = Object.keys(map);
    if (!keys.some((key) => secretName.test(key))) return map;
    return Object.fromEntries(keys.map((key) => [key, secretName.test(key) ? hidden : map[key]!]));
  },
};

/** A map of which only the keys are shown. */
export const veiled: Codec<Readonly<Record<string, string>>> = {
  read: (map) => Object.fromEntries(Object.keys(map).map((key) => [key, hidden])),
};

/** A way from rows of `C` to rows of `D`: steps that the compiler follows, or the first of several. */
type Way<C extends XenClass, D extends XenClass, P extends Steps> =
  | (P & (End<C, P> extends D ? Checked<C, P> : never))
  | { readonly first: readonly Steps[] };

type Row<C extends XenClass> = Element<C, any, any>;

/** What every capability tie says: it holds as it stands (CIM_ElementCapabilities.Characteristics). */
export const defaultCharacteristics = { Characteristics: { value: [label('Default')] } } as const;

interface DeviceTies<C extends XenClass, D extends XenClass, P extends Steps, L extends XenClass, Q extends Steps> {
  /** The virtual system of which it is a part, and the way there. */
  readonly system: Row<D>;
  readonly toSystem: Way<C, D, P>;
  /** The pool that it takes from, and the way there. */
  readonly pool: Row<L>;
  readonly toPool: Way<C, L, Q>;
  readonly setting: Row<C>;
}

/** What ties a virtual device to its system, its pool and its settings (DSP1057, DSP1041). */
export function deviceTies<
  C extends XenClass,
  D extends XenClass,
  const P extends Steps,
  L extends XenClass,
  const Q extends Steps,
>(name: string, device: Row<C>, ties: DeviceTies<C, D, P, L, Q>): readonly Association[] {
  return [
    association(
      `Xen_ComputerSystem${name}`,
      ['PartComponent', device],
      ['GroupComponent', ties.system],
      ties.toSystem as never,
    ),
    association(`Xen_${name}AllocatedFromPool`, ['Dependent', device], ['Antecedent', ties.pool], ties.toPool as never),
    association(
      `Xen_${name}SettingsDefineState`,
      ['ManagedElement', device],
      ['SettingData', ties.setting],
      [] as never,
    ),
  ];
}

interface SettingTies<C extends XenClass, D extends XenClass, P extends Steps, L extends XenClass, Q extends Steps> {
  /** The configurations of which it is a part, and the way there. */
  readonly configurations: readonly Row<D>[];
  readonly toConfiguration: Way<C, D, P>;
  readonly pool: Row<L>;
  readonly toPool: Way<C, L, Q>;
  /** Whether the setting is in force now. */
  readonly current: (setting: EndSubject) => boolean;
}

const inForce = (current: (setting: EndSubject) => boolean) => ({
  IsDefault: { value: label('Is Default') },
  IsNext: { value: label('Is Next') },
  IsCurrent: {
    calc: (setting: EndSubject) => label(current(setting) ? 'Is Current' : 'Is Not Current'),
    labels: ['Is Current', 'Is Not Current'],
  },
});

/** The tie of a configuration that is the defined and the current one at once (DSP1057, the dual configuration). */
export function dualConfiguration<C extends XenClass>(
  cim: string,
  setting: Row<C>,
  current: (setting: EndSubject) => boolean,
): Association {
  return association(cim, ['ManagedElement', setting], ['SettingData', setting], [] as never, {
    properties: inForce(current),
  });
}

/** What ties the settings of a virtual device to the system's configuration, to its pool and to themselves (DSP1057, DSP1041). */
export function settingTies<
  C extends XenClass,
  D extends XenClass,
  const P extends Steps,
  L extends XenClass,
  const Q extends Steps,
>(name: string, setting: Row<C>, ties: SettingTies<C, D, P, L, Q>): readonly Association[] {
  return [
    association(
      `Xen_${name}SettingDataComponent`,
      ['PartComponent', setting],
      ['GroupComponent', ties.configurations],
      ties.toConfiguration as never,
    ),
    association(
      `Xen_${name}SettingAllocationFromPool`,
      ['Dependent', setting],
      ['Antecedent', ties.pool],
      ties.toPool as never,
    ),
    dualConfiguration(`Xen_${name}ElementSettingData`, setting, ties.current),
  ];
}
