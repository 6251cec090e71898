import type { CimClass } from '../cim/class.js';
import { NameSet } from '../cim/name.js';
import type { Selection } from '../cim/operation.js';

/** What is written of each object: all properties, or those of the list (DSP0200 5.4.2.2, PropertyList). */
export const selection = (properties: NameSet | null, classOrigin: boolean): Selection =>
  properties === null ? { classOrigin } : { properties, classOrigin };

/** The properties that the class itself has, as far as the list names them (DSP0200 5.4.2.11, DeepInheritance). */
export const ownProperties = ({ properties }: CimClass, list: NameSet | null): NameSet =>
  new NameSet([...properties].map(({ name }) => name).filter((name) => list === null || list.has(name)));
