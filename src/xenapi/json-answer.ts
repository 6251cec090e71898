import { parseJson } from './json-text.js';

/** A JSON object: an answer at its top, or records by their references. */
type JsonObject = Readonly<Record<string, unknown>>;

/** Some of the many things that an answer holds: records by reference, or events. */
type Part = JsonObject | readonly unknown[];

/** Characters that are parsed in one go: some milliseconds' worth. */
const usualPiece = 512 * 1024;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of what an answer may hold many, so that it can be read in pieces. */
interface Series {
  /** Between two of them, and nowhere in a string: there the quote would stand behind a backslash. */
  readonly boundary: string;
  /** What stands around some of them, and before and behind them in an answer that holds nothing else. */
  readonly brackets: readonly [open: string, close: string];
  readonly around: readonly [before: string, behind: string];
  /** Those of an answer, and the answer without them; undefined where something else would come behind them in it. */
  readonly within: (answer: JsonObject) => readonly [Part, rest: JsonObject] | undefined;
  /** An answer of which all was read in parts: without them, them, and how it ends. */
  readonly joined: (rest: JsonObject, parts: readonly Part[], end: JsonObject) => JsonObject;
}

/** The last member of an object, if it has this name. */
const last = (object: JsonObject, name: string): unknown =>
  Object.keys(object).at(-1) === name ? object[name] : undefined;

/** The answer of `get_all_records`: its result is a map. */
const records: Series = {
  boundary: '},"OpaqueRef:',
  brackets: ['{', '}'],
  around: ['{"result":', '}'],
  within: (answer) => {
    const result = last(answer, 'result');
    return isObject(result) ? [result, { ...answer, result: undefined }] : undefined;
  },
  joined: (rest, parts, end) => ({ ...rest, ...end, result: Object.assign({}, ...parts, end['result']) }),
};

/** The answer of `event.from`: its result holds a list. */
const events: Series = {
  boundary: '},{"',
  brackets: ['[', ']'],
  around: ['{"result":{"events":', '}}'],
  within: (answer) => {
    const result = last(answer, 'result');
    const list = isObject(result) ? last(result, 'events') : undefined;
    if (!isObject(result) || !Array.isArray(list)) return undefined;
    return [list, { ...answer, result: { ...result, events: undefined } }];
  },
  joined: (rest, parts, end) => {
    const [before, behind] = [rest['result'], end['result']] as readonly JsonObject[];
    const list = [...(parts as readonly (readonly unknown[])[]), behind!['events']].flat();
    return { ...rest, ...end, result: { ...before, ...behind, events: list } };
  },
};

/** The parsed text; undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** That a text cannot be cut. */
const nowhere: readonly [number] = [-1];

/**
 * Reads a JSON-RPC answer as it arrives. One that holds many records or events is parsed piece by piece, a few whole ones
 * each, so that nobody has to wait until all of it is parsed. Where a piece turns out to be something else, what has not been
 * parsed by then is parsed in one go at the end.
 */
export class JsonAnswerReader {
  readonly #piece: number;
  /** How much text is waited for before it is cut. */
  #wanted: number;
  #parts: string[] = [];
  #length = 0;
  /** Of what the answer holds many, and what stands before them, once a piece of it was read. */
  #begun: { readonly series: Series; readonly rest: JsonObject } | undefined;
  /** What was parsed and not yet taken away. */
  #pieces: Part[] = [];

  /** `piece`: characters that are parsed in one go, about. */
  constructor(piece = usualPiece) {
    this.#piece = piece;
    this.#wanted = piece;
  }

  /** Takes more of the text; true where some of it has been parsed just now. */
  write(text: string): boolean {
    const [cut, series] = this.#length + text.length < this.#wanted ? nowhere : this.#cut(text);
    if (!series) {
      this.#hold(text);
      return false;
    }
    this.#hold(text.slice(0, cut + 1));
    const whole = this.#take(series);
    if (whole) this.#parts = [];
    this.#hold(whole ? text.slice(cut + 2) : text.slice(cut + 1));
    this.#wanted = whole ? this.#piece : Number.POSITIVE_INFINITY;
    return true;
  }

  /** Takes away the records or events of the result that have been parsed so far. */
  taken(): readonly Part[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** The whole answer, but for what was taken away. Throws SyntaxError. */
  end(): unknown {
    if (!this.#begun) return parseJson(this.#parts.join(''));
    const { series, rest } = this.#begun;
    const end = parseJson([series.around[0], series.brackets[0], ...this.#parts].join('')) as JsonObject;
    return series.joined(rest, this.#pieces, end);
  }

  /** Where the text can be cut, and between two of what. */
  #cut(text: string): readonly [number, Series?] {
    for (const series of this.#begun ? [this.#begun.series] : [records, events]) {
      const cut = text.lastIndexOf(series.boundary);
      if (cut >= 0) return [cut, series];
    }
    return nowhere;
  }

  #hold(text: string): void {
    this.#length = this.#parts.length === 0 ? text.length : this.#length + text.length;
    this.#parts.push(text);
  }

  /** Parses what is there, the first piece with what stands before it; false where it is not whole ones of the series. */
  #take(series: Series): boolean {
    const [open, close] = series.brackets;
    const part = this.#begun ? parsed([open, ...this.#parts, close].join('')) : this.#first(series);
    if (typeof part !== 'object' || part === null) return false;
    this.#pieces.push(part as Part);
    return true;
  }

  #first(series: Series): Part | undefined {
    const first = parsed([...this.#parts, series.brackets[1], series.around[1]].join(''));
    const [part, rest] = (isObject(first) && series.within(first)) || [];
    if (rest) this.#begun = { series, rest };
    return part;
  }
}
