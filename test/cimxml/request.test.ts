import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../src/cimxml/limit.js';
import { askedOf, describeCall } from '../../src/cimxml/message.js';
import { decodeRequest } from '../../src/cimxml/request.js';
import { callOf, errorOf, intrinsicCall, message, methodCall, refusalOf, refuse, space } from './xml.js';

const good = message(intrinsicCall());

describe('a request message (DSP0201 5.2.5)', () => {
  it('gives its ID verbatim, its versions and its call', () => {
    const odd = good.replace('ID="7"', 'ID=" x&lt;&#10;é "').replace('DTDVERSION="2.0"', 'DTDVERSION="2.4.0"');
    expect(decodeRequest(odd)).toMatchObject({
      id: ' x<\né ',
      cimVersion: '2.0',
      dtdVersion: '2.4.0',
      protocolVersion: '1.0',
      multi: false,
      calls: [{ kind: 'intrinsic', name: 'GetInstance', namespace: 'root/cimv2' }],
    });
  });
  it('may be bytes, text, UTF-8 with a mark, UTF-16 of either order', () => {
    const text = message(intrinsicCall('<IPARAMVALUE NAME="P"><VALUE>é😀</VALUE></IPARAMVALUE>'));
    const wide = text.replace('encoding="utf-8"', 'encoding="UTF-16"');
    const little = Buffer.from(`\ufeff${wide}`, 'utf16le');
    for (const body of [text, Buffer.from(text), Buffer.from(`\ufeff${text}`), little, Buffer.from(little).swap16()])
      expect(callOf(body).parameters.get('P')!.value).toBe('é😀');
  });
  it('may have comments, processing instructions and white space about', () => {
    const spaced = good.replaceAll('><', '>\r\n\t <!-- x --><?y z?><').replace(/\?>[^<]*<!-- x --><\?y z\?>/, '?>');
    expect(callOf(`${spaced}\n<!-- end -->\n`)).toMatchObject({ name: 'GetInstance', namespace: 'root/cimv2' });
  });
  it('may hold several calls in a MULTIREQ, each read by itself', () => {
    const bad = intrinsicCall('<IPARAMVALUE NAME="P"><VALUE.ARRAY><VALUE/><FOO/></VALUE.ARRAY></IPARAMVALUE>', 'B');
    const { multi, calls } = decodeRequest(
      message(`<MULTIREQ>${intrinsicCall('', 'A')}${bad}${methodCall()}</MULTIREQ>`),
    );
    expect(multi).toBe(true);
    expect(calls.map((call) => askedOf(call).name)).toEqual(['A', 'B', 'M']);
    expect(calls[1]).toMatchObject({ status: 'INVALID_PARAMETER', asked: { kind: 'intrinsic', name: 'B' } });
  });
  it('passes over CORRELATORs', () => {
    const correlator = '<CORRELATOR NAME="a" TYPE="string"><VALUE>b</VALUE></CORRELATOR>';
    expect(callOf(good.replace('<SIMPLEREQ>', `<SIMPLEREQ>${correlator}`))).toMatchObject({ name: 'GetInstance' });
  });
  it('ignores attributes that the DTD does not have: it is loosely valid (DSP0200 7.1)', () => {
    callOf(good.replace('<IMETHODCALL', '<IMETHODCALL FOO="1"').replace('<CIM ', '<CIM xmlns="urn:x" '));
  });
});

