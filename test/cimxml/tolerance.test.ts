import { describe, expect, it } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { InstancePath } from '../../src/cim/path.js';
import { argumentOf, callOf, intrinsicCall, message, methodCall, parameterError, parameterOf, space } from './xml.js';

/*
 * What clients send that the DTD does not quite say, or says in more than one way, and what it is taken for.
 */

const instance = '<INSTANCE CLASSNAME="D"><PROPERTY NAME="A" TYPE="uint16"><VALUE>7</VALUE></PROPERTY></INSTANCE>';
const read = { kind: 'instance', shape: { className: 'D' }, values: [7] };
const escaped = instance.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

describe('namespaces', () => {
  const namespaceOf = (names: string) =>
    callOf(message(intrinsicCall().replace(space, `<LOCALNAMESPACEPATH>${names}</LOCALNAMESPACEPATH>`))).namespace;
  it.each([
    ['components', '<NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/>', 'root/cimv2'],
    ['all in one', '<NAMESPACE NAME="root/cimv2"/>', 'root/cimv2'],
    ['slashes at the ends', '<NAMESPACE NAME="/root/cimv2/"/>', 'root/cimv2'],
    ['backslashes', '<NAMESPACE NAME="root\\cimv2"/>', 'root/cimv2'],
    ['an empty name', '<NAMESPACE NAME=""/>', ''],
    ['none: an operation answers INVALID_NAMESPACE', '', ''],
    ['the case of its letters', '<NAMESPACE NAME="Root"/><NAMESPACE NAME="CIMv2"/>', 'Root/CIMv2'],
    ['a million slashes in a name', `<NAMESPACE NAME="root${'/'.repeat(1_000_000)}cimv2"/>`, 'root/cimv2'],
    [
      'a hundred thousand parts in a name',
      `<NAMESPACE NAME="${'a/'.repeat(200_000)}"/>`,
      'a/'.repeat(200_000).slice(0, -1),
    ],
  ])('%s', (_what, names, namespace) => expect(namespaceOf(names)).toBe(namespace));
});

