import { invalidQuery } from './fault.js';
import { type CharacterTest, type Matcher, matcherOf, type Pattern, PatternTooLarge } from './pattern.js';

const any: Pattern = { kind: 'one', test: {} };
const one = (character: string): Pattern => ({ kind: 'one', test: { set: new Set([character]) } });

function compiled(pattern: Pattern, at: number): Matcher {
  try {
    return matcherOf(pattern);
  } catch (reason) {
    if (reason instanceof PatternTooLarge) throw invalidQuery(at, 'the pattern is too large');
    throw reason;
  }
}

const rangeKinds = [/^[a-z]$/, /^[A-Z]$/, /^\d$/];

/** The characters of a choice; two letters or digits with a hyphen between them stand for all from one to the other. */
function choice(characters: readonly string[], not: boolean): Pattern {
  const set = new Set<string>();
  const ranges: (readonly [string, string])[] = [];
  for (let i = 0; i < characters.length; i++) {
    const [low, hyphen, high] = [characters[i]!, characters[i + 1], characters[i + 2]];
    const same = high !== undefined && rangeKinds.some((kind) => kind.test(low) && kind.test(high));
    if (hyphen === '-' && same) {
      ranges.push([low, high]);
      i += 2;
    } else set.add(low);
  }
  const test: CharacterTest = { set, ranges, not };
  return { kind: 'one', test };
}

/** A LIKE pattern of WQL: `%` any text, `_` any character, `[a-f]` and `[^a-f]` one of some, or of all others. */
export function wqlPattern(text: string, at: number): Matcher {
  const characters = [...text];
  const parts: Pattern[] = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const end = character === '[' ? characters.indexOf(']', i + 2) : -1;
    if (character === '%') parts.push({ kind: 'times', of: any, least: 0, most: Number.POSITIVE_INFINITY });
    else if (character === '_') parts.push(any);
    else if (end > 0) {
      const not = characters[i + 1] === '^' && end > i + 2;
      parts.push(choice(characters.slice(i + (not ? 2 : 1), end), not));
      i = end;
    } else parts.push(one(character));
  }
  return compiled({ kind: 'all', of: parts }, at);
}

/** Reads a regular expression as DSP1001 defines them, which DSP0202 and DSP0212 take for LIKE. */
class RegularExpression {
  readonly #characters: readonly string[];
  readonly #place: number;
  #next = 0;
  #depth = 0;

  constructor(text: string, place: number) {
    this.#characters = [...text];
    this.#place = place;
  }

  #peek(): string | undefined {
    return this.#characters[this.#next];
  }

  #take(character: string): boolean {
    const is = this.#peek() === character;
    if (is) this.#next++;
    return is;
  }

  #refuse(said: string): never {
    throw invalidQuery(this.#place, `the pattern is wrong at its character ${this.#next + 1}: ${said}`);
  }

  whole(): Pattern {
    const pattern = this.#choice();
    return this.#peek() === undefined ? pattern : this.#refuse('a ")" without a "("');
  }

  #choice(): Pattern {
    if (++this.#depth > 32) this.#refuse('it is nested deeper than 32 levels');
    const choices = [this.#sequence()];
    while (this.#take('|')) choices.push(this.#sequence());
    this.#depth--;
    return choices.length === 1 ? choices[0]! : { kind: 'either', of: choices };
  }

  /** The whole text has to be of the pattern: anchors at the ends say nothing more. */
  #sequence(): Pattern {
    this.#take('^');
    const parts: Pattern[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      if (next === '$' && this.#isLast()) this.#next++;
      else parts.push(this.#multiplied());
    }
    return { kind: 'all', of: parts };
  }

  #isLast(): boolean {
    const after = this.#characters[this.#next + 1];
    return after === undefined || after === '|' || after === ')';
  }

  #multiplied(): Pattern {
    let pattern = this.#single();
    for (let times = this.#multiplier(); times; times = this.#multiplier()) {
      pattern = { kind: 'times', of: pattern, least: times[0], most: times[1] };
    }
    return pattern;
  }

  #multiplier(): readonly [least: number, most: number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const counted = /^\{(\d{1,4})(,(\d{1,4})?)?\}/.exec(this.#characters.slice(this.#next, this.#next + 12).join(''));
    if (!counted) return undefined;
    this.#next += counted[0].length;
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : Number(counted[3] ?? Number.POSITIVE_INFINITY);
    return most < least ? this.#refuse(`at least ${least} but at most ${most}`) : [least, most];
  }

  #single(): Pattern {
    const character = this.#characters[this.#next++]!;
    if (character === '.') return any;
    if (character === '[') return this.#characterChoice();
    if (character === '\\') return one(this.#escaped());
    if (character !== '(') return one(character);
    const inner = this.#choice();
    return this.#take(')') ? inner : this.#refuse('")" was expected');
  }

  #escaped(): string {
    const character = this.#characters[this.#next];
    if (character === undefined) return this.#refuse('a character was expected after "\\"');
    this.#next++;
    return character;
  }

  /** `[abc]`, or what is none of them: `[abc]^`, also `[^abc]`. */
  #characterChoice(): Pattern {
    const before = this.#take('^');
    const found: string[] = [];
    while (!this.#take(']')) {
      if (this.#peek() === undefined) this.#refuse('"]" was expected');
      found.push(this.#take('\\') ? this.#escaped() : this.#characters[this.#next++]!);
    }
    return choice(found, this.#take('^') !== before);
  }
}

export function regularExpression(text: string, at: number): Matcher {
  return compiled(new RegularExpression(text, at).whole(), at);
}
