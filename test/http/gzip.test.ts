import { describe, expect, it } from 'vitest';
import { acceptsGzip, mayPack } from '../../src/http/gzip.js';

describe('Accept-Encoding (RFC 9110 12.5.3)', () => {
  it.each([
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['gzip,identity;q=0.5', true],
    ['*', true],
    ['*;q=0.1', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000, *', false],
    ['*;q=0', false],
    ['identity', false],
    ['', false],
    [undefined, false],
  ])('%s: gzip %s', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});

describe('the policy remote', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1', false],
    ['::1', '::1', false],
    ['::ffff:127.0.0.5', '::ffff:127.0.0.1', false],
    ['10.0.0.7', '10.0.0.7', false],
    ['10.0.0.8', '10.0.0.7', true],
    [undefined, undefined, false],
  ])('from %s to %s packs: %s', (remoteAddress, localAddress, packs) => {
    expect(mayPack('remote', { remoteAddress, localAddress })).toBe(packs);
  });
});
