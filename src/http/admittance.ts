import type { Principal } from '../cim/principal.js';
import type { Verdict } from './authentication.js';
import { HttpRefusal } from './refusal.js';

/** What every 401 carries. pywbem and wbem-java look for exactly this form; a second parameter confuses some. */
const challenge = { 'WWW-Authenticate': 'Basic realm="xen-cim-bridge"' } as const;

const unauthorized = (message: string): HttpRefusal => new HttpRefusal(401, message, { headers: challenge });

/**
 * Who the verdict lets in; throws the refusal of any other. Where the pool cannot say who it is the answer is 503, not 401
 * and no CIM error: on a 401 people and programs take the password for wrong, and monitoring scripts pass over a CIM error
 * as if the class had no instances, whereas all of them report a 503.
 */
export function admittance(verdict: Verdict): Principal {
  if (verdict.kind === 'accepted') return verdict.principal;
  throw refusals[verdict.kind](verdict);
}

const refusals: { readonly [K in Exclude<Verdict['kind'], 'accepted'>]: (verdict: Verdict) => HttpRefusal } = {
  missing: () => unauthorized('a user name and a password are needed (HTTP authentication, scheme Basic)'),
  refused: () => unauthorized('the user name or the password is wrong'),
  busy: () =>
    new HttpRefusal(503, 'too many logins wait to be checked; try again in a moment', {
      phrase: 'Service Unavailable (too many logins)',
      headers: { 'Retry-After': '5' },
    }),
  unknown: (verdict) =>
    new HttpRefusal(503, 'the pool cannot be reached to check the user name and password; try again later', {
      phrase: 'Service Unavailable (the pool cannot check the password now)',
      headers: { 'Retry-After': '10' },
      cause: verdict.kind === 'unknown' ? verdict.cause : undefined,
    }),
};
