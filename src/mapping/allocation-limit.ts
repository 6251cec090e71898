import { type Association, association } from '../provider/association.js';
import { type Given, label } from '../provider/codec.js';
import type { AnyElement } from '../provider/element.js';
import { defaultCharacteristics } from '../provider/pattern.js';

/** What a limit states. */
export type Role = 'Minimum' | 'Maximum' | 'Increment' | 'Default';

/** One of the four instances that state what a pool can give. */
interface Limit {
  readonly name: string;
  readonly role: Role;
}

/** The four settings that state what a pool can give, and what each is for (DSP1043). */
const roles: Readonly<Record<Role, { readonly ValueRole: Given; readonly ValueRange: Given }>> = {
  Minimum: { ValueRole: label('Supported'), ValueRange: label('Minimums') },
  Maximum: { ValueRole: label('Supported'), ValueRange: label('Maximums') },
  Increment: { ValueRole: label('Supported'), ValueRange: label('Increments') },
  Default: { ValueRole: label('Default'), ValueRange: label('Point') },
};

/** The four parts of what stands for a pool. */
export const limits = (kind: string): (() => readonly Limit[]) => {
  const made = (Object.keys(roles) as Role[]).map((role) => ({ name: `${kind}${role}`, role }));
  return () => made;
};

/** What the limits of every pool say alike. */
export const limit = {
  Weight: { value: 0 },
  MappingBehavior: { value: label('Dedicated') },
  ElementName: {
    calc: ({ name_label }: { readonly name_label: string }, _reads: unknown, { role }: Limit) =>
      `${role} of ${name_label}`,
  },
} as const;

/** The same amount in the three properties that state it. */
export const amounts = <X, R>(of: (record: X, reads: R, role: Role) => Given) => {
  const amount = { calc: (record: X, reads: R, part: Limit) => of(record, reads, part.role) };
  return { VirtualQuantity: amount, Reservation: amount, Limit: amount };
};

/** The unit of the amounts and of the reservations. */
export const units = (unit: string) => ({ AllocationUnits: { value: unit }, VirtualQuantityUnits: { value: unit } });

const column = (name: 'ValueRole' | 'ValueRange') => ({
  calc: ({ part }: { readonly part: Limit }) => roles[part.role][name],
  labels: ['Supported', 'Default', 'Minimums', 'Maximums', 'Increments', 'Point'].filter((text) =>
    Object.values(roles).some((row) => row[name] === label(text)),
  ),
});

/** Ties the capabilities of a pool to the settings that state its limits. */
export const defines = (kind: string, setting: AnyElement, group: AnyElement): Association =>
  association(`Xen_${kind}SettingsDefineCapabilities`, ['PartComponent', setting], ['GroupComponent', group], [], {
    properties: {
      PropertyPolicy: { value: label('Independent') },
      ValueRole: column('ValueRole'),
      ValueRange: column('ValueRange'),
    },
  });

/** Ties capabilities to the pool or the system that has them. */
export const has = (cim: string, what: AnyElement, which: AnyElement, path: readonly string[] = []): Association =>
  association(cim, ['Capabilities', which], ['ManagedElement', what], path as never, {
    properties: defaultCharacteristics,
  });
