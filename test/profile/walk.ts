import { beforeAll, describe, expect, test } from 'vitest';
import type { Client, Filter, Seen } from './client.js';

/** What a profile asks for beyond an instance: what is tied to it, and how. */
export interface Tie {
  readonly filter: Filter & { readonly AssocClass: string };
  /** How many there must be: at each instance one at least, exactly so many, one or none, or some at some instance. */
  readonly count?: number | 'one or none' | 'some';
  /** Which of the instances must have it; all unless said. */
  readonly of?: (near: Seen) => boolean;
  /** The properties that must not be NULL where the tie leads. */
  readonly required?: readonly string[];
  /** The properties that the association itself must not leave NULL. */
  readonly pair?: readonly string[];
  readonly onward?: readonly Tie[];
}

export interface ProfileSpec {
  /** The document. */
  readonly document: string;
  readonly registeredName: string;
  readonly version: string;
  /** The RegisteredName of the profiles that it references. */
  readonly references: readonly string[];
  /** The classes whose instances are central, each in its namespace. */
  readonly central: readonly string[];
  readonly centralNamespace?: string;
  readonly required: readonly string[];
  readonly ties: readonly Tie[];
}

export const shownBy = (seen: Seen, property: string): unknown => seen.values.get(property.toLowerCase());

/** The instance as a person would name it. */
export const title = ({ className, keys }: Seen): string => `${className} ${keys.map(({ value }) => value).join(' ')}`;

const lacking = (seen: Seen, required: readonly string[]): readonly string[] =>
  required
    .filter((name) => shownBy(seen, name) === null || shownBy(seen, name) === undefined)
    .map((name) => `${title(seen)}: ${name} is NULL`);

const unique = (all: readonly Seen[]): readonly Seen[] => [...new Map(all.map((one) => [title(one), one])).values()];

function fits(count: Tie['count'], found: number): boolean {
  if (count === 'some') return true;
  if (count === 'one or none') return found <= 1;
  return count === undefined ? found > 0 : found === count;
}

async function follow(client: Client, near: readonly Seen[], tie: Tie, faults: string[]): Promise<void> {
  const { filter, count, required = [], pair, onward = [] } = tie;
  const what = [filter.AssocClass, filter.ResultClass].filter(Boolean).join(' to ');
  const met: Seen[] = [];
  for (const one of near) {
    if (tie.of && !tie.of(one)) continue;
    const found = await client.associators(one, filter);
    if (!fits(count, found.length))
      faults.push(`${title(one)}: ${what}: ${count ?? 'one at least'} wanted, ${found.length} found`);
    for (const other of found) faults.push(...lacking(other, required));
    if (pair && found.length > 0) {
      const { AssocClass, Role } = filter;
      const ties = await client.references(one, { ResultClass: AssocClass, ...(Role && { Role }) });
      for (const each of ties) faults.push(...lacking(each, pair));
    }
    met.push(...found);
  }
  if (met.length === 0) faults.push(`${what}: there is none at all`);
  for (const next of onward) await follow(client, unique(met), next, faults);
}

const conformance = { AssocClass: 'CIM_ElementConformsToProfile' } as const;
const asStandard = { ...conformance, Role: 'ConformantStandard', ResultRole: 'ManagedElement' } as const;
const asElement = { ...conformance, Role: 'ManagedElement', ResultRole: 'ConformantStandard' } as const;

/**
 * Walks a profile as a client does that knows the DMTF's documents alone: from its registration in root/interop to its
 * central instances, and along everything that it asks for.
 */
export function describeProfile(spec: ProfileSpec, connected: () => Client): void {
  describe(`${spec.document} ${spec.registeredName}`, () => {
    let client: Client;
    let profile: Seen;
    let central: readonly Seen[];
    beforeAll(async () => {
      client = connected();
      const profiles = await client.enumerate('root/interop', 'CIM_RegisteredProfile');
      profile = profiles.find((one) => shownBy(one, 'RegisteredName') === spec.registeredName) as Seen;
      central = profile ? await client.associators(profile, asStandard) : [];
    });

    test('is registered in root/interop (DSP1033)', () => {
      expect(profile).toBeDefined();
      expect(Object.fromEntries(profile.values)).toMatchObject({
        instanceid: expect.stringMatching(/^Xen:/),
        registeredorganization: '2',
        registeredversion: spec.version,
        specificationtype: '2',
        advertisetypes: ['2'],
      });
    });

    test('references the profiles that it makes use of (DSP1033)', async () => {
      const filter = { AssocClass: 'CIM_ReferencedProfile', Role: 'Dependent', ResultRole: 'Antecedent' };
      const names = (await client.associators(profile, filter)).map((one) => shownBy(one, 'RegisteredName'));
      expect(names.sort()).toEqual([...spec.references].sort());
    });

    test('leads to every central instance, and these lead back (DSP1033)', async () => {
      const namespace = spec.centralNamespace ?? 'root/cimv2';
      const wanted = [];
      for (const name of spec.central) wanted.push(...(await client.enumerate(namespace, name)));
      expect(wanted.length).toBeGreaterThan(0);
      expect(central.map(title).sort()).toEqual(wanted.map(title).sort());
      expect(new Set(central.map((one) => one.namespace))).toEqual(new Set([namespace]));
      for (const name of spec.central) {
        const one = central.find(({ className }) => className === name)!;
        const back = await client.associators(one, asElement);
        expect(back.map(title)).toContain(title(profile));
      }
    });

    test('its central instances show what it asks for', () => {
      expect(central.flatMap((one) => lacking(one, spec.required))).toEqual([]);
    });

    test.each(spec.ties.map((tie) => [tie.filter.AssocClass, tie.filter.ResultClass ?? '', tie] as const))(
      'is walked along %s %s',
      async (_association, _to, tie) => {
        const faults: string[] = [];
        await follow(client, central, tie, faults);
        expect(faults).toEqual([]);
      },
    );
  });
}
