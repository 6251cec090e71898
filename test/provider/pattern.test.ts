import { describe, expect, test } from 'vitest';
import { label } from '../../src/provider/codec.js';
import { choices, masked, memberId, settingId, states, uriOf, veiled } from '../../src/provider/pattern.js';

test('a table of states gives a column as a property, with the labels that the check is to find', () => {
  const state = states(({ on }: { readonly on: boolean }) => (on ? 'up' : 'down'), {
    up: { Status: [label('OK')], Text: 'up' },
    down: { Status: [label('Stopped')], Text: null },
  });
  expect(state('Status').labels).toEqual(['OK', 'Stopped']);
  expect(state('Text').labels).toEqual([]);
  expect(state('Status').calc({ on: true }, {})).toEqual([label('OK')]);
  expect(state('Text').calc({ on: false }, {})).toBeNull();
});

describe('choices', () => {
  const codec = choices<'a' | 'b' | 'c'>([
    ['One', 'b', 'c'],
    ['Two', 'a'],
    ['Three', 'a'],
  ]);
  test('come in the order of the table, once each', () => {
    expect(codec.read(['a', 'c', 'b'])).toEqual([label('One'), label('Two'), label('Three')]);
    expect(codec.read(['c'])).toEqual([label('One')]);
    expect(codec.labels).toEqual(['One', 'Two', 'Three']);
  });
  test('NULL when none is there; what is not in the table counts for nothing', () => {
    expect(codec.read([])).toBeNull();
    expect(codec.read(['z' as 'a'])).toBeNull();
  });
  test('the same choice is the same list', () => expect(codec.read(['a'])).toBe(codec.read(['a'])));
});

test('secrets are hidden by the name of their key; a map without any is given as it is', () => {
  const plain = { name: 'x', path: 'y' };
  expect(masked.read(plain)).toBe(plain);
  expect(masked.read({ chappassword: 'x', user: 'y', SECRET: 'z' })).toEqual({
    chappassword: '***',
    user: 'y',
    SECRET: '***',
  });
  expect(veiled.read({ a: 'x', b: '' })).toEqual({ a: '***', b: '***' });
});

test('identifiers and WBEM URIs of other instances (DSP0207)', () => {
  expect(settingId({ uuid: 'u' }, {}, {})).toBe('Xen:u');
  expect(memberId('owner', 'u')).toBe('Xen:owner/u');
  const uri = uriOf('X_Disk', { form: 'device', systemClass: 'X_Pool', owner: 'sr', suffix: 'uuid' });
  expect(uri({ uuid: 'a"b' }, { sr: { uuid: 's' } })).toBe(
    'root/cimv2:X_Disk.CreationClassName="X_Disk",DeviceID="Xen:s/a\\"b",SystemCreationClassName="X_Pool",SystemName="s"',
  );
  expect(uri({ uuid: 'a' }, { sr: undefined })).toBeNull();
});