describe('keys', () => {
  const keyOf = (content: string) =>
    (
      argumentOf(
        `<INSTANCENAME CLASSNAME="C"><KEYBINDING NAME="K">${content}</KEYBINDING></INSTANCENAME>`,
      ) as InstancePath
    ).keys[0]!;
  it.each([
    ['a string without TYPE or VALUETYPE', '<KEYVALUE>a</KEYVALUE>', undefined, 'a'],
    ['a string with VALUETYPE', '<KEYVALUE VALUETYPE="string">5</KEYVALUE>', undefined, '5'],
    ['a string with TYPE', '<KEYVALUE TYPE="string">5</KEYVALUE>', 'string', '5'],
    ['white space, which counts', '<KEYVALUE> a\n </KEYVALUE>', undefined, ' a\n '],
    ['nothing, which is ""', '<KEYVALUE/>', undefined, ''],
    ['CDATA', '<KEYVALUE><![CDATA[<]]>a<![CDATA[>]]></KEYVALUE>', undefined, '<a>'],
    ['a number of no type', '<KEYVALUE VALUETYPE="numeric"> 42 </KEYVALUE>', undefined, 42],
    ['a number in hexadecimal', '<KEYVALUE VALUETYPE="numeric">0x2A</KEYVALUE>', undefined, 42],
    [
      'a number too great for a double',
      '<KEYVALUE VALUETYPE="numeric">9007199254740993</KEYVALUE>',
      undefined,
      9007199254740993n,
    ],
    ['a real', '<KEYVALUE VALUETYPE="numeric">-1.5e3</KEYVALUE>', undefined, -1500],
    ['a number of a type', '<KEYVALUE VALUETYPE="numeric" TYPE="uint16">42</KEYVALUE>', 'uint16', 42],
    ['a number whose VALUETYPE says string', '<KEYVALUE VALUETYPE="string" TYPE="uint64">42</KEYVALUE>', 'uint64', 42n],
    ['a boolean', '<KEYVALUE VALUETYPE="boolean">true</KEYVALUE>', 'boolean', true],
    ['a boolean of a type', '<KEYVALUE VALUETYPE="boolean" TYPE="boolean">FALSE</KEYVALUE>', 'boolean', false],
    ['an empty TYPE, as none', '<KEYVALUE VALUETYPE="string" TYPE="">a</KEYVALUE>', undefined, 'a'],
    [
      'a datetime',
      '<KEYVALUE TYPE="datetime">20261122000000.000000+000</KEYVALUE>',
      'datetime',
      '20261122000000.000000+000',
    ],
  ])('%s', (_what, content, type, value) => expect(keyOf(content)).toEqual({ name: 'K', type, value }));

  it.each([
    ['a number that is none', '<KEYVALUE VALUETYPE="numeric">a</KEYVALUE>', 'no number'],
    ['a number out of range', '<KEYVALUE TYPE="uint8">256</KEYVALUE>', 'uint8 (0 to 255)'],
    ['a boolean that is none', '<KEYVALUE VALUETYPE="boolean">yes</KEYVALUE>', 'no boolean'],
    ['a type that is none', '<KEYVALUE TYPE="int">1</KEYVALUE>', 'no CIM type "int"'],
    ['a VALUETYPE that is none', '<KEYVALUE VALUETYPE="x">1</KEYVALUE>', 'VALUETYPE "x"'],
    ['no value at all', '', 'KEYBINDING is empty'],
    ['a reference to a class', '<VALUE.REFERENCE><CLASSNAME NAME="D"/></VALUE.REFERENCE>', 'to the class "D"'],
  ])('%s is INVALID_PARAMETER', (_what, content, said) => {
    const error = parameterError(
      `<INSTANCENAME CLASSNAME="C"><KEYBINDING NAME="K">${content}</KEYBINDING></INSTANCENAME>`,
    );
    expect(error.status).toBe('INVALID_PARAMETER');
    expect(error.message).toContain('parameter P');
    expect(error.message).toContain(said);
  });

  it('a single KEYVALUE or VALUE.REFERENCE without a KEYBINDING is the only key, of no name', () => {
    expect(argumentOf('<INSTANCENAME CLASSNAME="C"><KEYVALUE>a</KEYVALUE></INSTANCENAME>')).toEqual({
      kind: 'path',
      className: 'C',
      keys: [{ name: '', type: undefined, value: 'a' }],
    });
    const reference = '<VALUE.REFERENCE><INSTANCENAME CLASSNAME="D"/></VALUE.REFERENCE>';
    expect(argumentOf(`<INSTANCENAME CLASSNAME="C">${reference}</INSTANCENAME>`)).toMatchObject({
      keys: [{ name: '', type: 'reference', value: { className: 'D' } }],
    });
  });
  it('a path without keys is one', () => {
    expect(argumentOf('<INSTANCENAME CLASSNAME="C"/>')).toEqual({ kind: 'path', className: 'C', keys: [] });
  });
  it('keys come in alphabetical order, whatever order they were in; a key twice is a fault', () => {
    const keys = (...names: string[]) =>
      `<INSTANCENAME CLASSNAME="C">${names.map((n) => `<KEYBINDING NAME="${n}"><KEYVALUE>v</KEYVALUE></KEYBINDING>`).join('')}</INSTANCENAME>`;
    expect((argumentOf(keys('b', 'A', 'c')) as InstancePath).keys.map(({ name }) => name)).toEqual(['A', 'b', 'c']);
    expect(parameterError(keys('a', 'b', 'A')).message).toContain('twice');
  });
});

