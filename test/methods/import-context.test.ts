import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import {
  formatContext,
  formatMap,
  type Instruction,
  parseContext,
  parseMap,
} from '../../src/methods/import-context.js';
import { runs } from '../fuzz/runs.js';

const disk = fc.uuid();
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ kind: fc.constant('create' as const), disk, size: fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }) }),
  fc.record({ kind: fc.constantFrom('clone' as const, 'reuse' as const), disk, from: disk }),
  fc.record({ kind: fc.constantFrom('snap' as const, 'leaf' as const), disk }),
  fc.constant({ kind: 'pass' as const }),
);

describe('contexts and maps of an import', () => {
  test('are read as they were written, whatever ends the lines', () => {
    fc.assert(
      fc.property(
        fc.array(instruction, { maxLength: 20 }),
        fc.constantFrom('\n', '\r', '\r\n', '\n\r \n'),
        (all, end) => {
          expect(parseContext(formatContext(all).replaceAll('\n', end))).toEqual(all);
        },
      ),
      runs(100, 20_000),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(disk, disk), { maxLength: 20 }), (pairs) => {
        const map = new Map(pairs);
        expect(parseMap(formatMap(map))).toEqual(map);
      }),
      runs(100, 20_000),
    );
  });

  test('of anything else are refused, and never run on', () => {
    const words = fc.constantFrom(
      'create',
      'clone',
      'reuse',
      'snap',
      'leaf',
      'pass',
      ' ',
      '\r',
      '\n',
      '=',
      ',',
      '\0',
      '__proto__',
    );
    const noise = fc.array(fc.oneof(words, disk, fc.string()), { maxLength: 30 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(noise, (text) => {
        for (const read of [parseContext, parseMap]) {
          try {
            read(text);
          } catch (reason) {
            expect(reason).toBeInstanceOf(CimError);
            expect((reason as CimError).status).toBe('INVALID_PARAMETER');
            expect((reason as CimError).message.length).toBeLessThan(800);
          }
        }
      }),
      runs(100, 20_000),
    );
  });
});
