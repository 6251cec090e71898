import { describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import type { CimInstance, Shape } from '../../src/cim/instance.js';
import { NameSet } from '../../src/cim/name.js';
import { instancePath } from '../../src/cim/path.js';
import { encodeInstance } from '../../src/cimxml/instance-out.js';
import { encodeMultiResponse, encodeResponse, newTally } from '../../src/cimxml/response.js';
import { contentOf, reply, write } from './xml.js';

const plain = { classOrigin: false };
const shape: Shape = {
  className: 'C',
  properties: [
    { name: 'Name', type: 'string', isArray: false, classOrigin: 'Base', propagated: true },
    { name: 'Size', type: 'uint64', isArray: false, classOrigin: 'C' },
    { name: 'States', type: 'uint16', isArray: true },
  ],
};
const instance = (name: string | null): CimInstance => ({
  kind: 'instance',
  shape,
  values: [name, 18_446_744_073_709_551_615n, [1, null, 2]],
  path: instancePath('C', [{ name: 'Name', type: 'string', value: name ?? '' }], 'root/cimv2'),
});
const element =
  '<INSTANCE CLASSNAME="C"><PROPERTY NAME="Name" TYPE="string"><VALUE>a</VALUE></PROPERTY>' +
  '<PROPERTY NAME="Size" TYPE="uint64"><VALUE>18446744073709551615</VALUE></PROPERTY>' +
  '<PROPERTY.ARRAY NAME="States" TYPE="uint16"><VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/><VALUE>2</VALUE></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>';
const name =
  '<INSTANCENAME CLASSNAME="C"><KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string" TYPE="string">a</KEYVALUE></KEYBINDING></INSTANCENAME>';
const local = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>';
const full = `<INSTANCEPATH><NAMESPACEPATH><HOST>bridge:5989</HOST>${local}</NAMESPACEPATH>${name}</INSTANCEPATH>`;
const classPath = `<CLASSPATH><NAMESPACEPATH><HOST>bridge:5989</HOST>${local}</NAMESPACEPATH><CLASSNAME NAME="C"/></CLASSPATH>`;

describe('the message around a reply (DSP0201 5.2.5)', () => {
  it('is this, to the letter', () => {
    expect(write([reply({ kind: 'void' }, 'DeleteInstance')]).xml).toBe(
      '<?xml version="1.0" encoding="utf-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="7" PROTOCOLVERSION="1.0">' +
        '<SIMPLERSP><IMETHODRESPONSE NAME="DeleteInstance"></IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>\n',
    );
  });
  it('carries the ID as it came, whatever it is', () => {
    expect(write([reply({ kind: 'void' })], undefined, ' <"\n>').xml).toContain('ID=" &lt;&quot;&#10;&gt;"');
  });
  it('is a MULTIRSP for several, errors among them', () => {
    const error = new CimError('NOT_FOUND', 'no such "thing"');
    const { xml } = write([reply({ kind: 'void' }, 'A'), reply(error, 'B'), reply(error, 'C', 'extrinsic')]);
    const wrong = '<ERROR CODE="6" DESCRIPTION="no such &quot;thing&quot;"></ERROR>';
    expect(xml).toContain(
      '<MULTIRSP><SIMPLERSP><IMETHODRESPONSE NAME="A"></IMETHODRESPONSE></SIMPLERSP>' +
        `<SIMPLERSP><IMETHODRESPONSE NAME="B">${wrong}</IMETHODRESPONSE></SIMPLERSP>` +
        `<SIMPLERSP><METHODRESPONSE NAME="C">${wrong}</METHODRESPONSE></SIMPLERSP></MULTIRSP>`,
    );
  });
});

describe('each kind of result', () => {
  it('instance: INSTANCE', () => {
    expect(contentOf({ kind: 'instance', item: instance('a'), selection: plain })).toBe(
      `<IRETURNVALUE>${element}</IRETURNVALUE>`,
    );
  });
  it('namedInstances: VALUE.NAMEDINSTANCE', () => {
    expect(contentOf({ kind: 'namedInstances', items: [instance('a')], selection: plain })).toBe(
      `<IRETURNVALUE><VALUE.NAMEDINSTANCE>${name}${element}</VALUE.NAMEDINSTANCE></IRETURNVALUE>`,
    );
  });
  it('instanceNames: INSTANCENAME', () => {
    expect(contentOf({ kind: 'instanceNames', items: [instance('a').path!] })).toBe(
      `<IRETURNVALUE>${name}</IRETURNVALUE>`,
    );
  });
  it('objects: VALUE.OBJECTWITHPATH with host and namespace', () => {
    expect(contentOf({ kind: 'objects', items: [instance('a')], selection: plain })).toBe(
      `<IRETURNVALUE><VALUE.OBJECTWITHPATH>${full}${element}</VALUE.OBJECTWITHPATH></IRETURNVALUE>`,
    );
  });
  it('objectPaths: OBJECTPATH, of instances and classes; a path without a namespace is in that of the call', () => {
    const paths = [
      instance('a').path!,
      { kind: 'classPath' as const, className: 'C' },
      { kind: 'classPath' as const, className: 'C', host: 'other', namespace: 'x' },
    ];
    expect(contentOf({ kind: 'objectPaths', items: paths })).toBe(
      `<IRETURNVALUE><OBJECTPATH>${full}</OBJECTPATH><OBJECTPATH>${classPath}</OBJECTPATH>` +
        '<OBJECTPATH><CLASSPATH><NAMESPACEPATH><HOST>other</HOST><LOCALNAMESPACEPATH><NAMESPACE NAME="x"/></LOCALNAMESPACEPATH>' +
        '</NAMESPACEPATH><CLASSNAME NAME="C"/></CLASSPATH></OBJECTPATH></IRETURNVALUE>',
    );
  });
  it('classNames: CLASSNAME', () => {
    expect(contentOf({ kind: 'classNames', items: ['A', 'B'] })).toBe(
      '<IRETURNVALUE><CLASSNAME NAME="A"/><CLASSNAME NAME="B"/></IRETURNVALUE>',
    );
  });
  it('an empty list: an empty IRETURNVALUE, with both its tags', () => {
    for (const kind of ['namedInstances', 'objects'] as const)
      expect(contentOf({ kind, items: [], selection: plain })).toBe('<IRETURNVALUE></IRETURNVALUE>');
    expect(contentOf({ kind: 'instanceNames', items: [] })).toBe('<IRETURNVALUE></IRETURNVALUE>');
  });
  it('value: VALUE, VALUE.ARRAY, VALUE.REFERENCE, or nothing for NULL', () => {
    expect(contentOf({ kind: 'value', type: 'uint8', value: 5 })).toBe('<IRETURNVALUE><VALUE>5</VALUE></IRETURNVALUE>');
    expect(contentOf({ kind: 'value', type: 'string', value: [] })).toBe(
      '<IRETURNVALUE><VALUE.ARRAY></VALUE.ARRAY></IRETURNVALUE>',
    );
    expect(contentOf({ kind: 'value', type: 'string', value: null })).toBe('<IRETURNVALUE></IRETURNVALUE>');
    expect(contentOf({ kind: 'value', type: 'reference', value: instance('a').path! })).toBe(
      `<IRETURNVALUE><VALUE.REFERENCE><LOCALINSTANCEPATH>${local}${name}</LOCALINSTANCEPATH></VALUE.REFERENCE></IRETURNVALUE>`,
    );
  });
  it('method: RETURNVALUE, and a PARAMVALUE for each output', () => {
    const { path } = instance('a');
    expect(
      contentOf(
        {
          kind: 'method',
          returned: { type: 'uint32', value: 4096 },
          output: [
            { name: 'Job', type: 'reference', value: path! },
            { name: 'None', type: 'reference', value: null },
            { name: 'Many', type: 'reference', isArray: true, value: [{ ...path!, host: 'h' }, null] },
            { name: 'Bare', type: 'reference', value: instancePath('C', []) },
            { name: 'Made', type: 'string', embedded: 'instance', value: instance('a') },
          ],
        },
        'extrinsic',
      ),
    ).toBe(
      '<RETURNVALUE PARAMTYPE="uint32"><VALUE>4096</VALUE></RETURNVALUE>' +
        `<PARAMVALUE NAME="Job" PARAMTYPE="reference"><VALUE.REFERENCE><LOCALINSTANCEPATH>${local}${name}</LOCALINSTANCEPATH></VALUE.REFERENCE></PARAMVALUE>` +
        '<PARAMVALUE NAME="None" PARAMTYPE="reference"></PARAMVALUE>' +
        '<PARAMVALUE NAME="Many" PARAMTYPE="reference"><VALUE.REFARRAY>' +
        `<VALUE.REFERENCE><INSTANCEPATH><NAMESPACEPATH><HOST>h</HOST>${local}</NAMESPACEPATH>${name}</INSTANCEPATH></VALUE.REFERENCE><VALUE.NULL/>` +
        '</VALUE.REFARRAY></PARAMVALUE>' +
        '<PARAMVALUE NAME="Bare" PARAMTYPE="reference"><VALUE.REFERENCE><INSTANCENAME CLASSNAME="C"></INSTANCENAME></VALUE.REFERENCE></PARAMVALUE>' +
        '<PARAMVALUE NAME="Made" PARAMTYPE="string" EmbeddedObject="instance"><VALUE>' +
        `${element.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</VALUE></PARAMVALUE>`,
    );
  });
});

describe('values (DSP0201 5.2.2)', () => {
  const text = (type: 'real32', value: number) => contentOf({ kind: 'value', type, value }).replace(/<[^>]*>/g, '');
  it('tells NULL, "" and [] apart', () => {
    const three: Shape = {
      className: 'C',
      properties: ['A', 'B', 'D', 'E'].map((n, i) => ({ name: n, type: 'string' as const, isArray: i > 1 })),
    };
    expect(encodeInstance({ kind: 'instance', shape: three, values: [null, '', null, []] }, plain)).toBe(
      '<INSTANCE CLASSNAME="C"><PROPERTY NAME="A" TYPE="string"></PROPERTY><PROPERTY NAME="B" TYPE="string"><VALUE></VALUE></PROPERTY>' +
        '<PROPERTY.ARRAY NAME="D" TYPE="string"></PROPERTY.ARRAY><PROPERTY.ARRAY NAME="E" TYPE="string"><VALUE.ARRAY></VALUE.ARRAY></PROPERTY.ARRAY></INSTANCE>',
    );
  });
  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1.5, '1.5'],
    [1e21, '1.0E+21'],
    [-2.5e-7, '-2.5E-7'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'INF'],
    [Number.NEGATIVE_INFINITY, '-INF'],
  ])('writes the real %d as %s', (value, wanted) => {
    expect(text('real32', value)).toBe(wanted);
  });
  it('writes booleans in capitals and 64-bit integers in decimal', () => {
    expect(contentOf({ kind: 'value', type: 'boolean', value: [true, false] })).toContain(
      '<VALUE>TRUE</VALUE><VALUE>FALSE</VALUE>',
    );
    expect(contentOf({ kind: 'value', type: 'sint64', value: -9_223_372_036_854_775_808n })).toContain(
      '<VALUE>-9223372036854775808</VALUE>',
    );
  });
  it('gives every KEYVALUE a TYPE and VALUETYPE, a key without a type the widest', () => {
    const keys = ['s', true, 5, 5.5, -5n, 5n] as const;
    const path = instancePath(
      'C',
      keys.map((value, index) => ({ name: `K${index}`, type: undefined, value })),
    );
    const types = [...contentOf({ kind: 'instanceNames', items: [path] }).matchAll(/VALUETYPE="(\w+)" TYPE="(\w+)"/g)];
    expect(types.map(([, valueType, type]) => `${valueType} ${type}`)).toEqual([
      'string string',
      'boolean boolean',
      'numeric uint64',
      'numeric real64',
      'numeric sint64',
      'numeric uint64',
    ]);
  });
  it('writes a key that is a path as VALUE.REFERENCE', () => {
    const inner = instancePath('D', [{ name: 'Id', type: 'uint16', value: 1 }], 'root/cimv2');
    const path = instancePath('C', [{ name: 'Ref', type: 'reference', value: inner }]);
    expect(contentOf({ kind: 'instanceNames', items: [path] })).toContain(
      `<KEYBINDING NAME="Ref"><VALUE.REFERENCE><LOCALINSTANCEPATH>${local}<INSTANCENAME CLASSNAME="D"><KEYBINDING NAME="Id">` +
        '<KEYVALUE VALUETYPE="numeric" TYPE="uint16">1</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH></VALUE.REFERENCE></KEYBINDING>',
    );
  });
});

