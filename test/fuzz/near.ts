import fc from 'fast-check';

/** A text cut where its tokens are: names, numbers, quoted parts, marks. */
const tokensOf = (text: string): string[] => text.match(/\w+|\s+|[^\w\s]/g) ?? [];

const edit = fc.tuple(fc.nat(), fc.nat(6));

/**
 * Texts near those that a decoder takes: with characters or tokens changed, left out, doubled and put in from each other,
 * and cut off; and texts of no kind.
 */
export function near(samples: readonly string[], odd: readonly string[] = []): fc.Arbitrary<string> {
  const some = fc.constantFrom(...samples);
  const tokens = [...new Set(samples.flatMap(tokensOf)), ...odd, '', '\0', '\uFFFF', '😀', '999999999999999999999'];
  const byTokens = fc
    .tuple(some, fc.array(fc.tuple(edit, fc.constantFrom(...tokens)), { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) => {
      const parts = tokensOf(text);
      for (const [[at, remove], put] of edits) parts.splice(at % (parts.length + 1), remove, put);
      return parts.join('');
    });
  const byCharacters = fc
    .tuple(some, fc.array(fc.tuple(edit, fc.string({ unit: 'binary', maxLength: 3 })), { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((all, [[at, remove], put]) => {
        const from = at % (all.length + 1);
        return all.slice(0, from) + put + all.slice(from + remove);
      }, text),
    );
  const cut = fc.tuple(some, fc.nat()).map(([text, length]) => text.slice(0, length % (text.length + 1)));
  return fc.oneof(
    { weight: 5, arbitrary: byTokens },
    { weight: 3, arbitrary: byCharacters },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
  );
}
