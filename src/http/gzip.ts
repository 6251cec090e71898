/** Whose wish for gzip is granted: that of clients on other machines, of all, or of none. */
export type GzipPolicy = 'remote' | 'always' | 'never';

/** Whether an Accept-Encoding header takes gzip (RFC 9110 12.5.3). An absent one does not. */
export function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  let any = false;
  for (const item of String(header).split(',')) {
    const [coding = '', ...parameters] = item
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    const wanted = !parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return wanted;
    if (coding === '*') any = wanted;
  }
  return any;
}

/** The addresses at both ends of a connection, as a socket has them. */
interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
}

/**
 * Whether an answer on this connection may be packed. Some clients always offer gzip, and on the same machine it only
 * costs time: `remote` leaves it out there.
 */
export function mayPack(policy: GzipPolicy, { remoteAddress, localAddress }: Ends): boolean {
  if (policy !== 'remote') return policy === 'always';
  return remoteAddress !== undefined && remoteAddress !== localAddress && !isLoopback(remoteAddress);
}

const isLoopback = (address: string): boolean => address === '::1' || /^(?:::ffff:)?127\./i.test(address);