describe('references', () => {
  const named = '<INSTANCENAME CLASSNAME="C"/>';
  const path = { kind: 'path', className: 'C', keys: [] };
  const full = `<NAMESPACEPATH><HOST>h:5989</HOST>${space}</NAMESPACEPATH>`;
  it.each([
    ['INSTANCENAME', named, path],
    [
      'LOCALINSTANCEPATH',
      `<LOCALINSTANCEPATH>${space}${named}</LOCALINSTANCEPATH>`,
      { ...path, namespace: 'root/cimv2' },
    ],
    [
      'INSTANCEPATH, its host kept',
      `<INSTANCEPATH>${full}${named}</INSTANCEPATH>`,
      { ...path, namespace: 'root/cimv2', host: 'h:5989' },
    ],
    ['CLASSNAME', '<CLASSNAME NAME="C"/>', { kind: 'classPath', className: 'C' }],
    [
      'LOCALCLASSPATH',
      `<LOCALCLASSPATH>${space}<CLASSNAME NAME="C"/></LOCALCLASSPATH>`,
      { kind: 'classPath', className: 'C', namespace: 'root/cimv2' },
    ],
    [
      'CLASSPATH',
      `<CLASSPATH>${full}<CLASSNAME NAME="C"/></CLASSPATH>`,
      { kind: 'classPath', className: 'C', namespace: 'root/cimv2', host: 'h:5989' },
    ],
    ['an empty namespace path, as none', `<LOCALINSTANCEPATH><LOCALNAMESPACEPATH/>${named}</LOCALINSTANCEPATH>`, path],
  ])('%s', (_form, xml, wanted) => {
    expect(argumentOf(`<VALUE.REFERENCE>${xml}</VALUE.REFERENCE>`)).toEqual(wanted);
    expect(argumentOf(`<VALUE.REFERENCE>${xml}</VALUE.REFERENCE>`, 'PARAMTYPE="reference"')).toEqual(wanted);
  });
  it('in an array, with NULL among them', () => {
    const one = `<VALUE.REFERENCE>${named}</VALUE.REFERENCE>`;
    expect(argumentOf(`<VALUE.REFARRAY>${one}<VALUE.NULL/></VALUE.REFARRAY>`, '')).toEqual([path, null]);
  });
});

