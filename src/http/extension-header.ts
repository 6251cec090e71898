import type { IncomingHttpHeaders } from 'node:http';
import { cimRefusal } from './refusal.js';

/** The URI that names the CIM extension of HTTP (DSP0200 6.2). */
export const extensionUri = 'http://www.dmtf.org/cim/mapping/http/v1.0';

/** The CIM fields of a request as they arrived but decoded; absent ones undefined (DSP0200 6.3). */
export interface ExtensionHeaders {
  readonly CIMOperation?: string;
  readonly CIMMethod?: string;
  readonly CIMObject?: string;
  readonly CIMProtocolVersion?: string;
  readonly CIMBatch?: string;
}

const names = ['CIMOperation', 'CIMMethod', 'CIMObject', 'CIMProtocolVersion', 'CIMBatch'] as const;
const fields = names.map((name) => [name, name.toLowerCase()] as const);

/** The two digits that a Man or Opt header gives the CIM extension (RFC 2774), or undefined where it names another. */
export function extensionPrefix(declaration: string | undefined): string | undefined {
  if (declaration === undefined) return undefined;
  for (const one of declaration.split(',')) {
    const match = /^\s*"?(http:\/\/www\.dmtf\.org\/cim\/mapping\/http\/v1\.0)"?\s*;\s*ns\s*=\s*"?(\d\d)"?\s*$/i.exec(
      one,
    );
    if (match !== null) return match[2];
  }
  return undefined;
}

/**
 * Reads the CIM fields under their plain names, or under the prefix that a Man or Opt header declares (DSP0200 6.2.2).
 * The values of CIMMethod and CIMObject are UTF-8, percent-encoded (DSP0200 6.3.1, 6.3.2).
 */
export function extensionHeaders(headers: IncomingHttpHeaders): ExtensionHeaders {
  const prefix = extensionPrefix(single(headers['man'])) ?? extensionPrefix(single(headers['opt']));
  const found: Partial<Record<(typeof names)[number], string>> = {};
  for (const [name, field] of fields) {
    const value = single(headers[field]) ?? (prefix === undefined ? undefined : single(headers[`${prefix}-${field}`]));
    if (value !== undefined) found[name] = name === 'CIMMethod' || name === 'CIMObject' ? decoded(name, value) : value;
  }
  return found;
}

/** Whether two requests came with the same CIM fields. */
export const sameHeaders = (a: ExtensionHeaders, b: ExtensionHeaders): boolean =>
  a.CIMOperation === b.CIMOperation &&
  a.CIMMethod === b.CIMMethod &&
  a.CIMObject === b.CIMObject &&
  a.CIMProtocolVersion === b.CIMProtocolVersion &&
  a.CIMBatch === b.CIMBatch;

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

const plain = /^[\x20-\x24\x26-\x7e]*$/;

/** Octets beyond ASCII, which Node hands over one a character, are UTF-8 that the sender did not encode. */
function decoded(name: string, value: string): string {
  if (plain.test(value)) return value;
  const octets = unescaped(value);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw cimRefusal(
      'header-mismatch',
      `the header ${name} holds "${value}", which is not UTF-8, percent-encoded or plain`,
    );
  }
}

/** The octets of a field, its well-formed %XX escapes resolved; a percent sign that starts none stands for itself. */
function unescaped(value: string): Buffer {
  const plain = value.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(plain, 'latin1');
}
