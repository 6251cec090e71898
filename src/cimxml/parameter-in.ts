import { CimError } from '../cim/error.js';
import type { Argument, CallParameter } from '../cim/operation.js';
import type { CimType, Embedded } from '../cim/value.js';
import { readClass, readQualifierType } from './class-in.js';
import { embeddedOf, fault, onlyChild, typeNamed } from './fault.js';
import { readInstance, readNamedInstance } from './instance-in.js';
import type { DecodeLimits } from './limit.js';
import type { Node } from './node.js';
import { readClassName, readInstanceName, readReference } from './path-in.js';
import { quoted } from './refusal.js';
import { readItems, readReferences, readValueObject } from './value-in.js';

type Read = (node: Node, embedded: Embedded | undefined, limits: DecodeLimits) => Argument;

/** An array of texts, or of instances: which, its items say. */
function readArray(node: Node, embedded: Embedded | undefined, limits: DecodeLimits): Argument {
  let objects = 0;
  const items = readItems(node, 'VALUE', (item) => {
    const object = readValueObject(item, embedded, limits);
    if (object) objects++;
    if (object?.kind === 'class') throw fault(`an array holds the class ${quoted(object.name)}, not an instance`);
    return object ?? item.text;
  });
  if (objects > 0 && objects < items.filter((item) => item !== null).length)
    throw fault('an array holds text and instances at once');
  return items as Argument;
}

/** What a parameter may hold: all that the DTD allows in IPARAMVALUE or PARAMVALUE (DSP0201 5.2.4). */
const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['VALUE', (node, embedded, limits) => readValueObject(node, embedded, limits) ?? node.text],
  ['VALUE.ARRAY', readArray],
  ['VALUE.REFERENCE', readReference],
  ['VALUE.REFARRAY', readReferences],
  ['VALUE.NAMEDINSTANCE', (node, _embedded, limits) => readNamedInstance(node, limits)],
  ['INSTANCE', (node, _embedded, limits) => readInstance(node, limits)],
  ['INSTANCENAME', readInstanceName],
  ['CLASS', (node, _embedded, limits) => readClass(node, limits)],
  ['CLASSNAME', readClassName],
  ['QUALIFIER.DECLARATION', (node, _embedded, limits) => readQualifierType(node, limits)],
]);

/** What PARAMTYPE says (some clients call it TYPE). The DTD also has `instance` and `object` there. */
function claimOf(node: Node): { readonly type?: CimType; readonly embedded?: Embedded } {
  const name = node.attributes['PARAMTYPE'] || node.attributes['TYPE'];
  const embedded = embeddedOf(node);
  const folded = name?.toLowerCase();
  if (folded === 'instance' || folded === 'object') return { type: 'string', embedded: embedded ?? folded };
  return { ...(name && { type: typeNamed(name) }), ...(embedded && { embedded }) };
}

function readArgument(node: Node, embedded: Embedded | undefined, limits: DecodeLimits): Argument {
  if (node.children.length === 0) return null;
  const child = onlyChild(node, 'a value');
  const read = readers.get(child.name);
  if (read) return read(child, embedded, limits);
  throw fault(`it holds ${quoted(child.name)}, which is no value`);
}

/** IPARAMVALUE or PARAMVALUE; one without a child is null. What is wrong with it comes back as an error that names it. */
export function readParameter(node: Node, name: string, limits: DecodeLimits): CallParameter | CimError {
  try {
    if (node.name === 'IPARAMVALUE') return { name, value: readArgument(node, undefined, limits) };
    const claim = claimOf(node);
    return { name, ...claim, value: readArgument(node, claim.embedded, limits) };
  } catch (reason) {
    if (!(reason instanceof CimError)) throw reason;
    return new CimError(reason.status, `parameter ${name}: ${reason.message}`, { cause: reason.cause });
  }
}
