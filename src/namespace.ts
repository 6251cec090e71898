import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.js';
import { compileNamespace } from './mof/compile.js';
import type { Schema } from './mof/schema.js';
import { packageFolder } from './package.js';
import type { NamespaceRecord } from './xenapi/records.js';

interface Declared extends NamespaceRecord {
  readonly root: string;
}

/** The namespaces that are served, each with its other names and the MOF it is compiled from. */
const declared: readonly Declared[] = [
  { name: 'root/cimv2', aliases: [], root: 'root-cimv2.mof' },
  { name: 'root/interop', aliases: ['interop', 'root/PG_InterOp'], root: 'root-interop.mof' },
];

export const namespaces: readonly NamespaceRecord[] = declared.map(({ name, aliases }) => ({ name, aliases }));

/** Other names of namespaces: alias to declared name. */
export const namespaceAliases: Readonly<Record<string, string>> = Object.fromEntries(
  declared.flatMap(({ name, aliases }) => aliases.map((alias) => [alias, name])),
);

/** The schema of each namespace by its declared name. Throws where MOF cannot be read or is wrong, with its place. */
export function compileSchemas({ cimSchema }: Pick<Config, 'cimSchema'>): ReadonlyMap<string, Schema> {
  if (cimSchema !== undefined && !existsSync(cimSchema)) throw new Error(`cim-schema: there is no ${cimSchema}`);
  return new Map(
    declared.map(({ name, root }) => {
      const path = join(packageFolder, 'mof', root);
      return [name, compileNamespace(cimSchema === undefined ? { root: path } : { root: path, override: cimSchema })];
    }),
  );
}
