import { type Flavor, type Qualifier, type QualifierType, type Scope, scopes } from '../cim/class.js';
import { NameMap } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import { MofError, type SourceText } from './error.js';
import { readLiteral } from './literal.js';
import type { FlavorWord, QualifierTypeNode, QualifierUse } from './syntax.js';

const effects: Readonly<Record<FlavorWord, Partial<Flavor>>> = {
  enableoverride: { overridable: true },
  disableoverride: { overridable: false },
  tosubclass: { tosubclass: true },
  restricted: { tosubclass: false },
  translatable: { translatable: true },
};

const usual: Flavor = { overridable: true, tosubclass: true, translatable: false };

const withFlavors = (base: Flavor, words: readonly FlavorWord[]): Flavor =>
  words.length === 0 ? base : Object.assign({}, base, ...words.map((word) => effects[word]));

/** A qualifier type out of its declaration (DSP0004 5.6.1.2). */
export function resolveQualifierType(node: QualifierTypeNode): QualifierType {
  const { name, type, isArray, arraySize, source } = node;
  return {
    name,
    type,
    isArray,
    ...(arraySize !== undefined && { arraySize }),
    value: node.value ? readLiteral(node.value, node, { source }) : null,
    scope: new Set(node.scope.includes('any') ? scopes : (node.scope as readonly Scope[])),
    flavor: withFlavors(usual, node.flavors),
  };
}

/** What a use of a qualifier is checked against. */
export interface QualifierContext {
  readonly source: SourceText;
  readonly types: NameMap<QualifierType>;
}

const inheritedForms = new WeakMap<NameMap<Qualifier>, NameMap<Qualifier>>();

/** What a subclass's element receives of these: those with ToSubclass, marked as propagated (DSP0004 5.6.1.4). */
export function inheritedQualifiers(qualifiers: NameMap<Qualifier>): NameMap<Qualifier> {
  const known = inheritedForms.get(qualifiers);
  if (known) return known;
  const inherited = new NameMap<Qualifier>();
  for (const qualifier of qualifiers)
    if (qualifier.flavor.tosubclass)
      inherited.set(qualifier.name, qualifier.propagated ? qualifier : { ...qualifier, propagated: true });
  inheritedForms.set(qualifiers, inherited);
  inheritedForms.set(inherited, inherited);
  return inherited;
}

const sameValue = (a: CimValue, b: CimValue): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((item, i) => item === b[i]) : a === b;

function resolveUse(use: QualifierUse, scope: Scope, { source, types }: QualifierContext): Qualifier {
  const place = { source, offset: use.offset };
  const type = types.get(use.name);
  if (!type)
    throw new MofError(
      place,
      `there is no qualifier ${use.name}: its declaration ("Qualifier ${use.name} : …") was expected`,
    );
  if (!type.scope.has(scope))
    throw new MofError(
      place,
      `the qualifier ${type.name} is for ${[...type.scope].join(', ')}, and this is a ${scope}`,
    );
  const implied = type.type === 'boolean' && !type.isArray ? true : null;
  const value = use.value ? readLiteral(use.value, type, { source }) : implied;
  const flavor = withFlavors(type.flavor, use.flavors);
  return { name: type.name, type: type.type, isArray: type.isArray, value, flavor, propagated: false };
}

/**
 * The qualifiers of an element: its own, then what the same element of the superclass hands down. MofError for one that
 * is unknown, out of scope, given twice, or changed against DisableOverride. DSP0004 5.6.1.4.
 */
export function resolveQualifiers(
  uses: readonly QualifierUse[],
  scope: Scope,
  overridden: NameMap<Qualifier> | undefined,
  context: QualifierContext,
): NameMap<Qualifier> {
  const inherited = overridden && inheritedQualifiers(overridden);
  if (uses.length === 0 && inherited) return inherited;
  const result = new NameMap<Qualifier>();
  for (const use of uses) {
    const place = { source: context.source, offset: use.offset };
    const own = resolveUse(use, scope, context);
    const above = inherited?.get(own.name);
    if (result.has(own.name)) throw new MofError(place, `the qualifier ${own.name} stands here twice`);
    if (above && !above.flavor.overridable && !sameValue(above.value, own.value))
      throw new MofError(
        place,
        `the qualifier ${own.name} is ${String(above.value)} in the superclass and may not be changed (DisableOverride)`,
      );
    result.set(own.name, own);
  }
  for (const qualifier of inherited ?? []) if (!result.has(qualifier.name)) result.set(qualifier.name, qualifier);
  return result;
}
