import { sameName } from '../cim/name.js';
import { type ClassPath, type InstancePath, instancePath, type KeyBinding } from '../cim/path.js';
import { trimNamespace } from '../cim/path-text.js';
import { exactChildren, fault, noChildren, onlyChild, required, typeNamed } from './fault.js';
import { type Node, wrongChild } from './node.js';
import { quoted } from './refusal.js';
import { readNumber, readScalar } from './scalar-in.js';

/** The key of an INSTANCENAME that names none of its keys: the class has but one. */
export const onlyKey = '';

function readKeyValue(node: Node, name: string): KeyBinding {
  noChildren(node);
  const { attributes, text } = node;
  const typeName = attributes['TYPE'];
  if (typeName) {
    const type = typeNamed(typeName);
    return { name, type, value: readScalar(type, text) };
  }
  const valueType = attributes['VALUETYPE'] || 'string';
  switch (valueType.toLowerCase()) {
    case 'numeric':
      return { name, type: undefined, value: readNumber(text) };
    case 'boolean':
      return { name, type: 'boolean', value: readScalar('boolean', text) };
    case 'string':
      return { name, type: undefined, value: text };
    default:
      throw fault(`there is no VALUETYPE ${quoted(valueType)}: it is string, boolean or numeric`);
  }
}

function readKey(node: Node, name: string): KeyBinding {
  if (node.name === 'KEYVALUE') return readKeyValue(node, name);
  if (node.name === 'VALUE.REFERENCE') return { name, type: 'reference', value: readInstanceReference(node) };
  throw fault(`${quoted(node.name)} stands where a KEYVALUE or VALUE.REFERENCE belongs`);
}

function readKeys(node: Node): readonly KeyBinding[] {
  const { children } = node;
  if (children.length === 1 && children[0]!.name !== 'KEYBINDING') return [readKey(children[0]!, onlyKey)];
  return children.map((child) => {
    if (child.name !== 'KEYBINDING') throw fault(wrongChild(node, child, 'KEYBINDING'));
    return readKey(onlyChild(child, 'KEYVALUE or VALUE.REFERENCE'), required(child, 'NAME'));
  });
}

function checkDistinct(node: Node, keys: readonly KeyBinding[]): void {
  keys.forEach((key, index) => {
    if (index > 0 && sameName(keys[index - 1]!.name, key.name))
      throw fault(`${node.name} of ${required(node, 'CLASSNAME')} has the key ${quoted(key.name)} twice`);
  });
}

/** INSTANCENAME: class and keys, without a namespace. */
export function readInstanceName(node: Node): InstancePath {
  const path = instancePath(required(node, 'CLASSNAME'), readKeys(node));
  checkDistinct(node, path.keys);
  return path;
}

/** CLASSNAME. */
export function readClassName(node: Node): ClassPath {
  noChildren(node);
  return { kind: 'classPath', className: required(node, 'NAME') };
}

/**
 * LOCALNAMESPACEPATH as `root/cimv2`. A NAMESPACE that holds slashes of its own is taken as several; none at all is '',
 * which is the name of no namespace.
 */
export function readNamespace(node: Node): string {
  const names: string[] = [];
  for (const child of node.children) {
    if (child.name !== 'NAMESPACE') throw fault(wrongChild(node, child, 'NAMESPACE'));
    noChildren(child);
    const name = child.attributes['NAME'];
    if (name === undefined) throw fault('NAMESPACE needs a NAME, and has none');
    const plain = /[/\\]/.test(name) ? trimNamespace(name.replace(/[/\\]+/g, '/')) : name;
    if (plain !== '') names.push(plain);
  }
  return names.join('/');
}

const withNamespace = <P extends InstancePath | ClassPath>(path: P, namespace: string): P =>
  namespace === '' ? path : { ...path, namespace };

/** NAMESPACEPATH and LOCALNAMESPACEPATH, put into the path that follows them. */
function readLocal<P extends InstancePath | ClassPath>(node: Node, element: string, read: (node: Node) => P): P {
  const [space, name] = exactChildren(node, 'LOCALNAMESPACEPATH', element);
  return withNamespace(read(name!), readNamespace(space!));
}

function readFull<P extends InstancePath | ClassPath>(node: Node, element: string, read: (node: Node) => P): P {
  const [space, name] = exactChildren(node, 'NAMESPACEPATH', element);
  const [host, local] = exactChildren(space!, 'HOST', 'LOCALNAMESPACEPATH');
  noChildren(host!);
  const path = withNamespace(read(name!), readNamespace(local!));
  return host!.text === '' ? path : { ...path, host: host!.text };
}

type ReadPath = (node: Node) => InstancePath | ClassPath;

const forms: ReadonlyMap<string, ReadPath> = new Map<string, ReadPath>([
  ['INSTANCENAME', readInstanceName],
  ['LOCALINSTANCEPATH', (node) => readLocal(node, 'INSTANCENAME', readInstanceName)],
  ['INSTANCEPATH', (node) => readFull(node, 'INSTANCENAME', readInstanceName)],
  ['CLASSNAME', readClassName],
  ['LOCALCLASSPATH', (node) => readLocal(node, 'CLASSNAME', readClassName)],
  ['CLASSPATH', (node) => readFull(node, 'CLASSNAME', readClassName)],
]);

/** A path in any of its forms; host and namespace are kept as far as they were given. */
export function readPath(node: Node): InstancePath | ClassPath {
  const read = forms.get(node.name);
  if (read) return read(node);
  throw fault(`${quoted(node.name)} stands where a path belongs: one of ${[...forms.keys()].join(', ')}`);
}

/** VALUE.REFERENCE. */
export const readReference = (node: Node): InstancePath | ClassPath => readPath(onlyChild(node, 'a path'));

/** A VALUE.REFERENCE that has to lead to an instance. */
export function readInstanceReference(node: Node): InstancePath {
  const path = readReference(node);
  if (path.kind === 'path') return path;
  throw fault(`a reference to the class ${quoted(path.className)} stands where one to an instance belongs`);
}