describe('the selection of properties', () => {
  const item = instance('a');
  it('leaves out what is not in the list, in any case of letters; an empty list leaves nothing', () => {
    const some = { classOrigin: false, properties: new NameSet(['SIZE', 'nothing']) };
    expect(encodeInstance(item, some)).toBe(
      '<INSTANCE CLASSNAME="C"><PROPERTY NAME="Size" TYPE="uint64"><VALUE>18446744073709551615</VALUE></PROPERTY></INSTANCE>',
    );
    expect(encodeInstance(item, { classOrigin: false, properties: new NameSet() })).toBe(
      '<INSTANCE CLASSNAME="C"></INSTANCE>',
    );
  });
  it('names origins only when asked', () => {
    expect(encodeInstance(item, { classOrigin: true, properties: new NameSet(['Name', 'Size']) })).toBe(
      '<INSTANCE CLASSNAME="C"><PROPERTY NAME="Name" TYPE="string" CLASSORIGIN="Base" PROPAGATED="true"><VALUE>a</VALUE></PROPERTY>' +
        '<PROPERTY NAME="Size" TYPE="uint64" CLASSORIGIN="C"><VALUE>18446744073709551615</VALUE></PROPERTY></INSTANCE>',
    );
    expect(encodeInstance(item, plain)).toBe(element);
  });
});

