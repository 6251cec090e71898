import type { XenClass } from '../xenapi/records.js';
import type { Calculation } from './element.js';
import type { Paths, SingleRead } from './path.js';

/** Whose uuid stands before the slash: the record's own, that of a record it reads, or a text worked out (undefined: no instance). */
export type Owner<C extends XenClass, R extends Paths, P> =
  | 'self'
  | SingleRead<C, R>
  | Calculation<C, R, P, string | undefined>;

/** What stands after the slash: the record's own uuid, the name of the part, a fixed text, or the uuid of a record it reads. */
export type Suffix<C extends XenClass, R extends Paths> =
  | 'uuid'
  | 'part'
  | { readonly text: string }
  | { readonly read: SingleRead<C, R> };

/**
 * How the key properties are made, and how a record is found by them: always by the uuid they hold, never by a search.
 *
 * | form | keys |
 * |---|---|
 * | system | CreationClassName, Name = uuid |
 * | setting | InstanceID = `Xen:<uuid>` |
 * | bare | InstanceID = uuid |
 * | member | InstanceID = `Xen:<owner>/<suffix>` |
 * | device | DeviceID = `Xen:<owner>/<suffix>`, SystemName = owner, both class names |
 * | hosted | CreationClassName, Name = a fixed text, SystemCreationClassName, SystemName = owner |
 * | endpoint | CreationClassName, Name = uuid (`Xen:<uuid>/<part>` of a part), SystemCreationClassName, SystemName = owner |
 * | physical | CreationClassName, Tag = `Xen:<uuid>/<text>` |
 * | operatingSystem | CreationClassName, Name = `Xen:<uuid>/OperatingSystem`, CSCreationClassName, CSName = uuid |
 * | softwareElement | SoftwareElementID = `Xen:<uuid>/<text>`, the other four as worked out |
 * | listed | the named properties as worked out; for the few instances of `pool` and `server` records |
 *
 * `ofSetting`: the system is a setting rather, so SystemName = `Xen:<owner>` (decisions.md 30).
 * `lenient`: the owner is no identity and is not compared (decisions.md 24); of listed keys it is the whole, any uuid.
 */
export type Key<C extends XenClass, R extends Paths, P> =
  | { readonly form: 'system' }
  | { readonly form: 'setting' }
  | { readonly form: 'bare' }
  | { readonly form: 'member'; readonly owner: Owner<C, R, P>; readonly suffix: Suffix<C, R>; readonly lenient?: true }
  | {
      readonly form: 'device';
      readonly systemClass: string;
      readonly owner: Owner<C, R, P>;
      readonly suffix: Suffix<C, R>;
      readonly ofSetting?: true;
    }
  | {
      readonly form: 'hosted';
      readonly systemClass: string;
      readonly owner: Owner<C, R, P>;
      readonly name: string | Calculation<C, R, P, string>;
      readonly lenient?: true;
    }
  | { readonly form: 'endpoint'; readonly systemClass: string; readonly owner: Owner<C, R, P>; readonly part?: true }
  | { readonly form: 'physical'; readonly text: string }
  | { readonly form: 'operatingSystem'; readonly systemClass: string }
  | {
      readonly form: 'softwareElement';
      readonly text: string;
      readonly keys: Readonly<
        Record<
          'Name' | 'Version' | 'SoftwareElementState' | 'TargetOperatingSystem',
          Calculation<C, R, P, string | undefined>
        >
      >;
    }
  | {
      readonly form: 'listed';
      readonly keys: Readonly<Record<string, Calculation<C, R, P, string | undefined>>>;
      readonly lenient?: true;
    };
