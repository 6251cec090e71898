import { parseJson } from './json-text.js';

/** What a JSON-RPC answer holds at its top. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Characters that are parsed in one go: some milliseconds' worth. */
const usualPiece = 512 * 1024;

/** Between two records of a listing, and nowhere in a string: there the quote would stand behind a backslash. */
const boundary = '},"OpaqueRef:';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parsed text; undefined for what is no JSON object. */
function objectIn(text: string): Record<string, unknown> | undefined {
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
  /** The answer up to the first cut, and the records of its result so far. */
  #begun: { readonly top: JsonObject; readonly records: Record<string, unknown> } | undefined;

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

  /** The whole answer. Throws SyntaxError. */
  end(): unknown {
    if (!this.#begun) return parseJson(this.#parts.join(''));
    const { top, records } = this.#begun;
    const rest = parseJson(['{"result":{', ...this.#parts].join('')) as JsonObject;
    return { ...top, ...rest, result: Object.assign(records, rest['result']) };
  }

  #hold(text: string): void {
    this.#length = this.#parts.length === 0 ? text.length : this.#length + text.length;
    this.#parts.push(text);
  }

  /** Parses the whole records that are there, the first of them with what stands before the result; false where they are none. */
  #take(): boolean {
    if (this.#begun) {
      const more = objectIn(['{', ...this.#parts, '}'].join(''));
      if (more) Object.assign(this.#begun.records, more);
      return more !== undefined;
    }
    const top = objectIn([...this.#parts, '}}'].join(''));
    const records = top?.['result'];
    if (!top || !isObject(records) || Object.keys(top).at(-1) !== 'result') return false;
    this.#begun = { top, records };
    return true;
  }
}
