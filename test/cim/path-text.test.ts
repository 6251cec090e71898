import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { type ClassPath, type InstancePath, instancePath, type KeyBinding } from '../../src/cim/path.js';
import {
  canonicalPath,
  formatPath,
  parseClassPath,
  parseInstancePath,
  parsePath,
  samePath,
} from '../../src/cim/path-text.js';
import { runs } from '../fuzz/runs.js';

const disk = instancePath(
  'Xen_DiskImage',
  [
    { name: 'DeviceID', type: 'string', value: 'Xen:sr/vdi' },
    { name: 'CreationClassName', type: 'string', value: 'Xen_DiskImage' },
  ],
  'root/cimv2',
);
const diskText = 'root/cimv2:Xen_DiskImage.CreationClassName="Xen_DiskImage",DeviceID="Xen:sr/vdi"';

describe('DSP0004 clause 8, DSP0207: a path as text', () => {
  it('has its keys in alphabetical order, without a leading slash', () => {
    expect(formatPath(disk)).toBe(diskText);
  });

  it('begins with a slash and has the colon in DSP0207 form', () => {
    expect(formatPath(disk, 'dsp0207')).toBe(`/${diskText}`);
    expect(formatPath({ kind: 'classPath', className: 'C' }, 'dsp0207')).toBe('/:C');
    expect(formatPath({ kind: 'classPath', className: 'C' })).toBe('C');
    expect(formatPath({ ...disk, host: 'h:5989' })).toBe(`//h:5989/${diskText}`);
  });

  it('writes each kind of key', () => {
    const keys: KeyBinding[] = [
      { name: 'A', type: 'string', value: 'a"b\\c' },
      { name: 'B', type: 'uint64', value: 18_446_744_073_709_551_615n },
      { name: 'C', type: 'boolean', value: true },
      { name: 'D', type: 'char16', value: "'" },
      { name: 'E', type: 'real64', value: 2 },
      { name: 'F', type: 'reference', value: instancePath('K', [{ name: 'N', type: 'string', value: 'x"' }]) },
      { name: 'G', type: 'sint8', value: -5 },
    ];
    expect(formatPath(instancePath('C', keys))).toBe(
      String.raw`C.A="a\"b\\c",B=18446744073709551615,C=TRUE,D='\'',E=2.0,F="K.N=\"x\\\"\"",G=-5`,
    );
  });

  it.each([
    diskText,
    `/${diskText}`,
    `//host/${diskText}`,
    `//[fe80::1]:5989/${diskText}`,
    `http://host:5988/${diskText}`,
  ])('is read back from %s', (text) => {
    const path = parseInstancePath(text);
    expect(path.namespace).toBe('root/cimv2');
    expect(path.className).toBe('Xen_DiskImage');
    expect(path.keys.map((key) => [key.name, key.value])).toEqual([
      ['CreationClassName', 'Xen_DiskImage'],
      ['DeviceID', 'Xen:sr/vdi'],
    ]);
  });

  it('is read without a namespace, with a colon in a value', () => {
    expect(parsePath('C.K="a:b=c.d"')).toEqual(instancePath('C', [{ name: 'K', type: undefined, value: 'a:b=c.d' }]));
    expect(parsePath('/:C')).toEqual({ kind: 'classPath', className: 'C' });
    expect(parseClassPath('//h/root/interop:CIM_X')).toEqual({
      kind: 'classPath',
      host: 'h',
      namespace: 'root/interop',
      className: 'CIM_X',
    });
  });

  it('is read with numbers, booleans, characters and escapes', () => {
    const { keys } = parseInstancePath(
      String.raw`C.A=5,B=0x10,C=FALSE,D='\x41',E="\t\x0042",F=9223372036854775807,G=1.5`,
    );
    expect(keys.map((key) => key.value)).toEqual([5, 16, false, 'A', '\tB', 9_223_372_036_854_775_807n, 1.5]);
  });

  it('is read with the paths in its keys, and in theirs', () => {
    const inner = instancePath('Inner', [{ name: 'K', type: undefined, value: 'v"w' }], 'root/cimv2');
    const middle = instancePath('Middle', [{ name: 'R', type: 'reference', value: inner }]);
    const outer = instancePath('Outer', [{ name: 'S', type: 'reference', value: middle }], 'root/interop');
    expect(parsePath(formatPath(outer))).toEqual(outer);
  });

  it.each([
    ['', 'its end at character 1 where the name of a class'],
    ['root/cimv2:', 'at character 12 where the name of a class'],
    ['C.', 'the name of a key'],
    ['C.K', '"="'],
    ['C.K=', 'a key value'],
    ['C.K="a', '"\\"a" at character 5 where a key value'],
    ['C.K="a"x', '"," or the end'],
    ['C.K="a",k="b"', 'each key once'],
    ['C.K=1.2.3', 'instead of 1.2.3'],
    [String.raw`C.K="\q"`, String.raw`instead of \q`],
    ['C K', '"." and keys, or the end'],
    ["C.K='ab'", 'one character'],
  ])('refuses %j with its place', (text, why) => {
    expect(() => parsePath(text)).toThrow(CimError);
    expect(() => parsePath(text)).toThrow(why.replace('\\"', '"'));
  });

  it('says which of the two kinds was wanted', () => {
    expect(() => parseInstancePath('C')).toThrow("an instance's, with keys, was wanted");
    expect(() => parseClassPath('C.K=1')).toThrow("a class's, without keys, was wanted");
  });
});

