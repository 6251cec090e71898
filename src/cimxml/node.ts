import { SaxesParser } from 'saxes';
import type { DecodeLimits } from './limit.js';
import { quoted, RequestRefusal } from './refusal.js';
import { checkDeclaredEncoding, type DecodedText } from './text-in.js';

/** An element as it was read. `text` is what VALUE, KEYVALUE and HOST hold, with all its white space; else empty. */
export interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
  readonly text: string;
}

interface OpenNode extends Node {
  children: readonly Node[];
  text: string;
  /** Undefined for the root. */
  readonly parent: OpenNode | undefined;
  readonly holdsText: boolean;
}

/** What most elements hold. */
const none: readonly Node[] = [];

const textElements: ReadonlySet<string> = new Set(['VALUE', 'KEYVALUE', 'HOST']);

const notValid = (message: string): RequestRefusal => new RequestRefusal('request-not-valid', message);

function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false;
  }
  return true;
}

/** Reads one document after another into trees, strictly; a reader that refused one is thrown away. */
class TreeReader {
  readonly #parser = new SaxesParser({ xmlns: false, defaultXMLVersion: '1.0', forceXMLVersion: true });
  #limits!: DecodeLimits;
  #encoding: DecodedText['encoding'] = 'utf-8';
  #root: OpenNode | undefined;
  #current: OpenNode | undefined;
  #depth = 0;
  #elements = 0;
  #attributes = 0;

  constructor() {
    const parser = this.#parser;
    parser.on('opentag', (tag) => this.#open(tag.name, tag.attributes));
    parser.on('closetag', () => this.#close());
    parser.on('attribute', () => this.#countAttribute());
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
    parser.on('xmldecl', (declaration) => checkDeclaredEncoding(declaration.encoding, this.#encoding));
    parser.on('doctype', () => {
      throw notValid('a request may not have a document type declaration');
    });
  }

  read({ text, encoding }: DecodedText, limits: DecodeLimits): Node {
    this.#limits = limits;
    this.#encoding = encoding;
    this.#root = this.#current = undefined;
    this.#depth = this.#elements = this.#attributes = 0;
    this.#parser.write(text).close();
    const root = this.#root!;
    this.#root = undefined;
    return root;
  }

  #countAttribute(): void {
    if (++this.#attributes > this.#limits.attributes)
      throw notValid(`an element has more than ${this.#limits.attributes} attributes`);
  }

  #open(name: string, attributes: Record<string, string>): void {
    this.#attributes = 0;
    if (++this.#elements > this.#limits.elements)
      throw notValid(`the request has more than ${this.#limits.elements} elements`);
    if (++this.#depth > this.#limits.depth)
      throw notValid(`elements lie more than ${this.#limits.depth} deep in one another`);
    const parent = this.#current;
    const node: OpenNode = { name, attributes, children: none, text: '', parent, holdsText: textElements.has(name) };
    if (!parent) this.#root = node;
    else if (parent.children === none) parent.children = [node];
    else (parent.children as Node[]).push(node);
    this.#current = node;
  }

  #close(): void {
    this.#depth--;
    this.#current = this.#current!.parent;
  }

  #text(text: string): void {
    const node = this.#current;
    if (node?.holdsText) node.text += text;
    else if (node && !isBlank(text)) throw notValid(`text stands in ${node.name}, which may only hold elements`);
  }
}

const idle: TreeReader[] = [];

/**
 * The root element of a text. XML that is not well-formed, has a doctype or an encoding of its own, or goes beyond the
 * limits is a RequestRefusal.
 */
export function readTree(text: DecodedText, limits: DecodeLimits): Node {
  const reader = idle.pop() ?? new TreeReader();
  try {
    const root = reader.read(text, limits);
    idle.push(reader);
    return root;
  } catch (reason) {
    if (reason instanceof RequestRefusal) throw reason;
    const position = reason instanceof Error ? reason.message : String(reason);
    throw new RequestRefusal('request-not-well-formed', `not well-formed XML, line:column ${position}`);
  }
}

/** A fault in the structure, in the one wording: what stands where, and what belongs there. */
export const wrongChild = (node: Node, child: Node | undefined, wanted: string): string =>
  child
    ? `${node.name} holds ${quoted(child.name)} where ${wanted} belongs`
    : `${node.name} is empty where ${wanted} belongs`;