describe('values of parameters', () => {
  it('null: no child, white space, or no such parameter', () => {
    expect(argumentOf('')).toBeNull();
    expect(argumentOf('\n ')).toBeNull();
    expect(parameterOf('', '')).toEqual({ name: 'P', value: null });
    expect(parameterOf('', 'PARAMTYPE="uint16"')).toEqual({ name: 'P', type: 'uint16', value: null });
  });
  it('text stays text, whatever the type that is claimed; its white space counts', () => {
    expect(parameterOf('<VALUE> 2\n</VALUE>', 'PARAMTYPE="uint16"')).toEqual({
      name: 'P',
      type: 'uint16',
      value: ' 2\n',
    });
    expect(argumentOf('<VALUE>&#13;&#10;&#9;</VALUE>')).toBe('\r\n\t');
    expect(argumentOf('<VALUE>a\r\nb\rc</VALUE>')).toBe('a\nb\nc');
    expect(argumentOf('<VALUE/>')).toBe('');
    expect(argumentOf('<VALUE>a<!-- x -->b<![CDATA[ & ]]>c&lt;</VALUE>')).toBe('ab & c<');
  });
  it('a type in other letters, or under TYPE, or an empty one', () => {
    expect(parameterOf('<VALUE>1</VALUE>', 'PARAMTYPE="UINT16"').type).toBe('uint16');
    expect(parameterOf('<VALUE>1</VALUE>', 'TYPE="uint16"').type).toBe('uint16');
    expect(parameterOf('<VALUE>1</VALUE>', 'PARAMTYPE=""')).toEqual({ name: 'P', value: '1' });
  });
  it('arrays: empty, with NULL, without a type', () => {
    expect(argumentOf('<VALUE.ARRAY/>', '')).toEqual([]);
    expect(argumentOf('<VALUE.ARRAY>\n<VALUE>a</VALUE> <VALUE.NULL/><VALUE/></VALUE.ARRAY>')).toEqual(['a', null, '']);
  });
  it('classes, instances, qualifiers by element', () => {
    expect(argumentOf('<CLASSNAME NAME="C"/>')).toEqual({ kind: 'classPath', className: 'C' });
    expect(argumentOf(instance)).toMatchObject(read);
    expect(
      argumentOf(`<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME="D"/>${instance}</VALUE.NAMEDINSTANCE>`),
    ).toMatchObject({
      ...read,
      path: { className: 'D', keys: [] },
    });
    expect(argumentOf('<CLASS NAME="C" SUPERCLASS="B"/>')).toMatchObject({ kind: 'class', name: 'C', superclass: 'B' });
    expect(argumentOf('<QUALIFIER.DECLARATION NAME="Q" TYPE="boolean"/>')).toMatchObject({
      name: 'Q',
      type: 'boolean',
    });
  });
  it('names in any case of letters', () => {
    const call = callOf(message(intrinsicCall('<IPARAMVALUE NAME="classNAME"><VALUE>x</VALUE></IPARAMVALUE>')));
    expect(call.parameters.get('ClassName')).toEqual({ name: 'classNAME', value: 'x' });
  });
  it.each([
    ['two values', '<VALUE>a</VALUE><VALUE>b</VALUE>'],
    ['no value', '<FOO/>'],
    ['a value in a value', '<VALUE><VALUE/></VALUE>'],
    ['a stray element in an array', '<VALUE.ARRAY><FOO/></VALUE.ARRAY>'],
    ['text beside an element', `<VALUE>x${instance}</VALUE>`],
    ['a class without a name', '<CLASSNAME/>'],
    ['an instance name without a class', '<INSTANCENAME/>'],
    [
      'an instance with a property twice',
      instance.replace('</INSTANCE>', '<PROPERTY NAME="a" TYPE="string"/></INSTANCE>'),
    ],
    ['a property without a type', '<INSTANCE CLASSNAME="C"><PROPERTY NAME="a"/></INSTANCE>'],
    ['a property of an impossible value', instance.replace('>7<', '>70000<')],
    ['a property of type reference', '<INSTANCE CLASSNAME="C"><PROPERTY NAME="a" TYPE="reference"/></INSTANCE>'],
    ['a method in an instance', '<INSTANCE CLASSNAME="C"><METHOD NAME="a"/></INSTANCE>'],
    ['an array where its property has none', instance.replaceAll('VALUE>', 'VALUE.ARRAY>').replace('7', '')],
    ['a path of no form', '<VALUE.REFERENCE><FOO/></VALUE.REFERENCE>'],
    ['an empty reference', '<VALUE.REFERENCE/>'],
  ])('%s: INVALID_PARAMETER of that call, no refusal', (_what, content) => {
    const error = parameterError(content);
    expect(error.status).toBe('INVALID_PARAMETER');
    expect(error.message).toMatch(/^parameter P: ./);
  });
});

