import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './refusal.js';
import { findingsOf } from './request-head.js';

/** How often the request has the header field; `name` in lower case. */
function times({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const field = rawHeaders[i]!;
    if (field.length === name.length && field.toLowerCase() === name) count++;
  }
  return count;
}

/**
 * Refuses what Node's parser lets pass though RFC 9112 does not: no Host or several (3.2), and transfer codings beside
 * chunked (6.1), after which nobody knows where the next request begins. Undefined for a request that is in order.
 */
export function framingFault(request: IncomingMessage): HttpRefusal | undefined {
  const { headers, httpVersion } = request;
  if (headers.host === undefined && httpVersion === '1.1') {
    return new HttpRefusal(400, 'a request of HTTP/1.1 needs a Host header');
  }
  const findings = findingsOf(request);
  if (findings.sound) return undefined;
  if (times(request, 'host') > 1)
    return new HttpRefusal(400, 'a request has one Host header, but this one has several');
  const coding = headers['transfer-encoding'];
  if (coding === undefined || /^chunked$/i.test(coding.trim())) {
    findings.sound = true;
    return undefined;
  }
  return new HttpRefusal(501, `a request may come in the transfer coding chunked, but this one is in "${coding}"`, {
    headers: { Connection: 'close' },
  });
}
