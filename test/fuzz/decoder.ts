import { parseDatetime } from '../../src/cim/datetime.js';
import { CimError } from '../../src/cim/error.js';
import { integerOfText, realOfText } from '../../src/cim/number-text.js';
import { parsePath } from '../../src/cim/path-text.js';
import { readCommandLine } from '../../src/command-line.js';
import { checkContentType } from '../../src/http/content-type.js';
import { credential } from '../../src/http/credential.js';
import { extensionHeaders, extensionPrefix } from '../../src/http/extension-header.js';
import { acceptsGzip } from '../../src/http/gzip.js';
import { isPasswordHash } from '../../src/http/password-hash.js';
import { HttpRefusal } from '../../src/http/refusal.js';
import { compileSchema } from '../../src/mof/compile.js';
import { readInstanceText } from '../../src/mof/embedded.js';
import { MofError } from '../../src/mof/error.js';
import { textSource } from '../../src/mof/source.js';
import { readEmbeddedText } from '../../src/pool-methods.js';
import { jsonRpc } from '../../src/xenapi/json-rpc.js';
import { MalformedAnswer } from '../../src/xenapi/protocol.js';
import { parseUpdates } from '../../src/xenapi/rrd-parse.js';
import { outline } from '../../src/xenapi/xml-outline.js';
import { xmlRpc } from '../../src/xenapi/xml-rpc.js';
import { parseTaskResult } from '../../src/xenapi/xml-value.js';

/** Something that reads what others wrote. */
export interface Decoder {
  readonly name: string;
  /** Texts that it takes, from which those that it may not take are made. */
  readonly samples: readonly string[];
  readonly odd?: readonly string[];
  readonly read: (text: string) => unknown;
  /** The error by which it refuses; nothing else may come. None where it takes whatever comes. */
  readonly refuses?: abstract new (
    ...args: never[]
  ) => Error;
}

const mof = String.raw`
  Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
  Qualifier Description : string = null, Scope(any), Flavor(EnableOverride, ToSubclass, Translatable);
  Qualifier ValueMap : string[], Scope(property, method, parameter), Flavor(EnableOverride, ToSubclass);
  Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride);
  Qualifier EmbeddedInstance : string = null, Scope(property, parameter);
  #pragma locale ("en_US")
  // a comment
  [Description ("a" " and b\n\x41")] class A { [Key] string Id; uint8 Number = 0x1F; real32 Part = -1.5E3;
    boolean Yes = TRUE; char16 C = 'x'; datetime When = "20261122100000.000000+060"; string Many[3] = {"a", NULL};
    [ValueMap {"0", "1..5", ".."}] uint32 Do([Description ("in")] string In, A REF Out[]); };
  class B : A { [EmbeddedInstance ("A")] string One; };
  [Association] class T { [Key] A REF Left; [Key] B REF Right; };
  instance of A as $a { Id = "1"; Number = 101B; Many = {"x", "y"}; };
  instance of T { Left = $a; Right = "B.Id=\"2\""; };`;

const instances = [
  'instance of Xen_DiskSettingData { PoolID = "p"; VirtualQuantity = 1073741824; ElementName = "x\\n\\"y\\""; };',
  "/* two */ instance of CIM_X { A = {1, 2, NULL}; B = 1.5; C = true; D = 'c'; }; instance of CIM_Y { };",
  '#pragma namespace ("root/cimv2")\ninstance of Xen_KVP { Key = "a" "b"; };',
];

const embedded = [
  '<INSTANCE CLASSNAME="A"><PROPERTY NAME="P" TYPE="uint8"><VALUE>1</VALUE></PROPERTY></INSTANCE>',
  '<INSTANCE CLASSNAME="A"><PROPERTY.ARRAY NAME="P" TYPE="string"><VALUE.ARRAY><VALUE>a</VALUE><VALUE.NULL/></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>',
  '<CLASS NAME="A" SUPERCLASS="B"><PROPERTY NAME="P" TYPE="datetime"><VALUE>20261122100000.000000+060</VALUE></PROPERTY></CLASS>',
];

const rpc = (value: string): string =>
  `<?xml version="1.0"?><methodResponse><params><param>${value}</param></params></methodResponse>`;
const rpcStruct = (...members: readonly (readonly [string, string])[]): string =>
  `<value><struct>${members.map(([name, value]) => `<member><name>${name}</name>${value}</member>`).join('')}</struct></value>`;
const rpcValues =
  '<value><array><data><value>text</value><value><int>5</int></value><value><double>nan</double></value>' +
  '<value><boolean>1</boolean></value><value><dateTime.iso8601>20261122T14:00:00Z</dateTime.iso8601></value></data></array></value>';

const legend = ['AVERAGE:vm:u1:cpu0', 'AVERAGE:host:h1:memory_free_kib'];
const rows = '<row><t>105</t><v>NaN</v><v>4096.0</v></row><row><t>100</t><v>0.25</v><v>inf</v></row>';

