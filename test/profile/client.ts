import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { XMLParser } from 'fast-xml-parser';
import { assertValid } from '../dtd.js';
import { callXml, ofClass } from '../intrinsic-call.js';
import { startServer } from '../server-stage.js';

/** A value as it stands in CIM-XML: a text, several, or NULL; of a reference the class that it leads to. */
type Value = string | readonly string[] | null;

interface Key {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** An instance as a client sees it: where it is, and what it shows. Names of properties in lower case. */
export interface Seen {
  readonly namespace: string;
  readonly className: string;
  readonly keys: readonly Key[];
  readonly values: ReadonlyMap<string, Value>;
}

export interface Filter {
  readonly AssocClass?: string;
  readonly ResultClass?: string;
  readonly Role?: string;
  readonly ResultRole?: string;
}

/** The error that took the place of an answer (DSP0201 5.2.6). */
export interface Refused {
  readonly code: number;
  readonly description: string;
}

const lists = new Set(
  'VALUE VALUE.OBJECTWITHPATH VALUE.NAMEDINSTANCE OBJECTPATH PROPERTY PROPERTY.ARRAY PROPERTY.REFERENCE KEYBINDING NAMESPACE'.split(
    ' ',
  ),
);
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  isArray: (name) => lists.has(name),
});

type Node = any;

const textOf = (node: Node): string => (typeof node === 'object' ? (node['#text'] ?? '') : String(node));
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function valuesOf(instance: Node): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  for (const { NAME, VALUE } of instance['PROPERTY'] ?? [])
    found.set(NAME.toLowerCase(), VALUE ? textOf(VALUE[0]) : null);
  for (const property of instance['PROPERTY.ARRAY'] ?? []) {
    const array = property['VALUE.ARRAY'];
    const items = typeof array === 'object' ? array['VALUE'] : [];
    found.set(property.NAME.toLowerCase(), array === undefined ? null : (items ?? []).map(textOf));
  }
  for (const { NAME, ...reference } of instance['PROPERTY.REFERENCE'] ?? []) {
    found.set(NAME.toLowerCase(), reference['VALUE.REFERENCE'] ? 'a reference' : null);
  }
  return found;
}

function seen(namespace: string, name: Node, instance: Node): Seen {
  const keys = (name['KEYBINDING'] ?? []).map(({ NAME, KEYVALUE }: Node) => ({
    name: NAME,
    type: KEYVALUE?.TYPE ?? 'string',
    value: KEYVALUE === undefined ? '' : textOf(KEYVALUE),
  }));
  return { namespace, className: name.CLASSNAME, keys, values: instance ? valuesOf(instance) : new Map() };
}

const atPath = (path: Node, instance?: Node): Seen => {
  const { INSTANCENAME, NAMESPACEPATH } = path['INSTANCEPATH'];
  const names: string[] = NAMESPACEPATH['LOCALNAMESPACEPATH']['NAMESPACE'].map(({ NAME }: Node) => NAME);
  return seen(names.join('/'), INSTANCENAME, instance);
};

const keyXml = ({ name, type, value }: Key): string => {
  const kind = /^(u|s)int|^real/.test(type) ? 'numeric' : type === 'boolean' ? 'boolean' : 'string';
  return `<KEYBINDING NAME="${name}"><KEYVALUE VALUETYPE="${kind}" TYPE="${type}">${escaped(value)}</KEYVALUE></KEYBINDING>`;
};

export const instanceName = ({ className, keys }: Seen): string =>
  `<INSTANCENAME CLASSNAME="${className}">${keys.map(keyXml).join('')}</INSTANCENAME>`;

const parameter = (name: string, content: string): string => `<IPARAMVALUE NAME="${name}">${content}</IPARAMVALUE>`;

function filterXml({ Role, ResultRole, ...classes }: Filter): string {
  const named = Object.entries(classes).map(([name, cls]) => parameter(name, `<CLASSNAME NAME="${cls}"/>`));
  const roles = Object.entries({ Role, ResultRole }).filter(([, role]) => role !== undefined);
  return [...named, ...roles.map(([name, role]) => parameter(name, `<VALUE>${role}</VALUE>`))].join('');
}

/**
 * A client that speaks CIM-XML with a bridge on its demonstration pool, and knows nothing of either but what it is told.
 * What it walked once it does not ask again.
 */
