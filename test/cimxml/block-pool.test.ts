import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Block, BlockPool } from '../../src/cimxml/block-pool.js';
import { runs } from '../fuzz/runs.js';

const size = 100_000;

/** A block in which one page was kept and is no longer. */
function used(pool: BlockPool, octets = size): Block {
  const block = pool.take(octets);
  pool.hold(block);
  pool.release(block);
  return block;
}

describe('a block', () => {
  it('is used again when no page in it is kept', () => {
    const pool = new BlockPool();
    const block = pool.take(size);
    pool.hold(block);
    pool.hold(block);
    pool.release(block);
    pool.enter();
    expect(pool.take(size) === block).toBe(false);
    pool.release(block);
    pool.enter();
    expect(pool.take(size) === block, 'an answer is under way that was so when it was left').toBe(false);
    expect(pool.size).toBe(size);
  });

  it('is used again when all answers have ended that were under way when it was left', () => {
    const pool = new BlockPool();
    const [first, second] = [pool.enter(), pool.enter()];
    const block = used(pool);
    const later = pool.enter();
    pool.leave(first);
    expect(pool.take(size) === block).toBe(false);
    pool.leave(second);
    expect(pool.take(size) === block).toBe(true);
    expect(pool.size).toBe(0);
    pool.leave(later);
  });

  it('is never used again for whoever has not said that he reads', () => {
    const pool = new BlockPool();
    const block = used(pool);
    expect(pool.take(size) === block).toBe(false);
    pool.enter();
    expect(pool.take(size) === block).toBe(true);
  });

  it('is the smallest that will do, and new where an eighth would be left over', () => {
    const pool = new BlockPool();
    const blocks = [115_000, 105_000, 112_000, 99_000].map((octets) => used(pool, octets));
    pool.enter();
    expect(pool.take(size) === blocks[1]).toBe(true);
    expect(pool.take(size) === blocks[2]).toBe(true);
    expect(pool.take(size).memory.length).toBe(size);
    expect(pool.take(size + 3_000) === blocks[0]).toBe(true);
  });

  it('that is small is left to the collector', () => {
    const pool = new BlockPool();
    used(pool, 1_000);
    expect(pool.size).toBe(0);
  });

  it('is let go of when there are too many, the longest idle first', () => {
    const pool = new BlockPool();
    const blocks = [1, 2, 3].map(() => used(pool));
    pool.shrink(2 * size);
    expect(pool.size).toBe(2 * size);
    pool.enter();
    for (const left of blocks.slice(1)) expect(pool.take(size) === left).toBe(true);
    pool.shrink(0);
    expect(pool.size).toBe(0);
  });
});

/** What may happen to a pool: an answer begins, ends, takes a block to keep pages in; a page is let go of. */
const step = fc.oneof(
  fc.record({ act: fc.constant('enter' as const) }),
  fc.record({ act: fc.constant('leave' as const), which: fc.nat() }),
  fc.record({ act: fc.constant('take' as const), which: fc.nat(), size: fc.constantFrom(70_000, 75_000, size) }),
  fc.record({ act: fc.constant('read' as const), which: fc.nat(), block: fc.nat() }),
  fc.record({ act: fc.constant('release' as const), which: fc.nat() }),
);

it('nobody gets a block that somebody may still read, whatever happens', () => {
  let again = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const pool = new BlockPool();
      const answers: { readonly number: number; readonly reads: Set<Block> }[] = [];
      const kept: Block[] = [];
      const seen = new Set<Block>();
      for (const taken of steps) {
        if (taken.act === 'enter') answers.push({ number: pool.enter(), reads: new Set() });
        else if (taken.act === 'release') {
          const [block] = kept.length > 0 ? kept.splice(taken.which % kept.length, 1) : [];
          if (block) pool.release(block);
        } else if (answers.length > 0) {
          const at = taken.which % answers.length;
          const { number, reads } = answers[at]!;
          if (taken.act === 'leave') {
            pool.leave(number);
            answers.splice(at, 1);
          } else if (taken.act === 'read') {
            if (kept.length > 0) reads.add(kept[taken.block % kept.length]!);
          } else {
            const block = pool.take(taken.size);
            expect(kept.includes(block)).toBe(false);
            for (const answer of answers) expect(answer.reads.has(block)).toBe(false);
            if (seen.has(block)) again++;
            seen.add(block);
            reads.add(block);
            pool.hold(block);
            kept.push(block);
          }
        }
      }
    }),
    runs(500, 20_000),
  );
  expect(again).toBeGreaterThan(20);
});