async function* oneByOne(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

/** Every decoder of texts but those of requests, queries and contexts, which have tests of their own. */
export const decoders: readonly Decoder[] = [
  {
    name: 'MOF of a schema',
    samples: [mof],
    read: (text) => compileSchema(textSource({ 'a.mof': text })),
    refuses: MofError,
  },
  {
    name: 'MOF of instances, in parameters of methods',
    samples: instances,
    read: (text) => readInstanceText(text, 'P'),
    refuses: MofError,
  },
  { name: 'CIM-XML embedded as text', samples: embedded, read: readEmbeddedText, refuses: CimError },
  {
    name: 'datetimes',
    samples: [
      '20261122100000.000000+060',
      '00000001020304.000000:000',
      '20261122******.******-300',
      '2026112210****.******+000',
    ],
    read: parseDatetime,
    refuses: CimError,
  },
  {
    name: 'object paths',
    samples: [
      'root/cimv2:Xen_A.Id="a\\"b",N=5,F=TRUE,R="X.K=\\"1\\""',
      'https://host:5989/root/cimv2:Xen_A.Id="a"',
      '//host/root/cimv2:Xen_A',
      "Xen_A.Id='c',D=20261122100000.000000+060",
    ],
    read: parsePath,
    refuses: CimError,
  },
  { name: 'integers', samples: ['0x1F', '-017', '101b', '18446744073709551615'], read: integerOfText },
  { name: 'reals', samples: ['-1.5E+3', '.5', 'INF', 'NaN', '1.'], read: realOfText },
  {
    name: 'XML-RPC answers',
    samples: [
      rpc(rpcStruct(['Status', '<value>Success</value>'], ['Value', rpcValues])),
      rpc(rpcStruct(['Status', '<value>Failure</value>'], ['ErrorDescription', rpcValues])),
    ],
    odd: ['<!--', '-->', '<![CDATA[', ']]>', '<!DOCTYPE', '&#0;', '&lol;'],
    read: (text) => xmlRpc.decode(oneByOne(text)),
    refuses: MalformedAnswer,
  },
  {
    name: 'XML-RPC values in the results of tasks',
    samples: [rpcValues, '<value>OpaqueRef:1</value>'],
    read: parseTaskResult,
    refuses: MalformedAnswer,
  },
  {
    name: 'XML-RPC values with their places',
    samples: [rpcStruct(['version', rpcValues], ['objects', rpcValues])],
    read: outline,
    refuses: MalformedAnswer,
  },
  {
    name: 'JSON-RPC answers',
    samples: [
      '{"jsonrpc":"2.0","id":1,"result":{"a":[1,2.5e3,NaN,12345678901234567890,"x\\u0041"],"b":null,"c":{"__proto__":true}}}',
      '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"HANDLE_INVALID","data":["VM","OpaqueRef:1"]}}',
      '{"id":1,"result":null,"error":["SESSION_INVALID","x"]}',
    ],
    read: (text) => jsonRpc.decode(oneByOne(text)),
    refuses: MalformedAnswer,
  },
  {
    name: 'readings of hosts',
    samples: [
      `<?xml version="1.0"?><xport><meta><start>95</start><step>5</step><end>105</end><rows>2</rows><columns>2</columns><legend>${legend.map((one) => `<entry>${one}</entry>`).join('')}</legend></meta><data>${rows}</data></xport>`,
      JSON.stringify({ meta: { start: 95, step: 5, legend }, data: [{ t: 105, values: ['NaN', '4096.0'] }] }),
      `{"meta":{"step":5,"legend":${JSON.stringify(legend)}},"data":[{"t":105,"values":[NaN,-Infinity]}]}`,
    ],
    read: (text) => parseUpdates(text),
    refuses: MalformedAnswer,
  },
  {
    name: 'Authorization headers',
    samples: [
      `Basic ${Buffer.from('jürgen:pass:word').toString('base64')}`,
      'basic cm9vdDp4 ',
      'Local "root"',
      'Digest username="a"',
    ],
    read: (text) => {
      const given = credential(text);
      if (given !== undefined && (given.user === '' || given.user.includes(':'))) throw new Error('no user');
    },
  },
  {
    name: 'Man and Opt headers',
    samples: ['"http://www.dmtf.org/cim/mapping/http/v1.0";ns=41, http://a/b ; ns=10'],
    read: extensionPrefix,
  },
  {
    name: 'CIMObject headers',
    samples: ['root%2Fcimv2%3AXen_A.Id%3D%22a%22', 'root/cimv2', 'M%C3%BCller'],
    read: (text) =>
      extensionHeaders({ cimobject: text, cimmethod: text, cimoperation: text, man: text, [`41-${text}`]: text }),
    refuses: HttpRefusal,
  },
  {
    name: 'Content-Type headers',
    samples: ['application/xml; charset="utf-8"', 'text/xml;charset=UTF-8;x="a;b"'],
    read: checkContentType,
    refuses: HttpRefusal,
  },
  { name: 'Accept-Encoding headers', samples: ['gzip;q=0.5, identity; q=1, *;q=0'], read: acceptsGzip },
  {
    name: 'hashes of passwords',
    samples: ['$scrypt$ln=15,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA'],
    read: isPasswordHash,
  },
  {
    name: 'command lines',
    samples: [
      'check --pool https://a --http-port=5 --read-only',
      '--config x.yaml certificate a b',
      '--no-such 1',
      'toString --constructor',
    ],
    read: (text) => readCommandLine(text.split(' ')),
  },
];