describe('what is refused, and how (DSP0200 7.3)', () => {
  const cim = (content: string) => `<CIM CIMVERSION="2.0" DTDVERSION="2.0">${content}</CIM>`;
  it.each([
    ['nothing', ''],
    ['white space', '  \n'],
    ['no XML', 'GET / HTTP/1.1'],
    ['an end that is missing', good.slice(0, -6)],
    ['a second root', `${good}<CIM/>`],
    ['text behind the root', `${good}x`],
    ['text before the root', `x${good}`],
    ['an entity that nobody defined', good.replace('ID="7"', 'ID="&foo;"')],
    ['an HTML entity', good.replace('ID="7"', 'ID="&nbsp;"')],
    ['a bare ampersand', good.replace('ID="7"', 'ID="a & b"')],
    ['a control character', good.replace('ID="7"', 'ID="\x01"')],
    ['a control character by number', good.replace('ID="7"', 'ID="&#1;"')],
    ['a NUL', good.replace('ID="7"', 'ID="\0"')],
    ['half a surrogate pair', good.replace('ID="7"', 'ID="\ud800"')],
    ['half a surrogate pair by number', good.replace('ID="7"', 'ID="&#xD800;"')],
    ['a noncharacter', good.replace('ID="7"', 'ID="\uffff"')],
    ['an attribute twice', good.replace('ID="7"', 'ID="7" ID="7"')],
    ['an attribute without quotes', good.replace('ID="7"', 'ID=7')],
    ['tags that cross', good.replace('</MESSAGE></CIM>', '</CIM></MESSAGE>')],
    ['an XML declaration inside', good.replace('<MESSAGE', '<?xml version="1.0"?><MESSAGE')],
    ['XML 1.1, where it asks for control characters', good.replace('"1.0"', '"1.1"').replace('ID="7"', 'ID="&#1;"')],
    ['a declaration of another encoding', good.replace('utf-8', 'iso-8859-1')],
  ])('%s: request-not-well-formed', (_what, xml) => {
    const refusal = refuse(xml);
    expect([refusal.token, refusal.status]).toEqual(['request-not-well-formed', 400]);
    expect(refusal.message.length).toBeLessThan(300);
  });
  it.each([
    ['broken UTF-8', Buffer.concat([Buffer.from(good.slice(0, 60)), Buffer.from([0xc3, 0x28])])],
    ['Latin-1', Buffer.from(good.replace('ID="7"', 'ID="é"'), 'latin1')],
    ['UTF-8 that is longer than it need be', Buffer.from([0xc0, 0xbc])],
    ['surrogates in UTF-8', Buffer.from([0x3c, 0xed, 0xa0, 0x80])],
    ['half a character in UTF-16', Buffer.from([0xff, 0xfe, 0x3c])],
    ['UTF-16 without a mark', Buffer.from(good, 'utf16le')],
    ['half a surrogate pair in UTF-16', Buffer.from(`\ufeff${good.replace('ID="7"', 'ID="\ud800"')}`, 'utf16le')],
  ])('%s: request-not-well-formed', (_what, body) => {
    expect(refuse(body).token).toBe('request-not-well-formed');
  });
  it.each([
    ['a doctype', good.replace('<CIM', '<!DOCTYPE CIM><CIM')],
    ['a doctype with a system identifier', good.replace('<CIM', '<!DOCTYPE CIM SYSTEM "file:///etc/passwd"><CIM')],
    ['another root', '<FOO/>'],
    ['a root in other letters', '<cim CIMVERSION="2.0" DTDVERSION="2.0"/>'],
    ['no CIMVERSION', good.replace('CIMVERSION="2.0" ', '')],
    ['no DTDVERSION', good.replace(' DTDVERSION="2.0"', '')],
    ['no PROTOCOLVERSION', good.replace(' PROTOCOLVERSION="1.0"', '')],
    ['no ID', good.replace('ID="7"', '')],
    ['an empty CIM', cim('')],
    ['a DECLARATION', cim('<DECLARATION/>')],
    ['two messages', good.replace('</MESSAGE>', '</MESSAGE><MESSAGE/>')],
    ['an empty message', message('')],
    ['two requests beside one another', message(intrinsicCall() + intrinsicCall())],
    ['a response', message('<SIMPLERSP><IMETHODRESPONSE NAME="x"/></SIMPLERSP>')],
    ['an empty SIMPLEREQ', message('<SIMPLEREQ/>')],
    ['a SIMPLEREQ of two calls', message(intrinsicCall().replace('</IMETHODCALL>', '</IMETHODCALL><METHODCALL/>'))],
    ['a call of another kind', message('<SIMPLEREQ><EXPMETHODCALL NAME="x"/></SIMPLEREQ>')],
    ['a MULTIREQ of one', message(`<MULTIREQ>${intrinsicCall()}</MULTIREQ>`)],
    ['a MULTIREQ of others', message(`<MULTIREQ>${intrinsicCall()}<FOO/></MULTIREQ>`)],
    ['a call without a name', good.replace('<IMETHODCALL NAME="GetInstance">', '<IMETHODCALL>')],
    ['a call without a namespace path', good.replace(space, '')],
    ['a method call without a path', message(methodCall('', ''))],
    ['a namespace path behind the parameters', message(intrinsicCall('<IPARAMVALUE NAME="P"/>').replace(space, ''))],
    ['an element that is no parameter', message(intrinsicCall('<FOO/>'))],
    ['a PARAMVALUE in an intrinsic call', message(intrinsicCall('<PARAMVALUE NAME="P"/>'))],
    ['an IPARAMVALUE in a method call', message(methodCall('<IPARAMVALUE NAME="P"/>'))],
    ['a parameter without a name', message(intrinsicCall('<IPARAMVALUE/>'))],
    ['text between elements', good.replace('<SIMPLEREQ>', '<SIMPLEREQ>hello')],
    ['text between elements in CDATA', good.replace('<SIMPLEREQ>', '<SIMPLEREQ><![CDATA[hello]]>')],
    ['the same parameter twice', message(intrinsicCall('<IPARAMVALUE NAME="ab"/><IPARAMVALUE NAME="AB"/>'))],
    [
      'the same parameter twice, behind a faulty one',
      message(
        intrinsicCall('<IPARAMVALUE NAME="x"><FOO/></IPARAMVALUE><IPARAMVALUE NAME="a"/><IPARAMVALUE NAME="a"/>'),
      ),
    ],
  ])('%s: request-not-valid', (_what, xml) => {
    const refusal = refuse(xml);
    expect([refusal.token, refusal.status]).toEqual(['request-not-valid', 400]);
  });
  it.each([
    ['CIMVERSION="2.0"', 'CIMVERSION="3.0"', 'unsupported-cim-version'],
    ['CIMVERSION="2.0"', 'CIMVERSION=""', 'unsupported-cim-version'],
    ['DTDVERSION="2.0"', 'DTDVERSION="20.0"', 'unsupported-dtd-version'],
    ['PROTOCOLVERSION="1.0"', 'PROTOCOLVERSION="2.0"', 'unsupported-protocol-version'],
  ])('%s as %s: %s, 501', (from, to, token) => {
    const refusal = refuse(good.replace(from, to));
    expect([refusal.token, refusal.status]).toEqual([token, 501]);
  });
  it('exports: one is unsupported-operation, several multiple-requests-unsupported (decisions.md 20)', () => {
    const one = '<SIMPLEEXPREQ><EXPMETHODCALL NAME="ExportIndication"/></SIMPLEEXPREQ>';
    const single = refuse(message(one));
    expect([single.token, single.status]).toEqual(['unsupported-operation', 400]);
    expect(single.message).toContain('ExportIndication');
    const several = refuse(message(`<MULTIEXPREQ>${one}${one}</MULTIEXPREQ>`));
    expect([several.token, several.status]).toEqual(['multiple-requests-unsupported', 501]);
  });
  it('names of the prototype are no elements', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(refuse(message(`<${name}/>`)).token).toBe('request-not-valid');
      expect(refuse(message(`<SIMPLEREQ><${name}/></SIMPLEREQ>`)).token).toBe('request-not-valid');
      const inside = message(intrinsicCall(`<IPARAMVALUE NAME="P"><${name}/></IPARAMVALUE>`));
      expect(errorOf(inside).status).toBe('INVALID_PARAMETER');
      expect(callOf(good.replace('<IMETHODCALL', `<IMETHODCALL ${name}="1"`))).toMatchObject({ name: 'GetInstance' });
    }
  });
  it('a message about a long name is short', () => {
    expect(refuse(message(`<${'A'.repeat(100_000)}/>`)).message.length).toBeLessThan(200);
  });
  it('a refusal leaves the next request unharmed', () => {
    for (let i = 0; i < 3; i++) {
      refuse(good.slice(0, 200));
      expect(callOf(good)).toMatchObject({ name: 'GetInstance' });
    }
  });
});

