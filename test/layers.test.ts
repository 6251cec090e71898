import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * What each folder of src may import from. Files in src itself wire everything and are imported by no folder, but for
 * the log, which imports nothing of ours.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cim: [],
  mof: ['cim'],
  cimxml: ['cim'],
  query: ['cim'],
  xenapi: ['cim'],
  provider: ['cim', 'mof', 'cimxml', 'query', 'xenapi'],
  methods: ['cim', 'mof', 'cimxml', 'query', 'xenapi', 'provider'],
  mapping: ['cim', 'mof', 'cimxml', 'query', 'xenapi', 'provider', 'methods'],
  operations: ['cim', 'mof', 'query', 'provider'],
  http: ['cim', 'cimxml', 'operations', 'log'],
  simulator: ['cim', 'xenapi/records', 'xenapi/datamodel.generated'],
};

/** The command line's folder belongs to the files in src itself. */
const top = new Set(['', 'command']);

/** The packages that are kept to certain folders. */
const keptTo: Readonly<Record<string, readonly string[]>> = {
  express: ['http'],
  xmlrpc: ['xenapi', 'simulator'],
  saxes: ['cimxml', 'xenapi'],
};

const listFiles = new Set(['mapping/index.ts', 'operations/table.ts']);

interface Import {
  readonly file: string;
  readonly folder: string;
  readonly statement: 'import' | 'export';
  readonly specifier: string;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

const sources: readonly Source[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ file: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') }));

const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

const statements = /^\s*(import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

/** Every import, re-export and dynamic import of a file's text. */
function importsOf({ file, text }: Source): Import[] {
  const found = [...text.matchAll(statements)].map(([, statement, specifier]) => [statement, specifier] as const);
  const lazy = [...text.matchAll(dynamic)].map(([, specifier]) => ['import', specifier] as const);
  return [...found, ...lazy].map(([statement, specifier]) => ({
    file,
    folder: folderOf(file),
    statement: statement as Import['statement'],
    specifier: specifier!,
  }));
}

const imports = sources.flatMap(importsOf);
const inner = imports.filter(({ specifier }) => specifier.startsWith('.'));

/** The imported file without its ending, relative to src. */
const target = ({ file, specifier }: Import): string => posix.join(posix.dirname(file), specifier).replace(/\.js$/, '');

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const said = (found: Import, why: string): string => `src/${found.file} imports ${found.specifier}: ${why}`;

function direction(found: Import): string | undefined {
  const to = target(found);
  const folder = folderOf(to);
  if (top.has(found.folder) || folder === found.folder) return undefined;
  const may = allowed[found.folder];
  if (!may) return said(found, `the layer of src/${found.folder} is not told in this test`);
  if (may.includes(folder) || may.includes(to)) return undefined;
  return said(found, `${found.folder} may import ${may.join(', ') || 'nothing'}`);
}

test('what the imports look like is seen: plain, type, side effect, re-export, over several lines, dynamic', () => {
  const text = [
    "import { a } from './a.js';",
    "import type { b } from '../cim/b.js';",
    "import './c.js';",
    "export { d } from './d.js';",
    "import {\n  type e,\n  f,\n} from './e.js';",
    "const g = await import('./g.js');",
    "const said = 'import';\nexport const h = 'h';",
  ].join('\n');
  const seen = importsOf({ file: 'x/y.ts', text }).map(({ statement, specifier }) => `${statement} ${specifier}`);
  expect(seen).toEqual([
    'import ./a.js',
    'import ../cim/b.js',
    'import ./c.js',
    'export ./d.js',
    'import ./e.js',
    'import ./g.js',
  ]);
});

test('a wrong direction is seen', () => {
  const wrong = (file: string, specifier: string) =>
    direction({ file, folder: folderOf(file), statement: 'import', specifier });
  expect(wrong('cim/path.ts', '../mof/schema.js')).toContain('cim may import nothing');
  expect(wrong('operations/table.ts', '../xenapi/view.js')).toBeDefined();
  expect(wrong('simulator/host.ts', '../xenapi/client.js')).toBeDefined();
  expect(wrong('simulator/host.ts', '../xenapi/records.js')).toBeUndefined();
  expect(wrong('http/listener.ts', '../config.js')).toBeDefined();
  expect(wrong('server.ts', './http/listener.js')).toBeUndefined();
});

test('imports go in one direction', () => {
  expect(imports.length).toBeGreaterThan(50);
  expect(inner.map(direction).filter((fault) => fault !== undefined)).toEqual([]);
});

test('no folders import each other in a circle', () => {
  const edges = new Map<string, Set<string>>();
  for (const found of inner) {
    const [from, to] = [found.folder, folderOf(target(found))];
    if (from !== to && !top.has(from)) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  }
  const circles: string[] = [];
  const visit = (folder: string, path: readonly string[]): void => {
    if (path.includes(folder)) circles.push([...path.slice(path.indexOf(folder)), folder].join(' → '));
    else for (const next of edges.get(folder) ?? []) visit(next, [...path, folder]);
  };
  for (const folder of edges.keys()) visit(folder, []);
  expect(circles).toEqual([]);
});

test('imports name the file that will be run, never a folder', () => {
  const wrong = inner.filter(({ specifier }) => !specifier.endsWith('.js') || /(^|\/)index\.js$/.test(specifier));
  const faults = wrong.filter((found) => target(found) !== 'mapping/index');
  expect(faults.map((found) => said(found, 'name a file, with .js'))).toEqual([]);
});

test('there are no barrels: an index is the list of mappings, and only lists pass on what they import', () => {
  const indexes = sources.map(({ file }) => file).filter((file) => /(^|\/)index\.ts$/.test(file));
  expect(indexes.filter((file) => !listFiles.has(file))).toEqual([]);
  const passed = inner.filter(({ statement, file }) => statement === 'export' && !listFiles.has(file));
  expect(passed.map((found) => said(found, 'and exports it again'))).toEqual([]);
});

test('packages stay where they belong', () => {
  const astray = imports.filter(({ specifier, folder }) => {
    const home = keptTo[packageOf(specifier)];
    return home && !home.includes(folder);
  });
  expect(astray.map((found) => said(found, `only in ${keptTo[packageOf(found.specifier)]!.join(', ')}`))).toEqual([]);
});

test('the log, which others may import, imports none of our files', () => {
  expect(inner.filter(({ file }) => file === 'log.ts').map(({ specifier }) => specifier)).toEqual([]);
});

test('what was not foreseen becomes a CimError in one place, and else only where answers are written', () => {
  const calls = sources.flatMap(({ file, text }) => [...text.matchAll(/CimError\.from\(/g)].map(() => file));
  const protocol = new Set(['cimxml', 'http']);
  expect(calls.filter((file) => !protocol.has(folderOf(file)))).toEqual(['operations/table.ts']);
});

test('names say what is in a file: kebab-case, no default exports, no rooms for odds and ends', () => {
  const odd = /(^|\/)(utils?|helpers?|common|types|impl|misc)(\.ts|\/)/;
  const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.generated|\.d)?\.ts$/;
  const files = sources.map(({ file }) => file);
  expect(files.filter((file) => odd.test(file) || !kebab.test(file))).toEqual([]);
  const defaults = sources.filter(({ text }) => /^export default\b/m.test(text));
  expect(defaults.map(({ file }) => file)).toEqual([]);
});
