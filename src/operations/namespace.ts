import { CimError } from '../cim/error.js';
import { NameMap, sameName } from '../cim/name.js';
import type { Schema } from '../mof/schema.js';
import type { Provider } from '../provider/provider.js';
import { createRenaming, type Renaming } from './renaming.js';

/** A namespace as one call sees it. */
export interface Namespace {
  /** The declared name, by which providers know it. */
  readonly name: string;
  /** The name that answers carry: the declared one, or the alias it was asked under (decisions.md 23). */
  readonly shown: string;
  readonly schema: Schema;
  /** The provider of exactly this class, or undefined when the class can have no instances. */
  provider(className: string): Provider | undefined;
  /** Like the schema's, but also for the classes of other namespaces, which associations may lead to. */
  isA(className: string, ancestor: string): boolean;
  readonly renaming: Renaming;
}

/** The names by which clients look for the interop namespace, besides its own. */
export const interopAliases: Readonly<Record<string, string>> = {
  interop: 'root/interop',
  'root/PG_InterOp': 'root/interop',
};

export interface NamespaceOptions {
  /** The schema of each namespace by its declared name, such as `root/cimv2`. */
  readonly schemas: ReadonlyMap<string, Schema>;
  /** Other names of a namespace: alias to declared name. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The first that has a class serves it. */
  readonly providers: readonly Provider[];
}

function serving(providers: readonly Provider[], namespace: string): NameMap<Provider> {
  const served = new NameMap<Provider>();
  for (const provider of providers) {
    for (const name of provider.classes(namespace)) if (!served.has(name)) served.set(name, provider);
  }
  return served;
}

/** Makes the look-up of namespaces by any of their names; one that is not there is CIM_ERR_INVALID_NAMESPACE. */
export function createNamespaces({ schemas, aliases, providers }: NamespaceOptions): (asked: string) => Namespace {
  const all = [...schemas.values()];
  const known = new NameMap<Namespace>();
  const add = (name: string, shown: string, schema: Schema, served: NameMap<Provider>): void => {
    const isA = (className: string, ancestor: string): boolean =>
      schema.isA(className, ancestor) || all.some((other) => other !== schema && other.isA(className, ancestor));
    const provider = (className: string): Provider | undefined => served.get(className);
    known.set(shown, { name, shown, schema, provider, isA, renaming: createRenaming(name, shown, isA) });
  };
  for (const [name, schema] of schemas) {
    const served = serving(providers, name);
    add(name, name, schema, served);
    for (const [alias, of] of Object.entries(aliases)) if (sameName(of, name)) add(name, alias, schema, served);
  }
  return (asked) => {
    const found = known.get(asked);
    if (found) return found;
    const names = [...schemas.keys()].join(', ');
    throw new CimError('INVALID_NAMESPACE', `there is no namespace ${asked.slice(0, 100)}; there are ${names}`);
  };
}
