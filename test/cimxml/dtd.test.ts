import { describe, expect, it } from 'vitest';
import { assertValid, dtdPresent } from '../dtd.js';

const message = (content: string) =>
  `<?xml version="1.0" encoding="utf-8" ?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLERSP>${content}</SIMPLERSP></MESSAGE></CIM>`;

describe('the DTD check itself', () => {
  it('takes a valid message, as text and as bytes', () => {
    const xml = message('<IMETHODRESPONSE NAME="x"></IMETHODRESPONSE>');
    assertValid(xml);
    assertValid(Buffer.from(xml));
  });
  it('refuses what is not well-formed, and a doctype', () => {
    expect(() => assertValid('<CIM>')).toThrow();
    expect(() => assertValid('<!DOCTYPE VALUE><VALUE></VALUE>')).toThrow('document type');
  });
  it.runIf(dtdPresent)('refuses an element or attribute that the DTD does not have (skipped without ../shared)', () => {
    expect(() => assertValid(message('<IMETHODRESPONSE NAME="x"><FOO/></IMETHODRESPONSE>'))).toThrow('FOO');
    expect(() => assertValid('<NAMESPACE NAME="a" SIZE="1"/>')).toThrow('SIZE');
    expect(() => assertValid('<PROPERTY NAME="a" TYPE="uint7"></PROPERTY>')).toThrow('uint7');
  });
  it.runIf(dtdPresent)('looks into embedded objects (skipped without ../shared)', () => {
    const bad = '&lt;INSTANCE/&gt;';
    const property = `<PROPERTY NAME="a" TYPE="string" EmbeddedObject="instance"><VALUE>${bad}</VALUE></PROPERTY>`;
    expect(() => assertValid(property)).toThrow('CLASSNAME');
  });
});
