/** The number of letters to insert, drop, replace or swap with a neighbour that turn one word into the other. */
export function distance(a: string, b: string): number {
  let older: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(last[column]! + 1, next[column - 1]! + 1, last[column - 1]! + same);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) best = Math.min(best, older[column - 2]! + 1);
      next.push(best);
    }
    [older, last] = [last, next];
  }
  return last[b.length]!;
}

/** The word of the list that was most likely meant: one that begins so, or differs in at most a third of its letters. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  let found: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    const contained = word.length > 3 && candidate.startsWith(word);
    const away = contained ? 1 : distance(word.toLowerCase(), candidate.toLowerCase());
    if (away < least && (contained || away * 3 <= Math.max(word.length, candidate.length))) {
      [found, least] = [candidate, away];
    }
  }
  return found;
}
