import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MofError } from '../../src/mof/error.js';
import { Lexer, type Token } from '../../src/mof/lexer.js';
import { runs } from '../fuzz/runs.js';

function tokens(text: string): Token[] {
  const lexer = new Lexer({ file: 'a.mof', text });
  const found: Token[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) found.push(token);
  return found;
}

const kinds = (text: string): string[] => tokens(text).map((token) => `${token.kind} ${token.text}`);

describe('DSP0004 annex A: the tokens of MOF', () => {
  it('are names, aliases and marks', () => {
    expect(kinds('class C_1 : $A {};')).toEqual([
      'name class',
      'name C_1',
      'mark :',
      'alias $A',
      'mark {',
      'mark }',
      'mark ;',
    ]);
  });

  it('stand between blanks and both kinds of comment (DSP0004 7.2)', () => {
    expect(kinds('a // b */ c\n/* d\n // e **/\tf/**/g\r\n')).toEqual(['name a', 'name f', 'name g']);
    expect(kinds(`"a // b" "/* c */"`)).toEqual(['string a // b', 'string /* c */']);
  });

  it('are numbers of every base (DSP0004 7.12.3, 7.12.4)', () => {
    expect(tokens('12 -0x1F 017 +101b 0 1.5 -.5e-3 2.0E2').map((token) => token.value)).toEqual([
      12n,
      -31n,
      15n,
      5n,
      0n,
      1.5,
      -0.0005,
      200,
    ]);
  });

  it('are strings with every escape (DSP0004 7.12.1)', () => {
    expect(tokens(String.raw`"\b\t\n\f\r\"\'\\\x41\X00e9z"`)[0]!.text).toBe('\b\t\n\f\r"\'\\A\u00e9z');
    expect(tokens('"ä\ttab"')[0]!.text).toBe('ä\ttab');
  });

  it('are characters (DSP0004 7.12.2)', () => {
    expect(kinds(String.raw`'a' '\x41' '\'' '"'`)).toEqual([
      'character a',
      'character A',
      "character '",
      'character "',
    ]);
  });

  it.each([
    ['a\n  "b', 2, 3, 'no end on its line'],
    ['"a\nb"', 1, 1, 'no end on its line'],
    [String.raw`"a\q"`, 1, 3, 'an escape was expected'],
    ['\r\n\r\n/* x', 3, 1, '"*/" was expected'],
    ['08', 1, 1, '08 is no number'],
    ['0x', 1, 1, '0x is no number'],
    ['$ a', 1, 1, 'a name was expected after "$"'],
    ["'ab'", 1, 1, 'one character'],
    ["''", 1, 1, 'one character'],
    ['a ;\n @', 2, 2, '"@" cannot stand here'],
  ])('refuse %j at line %i, column %i', (text, line, column, why) => {
    let error: unknown;
    try {
      tokens(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MofError);
    expect(error).toMatchObject({ file: 'a.mof', line, column });
    expect((error as Error).message).toContain(`a.mof:${line}:${column}: `);
    expect((error as Error).message).toContain(why);
  });

  it('are found or refused in any text, and in the end it ends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^["'\\/*$#\w\s.+-]*$/)), (text) => {
        try {
          for (const token of tokens(text)) expect(token.offset).toBeLessThan(text.length);
        } catch (error) {
          expect(error).toBeInstanceOf(MofError);
        }
      }),
      runs(100, 20_000),
    );
  });
});