describe('limits', () => {
  const within = (limits: Partial<typeof defaultLimits>, xml: string) =>
    refusalOf(() => decodeRequest(xml, { ...defaultLimits, ...limits }));
  it('on size: 413', () => {
    const refusal = within({ size: 100 }, good);
    expect([refusal.token, refusal.status]).toEqual(['request-not-valid', 413]);
    expect(refusal.message).toContain('100');
  });
  it('on depth: even where the elements mean nothing', () => {
    expect(refuse('<A>'.repeat(1_000_000)).message).toContain('64 deep');
    expect(refuse(`${'<VALUE>'.repeat(65)}${'</VALUE>'.repeat(65)}`).message).toContain('64 deep');
  });
  it('on the number of elements', () => {
    expect(within({ elements: 5 }, good).message).toContain('5 elements');
  });
  it('on attributes: one element cannot have many, nor be slow by their names', () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `a${i.toString(36)}="${i}"`).join(' ');
    expect(refuse(`<CIM ${names}/>`).message).toContain('32 attributes');
    const many = (count: number) => Array.from({ length: count }, (_, i) => ` a${i}=""`).join('');
    expect(refuse(`<CIM${many(33)}/>`).message).toContain('32 attributes');
    expect(refuse(`<CIM${many(32)}/>`).message).toContain('CIMVERSION');
  });
  it('entities cannot be made to grow: there is no doctype to declare them in', () => {
    const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const bomb = `<!DOCTYPE CIM [<!ENTITY l0 "lol">${laughs}]><CIM>&l10;</CIM>`;
    expect(refuse(bomb).message).toContain('document type');
  });
  it('a huge number is refused for what it is, at once', () => {
    const property = `<PROPERTY NAME="a" TYPE="uint8"><VALUE>${'1'.repeat(4_000_000)}</VALUE></PROPERTY>`;
    const xml = message(
      intrinsicCall(`<IPARAMVALUE NAME="P"><INSTANCE CLASSNAME="C">${property}</INSTANCE></IPARAMVALUE>`),
    );
    expect(errorOf(xml).message).toContain('no uint8');
  });
  it('embedded objects within one another: as many as are allowed, and no more', () => {
    const escaped = (xml: string) => xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const nest = (levels: number): string => {
      if (levels === 0) return '<INSTANCE CLASSNAME="C"/>';
      const value = `<VALUE>${escaped(nest(levels - 1))}</VALUE>`;
      return `<INSTANCE CLASSNAME="C"><PROPERTY NAME="a" TYPE="string" EmbeddedObject="instance">${value}</PROPERTY></INSTANCE>`;
    };
    const request = (levels: number) => message(intrinsicCall(`<IPARAMVALUE NAME="P">${nest(levels)}</IPARAMVALUE>`));
    callOf(request(8));
    expect(errorOf(request(9)).message).toContain('too deep');
  });
});

describe('what the headers have to agree with (DSP0200 6.3)', () => {
  it('is the namespace of an intrinsic call', () => {
    expect(describeCall(callOf(good))).toEqual({
      method: 'GetInstance',
      object: { kind: 'namespace', namespace: 'root/cimv2' },
    });
  });
  it('is the path of class or instance of a method call', () => {
    expect(describeCall(callOf(message(methodCall())))).toEqual({
      method: 'M',
      object: { kind: 'classPath', className: 'C', namespace: 'root/cimv2' },
    });
  });
  it('is known of a call with a faulty parameter, too', () => {
    const bad = '<PARAMVALUE NAME="P" PARAMTYPE="uint7"><VALUE>1</VALUE></PARAMVALUE>';
    expect(describeCall(errorOf(message(methodCall(bad))))).toMatchObject({
      method: 'M',
      object: { kind: 'classPath', className: 'C' },
    });
  });
  it('is not known where the path itself is faulty', () => {
    const path = `<LOCALINSTANCEPATH>${space}<INSTANCENAME CLASSNAME=""/></LOCALINSTANCEPATH>`;
    expect(describeCall(errorOf(message(methodCall('', path))))).toEqual({ method: 'M', object: undefined });
  });
});