describe('embedded objects (DSP0201 5.2.2.2)', () => {
  it.each([
    ['escaped', escaped, 'EmbeddedObject="instance"'],
    ['escaped, white space around', `\n  ${escaped}\n`, 'EmbeddedObject="instance"'],
    ['escaped, with an XML declaration', `\n&lt;?xml version="1.0"?>${escaped}`, 'EmbeddedObject="instance"'],
    ['in CDATA', `<![CDATA[${instance}]]>`, 'EmbeddedObject="instance"'],
    [
      'in several CDATA sections',
      `<![CDATA[${instance.slice(0, 30)}]]><![CDATA[${instance.slice(30)}]]>`,
      'EmbeddedObject="instance"',
    ],
    [
      'partly in CDATA',
      `<![CDATA[${instance.slice(0, 30)}]]>${instance.slice(30).replaceAll('<', '&lt;')}`,
      'EmbeddedObject="instance"',
    ],
    ['as an element, not escaped', instance, 'EmbeddedObject="instance"'],
    ['as an element, said nowhere', instance, 'PARAMTYPE="string"'],
    ['said in capitals', escaped, 'PARAMTYPE="string" EMBEDDEDOBJECT="instance"'],
    ['said in both ways', escaped, 'PARAMTYPE="string" EmbeddedObject="instance" EMBEDDEDOBJECT="instance"'],
    ['said in other letters', escaped, 'embeddedobject="INSTANCE"'],
    ['as an object', escaped, 'EmbeddedObject="object"'],
    ['said in PARAMTYPE', escaped, 'PARAMTYPE="instance"'],
  ])('%s', (_what, content, attributes) => {
    expect(argumentOf(`<VALUE>${content}</VALUE>`, attributes)).toMatchObject(read);
    expect(argumentOf(`<VALUE.ARRAY><VALUE>${content}</VALUE><VALUE.NULL/></VALUE.ARRAY>`, attributes)).toMatchObject([
      read,
      null,
    ]);
  });
  it('is text where nothing says that it embeds', () => {
    expect(argumentOf(`<VALUE>${escaped}</VALUE>`, 'PARAMTYPE="string"')).toBe(instance);
  });
  it('may be a class, where an object is said', () => {
    expect(argumentOf('<VALUE>&lt;CLASS NAME="C"/></VALUE>', 'EmbeddedObject="object"')).toMatchObject({
      kind: 'class',
    });
    expect(parameterError('<VALUE>&lt;CLASS NAME="C"/></VALUE>', 'EmbeddedObject="instance"').message).toContain(
      'class C',
    );
  });
  it('in a property, deep in one another', () => {
    const inner = escaped.replaceAll('&', '&amp;');
    const outer = `&lt;INSTANCE CLASSNAME="C">&lt;PROPERTY NAME="X" TYPE="string" EmbeddedObject="instance">&lt;VALUE>${inner}&lt;/VALUE>&lt;/PROPERTY>&lt;/INSTANCE>`;
    const { values, shape } = argumentOf(`<VALUE>${outer}</VALUE>`, 'EmbeddedObject="object"') as CimInstance;
    expect(shape.properties[0]).toEqual({ name: 'X', type: 'string', isArray: false, embedded: 'instance' });
    expect(values[0]).toMatchObject(read);
  });
  it.each([
    ['that are no XML', 'hello'],
    ['that are nothing', ''],
    ['that end too early', escaped.slice(0, -10)],
    ['with a doctype', `&lt;!DOCTYPE x>${escaped}`],
    ['of another root', '&lt;FOO/>'],
    ['with a fault inside', escaped.replace('7', 'x')],
    ['too many', `${escaped}${escaped}`],
  ])('%s: INVALID_PARAMETER', (_what, content) => {
    expect(parameterError(`<VALUE>${content}</VALUE>`, 'EmbeddedObject="instance"').status).toBe('INVALID_PARAMETER');
  });
  it('of an attribute that says neither: INVALID_PARAMETER', () => {
    expect(parameterError(`<VALUE>${escaped}</VALUE>`, 'EmbeddedObject="yes"').message).toContain('"yes"');
  });
});

describe('the target of a method call', () => {
  it('is a class or an instance, its keys of any form', () => {
    const name = '<INSTANCENAME CLASSNAME="C"><KEYBINDING NAME="K"><KEYVALUE>v</KEYVALUE></KEYBINDING></INSTANCENAME>';
    expect(callOf(message(methodCall('', `<LOCALINSTANCEPATH>${space}${name}</LOCALINSTANCEPATH>`)))).toMatchObject({
      kind: 'extrinsic',
      name: 'M',
      namespace: 'root/cimv2',
      target: { kind: 'path', className: 'C', namespace: 'root/cimv2', keys: [{ name: 'K', value: 'v' }] },
    });
  });
});
