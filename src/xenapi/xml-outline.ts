import { setImmediate } from 'node:timers/promises';
import { SaxesParser } from 'saxes';
import { MalformedAnswer } from './protocol.js';

/** A value of an XML-RPC document and where its element stands in the text, so that it can be exchanged for another. */
export interface OutlinedValue {
  /** Where `<value>` begins. */
  readonly start: number;
  /** Behind `</value>`. */
  readonly end: number;
  /** Of a scalar, whatever its type. */
  readonly text: string;
  /** Of a struct. */
  readonly members: ReadonlyMap<string, OutlinedValue>;
  /** Of an array. */
  readonly items: readonly OutlinedValue[];
}

interface Open {
  readonly start: number;
  members?: Map<string, OutlinedValue>;
  items?: OutlinedValue[];
  text: string;
  /** The member's name that waits for its value. */
  name: string;
}

const depthLimit = 64;
const countLimit = 400_000;

/** Characters that are read at once; others get their turn in between. */
const slice = 1 << 15;

const noMembers: ReadonlyMap<string, OutlinedValue> = new Map();
const noItems: readonly OutlinedValue[] = [];

class Outliner {
  result: OutlinedValue | undefined;
  readonly #text: string;
  readonly #parser = new SaxesParser({ position: true });
  readonly #stack: Open[] = [];
  #inName = false;
  #count = 0;

  constructor(text: string) {
    this.#text = text;
    this.#parser.on('opentag', ({ name }) => this.#open(name));
    this.#parser.on('text', (piece) => this.#write(piece));
    this.#parser.on('cdata', (piece) => this.#write(piece));
    this.#parser.on('closetag', ({ name }) => this.#close(name));
    this.#parser.on('doctype', () => {
      throw new MalformedAnswer('it has a document type');
    });
    this.#parser.on('error', ({ message }) => {
      if (!/disallowed character\.?$/.test(message)) throw new MalformedAnswer(message);
    });
  }

  async read(): Promise<OutlinedValue> {
    for (let at = 0; at < this.#text.length; at += slice) {
      this.#parser.write(this.#text.slice(at, at + slice));
      await setImmediate();
    }
    this.#parser.close();
    return this.result ?? this.#fail('it holds no value');
  }

  #fail(message: string): never {
    throw new MalformedAnswer(message);
  }

  #open(name: string): void {
    const top = this.#stack.at(-1);
    if (name === 'value') this.#push();
    else if (name === 'name') {
      this.#inName = true;
      if (top) top.name = '';
    } else if (top && name === 'struct') top.members ??= new Map();
    else if (top && name === 'array') top.items ??= [];
  }

  #push(): void {
    if (this.#stack.length === depthLimit) this.#fail(`values are nested more than ${depthLimit} deep`);
    if (++this.#count > countLimit) this.#fail(`it holds more than ${countLimit} values`);
    const start = this.#text.lastIndexOf('<', this.#parser.position - 1);
    this.#stack.push({ start, text: '', name: '' });
  }

  #write(piece: string): void {
    const top = this.#stack.at(-1);
    if (!top) return;
    if (this.#inName) top.name += piece;
    else if (!top.members && !top.items) top.text += piece;
  }

  #close(name: string): void {
    if (name === 'name') this.#inName = false;
    if (name !== 'value') return;
    const { start, members = noMembers, items = noItems, text } = this.#stack.pop()!;
    const isScalar = members === noMembers && items === noItems;
    const value = { start, end: this.#parser.position, members, items, text: isScalar ? text : '' };
    const outer = this.#stack.at(-1);
    if (!outer) this.result ??= value;
    else if (outer.items) outer.items.push(value);
    else outer.members?.set(outer.name, value);
  }
}

/** The outline of a document that holds one XML-RPC value. Throws MalformedAnswer. */
export const outline = (text: string): Promise<OutlinedValue> => new Outliner(text).read();

/** An exchange of what stands between two offsets for something else. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with exchanges made, none of which overlaps another. */
export function edited(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: other } of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(text.slice(from, start), other);
    from = end;
  }
  return parts.join('') + text.slice(from);
}

const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** A text as an XML-RPC value, in XenAPI's spelling. */
export const textValue = (text: string): string => `<value>${text.replace(/[<>&"]/g, (c) => escapes[c]!)}</value>`;
