import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareDatetime,
  datetimeOfEpoch,
  datetimeOfIso,
  epochOfDatetime,
  formatDatetime,
  intervalOfMilliseconds,
  isDatetime,
  millisecondsOfInterval,
  parseDatetime,
} from '../../src/cim/datetime.js';
import { CimError } from '../../src/cim/error.js';
import { runs } from '../fuzz/runs.js';

describe('DSP0004 5.2.4: the text of a datetime', () => {
  it('is a timestamp with its offset, or an interval', () => {
    expect(parseDatetime('20261122140000.123456+060')).toEqual({
      kind: 'timestamp',
      year: 2026,
      month: 11,
      day: 22,
      hour: 14,
      minute: 0,
      second: 0,
      fraction: '123456',
      offset: 60,
    });
    expect(parseDatetime('00000002030405.000006:000')).toEqual({
      kind: 'interval',
      days: 2,
      hour: 3,
      minute: 4,
      second: 5,
      fraction: '000006',
    });
  });

  it.each([
    '20261122140000.12****+000',
    '20261122140000.******-480',
    '202611221400**.******+000',
    '2026**********.******+000',
    '**************.******+000',
    '0000000203****.******:000',
    '********000000.000000:000'.replace(/0/g, '*').replace(/\*{3}$/, '000'),
  ])('may hide what lies to the right: %s', (text) => {
    expect(formatDatetime(parseDatetime(text))).toBe(text);
  });

  it.each([
    ['2026112214000.000000+0000', 'places'],
    ['20261122140000.000000+00', '24 characters'],
    ['20261322140000.000000+000', 'month must be 1 to 12, not 13'],
    ['20260229140000.000000+000', 'the month has 28 days'],
    ['20261122240000.000000+000', 'hour must be 0 to 23'],
    ['20261122146000.000000+000', 'minute must be 0 to 59'],
    ['20261122140060.000000+000', 'second must be 0 to 59'],
    ['2026****140000.000000+000', 'run on to the right'],
    ['202611221400*0.000000+000', 'the whole second'],
    ['20261122140000.1*3456+000', 'must be the last ones'],
    ['202611221400**.123456+000', 'where seconds are not'],
    ['20261122140000.000000+***', 'places'],
    ['00000002030405.000000:060', 'places'],
    ['', '0 characters'],
  ])('refuses %j and says why', (text, why) => {
    expect(isDatetime(text)).toBe(false);
    expect(() => parseDatetime(text)).toThrow(CimError);
    expect(() => parseDatetime(text)).toThrow(why);
  });
});

describe('datetimes out of other clocks', () => {
  it('comes from milliseconds since 1970, in UTC', () => {
    expect(datetimeOfEpoch(0)).toBe('19700101000000.000000+000');
    expect(datetimeOfEpoch(1_795_356_000_123)).toBe('20261122140000.123000+000');
    expect(() => datetimeOfEpoch(Number.NaN)).toThrow('outside the years');
    expect(() => datetimeOfEpoch(1e16)).toThrow(CimError);
  });

  it.each([
    ['20261122T14:00:00Z', '20261122140000.000000+000'],
    ['2026-11-22T14:00:00Z', '20261122140000.000000+000'],
    ['20261122T14:00:00', '20261122140000.000000+000'],
    ['20261122T140000Z', '20261122140000.000000+000'],
    ['2026-11-22T14:00:00.5+01:00', '20261122140000.500000+060'],
    ['2026-11-22T14:00:00.1234567-0330', '20261122140000.123456-210'],
    ['19700101T00:00:00Z', '19700101000000.000000+000'],
  ])('comes from the ISO text %s', (iso, text) => {
    expect(datetimeOfIso(iso)).toBe(text);
  });

  it.each(['', 'yesterday', '20261122', '20261340T14:00:00Z', '20260230T14:00:00Z'])(
    'refuses the ISO text %j',
    (iso) => {
      expect(() => datetimeOfIso(iso)).toThrow(CimError);
    },
  );

  it('gives the milliseconds back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (milliseconds) => {
        expect(epochOfDatetime(datetimeOfEpoch(milliseconds))).toBe(milliseconds);
      }),
      runs(100, 20_000),
    );
    expect(() => epochOfDatetime('00000002030405.000000:000')).toThrow('a timestamp was wanted');
  });

  it('gives the length of an interval back', () => {
    expect(intervalOfMilliseconds(90_061_001.5)).toBe('00000001010101.001500:000');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 * 86_400_000 }), (milliseconds) => {
        expect(millisecondsOfInterval(intervalOfMilliseconds(milliseconds))).toBe(milliseconds);
      }),
      runs(100, 20_000),
    );
    expect(() => millisecondsOfInterval('19700101000000.000000+000')).toThrow('an interval was wanted');
    expect(() => intervalOfMilliseconds(-1)).toThrow(CimError);
  });
});

describe('DSP0004 5.2.4: comparing datetimes', () => {
  it.each([
    ['20261122140000.000000+000', '20261122150000.000000+060', 0],
    ['20261122140000.000000+000', '20261122140000.000000+060', 1],
    ['20261122140000.000000-060', '20261122145959.999999+000', 1],
    ['20261122140000.000001+000', '20261122140000.000002+000', -1],
    ['20261122140000.000000+000', '20261122150000.******+000', -1],
    ['20261122140000.000000+000', '202611221400**.******+000', undefined],
    ['202611221400**.******+000', '202611221500**.******+060', 0],
    ['00000001000000.000000:000', '00000000235959.999999:000', 1],
    ['00000001000000.000000:000', '19700101000000.000000+000', undefined],
  ])('%s against %s is %s', (a, b, order) => {
    expect(compareDatetime(a, b)).toBe(order);
    expect(compareDatetime(b, a)).toBe(order === undefined || order === 0 ? order : -order);
  });
});
