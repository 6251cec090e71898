import { parseJson } from './json-text.js';

/** A JSON object: an answer at its top, or records by their references. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Characters that are parsed in one go: some milliseconds' worth. */
const usualPiece = 512 * 1024;

/** Between two records of a listing, and nowhere in a string: there the quote would stand behind a backslash. */
const boundary = '},"OpaqueRef:';

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parsed text; undefined for what is no JSON object. */
function objectIn(text: string): JsonObject | undefined {
  try {
    const parsed = parseJson(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a JSON-RPC answer as it arrives. One that lists many records is parsed piece by piece, a few whole records each, so
 * that nobody has to wait until all of it is parsed. Where a piece turns out not to be whole records of the result, what
 * has not been parsed by then is parsed in one go at the end.
 */
export class JsonAnswerReader {
  readonly #piece: number;
  /** How much text is waited for before it is cut. */
  #wanted: number;
  #parts: string[] = [];
  #length = 0;
  /** What stands before the result of an answer that is read in pieces. */
  #top: JsonObject | undefined;
  /** The records that were parsed and not yet taken away. */
  #pieces: JsonObject[] = [];

  /** `piece`: characters that are parsed in one go, about. */
  constructor(piece = usualPiece) {
    this.#piece = piece;
    this.#wanted = piece;
  }

  /** Takes more of the text; true where some of it has been parsed just now. */
  write(text: string): boolean {
    const cut = this.#length + text.length < this.#wanted ? -1 : text.lastIndexOf(boundary);
    if (cut < 0) {
      this.#hold(text);
      return false;
    }
    this.#hold(text.slice(0, cut + 1));
    const whole = this.#take();
    if (whole) this.#parts = [];
    this.#hold(whole ? text.slice(cut + 2) : text.slice(cut + 1));
    this.#wanted = whole ? this.#piece : Number.POSITIVE_INFINITY;
    return true;
  }

  /** Takes away the records of the result that have been parsed so far. */
  taken(): readonly JsonObject[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  /** The whole answer, but for the records that were taken away. Throws SyntaxError. */
  end(): unknown {
    if (!this.#top) return parseJson(this.#parts.join(''));
    const rest = parseJson(['{"result":{', ...this.#parts].join('')) as JsonObject;
    return { ...this.#top, ...rest, result: Object.assign({}, ...this.#pieces, rest['result']) };
  }

  #hold(text: string): void {
    this.#length = this.#parts.length === 0 ? text.length : this.#length + text.length;
    this.#parts.push(text);
  }

  /** Parses the whole records that are there, the first of them with what stands before the result; false where they are none. */
  #take(): boolean {
    const records = this.#top ? objectIn(['{', ...this.#parts, '}'].join('')) : this.#first();
    if (records) this.#pieces.push(records);
    return records !== undefined;
  }

  #first(): JsonObject | undefined {
    const top = objectIn([...this.#parts, '}}'].join(''));
    const records = top?.['result'];
    if (!top || !isObject(records) || Object.keys(top).at(-1) !== 'result') return undefined;
    const { result: _, ...rest } = top;
    this.#top = rest;
    return records;
  }
}