export interface Client {
  enumerate(namespace: string, className: string): Promise<readonly Seen[]>;
  associators(of: Seen, filter: Filter): Promise<readonly Seen[]>;
  references(of: Seen, filter: Filter): Promise<readonly Seen[]>;
  /** The error of an intrinsic operation; undefined when it was carried out. */
  refusal(namespace: string, operation: string, parameters?: string): Promise<Refused | undefined>;
  /** The same of a method; `parameters` are PARAMVALUE elements. */
  methodRefusal(of: Seen, method: string, parameters?: string): Promise<Refused | undefined>;
  end(): Promise<void>;
}

const headers = {
  Authorization: `Basic ${Buffer.from('root:xenroot').toString('base64')}`,
  'Content-Type': 'application/xml; charset="utf-8"',
  CIMOperation: 'MethodCall',
};

/** Sends a message and gives back the answer's; all on one connection that stays open. */
function sender(port: number): { send(xml: string): Promise<Node>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (xml: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { agent, method: 'POST', host: '127.0.0.1', port, path: '/cimom', headers };
      const asked = request(options, (response) => {
        if (response.statusCode === 200) text(response).then(resolve, reject);
        else reject(new Error(`wanted status 200, got ${response.statusCode}`));
      });
      asked.on('error', reject);
      asked.end(xml);
    });
  return {
    send: async (xml) => {
      const answer = await post(xml);
      assertValid(answer);
      return parser.parse(answer).CIM.MESSAGE.SIMPLERSP;
    },
    close: () => agent.destroy(),
  };
}

export async function connect(): Promise<Client> {
  const stage = await startServer();
  const { send, close } = sender(stage.port);
  const errorOf = (response: Node): Refused | undefined =>
    response.ERROR && { code: Number(response.ERROR.CODE), description: response.ERROR.DESCRIPTION };
  const ask = async (namespace: string, operation: string, parameters: string): Promise<Node> => {
    const { IMETHODRESPONSE } = await send(callXml(operation, parameters, namespace));
    const error = errorOf(IMETHODRESPONSE);
    if (error) throw new Error(`${operation} in ${namespace}: ${error.code} ${error.description}`);
    return IMETHODRESPONSE.IRETURNVALUE || {};
  };
  const known = new Map<string, Promise<readonly Seen[]>>();
  const once = (operation: string, of: Seen, filter: Filter): Promise<readonly Seen[]> => {
    const name = JSON.stringify([operation, of.namespace, of.className, of.keys, filter]);
    const asked = known.get(name) ?? walked(operation, of, filter);
    known.set(name, asked);
    return asked;
  };
  const walked = async (operation: string, of: Seen, filter: Filter): Promise<readonly Seen[]> => {
    const found = await ask(of.namespace, operation, parameter('ObjectName', instanceName(of)) + filterXml(filter));
    return (found['VALUE.OBJECTWITHPATH'] ?? []).map((item: Node) => atPath(item, item.INSTANCE));
  };
  return {
    enumerate: async (namespace, className) => {
      const found = await ask(namespace, 'EnumerateInstances', ofClass(className));
      return (found['VALUE.NAMEDINSTANCE'] ?? []).map((item: Node) =>
        seen(namespace, item.INSTANCENAME, item.INSTANCE),
      );
    },
    associators: (of, filter) => once('Associators', of, filter),
    references: (of, filter) => once('References', of, filter),
    refusal: async (namespace, operation, parameters = '') =>
      errorOf((await send(callXml(operation, parameters, namespace))).IMETHODRESPONSE),
    methodRefusal: async (of, method, parameters = '') => {
      const space = of.namespace.split('/').map((name) => `<NAMESPACE NAME="${name}"/>`);
      const path = `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH>${space.join('')}</LOCALNAMESPACEPATH>${instanceName(of)}</LOCALINSTANCEPATH>`;
      const call = callXml('X').replace(
        /<IMETHODCALL.*<\/IMETHODCALL>/,
        () => `<METHODCALL NAME="${method}">${path}${parameters}</METHODCALL>`,
      );
      return errorOf((await send(call)).METHODRESPONSE);
    },
    end: async () => {
      close();
      await stage.end();
    },
  };
}
