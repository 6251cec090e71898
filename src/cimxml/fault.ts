import { CimError } from '../cim/error.js';
import { type CimType, cimTypes, type Embedded } from '../cim/value.js';
import { type Node, wrongChild } from './node.js';
import { quoted } from './refusal.js';

/*
 * Reading what lies within a parameter. What is wrong there is the caller's mistake about one value, and so an
 * INVALID_PARAMETER of that one call (DSP0200 5.4); the message around it stays readable.
 */

/** A fault in the content of a parameter. */
export const fault = (message: string): CimError => new CimError('INVALID_PARAMETER', message);

/** The value of an attribute that has to be there and not be empty. */
export function required(node: Node, attribute: string): string {
  const value = node.attributes[attribute];
  if (value) return value;
  throw fault(`${node.name} needs a ${attribute}, and ${value === undefined ? 'has none' : 'its own is empty'}`);
}

/** The one element that a node holds. */
export function onlyChild(node: Node, wanted: string): Node {
  const [child, second] = node.children;
  if (!child || second) throw fault(wrongChild(node, second, child ? `one of ${wanted} and no more` : wanted));
  return child;
}

/** The elements of the node, which have to be exactly these. */
export function exactChildren(node: Node, ...names: readonly string[]): readonly Node[] {
  const { children } = node;
  names.forEach((name, index) => {
    if (children[index]?.name !== name) throw fault(wrongChild(node, children[index], name));
  });
  if (children.length > names.length) throw fault(wrongChild(node, children[names.length], 'nothing more'));
  return children;
}

/** An element that holds no elements. */
export function noChildren(node: Node): void {
  const [child] = node.children;
  if (child) throw fault(wrongChild(node, child, 'no element'));
}

const typesByName: ReadonlyMap<string, CimType> = new Map(cimTypes.map((type) => [type, type]));

/** The type of that name, in any case of letters. */
export function typeNamed(name: string): CimType {
  const type = typesByName.get(name) ?? typesByName.get(name.toLowerCase());
  if (type) return type;
  throw fault(`there is no CIM type ${quoted(name)}`);
}

/** The TYPE of an element that holds a value; references have elements of their own. */
export function valueType(node: Node): CimType {
  const type = typeNamed(required(node, 'TYPE'));
  if (type === 'reference') throw fault(`${node.name} cannot be of type reference; ${node.name}.REFERENCE can`);
  return type;
}

/** A boolean attribute, with what it means where it is left out. */
export function flag(node: Node, attribute: string, missing: boolean): boolean {
  const value = node.attributes[attribute];
  if (value === undefined) return missing;
  const folded = value.toLowerCase();
  if (folded === 'true' || folded === 'false') return folded === 'true';
  throw fault(`${attribute} of ${node.name} has to be true or false, not ${quoted(value)}`);
}

/** What the attribute EmbeddedObject says, in whatever case the name and value are (sblim writes them in capitals). */
export function embeddedOf(node: Node): Embedded | undefined {
  for (const name in node.attributes) {
    if (name.length !== 14 || name.toLowerCase() !== 'embeddedobject') continue;
    const value = node.attributes[name]!.toLowerCase();
    if (value === 'instance' || value === 'object') return value;
    throw fault(`${name} of ${node.name} has to be instance or object, not ${quoted(value)}`);
  }
  return undefined;
}
