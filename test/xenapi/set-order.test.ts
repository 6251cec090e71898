import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortedAs, sortSets } from '../../src/xenapi/set-order.js';

const ref = fc.integer({ min: 0, max: 400 }).map((number) => `OpaqueRef:${number}`);
const set = fc.uniqueArray(ref, { maxLength: 200 });

describe('a set that is sorted by its earlier state', () => {
  it('is what sorting makes of it, whatever it was before', () => {
    fc.assert(
      fc.property(set, set, (before, now) => {
        expect(sortedAs([...before].sort(), now)).toEqual([...now].sort());
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('is none where a member is twice in it, or is no text', () => {
    expect(sortedAs(['a'], ['b', 'b'])).toBeUndefined();
    expect(sortedAs(['a'], ['b', 1])).toBeUndefined();
  });

  it('is put into the record, unless it is small, no set of references, or no set at all', () => {
    const many = Array.from({ length: 100 }, (_, i) => `OpaqueRef:${(i * 37) % 100}`);
    const sorted = [...many].sort();
    const sent = { VDIs: [...many], PBDs: ['b', 'a'], blobs: 'x', tags: [...many] };
    sortSets('SR', sent, { VDIs: sorted, PBDs: [], blobs: [], tags: sorted });
    expect(sent).toEqual({ VDIs: sorted, PBDs: ['b', 'a'], blobs: 'x', tags: many });
  });
});
