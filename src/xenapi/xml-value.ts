import { SaxesParser } from 'saxes';
import { MalformedAnswer } from './protocol.js';

/** A `<value>` that is being read: what its type element says, and what has come of it. */
interface Frame {
  type: string | undefined;
  value: unknown;
  /** The member's name that waits for its value, in a struct. */
  name: string;
}

const depthLimit = 64;

/** A copy that does not keep the text alive from which it was cut (a long slice points into the whole answer). */
const detached = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1));

function toInteger(text: string): number | string {
  const value = Number(text.trim());
  return Number.isSafeInteger(value) ? value : text.trim();
}

/** The scalar type elements. Ints beyond 2^53 and odd floats stay text: value.ts reads them by the field's type. */
const scalars: Readonly<Record<string, (text: string) => unknown>> = {
  string: detached,
  boolean: (text) => text.trim() === '1' || text.trim() === 'true',
  int: toInteger,
  i4: toInteger,
  i8: toInteger,
  'ex:i8': toInteger,
  double: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text.trim()),
  'dateTime.iso8601': (text) => detached(text.trim()),
  base64: detached,
  nil: () => null,
  'ex:nil': () => null,
};

/** `__proto__` is a member like any other. */
function setMember(struct: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(struct, name, { value, enumerable: true, writable: true, configurable: true });
  else (struct as Record<string, unknown>)[name] = value;
}

/**
 * Builds the value that a document holds from saxes events. The document's root is `methodResponse`, or a bare
 * `value` as in a task's result. Text that has no type element is a string; white space between elements is nothing.
 */
class ValueBuilder {
  /** The outermost value, once it is closed. */
  result: { readonly value: unknown } | undefined;
  isFault = false;
  readonly #stack: Frame[] = [];
  #text = '';

  open(name: string): void {
    this.#text = '';
    const top = this.#stack.at(-1);
    if (name === 'value') this.#push();
    else if (name === 'fault') this.isFault = true;
    else if (top && top.type === undefined) this.#begin(top, name);
  }

  text(text: string): void {
    this.#text += text;
  }

  close(name: string): void {
    const top = this.#stack.at(-1);
    if (!top) return;
    if (name === 'value') this.#pop(top);
    else if (name === 'name') top.name = detached(this.#text);
    else if (name === top.type) top.value = scalars[name] ? scalars[name](this.#text) : top.value;
  }

  #push(): void {
    if (this.#stack.length === depthLimit) throw new MalformedAnswer(`values are nested more than ${depthLimit} deep`);
    this.#stack.push({ type: undefined, value: undefined, name: '' });
  }

  #begin(frame: Frame, type: string): void {
    frame.type = type;
    if (type === 'array') frame.value = [];
    else if (type === 'struct') frame.value = {};
    else if (!Object.hasOwn(scalars, type)) throw new MalformedAnswer(`<${type}> is no XML-RPC type`);
  }

  #pop(frame: Frame): void {
    this.#stack.pop();
    const value = frame.type === undefined ? detached(this.#text) : frame.value;
    const outer = this.#stack.at(-1);
    if (!outer) this.result = { value };
    else if (outer.type === 'array') (outer.value as unknown[]).push(value);
    else if (outer.type === 'struct') setMember(outer.value as object, outer.name, value);
    this.#text = '';
  }
}

/** Reads one XML-RPC document piece by piece. */
export class XmlValueReader {
  readonly #builder = new ValueBuilder();
  readonly #parser = new SaxesParser({ position: false });

  constructor() {
    const builder = this.#builder;
    const parser = this.#parser;
    parser.on('opentag', ({ name }) => builder.open(name));
    parser.on('text', (text) => builder.text(text));
    parser.on('cdata', (text) => builder.text(text));
    parser.on('closetag', ({ name }) => builder.close(name));
    parser.on('doctype', () => {
      throw new MalformedAnswer('an XML-RPC answer must not have a document type');
    });
    parser.on('error', (error) => {
      // Some releases let control characters through; a text that holds one is better than no pool.
      if (!/disallowed character\.?$/.test(error.message)) throw new MalformedAnswer(error.message, { cause: error });
    });
  }

  write(text: string): void {
    this.#parser.write(text);
  }

  /** The document's value, and whether it was a fault. Throws MalformedAnswer. */
  end(): { readonly value: unknown; readonly isFault: boolean } {
    this.#parser.close();
    const { result, isFault } = this.#builder;
    if (!result) throw new MalformedAnswer('the document holds no value');
    return { value: result.value, isFault };
  }
}

/**
 * The value of a task's `result` (XenAPI task.result: a `<value>` element as text whatever the protocol; empty for
 * void). Throws MalformedAnswer.
 */
export function parseTaskResult(result: string): unknown {
  if (result.trim() === '') return '';
  const reader = new XmlValueReader();
  reader.write(result);
  return reader.end().value;
}
