import { HttpRefusal } from './refusal.js';

const mediaTypes = new Set(['application/xml', 'text/xml']);
/** What nearly all clients send. */
const usual = 'application/xml; charset="utf-8"';

const charsets = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Refuses a body that is not XML in UTF-8 (DSP0200 7.2: Content-Type). A missing type or charset is taken for that, as is
 * a charset in quotes or in upper case. Status 415.
 */
export function checkContentType(value: string | undefined): void {
  if (value === usual || value === undefined || value === '') return;
  const [type = '', ...parameters] = value.split(';');
  if (!mediaTypes.has(type.trim().toLowerCase())) throw wanted(`the body's type is "${type.trim()}"`);
  const charset = parameters.map(charsetOf).find((found) => found !== undefined);
  if (charset !== undefined && !charsets.has(charset)) throw wanted(`its charset is "${charset}"`);
}

function charsetOf(parameter: string): string | undefined {
  const match = /^\s*charset\s*=\s*["']?([^"'\s]*)["']?\s*$/i.exec(parameter);
  return match?.[1]?.toLowerCase();
}

const wanted = (got: string): HttpRefusal =>
  new HttpRefusal(415, `a request's body must be application/xml or text/xml with charset utf-8, but ${got}`, {
    token: 'request-not-valid',
    headers: { Accept: 'application/xml, text/xml' },
  });
