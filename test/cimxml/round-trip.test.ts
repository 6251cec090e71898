import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameMap } from '../../src/cim/name.js';
import { encodeClass, encodeQualifierType } from '../../src/cimxml/class-out.js';
import { escapeText } from '../../src/cimxml/escape.js';
import { encodeInstance } from '../../src/cimxml/instance-out.js';
import { encodeReference } from '../../src/cimxml/path-out.js';
import { encodeValue } from '../../src/cimxml/value-out.js';
import { assertValid } from '../dtd.js';
import * as arbitrary from './arbitrary.js';
import { argumentOf, callOf, message, methodCall, reply, write } from './xml.js';

const runs = { numRuns: 150, seed: 20_261_122 };

/** NameMaps as lists, which can be compared. */
const plain = (value: unknown): unknown => {
  if (value instanceof NameMap || value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

describe('decode(encode(x)) is x, and encode(x) is valid', { timeout: 60_000 }, () => {
  it('texts', () => {
    fc.assert(
      fc.property(arbitrary.text, (text) => {
        expect(argumentOf(`<VALUE>${escapeText(text)}</VALUE>`)).toBe(text);
      }),
      runs,
    );
  });
  it('paths', () => {
    fc.assert(
      fc.property(arbitrary.path, (path) => {
        const xml = encodeReference(path);
        assertValid(xml);
        expect(argumentOf(xml)).toEqual(path);
      }),
      runs,
    );
  });
  it('instances: values of every type, arrays, references, embedded instances', () => {
    fc.assert(
      fc.property(arbitrary.instance, (instance) => {
        const xml = encodeInstance(instance, { classOrigin: false });
        assertValid(xml);
        expect(argumentOf(xml)).toEqual(instance);
        const embedded = encodeValue('string', [instance, null]);
        expect(argumentOf(embedded, 'EmbeddedObject="instance"')).toEqual([instance, null]);
      }),
      runs,
    );
  });
  it('classes', () => {
    fc.assert(
      fc.property(arbitrary.cimClass, (item) => {
        const xml = encodeClass(item, { classOrigin: true });
        assertValid(xml);
        expect(plain(argumentOf(xml))).toEqual(plain(item));
      }),
      runs,
    );
  });
  it('qualifier types', () => {
    fc.assert(
      fc.property(arbitrary.qualifierType, (item) => {
        const xml = encodeQualifierType(item);
        assertValid(xml);
        expect(plain(argumentOf(xml))).toEqual(plain(item));
      }),
      runs,
    );
  });
  it('the target of a method call', () => {
    fc.assert(
      fc.property(arbitrary.path, (path) => {
        const { host: _host, ...target } = { ...path, namespace: 'root/cimv2' };
        const xml = encodeReference(target).replace(/^<VALUE.REFERENCE>|<\/VALUE.REFERENCE>$/g, '');
        expect(callOf(message(methodCall('', xml)))).toMatchObject({ target });
      }),
      runs,
    );
  });
  it('the ID of a message', () => {
    fc.assert(
      fc.property(arbitrary.text, (id) => {
        const { xml } = write([reply({ kind: 'void' })], undefined, id);
        const request = xml.replace(/<SIMPLERSP>.*<\/SIMPLERSP>/s, () => methodCall());
        expect(callOf(request)).toMatchObject({ name: 'M' });
      }),
      runs,
    );
  });
});

it('whatever text an instance holds, the response is valid', () => {
  const anything = fc.string({ unit: 'binary' });
  const halves = fc.array(fc.nat(0xffff)).map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(fc.oneof(anything, halves), (value) => {
      const shape = { className: 'C', properties: [{ name: 'A', type: 'string' as const, isArray: false }] };
      const item = { kind: 'instance' as const, shape, values: [value] };
      write([reply({ kind: 'instance', item, selection: { classOrigin: false } })]);
    }),
    runs,
  );
});
