import { XMLParser } from 'fast-xml-parser';
import { callXml, ofClass } from '../intrinsic-call.js';
import { type Filter, instanceName, type Seen } from '../profile/client.js';
import { visit } from '../server-stage.js';

/** A path as a client holds it. */
export type Path = Pick<Seen, 'namespace' | 'className' | 'keys'>;

/** What a method gave; output parameters by name: a text, several, or a path. */
export interface Answer {
  readonly returned: number;
  readonly output: Readonly<Record<string, string | readonly string[] | Path>>;
}

/** The error that took the place of an answer (DSP0201 5.2.6). */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

type Node = any;

const lists = new Set(
  'VALUE VALUE.NAMEDINSTANCE VALUE.OBJECTWITHPATH PROPERTY PROPERTY.ARRAY KEYBINDING NAMESPACE PARAMVALUE'.split(' '),
);
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => lists.has(name),
});

const textOf = (node: Node): string => (typeof node === 'object' ? (node['#text'] ?? '') : String(node));

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function pathIn(node: Node, namespace: string): Path {
  const local = node['LOCALINSTANCEPATH'] ?? node['INSTANCEPATH'];
  const spaces = local?.['LOCALNAMESPACEPATH'] ?? local?.['NAMESPACEPATH']?.['LOCALNAMESPACEPATH'];
  const name = local?.['INSTANCENAME'] ?? node['INSTANCENAME'];
  const keys = (name['KEYBINDING'] ?? []).map(({ NAME, KEYVALUE }: Node) => ({
    name: NAME,
    type: KEYVALUE.TYPE ?? 'string',
    value: textOf(KEYVALUE),
  }));
  const names = spaces?.['NAMESPACE'].map(({ NAME }: Node) => NAME);
  return { namespace: names?.join('/') ?? namespace, className: name.CLASSNAME, keys };
}

function valuesIn(instance: Node): Seen['values'] {
  const found = new Map<string, string | readonly string[] | null>();
  for (const { NAME, VALUE } of instance['PROPERTY'] ?? [])
    found.set(NAME.toLowerCase(), VALUE ? textOf(VALUE[0]) : null);
  for (const property of instance['PROPERTY.ARRAY'] ?? []) {
    const items = property['VALUE.ARRAY'];
    found.set(property.NAME.toLowerCase(), items === undefined ? null : (items['VALUE'] ?? []).map(textOf));
  }
  return found;
}

const seen = (node: Node, namespace: string): Seen => ({
  ...pathIn(node, namespace),
  values: valuesIn(node['INSTANCE'] ?? {}),
});

function outputIn(node: Node): Answer['output'][string] {
  if (node['VALUE.REFERENCE']) return pathIn(node['VALUE.REFERENCE'], 'root/cimv2');
  if (node['VALUE.ARRAY'] !== undefined) return (node['VALUE.ARRAY']['VALUE'] ?? []).map(textOf);
  return textOf(node['VALUE']?.[0] ?? '');
}

/** What one value of an instance is called. */
export const textIn = ({ values }: Seen, name: string): string => String(values.get(name.toLowerCase()) ?? '');

/** The identifying key of a path, without what stands before its uuid. */
export const idOf = ({ keys }: Path): string =>
  keys.find(({ name }) => ['InstanceID', 'DeviceID', 'Name'].includes(name))!.value.replace(/^Xen:/, '');

/** Parameters as pywbem 1 sends them: everything that can be a string is one. */
export const loose = {
  text: (name: string, value: string | number): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="string"><VALUE>${escaped(String(value))}</VALUE></PARAMVALUE>`,
  reference: (name: string, path: Path): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="reference"><VALUE.REFERENCE>${instanceName(path as Seen)}</VALUE.REFERENCE></PARAMVALUE>`,
  references: (name: string, paths: readonly Path[]): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="reference"><VALUE.REFARRAY>${paths
      .map((path) => `<VALUE.REFERENCE>${instanceName(path as Seen)}</VALUE.REFERENCE>`)
      .join('')}</VALUE.REFARRAY></PARAMVALUE>`,
  instance: (name: string, instance: string): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="string" EmbeddedObject="instance"><VALUE>${escaped(instance)}</VALUE></PARAMVALUE>`,
  instances: (name: string, instances: readonly string[]): string =>
    `<PARAMVALUE NAME="${name}" PARAMTYPE="string" EmbeddedObject="instance"><VALUE.ARRAY>${instances
      .map((each) => `<VALUE>${escaped(each)}</VALUE>`)
      .join('')}</VALUE.ARRAY></PARAMVALUE>`,
};

/** An instance whose every property is a string, whatever the class says. */
export const instanceXml = (className: string, values: Readonly<Record<string, string | number>>): string =>
  `<INSTANCE CLASSNAME="${className}">${Object.entries(values)
    .map(
      ([name, value]) => `<PROPERTY NAME="${name}" TYPE="string"><VALUE>${escaped(String(value))}</VALUE></PROPERTY>`,
    )
    .join('')}</INSTANCE>`;

/** Parameters as the scripts for xs-cim send them: embedded instances are MOF in a string. */
export const script = {
  mof: (className: string, values: Readonly<Record<string, string | number>>): string =>
    `instance of ${className} {\n${Object.entries(values)
      .map(([name, value]) => `  ${name} = ${typeof value === 'number' ? value : `"${value}"`};\n`)
      .join('')}};`,
  text: (name: string, mof: string): string => `<PARAMVALUE NAME="${name}"><VALUE>${escaped(mof)}</VALUE></PARAMVALUE>`,
  texts: (name: string, mofs: readonly string[]): string =>
    `<PARAMVALUE NAME="${name}"><VALUE.ARRAY>${mofs.map((mof) => `<VALUE>${escaped(mof)}</VALUE>`).join('')}</VALUE.ARRAY></PARAMVALUE>`,
};

