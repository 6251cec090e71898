import type { Scope } from '../cim/class.js';
import type { CimType } from '../cim/value.js';
import type { SourceText } from './error.js';

/* What MOF text says, before any name in it has been looked up (DSP0004 annex A). Offsets are places in the text. */

interface Node {
  readonly offset: number;
}

/** A value as written; what type it has, only its declaration tells. */
export type Literal = Node &
  (
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'character'; readonly value: string }
    | { readonly kind: 'integer'; readonly value: bigint }
    | { readonly kind: 'real'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    | { readonly kind: 'alias'; readonly name: string }
    | { readonly kind: 'array'; readonly items: readonly Literal[] }
  );

export const flavors = ['enableoverride', 'disableoverride', 'tosubclass', 'restricted', 'translatable'] as const;

export type FlavorWord = (typeof flavors)[number];

/** `Name`, `Name(value)` or `Name{values}`, with flavors of its own after a colon. */
export interface QualifierUse extends Node {
  readonly name: string;
  readonly value?: Literal;
  readonly flavors: readonly FlavorWord[];
}

export interface QualifierTypeNode extends Node {
  readonly kind: 'qualifierType';
  readonly source: SourceText;
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
  readonly value?: Literal;
  readonly scope: readonly (Scope | 'any')[];
  readonly flavors: readonly FlavorWord[];
}

interface Typed extends Node {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
  readonly referenceClass?: string;
  readonly qualifiers: readonly QualifierUse[];
}

export interface PropertyNode extends Typed {
  readonly kind: 'property';
  readonly value?: Literal;
}

export type ParameterNode = Typed;

export interface MethodNode extends Node {
  readonly kind: 'method';
  readonly name: string;
  readonly returnType: CimType;
  readonly parameters: readonly ParameterNode[];
  readonly qualifiers: readonly QualifierUse[];
}

export interface ClassNode extends Node {
  readonly kind: 'class';
  readonly source: SourceText;
  readonly name: string;
  readonly superclass?: string;
  readonly superclassOffset: number;
  readonly qualifiers: readonly QualifierUse[];
  readonly features: readonly (PropertyNode | MethodNode)[];
}

export interface InstanceNode extends Node {
  readonly kind: 'instance';
  readonly source: SourceText;
  readonly className: string;
  readonly alias?: string;
  readonly values: readonly { readonly name: string; readonly value: Literal; readonly offset: number }[];
}

export interface PragmaNode extends Node {
  readonly kind: 'pragma';
  readonly source: SourceText;
  readonly name: string;
  readonly parameter: string;
}

export type Production = QualifierTypeNode | ClassNode | InstanceNode | PragmaNode;