const name = fc.stringMatching(/^[A-Za-z_]\w{0,8}$/);
const place = fc.record(
  {
    host: fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}(:\d{1,4})?$/),
    namespace: fc.stringMatching(/^[a-z]\w{0,4}(\/[a-z]\w{0,4})?$/),
  },
  { requiredKeys: [] },
);
/** Text that reads as a path is a reference to the reader, and so no string to be given back. */
const ordinary = fc.string({ unit: 'binary' }).filter((text) => !text.includes('='));

const { path } = fc.letrec<{ path: InstancePath; value: KeyBinding['value'] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    ordinary,
    fc.maxSafeInteger(),
    fc.boolean(),
    tie('path'),
  ),
  path: fc
    .tuple(
      name,
      fc.uniqueArray(fc.tuple(name, tie('value')), {
        minLength: 1,
        maxLength: 3,
        selector: ([key]) => key.toLowerCase(),
      }),
      place,
    )
    .map(([className, keys, where]) => ({
      ...instancePath(
        className,
        keys.map(([key, value]) => ({ name: key, type: typeOf(value), value })),
      ),
      ...where,
    })),
}));

const typeOf = (value: KeyBinding['value']): KeyBinding['type'] =>
  typeof value === 'object' ? 'reference' : typeof value === 'boolean' ? 'boolean' : undefined;

describe('any path', () => {
  it('is read back from both forms as it was', () => {
    fc.assert(
      fc.property(path, fc.constantFrom('dsp0004' as const, 'dsp0207' as const), (one, form) => {
        expect(parsePath(formatPath(one, form))).toEqual(one);
      }),
      runs(100, 20_000),
    );
  });

  it('or any text is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w:/."\\=,' $]*$/)), (text) => {
        try {
          parsePath(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CimError);
          expect((error as CimError).status).toBe('INVALID_PARAMETER');
        }
      }),
      runs(100, 20_000),
    );
  });
});

describe('a text that costs time to refuse', () => {
  it.each([
    ['of slashes before a name', `a${'/'.repeat(2_000_000)}b:C.K=1`],
    ['of a quoted key without its end', `C.K="${'a'.repeat(2_000_000)}`],
    ['of a quoted key', `C.K="${'a'.repeat(2_000_000)}"`],
    ['of digits', `C.K=${'9'.repeat(60_000)}`],
  ])('%s', (_what, text) => {
    expect(() => parsePath(text)).toThrow(CimError);
  });

  it('is none: sixty thousand slashes round a namespace', () => {
    const slashes = '/'.repeat(30_000);
    expect(parsePath(`${slashes.slice(2)}root/cimv2${slashes}:C`)).toMatchObject({ className: 'C' });
  });
});

describe('DSP0004 clause 8: the same path', () => {
  const vm = (keys: readonly KeyBinding[], more: object = {}): InstancePath => ({
    ...instancePath('Xen_VM', keys),
    ...more,
  });
  const key = (value: KeyBinding['value'], type?: KeyBinding['type'], keyName = 'Name'): KeyBinding => ({
    name: keyName,
    type,
    value,
  });

  it('is compared without regard to the case of names', () => {
    const shouted = instancePath('XEN_VM', [key('a', 'string', 'NAME')], 'ROOT/cimv2');
    expect(samePath(shouted, vm([key('a', 'string')], { namespace: 'root/cimv2' }))).toBe(true);
  });

  it('is compared with regard to the case of values', () => {
    expect(samePath(vm([key('a')]), vm([key('A')]))).toBe(false);
  });

  it('is compared by number, and by text where the type is not said', () => {
    expect(samePath(vm([key(5, 'uint8')]), vm([key(5n, 'uint64')]))).toBe(true);
    expect(samePath(vm([key('5')]), vm([key(5, 'uint16')]))).toBe(true);
    expect(samePath(vm([key(true, 'boolean')]), vm([key('TRUE')]))).toBe(true);
    expect(samePath(vm([key('6')]), vm([key(5)]))).toBe(false);
  });

  it('is another in another namespace, on another host, or as a class', () => {
    expect(samePath(vm([key('a')], { namespace: 'a' }), vm([key('a')], { namespace: 'b' }))).toBe(false);
    expect(samePath(vm([key('a')], { host: 'a' }), vm([key('a')]))).toBe(false);
    const one: ClassPath = { kind: 'classPath', className: 'Xen_VM' };
    expect(samePath(one, vm([]))).toBe(false);
  });

  it('has a canonical text that no other path has', () => {
    expect(canonicalPath(vm([key('a",b="c')]))).not.toBe(canonicalPath(vm([key('a'), key('c', undefined, 'b')])));
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(samePath(a, parsePath(formatPath(a)))).toBe(true);
        if (canonicalPath(a) === canonicalPath(b))
          expect(formatPath(a).toLowerCase()).toBe(formatPath(b).toLowerCase());
      }),
      runs(100, 20_000),
    );
  });
});
