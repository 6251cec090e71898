import type { NameMap } from './name.js';
import type { CimType, CimValue, Embedded } from './value.js';

/** How a qualifier travels down the class tree (DSP0004 5.6.1.2). */
export interface Flavor {
  readonly overridable: boolean;
  readonly tosubclass: boolean;
  readonly translatable: boolean;
}

export const scopes = ['class', 'association', 'indication', 'property', 'reference', 'method', 'parameter'] as const;

export type Scope = (typeof scopes)[number];

/** A qualifier type declaration (DSP0004 5.6.1.1). `scope` holds `any` as all of them. */
export interface QualifierType {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
  readonly value: CimValue;
  readonly scope: ReadonlySet<Scope>;
  readonly flavor: Flavor;
}

/** A qualifier as an element carries it; `propagated` when it came from a superclass. */
export interface Qualifier {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly value: CimValue;
  readonly flavor: Flavor;
  readonly propagated: boolean;
}

interface Typed {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
  /** The class a reference may lead to, or the class that an embedded instance is of. */
  readonly referenceClass?: string;
  readonly embedded?: Embedded;
  readonly qualifiers: NameMap<Qualifier>;
}

/** A property of a class; a reference is a property of type `reference`. */
export interface PropertyDeclaration extends Typed {
  readonly value: CimValue;
  readonly key: boolean;
  /** The class that declared it first, or overrode it last (DSP0004 5.5.3: ClassOrigin). */
  readonly classOrigin: string;
  readonly propagated: boolean;
}

export type ParameterDeclaration = Typed;

export interface MethodDeclaration {
  readonly name: string;
  readonly returnType: CimType;
  readonly returnEmbedded?: Embedded;
  readonly parameters: NameMap<ParameterDeclaration>;
  readonly qualifiers: NameMap<Qualifier>;
  readonly classOrigin: string;
  readonly propagated: boolean;
}

/**
 * A class with everything it inherits. Properties come in the order of declaration, the superclass's first.
 * Immutable; one object a class and schema, so that it may serve as the key of what is worked out from it.
 */
export interface CimClass {
  readonly kind: 'class';
  readonly name: string;
  readonly superclass?: string;
  readonly isAssociation: boolean;
  readonly isIndication: boolean;
  readonly isAbstract: boolean;
  readonly qualifiers: NameMap<Qualifier>;
  readonly properties: NameMap<PropertyDeclaration>;
  readonly methods: NameMap<MethodDeclaration>;
  /** The names of the key properties in alphabetical order, the order in which paths write them. */
  readonly keys: readonly string[];
}