/**
 * A client of a bridge at a port of the loopback address, which knows nothing but CIM-XML. Each answer is held against the
 * DTD. Throws Refusal for an error in place of an answer.
 */
export class CimClient {
  readonly #port: number;
  readonly #user: string;

  constructor(port: number, user = 'root:xenroot') {
    this.#port = port;
    this.#user = user;
  }

  async names(className: string, namespace = 'root/cimv2'): Promise<readonly Path[]> {
    const found = await this.#ask('EnumerateInstanceNames', ofClass(className), namespace);
    const names = found['INSTANCENAME'] ?? [];
    return (Array.isArray(names) ? names : [names]).map((name: Node) => pathIn({ INSTANCENAME: name }, namespace));
  }

  async instances(className: string, namespace = 'root/cimv2'): Promise<readonly Seen[]> {
    const found = await this.#ask('EnumerateInstances', ofClass(className), namespace);
    return (found['VALUE.NAMEDINSTANCE'] ?? []).map((item: Node) => seen(item, namespace));
  }

  async get(path: Path): Promise<Seen> {
    const name = `<IPARAMVALUE NAME="InstanceName">${instanceName(path as Seen)}</IPARAMVALUE>`;
    const found = await this.#ask('GetInstance', name, path.namespace);
    return { ...path, values: valuesIn(found['INSTANCE']) };
  }

  async associators(of: Path, filter: Filter): Promise<readonly Seen[]> {
    const filters = Object.entries(filter).map(([name, value]) => {
      const content = name.endsWith('Class') ? `<CLASSNAME NAME="${value}"/>` : `<VALUE>${value}</VALUE>`;
      return `<IPARAMVALUE NAME="${name}">${content}</IPARAMVALUE>`;
    });
    const object = `<IPARAMVALUE NAME="ObjectName">${instanceName(of as Seen)}</IPARAMVALUE>`;
    const found = await this.#ask('Associators', object + filters.join(''), of.namespace);
    return (found['VALUE.OBJECTWITHPATH'] ?? []).map((item: Node) => seen(item, of.namespace));
  }

  /** The one instance at the other end. */
  async associated(of: Path, filter: Filter): Promise<Seen> {
    const found = await this.associators(of, filter);
    if (found.length === 1) return found[0]!;
    throw new Error(`wanted one instance by ${JSON.stringify(filter)}, got ${found.length}`);
  }

  async remove(path: Path): Promise<void> {
    const name = `<IPARAMVALUE NAME="InstanceName">${instanceName(path as Seen)}</IPARAMVALUE>`;
    await this.#ask('DeleteInstance', name, path.namespace);
  }

  async invoke(on: Path, method: string, ...parameters: readonly string[]): Promise<Answer> {
    const space = on.namespace.split('/').map((name) => `<NAMESPACE NAME="${name}"/>`);
    const path = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH>${space.join('')}</LOCALNAMESPACEPATH>${instanceName(on as Seen)}</LOCALINSTANCEPATH>`;
    const call = callXml('X').replace(
      /<IMETHODCALL.*<\/IMETHODCALL>/,
      () => `<METHODCALL NAME="${method}">${path}${parameters.join('')}</METHODCALL>`,
    );
    const { METHODRESPONSE } = await this.#send(call);
    const output = (METHODRESPONSE['PARAMVALUE'] ?? []).map((node: Node) => [node.NAME, outputIn(node)]);
    return { returned: Number(textOf(METHODRESPONSE.RETURNVALUE.VALUE[0])), output: Object.fromEntries(output) };
  }

  async #ask(operation: string, parameters: string, namespace: string): Promise<Node> {
    return (await this.#send(callXml(operation, parameters, namespace))).IMETHODRESPONSE.IRETURNVALUE || {};
  }

  async #send(xml: string): Promise<Node> {
    const { status, body } = await visit(this.#port, '/cimom', xml, this.#user);
    if (status !== 200) throw new Error(`wanted status 200, got ${status}`);
    const answer = parser.parse(body).CIM.MESSAGE.SIMPLERSP;
    const error = (answer.IMETHODRESPONSE ?? answer.METHODRESPONSE).ERROR;
    if (error) throw new Refusal(Number(error.CODE), error.DESCRIPTION);
    return answer;
  }
}

/** The job of an answer, once it has ended. */
export async function jobOf(client: CimClient, { returned, output }: Answer): Promise<Seen> {
  const path = output['Job'] as Path | undefined;
  if (returned !== 4096 || path === undefined)
    throw new Error(`wanted 4096 and a job, got ${returned} ${JSON.stringify(output)}`);
  return endOf(client, path);
}

/** A job once it has ended: it goes on in states 3, 4 and 5, as clients of xs-cim take it. */
export async function endOf(client: CimClient, path: Path): Promise<Seen> {
  for (const began = performance.now(); performance.now() - began < 60_000; ) {
    const job = await client.get(path);
    if (!['3', '4', '5'].includes(textIn(job, 'JobState'))) return job;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the job ${idOf(path)} did not end within a minute`);
}
