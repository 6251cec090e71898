/** A user name and password as a client sent them. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

const longest = 4_096;

/**
 * Reads an Authorization header of the Basic scheme (RFC 7617): UTF-8, or Latin-1 where the octets are no UTF-8, as old
 * clients send. Undefined for another scheme, for what is no base64, and for a user without a name.
 */
export function credential(authorization: string | undefined): Credential | undefined {
  if (authorization === undefined || authorization.length > longest) return undefined;
  const encoded = /^\s*basic +([a-z0-9+/_-]+=*)\s*$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = decoded(Buffer.from(encoded, 'base64'));
  const colon = text.indexOf(':');
  return colon < 1 || text.includes('\0') ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(octets: Buffer): string {
  const text = octets.toString('utf8');
  return text.includes('\uFFFD') && !Buffer.from(text, 'utf8').equals(octets) ? octets.toString('latin1') : text;
}