describe('streaming', () => {
  const many = function* (count: number, pulled: { n: number }, fail?: number) {
    for (let i = 0; i < count; i++) {
      if (i === fail) throw new CimError('ACCESS_DENIED', 'not this one');
      pulled.n++;
      yield instance(`name ${i}`);
    }
  };
  const result = (count: number, pulled: { n: number }, fail?: number) =>
    ({ kind: 'namedInstances', items: many(count, pulled, fail), selection: plain }) as const;

  it('gives out chunks of about 64 KiB and counts instances and bytes', () => {
    const { chunks, tally } = write([reply(result(1000, { n: 0 }))]);
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks.slice(0, -1)) expect(Math.abs(chunk.length - 65_536)).toBeLessThan(1500);
    expect(tally).toEqual({
      instances: 1000,
      bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      error: undefined,
    });
  });
  it('is the same text whatever the size of the chunks', () => {
    const whole = write([reply(result(50, { n: 0 }))], 1e9);
    const parts = write([reply(result(50, { n: 0 }))], 1);
    expect(whole.chunks).toHaveLength(1);
    expect(parts.chunks.length).toBeGreaterThan(50);
    expect(parts.xml).toBe(whole.xml);
  });
  it('gives out what it has before a delay, and the delay itself; the head alone waits for the first item', async () => {
    const delay = Promise.resolve();
    const items = [instance('a'), delay, instance('b')];
    const [first, second, third] = [
      ...encodeResponse('1', [reply({ kind: 'namedInstances', items, selection: plain })], { host: 'h' }),
    ];
    expect(String(first)).toContain(element);
    expect(second).toBe(delay);
    expect(String(third)).toMatch(/<VALUE>b<.*<\/CIM>/s);
    const late = reply({ kind: 'namedInstances', items: [delay, instance('a')], selection: plain });
    expect([...encodeResponse('1', [late], { host: 'h' })]).toEqual([delay, expect.any(Buffer)]);
    const parts: Buffer[] = [];
    const several = async function* () {
      yield late;
      yield reply({ kind: 'void' });
    };
    for await (const part of encodeMultiResponse('1', several(), { host: 'h' })) parts.push(part);
    expect(Buffer.concat(parts).toString()).toContain(element);
  });
  it('pulls items only as chunks are asked for, and lets go of them when the reader stops', () => {
    const pulled = { n: 0 };
    const items = many(1_000_000, pulled);
    const replies = [reply({ kind: 'namedInstances', items, selection: plain })];
    const chunks = encodeResponse('1', replies, { host: 'h', chunk: 1000 });
    chunks.next();
    expect(pulled.n).toBeLessThan(10);
    chunks.return(undefined);
    expect(items.next().done).toBe(true);
  });
  it('turns a failure before the first chunk into an ERROR, and forgets what it had counted', () => {
    const { xml, tally } = write([reply(result(10, { n: 0 }, 5), 'Op')]);
    expect(xml).toContain(
      '<IMETHODRESPONSE NAME="Op"><ERROR CODE="2" DESCRIPTION="not this one"></ERROR></IMETHODRESPONSE>',
    );
    expect(tally.instances).toBe(0);
    expect(tally.error?.status).toBe('ACCESS_DENIED');
  });
  it('throws after it, the cause kept for the log', () => {
    const tally = newTally();
    const chunks = encodeResponse('1', [reply(result(1000, { n: 0 }, 900))], { host: 'h', tally });
    expect(() => [...chunks]).toThrow('not this one');
    expect(tally.error?.status).toBe('ACCESS_DENIED');
    expect(tally.bytes).toBeGreaterThan(65_536);
  });
  it('takes back the failing one of several alone', () => {
    const { xml, tally } = write([reply(result(2, { n: 0 }), 'A'), reply(result(9, { n: 0 }, 3), 'B')]);
    expect(xml.match(/<VALUE\.NAMEDINSTANCE>/g)).toHaveLength(2);
    expect(xml).toContain('<IMETHODRESPONSE NAME="B"><ERROR CODE="2"');
    expect(tally.instances).toBe(2);
  });
  it('says nothing of what an unforeseen fault was, but hands it to the log', () => {
    const secret = new Error('password=hunter2');
    const items = (function* () {
      yield instance('a');
      throw secret;
    })();
    const { xml, tally } = write([reply({ kind: 'namedInstances', items, selection: plain })]);
    expect(xml).toContain('<ERROR CODE="1"');
    expect(xml).not.toContain('hunter2');
    expect(tally.error?.cause).toBe(secret);
  });
  it('reports an instance without a path, where one is needed, as our own fault', () => {
    const { path: _path, ...bare } = instance('a');
    expect(contentOf({ kind: 'namedInstances', items: [bare], selection: plain })).toContain('<ERROR CODE="1"');
  });
  it('counts neither void nor the values of a method as instances', () => {
    const method = { kind: 'method', returned: { type: 'uint32', value: 0 }, output: [] } as const;
    expect(write([reply({ kind: 'void' }), reply(method, 'M', 'extrinsic')]).tally.instances).toBe(0);
  });
});
