import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CimClass } from '../../src/cim/class.js';
import { rows } from '../../src/mapping/index.js';
import { packageFolder } from '../../src/package.js';
import type { Association } from '../../src/provider/association.js';
import type { AnyElement } from '../../src/provider/element.js';
import { demoEngine, schemas } from '../mapping/demo-engine.js';
import { predecessorClasses } from './predecessor.js';

/*
 * node out/test/generate/class-table.js: writes mof/CLASSES.md anew, the table of every class of ours. A test proves it
 * fresh.
 */

export const classTablePath = join(packageFolder, 'mof', 'CLASSES.md');

/** The properties that are declared and that no XenAPI can fill: always NULL. By class. */
export const unfillable: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Xen_ComputerSystem: { NetBiosName: 'The pool does not know it; earlier providers never filled it either' },
  Xen_Processor: {
    ExternalBusClockSpeed: 'A virtual processor has no bus of its own; earlier providers showed the clock of the host',
  },
  Xen_NetworkPort: {
    Speed: 'The limit of a virtual port is in no record; VIF_metrics, a throughput, is gone. See the metrics',
    MaxSpeed: 'As Speed',
  },
  Xen_VirtualSwitchPort: { Speed: 'As of Xen_NetworkPort', MaxSpeed: 'As of Xen_NetworkPort' },
  Xen_ComputerSystemTemplate: {
    OS_Version: 'A template has no guest that could tell',
    Xenstore_Data: 'Shown of machines alone, as ever; the keys of a template are its Xen_KVPSettingData',
  },
  Xen_ComputerSystemSnapshot: {
    Xenstore_Data: 'Shown of machines alone, as ever; the keys of a snapshot are its Xen_KVPSettingData',
  },
  Xen_VirtualSystemMigrationSettingData: {
    DestinationUsername: 'Given with a call alone: there is none by default, and none is kept',
    DestinationPassword: 'As DestinationUsername',
    DestinationFingerprint: 'As DestinationUsername',
  },
};

/** A class of ours as the table shows it. */
export interface ClassLine {
  readonly name: string;
  readonly superclass: string;
  readonly namespaces: readonly string[];
  /** What it stands for in XenAPI; empty where no row stands behind it. */
  readonly source: string;
  readonly instances: number;
  /** Why there are none, or why none of its own; empty where there are. */
  readonly reason: string;
}

const unique = (texts: readonly string[]): string => [...new Set(texts)].join('; ');

const ofBridge: Readonly<Record<string, string>> = { server: 'the bridge itself', job: 'a job of the bridge' };

const sourceOfElement = ({ of, parts }: AnyElement): string =>
  `${ofBridge[of] ?? of}${parts ? ', several of each' : ''}`;

const steps = (of: string, way: readonly string[]): string =>
  way.length === 0 ? `the same ${of}` : `\`${[of, ...way].join('.')}\``;

function sourceOfAssociation({ from, path }: Association): string {
  const of = ofBridge[from.rows[0]!.of] ?? from.rows[0]!.of;
  if (path === 'every') return `${of} with every`;
  return 'first' in path ? path.first.map((way) => steps(of, way)).join(', else ') : steps(of, path);
}

const indication = 'An event: it is delivered to who subscribed, and never enumerated';
const base = 'A base: see the classes that derive from it';
const started = 'There once a method has started a job';

const standsForJobs = ({ of }: AnyElement): boolean => of === 'job';

/** Every class of ours, in the order of the names. */
export async function classLines(): Promise<readonly ClassLine[]> {
  const { engine } = await demoEngine();
  const classes = new Map<string, CimClass>();
  for (const schema of schemas.values()) {
    for (const cls of schema.classes()) if (cls.name.startsWith('Xen_')) classes.set(cls.name, cls);
  }
  const lineOf = (cls: CimClass): ClassLine => {
    const own = rows.elements.filter(({ cim }) => cim === cls.name);
    const ties = rows.associations.filter(({ cim }) => cim === cls.name);
    const namespaces = [...schemas].filter(([, schema]) => schema.class(cls.name)).map(([name]) => name);
    const count = (name: string): number => [...engine.enumerate(name, cls.name)].length;
    const instances = Math.max(...namespaces.map(count));
    const job = own.some(standsForJobs) || ties.some(({ from, to }) => [...from.rows, ...to.rows].some(standsForJobs));
    const deriving = [...schemas.values()].some((schema) => schema.subclasses(cls.name, true).length > 0);
    const why = rows.rowless?.[cls.name] ?? (cls.isIndication ? indication : job ? started : deriving ? base : '');
    return {
      name: cls.name,
      superclass: cls.superclass ?? '',
      namespaces,
      source: unique([...own.map(sourceOfElement), ...ties.map(sourceOfAssociation)]),
      instances,
      reason: instances === 0 ? why : '',
    };
  };
  return [...classes.keys()].sort().map((name) => lineOf(classes.get(name)!));
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const lineText = ({ name, superclass, namespaces, source, instances, reason }: ClassLine): string =>
  row([name, superclass, source, namespaces.join(', '), instances === 0 ? reason : String(instances)]);

const head = [
  row(['Class', 'Superclass', 'Stands for', 'Namespace', 'Instances in the demonstration pool, or why none']),
  row(['---', '---', '---', '---', '---']),
];

/** The text of mof/CLASSES.md. */
export async function classTable(): Promise<string> {
  const lines = await classLines();
  const old = new Set(predecessorClasses);
  const [kept, added] = [lines.filter(({ name }) => old.has(name)), lines.filter(({ name }) => !old.has(name))];
  const nulls = Object.entries(unfillable).flatMap(([cls, properties]) =>
    Object.entries(properties).map(([property, reason]) => row([cls, property, reason])),
  );
  return `${[
    '<!-- Generated by test/generate/class-table.ts from the rows and the MOF; do not edit. -->',
    '# The classes',
    '',
    `${kept.length} of the ${old.size} classes of earlier Xen CIM providers, and ${added.length} beyond them.`,
    '',
    '"Stands for" names the XenAPI class whose records a class shows, and of an association the way from record to',
    'record: fields one after the other, `field=class` where the field holds a uuid, `<class.field` for the records whose',
    'field leads back, `@class` for all of a class.',
    '',
    '## Classes of earlier providers',
    '',
    ...head,
    ...kept.map(lineText),
    '',
    '## Classes beyond them',
    '',
    ...head,
    ...added.map(lineText),
    '',
    '## Properties that are always NULL',
    '',
    'These are declared, by earlier providers or for clients to give; no XenAPI can fill them.',
    '',
    row(['Class', 'Property', 'Why']),
    row(['---', '---', '---']),
    ...nulls,
  ].join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(classTablePath, await classTable());
