import type { InstancePath } from './path.js';
import type { CimType, CimValue, Embedded } from './value.js';

/** What is the same for the property in every instance of a class. */
export interface PropertyShape {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly embedded?: Embedded;
  readonly referenceClass?: string;
  readonly classOrigin?: string;
  readonly propagated?: boolean;
}

/** The layout that instances share: class and properties, in order. */
export interface Shape {
  readonly className: string;
  readonly properties: readonly PropertyShape[];
}

/** An instance: `values[i]` belongs to `shape.properties[i]`. Immutable, so what is worked out from it may be kept. */
export interface CimInstance {
  readonly kind: 'instance';
  readonly shape: Shape;
  readonly values: readonly CimValue[];
  readonly path?: InstancePath;
}
