import { fold } from '../cim/name.js';
import type { AnyElement } from './element.js';
import type { Key } from './key.js';

/** What the keys of a path say of the record: its uuid and the name of the part, or (for listed keys) nothing. */
export type Identity = { readonly uuid: string; readonly part?: string } | 'search' | undefined;

export type Identify = (key: (name: string) => string | undefined) => Identity;

type AnyKey = Key<any, any, any>;
export type Maker = (record: any, reads: any, part: any) => string | undefined;
export type Makers = Readonly<Record<string, Maker>>;

const uuid: Maker = (record) => record.uuid;
const fixed =
  (text: string): Maker =>
  () =>
    text;

function owner(spec: unknown): Maker {
  if (spec === 'self') return uuid;
  if (typeof spec === 'function') return spec as Maker;
  return (_record, reads) => reads[spec as string]?.uuid;
}

type AnySuffix = 'uuid' | 'part' | { readonly text: string } | { readonly read: string };

function suffix(spec: AnySuffix): Maker {
  if (spec === 'uuid') return uuid;
  if (spec === 'part') return (_record, _reads, part) => part.name;
  return 'text' in spec ? fixed(spec.text) : owner(spec.read);
}

/** `Xen:<owner>`. */
function prefixed(own: Maker): Maker {
  return (record, reads, part) => {
    const text = own(record, reads, part);
    return text === undefined ? undefined : `Xen:${text}`;
  };
}

/** `Xen:<owner>/<suffix>`: the one place that knows the form. */
function slashed(key: { readonly owner: unknown; readonly suffix: AnySuffix }): Maker {
  const [own, last] = [owner(key.owner), suffix(key.suffix)];
  return (record, reads, part) => {
    const [before, after] = [own(record, reads, part), last(record, reads, part)];
    return before === undefined || after === undefined ? undefined : `Xen:${before}/${after}`;
  };
}

/** How the key properties are made, by name; CreationClassName is that of the class. */
export function makers(cim: string, key: AnyKey): Makers {
  const creation = { CreationClassName: fixed(cim) };
  switch (key.form) {
    case 'system':
      return { ...creation, Name: uuid };
    case 'setting':
      return { InstanceID: prefixed(uuid) };
    case 'bare':
      return { InstanceID: uuid };
    case 'member':
      return { InstanceID: slashed(key) };
    case 'device':
      return {
        ...creation,
        SystemCreationClassName: fixed(key.systemClass),
        SystemName: key.ofSetting ? prefixed(owner(key.owner)) : owner(key.owner),
        DeviceID: slashed(key),
      };
    case 'hosted':
      return {
        ...creation,
        SystemCreationClassName: fixed(key.systemClass),
        SystemName: owner(key.owner),
        Name: typeof key.name === 'string' ? fixed(key.name) : (key.name as Maker),
      };
    case 'endpoint':
      return {
        ...creation,
        SystemCreationClassName: fixed(key.systemClass),
        SystemName: owner(key.owner),
        Name: key.part ? slashed({ owner: 'self', suffix: 'part' }) : uuid,
      };
    case 'physical':
      return { ...creation, Tag: slashed({ owner: 'self', suffix: { text: key.text } }) };
    case 'operatingSystem':
      return {
        ...creation,
        CSCreationClassName: fixed(key.systemClass),
        CSName: uuid,
        Name: slashed({ owner: 'self', suffix: { text: 'OperatingSystem' } }),
      };
    case 'softwareElement':
      return { ...(key.keys as Makers), SoftwareElementID: slashed({ owner: 'self', suffix: { text: key.text } }) };
    case 'listed':
      return key.keys as Makers;
  }
}

/** Makes the key values in the order of `names`. Throws when the form does not make exactly the keys of the class. */
export function keyValues(
  element: AnyElement,
  names: readonly string[],
): (record: any, reads: any, part: any) => string[] | undefined {
  const made = new Map(Object.entries(makers(element.cim, element.key)).map(([name, make]) => [fold(name), make]));
  if (made.size !== names.length || !names.every((name) => made.has(fold(name)))) {
    throw new Error(
      `${element.cim}: the class has the keys ${names.join(', ')}; the row's form '${element.key.form}' makes ${[...made.keys()].join(', ')}`,
    );
  }
  const ordered = names.map((name) => made.get(fold(name))!);
  return (record, reads, part) => {
    const values: string[] = [];
    for (const make of ordered) {
      const value = make(record, reads, part);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return values;
  };
}

/** Splits `Xen:<uuid>/<rest>` at the first slash, since the name of a part may hold another (decisions.md 10). */
function split(id: string | undefined): readonly [before: string, after: string] | undefined {
  if (id === undefined || !id.startsWith('Xen:')) return undefined;
  const slash = id.indexOf('/');
  return slash < 0 ? undefined : [id.slice(4, slash), id.slice(slash + 1)];
}

function fromSlashed(key: { readonly owner: unknown; readonly suffix: unknown }, id: string | undefined): Identity {
  const parts = split(id);
  if (!parts) return undefined;
  return key.suffix === 'uuid' ? { uuid: parts[1] } : { uuid: parts[0], part: parts[1] };
}

function ofPart(id: string | undefined): Identity {
  const parts = split(id);
  return parts && { uuid: parts[0], part: parts[1] };
}

const byForm: {
  readonly [F in AnyKey['form']]: (key: AnyKey & { form: F }, get: (name: string) => string | undefined) => Identity;
} = {
  system: (_key, get) => ({ uuid: get('Name') ?? '' }),
  setting: (_key, get) => ({ uuid: get('InstanceID')?.slice(4) ?? '' }),
  bare: (_key, get) => ({ uuid: get('InstanceID') ?? '' }),
  member: (key, get) => fromSlashed(key, get('InstanceID')),
  device: (key, get) => fromSlashed(key, get('DeviceID')),
  hosted: (key, get) => (key.owner === 'self' ? { uuid: get('SystemName') ?? '' } : 'search'),
  endpoint: (key, get) => (key.part ? ofPart(get('Name')) : { uuid: get('Name') ?? '' }),
  physical: (_key, get) => ofPart(get('Tag')),
  operatingSystem: (_key, get) => ({ uuid: get('CSName') ?? '' }),
  softwareElement: (_key, get) => ofPart(get('SoftwareElementID')),
  listed: () => 'search',
};

export function identityOf({ key }: AnyElement): Identify {
  const identify = byForm[(key as AnyKey).form] as (key: AnyKey, get: (name: string) => string | undefined) => Identity;
  return (get) => identify(key, get);
}

const anyUuid = /^(Xen:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether the keys of a path are those of the instance; what is no identity is not compared (decisions.md 24). */
export function sameKeys(
  { key }: AnyElement,
  names: readonly string[],
  given: readonly string[],
  actual: readonly string[],
): boolean {
  const { lenient, form } = key as { readonly lenient?: true; readonly form: string };
  return names.every((name, i) => {
    if (given[i] === actual[i]) return true;
    if (!lenient) return false;
    if (fold(name) === 'systemname') return true;
    if (form === 'listed') return anyUuid.test(given[i]!) && anyUuid.test(actual[i]!);
    const [a, b] = [split(given[i]), split(actual[i])];
    return a !== undefined && b !== undefined && a[1] === b[1];
  });
}
