/** Whether a whole text is of a pattern. */
export type Matcher = (text: string) => boolean;

/** Which characters count as one: those of the set, or with `not` all others; without a set any. */
export interface CharacterTest {
  readonly set?: ReadonlySet<string>;
  readonly ranges?: readonly (readonly [low: string, high: string])[];
  readonly not?: boolean;
}

/** A pattern, taken apart. */
export type Pattern =
  | { readonly kind: 'one'; readonly test: CharacterTest }
  | { readonly kind: 'all'; readonly of: readonly Pattern[] }
  | { readonly kind: 'either'; readonly of: readonly Pattern[] }
  | { readonly kind: 'times'; readonly of: Pattern; readonly least: number; readonly most: number };

/** A step of the machine: take a character, go on in two places, or be done. */
type Instruction =
  | { readonly kind: 'take'; readonly test: CharacterTest }
  | { readonly kind: 'fork'; to: readonly number[] }
  | { readonly kind: 'done' };

const mostInstructions = 1_000;

/** The pattern would take more steps than a machine may have. */
export class PatternTooLarge extends Error {}

function passes({ set, ranges, not }: CharacterTest, character: string): boolean {
  if (!set) return true;
  const within = set.has(character) || (ranges?.some(([low, high]) => low <= character && character <= high) ?? false);
  return within !== (not ?? false);
}

/** Writes the program of the pattern. */
class Assembler {
  readonly program: Instruction[] = [];

  #add(instruction: Instruction): number {
    if (this.program.length >= mostInstructions) throw new PatternTooLarge();
    return this.program.push(instruction) - 1;
  }

  #fork(): { kind: 'fork'; to: readonly number[] } {
    const fork: Instruction = { kind: 'fork', to: [] };
    this.#add(fork);
    return fork;
  }

  add(pattern: Pattern): void {
    if (pattern.kind === 'one') this.#add({ kind: 'take', test: pattern.test });
    else if (pattern.kind === 'all') for (const part of pattern.of) this.add(part);
    else if (pattern.kind === 'either') this.#either(pattern.of);
    else this.#times(pattern.of, pattern.least, pattern.most);
  }

  end(): void {
    this.#add({ kind: 'done' });
  }

  #either(choices: readonly Pattern[]): void {
    const start = this.#fork();
    const ends: { to: readonly number[] }[] = [];
    const starts = choices.map((choice) => {
      const at = this.program.length;
      this.add(choice);
      ends.push(this.#fork());
      return at;
    });
    start.to = starts;
    for (const end of ends) end.to = [this.program.length];
  }

  #times(pattern: Pattern, least: number, most: number): void {
    for (let i = 0; i < least; i++) {
      const before = this.program.length;
      this.add(pattern);
      // What takes nothing once takes nothing however often.
      if (this.program.length === before) return;
    }
    if (most === Number.POSITIVE_INFINITY) {
      const at = this.program.length;
      const again = this.#fork();
      this.add(pattern);
      const back = this.#fork();
      back.to = [at];
      again.to = [at + 1, this.program.length];
      return;
    }
    const exits: { to: readonly number[] }[] = [];
    for (let i = least; i < most; i++) {
      const fork = this.#fork();
      fork.to = [this.program.length];
      exits.push(fork);
      this.add(pattern);
    }
    for (const exit of exits) exit.to = [...exit.to, this.program.length];
  }
}

/** Adds the places that are reached from one without taking a character. */
function reach(program: readonly Instruction[], from: number, places: Set<number>): void {
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (places.has(place)) continue;
    places.add(place);
    const instruction = program[place]!;
    if (instruction.kind === 'fork') open.push(...instruction.to);
  }
}

/**
 * The test of a pattern. It walks all ways through the pattern at once, so that its time is that of text times pattern
 * whatever they are: a client's pattern cannot make it hang. Throws PatternTooLarge.
 */
export function matcherOf(pattern: Pattern): Matcher {
  const assembler = new Assembler();
  assembler.add(pattern);
  assembler.end();
  const { program } = assembler;
  const start = new Set<number>();
  reach(program, 0, start);
  return (text) => {
    let places = start;
    for (const character of text) {
      const next = new Set<number>();
      for (const place of places) {
        const instruction = program[place]!;
        if (instruction.kind === 'take' && passes(instruction.test, character)) reach(program, place + 1, next);
      }
      if (next.size === 0) return false;
      places = next;
    }
    return places.has(program.length - 1);
  };
}
