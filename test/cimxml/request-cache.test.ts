import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultLimits } from '../../src/cimxml/limit.js';
import type { Message } from '../../src/cimxml/message.js';
import { decodeRequest } from '../../src/cimxml/request.js';
import { RequestCache } from '../../src/cimxml/request-cache.js';

const request = (id: string, name = 'Xen_ComputerSystem', operation = 'EnumerateInstances'): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="utf-8" ?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="${id}" PROTOCOLVERSION="1.0">` +
      `<SIMPLEREQ><IMETHODCALL NAME="${operation}"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>` +
      `<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${name}"/></IPARAMVALUE></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`,
  );
const newCache = (capacity?: number) => new RequestCache((message) => message, capacity);
const read = (cache: RequestCache<Message>, body: Buffer): Message => {
  const { id, content } = cache.decode(body, defaultLimits);
  return { ...content, id };
};
const decoded = (body: Buffer) => decodeRequest(body, defaultLimits);

test('a request that was read before is the same but for its identifier', () => {
  const cache = newCache();
  const first = read(cache, request('1001'));
  const second = read(cache, request('1002'));
  expect(second).toEqual(decoded(request('1002')));
  expect(second.calls).toBe(first.calls);
  expect(read(cache, request('7', 'Xen_Disk'))).toEqual(decoded(request('7', 'Xen_Disk')));
});

const instance = (id: string, key: string, more = ''): Buffer =>
  Buffer.from(
    request(id, 'A', 'GetInstance')
      .toString()
      .replace(
        /<IPARAMVALUE.*<\/IPARAMVALUE>/,
        () =>
          '<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="A"><KEYBINDING NAME="Name">' +
          `<KEYVALUE VALUETYPE="string">${key}</KEYVALUE>${more}</KEYBINDING></INSTANCENAME></IPARAMVALUE>`,
      ),
  );

const act = (decode: (body: Buffer) => unknown, body: Buffer): unknown => {
  try {
    return decode(body);
  } catch (refusal) {
    return String(refusal);
  }
};

test('whatever is sent, in whatever order, is read as if it had never been sent before', () => {
  const cache = newCache(3 * request('1').length);
  const id = fc.constantFrom('1', 'a-b', '&amp;', 'x y', '', 'é', '1" X="2');
  const name = fc.constantFrom('A', 'B', 'C', 'D', 'E');
  const key = fc.constantFrom('x', 'y', '', '&amp;', '>', 'é', '<![CDATA[</KEYVALUE>]]>', 'MESSAGE ID="7"', '\0');
  const more = fc.constantFrom('', '', '<!-- <KEYVALUE>x</KEYVALUE> -->');
  const body = fc.oneof(
    fc.tuple(id, name).map(([i, n]) => request(i, n)),
    fc.tuple(id, key, more).map(([i, k, m]) => instance(i, k, m)),
  );
  fc.assert(
    fc.property(body, (one) => {
      expect(act((b) => read(cache, b), one)).toEqual(act(decoded, one));
    }),
    { seed: 20_261_122, numRuns: 1_000 },
  );
});

test('requests for instances are remembered by their keys, of however many kinds they are', () => {
  const cache = newCache();
  const kinds = Array.from({ length: 8 }, (_, i) => `<!-- ${i} -->`);
  const calls = (id: string, key: string, kind: string) => read(cache, instance(id, key, kind)).calls;
  const first = new Map(kinds.map((kind) => [kind, calls('1', 'x', kind)]));
  for (const kind of kinds) {
    expect(calls('2', 'x', kind)).toBe(first.get(kind));
    expect(read(cache, instance('3', 'y', kind))).toEqual(decoded(instance('3', 'y', kind)));
  }
});

test('what is asked for again stays remembered while others come, and what is not goes', () => {
  const cache = newCache(2 * 16 * 1024 + 20 * instance('1', '100').length);
  const calls = (key: string) => read(cache, instance('1', key)).calls;
  const [kept, left] = [calls('200'), calls('300')];
  for (let i = 100; i < 160; i++) {
    calls(String(i));
    expect(calls('200')).toBe(kept);
  }
  expect(calls('300')).not.toBe(left);
});

test('of requests that are never asked twice few are remembered, however short they are', () => {
  const cache = newCache(1024 ** 2);
  const calls = (id: string, kind: number) => read(cache, instance(id, 'x', `<!-- ${kind} -->`)).calls;
  const first = calls('1', 0);
  for (let kind = 1; kind <= 20; kind++) calls('2', kind);
  expect(calls('3', 0)).toBe(first);
  for (let kind = 100; kind < 200; kind++) calls('4', kind);
  expect(calls('5', 0)).not.toBe(first);
});

test('an attribute that looks like the identifier elsewhere does not mislead', () => {
  const cache = newCache();
  const odd = (id: string): Buffer =>
    Buffer.from(request('9').toString().replace('<CIM ', `<!-- MESSAGE ID="${id}" --><CIM `));
  for (const id of ['1', '2', '9', '3']) expect(read(cache, odd(id))).toEqual(decoded(odd(id)));
});

test('operations on a context, which never comes again, are not remembered', () => {
  const cache = newCache();
  const pull = (id: string): Buffer =>
    Buffer.from(
      request(id, 'A', 'PullInstancesWithPath')
        .toString()
        .replace(
          /<IPARAMVALUE.*<\/IPARAMVALUE>/,
          '<IPARAMVALUE NAME="EnumerationContext"><VALUE>c</VALUE></IPARAMVALUE>',
        ),
    );
  const first = read(cache, pull('1'));
  const second = read(cache, pull('2'));
  expect(second.calls).toEqual(first.calls);
  expect(second.calls).not.toBe(first.calls);
});

test('refusals and methods are not remembered', () => {
  const cache = newCache();
  const broken = Buffer.from(request('1').toString().replace('</CIM>', ''));
  expect(() => read(cache, broken)).toThrow();
  expect(() => read(cache, broken)).toThrow();
});
