import { posix } from 'node:path';
import type { CimClass, QualifierType } from '../cim/class.js';
import { fold, NameMap, sameName } from '../cim/name.js';
import { lineAndColumn, MofError } from './error.js';
import { resolveInstances } from './instance.js';
import { parse } from './parser.js';
import { resolveQualifierType } from './qualifier.js';
import { resolveClass } from './resolve.js';
import type { Schema } from './schema.js';
import { schemaOf } from './schema-index.js';
import { type MofSource, openSource } from './source.js';
import type { ClassNode, InstanceNode, PragmaNode, QualifierTypeNode } from './syntax.js';

/** All that the files of a source declare. An instance knows the namespace that a pragma put it in. */
interface Declarations {
  readonly qualifierTypes: NameMap<QualifierTypeNode>;
  readonly classes: NameMap<ClassNode>;
  readonly instances: { readonly node: InstanceNode; readonly namespace: string | undefined }[];
}

function declare<N extends ClassNode | QualifierTypeNode>(into: NameMap<N>, node: N, what: string): void {
  const first = into.get(node.name);
  if (!first) {
    into.set(node.name, node);
    return;
  }
  const { line, column } = lineAndColumn(first);
  throw new MofError(node, `${what} ${node.name} stands already at ${first.source.file}:${line}:${column}`);
}

/** Reads the roots of a source and what they include, each file once (DSP0004 7.11). */
class Collector {
  readonly found: Declarations = { qualifierTypes: new NameMap(), classes: new NameMap(), instances: [] };
  readonly #source: MofSource;
  readonly #read = new Set<string>();
  #namespace: string | undefined;

  constructor(source: MofSource) {
    this.#source = source;
    for (const root of source.roots)
      if (!this.#file(root, root)) throw new Error(`there is no file ${root} in what was to be compiled`);
  }

  #file(path: string, root: string): boolean {
    if (this.#read.has(path)) return true;
    const text = this.#source.read(path);
    if (!text) return false;
    this.#read.add(path);
    for (const production of parse(text)) {
      if (production.kind === 'pragma') this.#pragma(production, path, root);
      else if (production.kind === 'class') declare(this.found.classes, production, 'the class');
      else if (production.kind === 'qualifierType') declare(this.found.qualifierTypes, production, 'the qualifier');
      else this.found.instances.push({ node: production, namespace: this.#namespace });
    }
    return true;
  }

  /** `locale` and the like change nothing of what is compiled. */
  #pragma(node: PragmaNode, path: string, root: string): void {
    if (sameName(node.name, 'namespace')) this.#namespace = node.parameter.replace(/^\/+|\/+$/g, '');
    if (sameName(node.name, 'include')) this.#include(node, path, root);
  }

  /** Beside the file that includes it, or beside the root, from which the DMTF's files count. */
  #include(node: PragmaNode, path: string, root: string): void {
    const name = node.parameter.replaceAll('\\', '/');
    const places = [posix.join(posix.dirname(path), name), posix.join(posix.dirname(root), name)];
    if (!places.some((place) => this.#file(place, root)))
      throw new MofError(node, `there is no file ${places[0]} to include`);
  }
}

/** What `first` declares, and of `second` what it lacks. */
function merge(first: Declarations, second: Declarations): Declarations {
  const missing = <N extends { readonly name: string }>(a: NameMap<N>, b: NameMap<N>): NameMap<N> =>
    new NameMap([...a, ...[...b].filter((node) => !a.has(node.name))].map((node) => [node.name, node]));
  return {
    qualifierTypes: missing(first.qualifierTypes, second.qualifierTypes),
    classes: missing(first.classes, second.classes),
    instances: [...first.instances, ...second.instances],
  };
}

/** Resolves classes in any order of declaration, a superclass always before its subclasses. */
function resolveClasses(nodes: NameMap<ClassNode>, types: NameMap<QualifierType>): NameMap<CimClass> {
  const resolved = new NameMap<CimClass>();
  const underway = new Set<string>();
  const isA = (name: string, ancestor: string): boolean => {
    const seen = new Set<string>();
    for (let node = nodes.get(name); node && !seen.has(node.name); node = nodes.get(node.superclass ?? '')) {
      if (sameName(node.name, ancestor)) return true;
      seen.add(node.name);
    }
    return false;
  };
  const exists = (name: string): boolean => nodes.has(name);
  const superclassOf = (node: ClassNode): CimClass | undefined => {
    if (node.superclass === undefined) return undefined;
    const above = nodes.get(node.superclass);
    const place = { source: node.source, offset: node.superclassOffset };
    if (!above)
      throw new MofError(place, `there is no class ${node.superclass}: the superclass of ${node.name} was expected`);
    if (underway.has(fold(above.name))) throw new MofError(place, `${node.name} would be its own superclass`);
    return resolve(above);
  };
  const resolve = (node: ClassNode): CimClass => {
    const known = resolved.get(node.name);
    if (known) return known;
    underway.add(fold(node.name));
    const one = resolveClass({ node, source: node.source, types, superclass: superclassOf(node), exists, isA });
    underway.delete(fold(node.name));
    resolved.set(node.name, one);
    return one;
  };
  for (const node of nodes) resolve(node);
  return resolved;
}

function resolveAll(declarations: Declarations): Schema {
  const types = new NameMap<QualifierType>();
  for (const node of declarations.qualifierTypes) types.set(node.name, resolveQualifierType(node));
  const schema = schemaOf(types, resolveClasses(declarations.classes, types), []);
  return { ...schema, instances: resolveInstances(declarations.instances, schema) };
}

/** Compiles a source; MofError where its text is wrong, Error where a file cannot be read. DSP0004. */
export const compileSchema = (source: MofSource): Schema => resolveAll(new Collector(source).found);

/**
 * Compiles the schema of a namespace from `root`, a file of includes. With `override` (a folder, zip or file) the classes
 * and qualifiers there take the place of those of the same name, and ours fill what it lacks (decisions.md 26).
 */
export function compileNamespace({ root, override }: { readonly root: string; readonly override?: string }): Schema {
  const ours = new Collector(openSource(root)).found;
  return resolveAll(override === undefined ? ours : merge(new Collector(openSource(override)).found, ours));
}
