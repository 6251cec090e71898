import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { answerHost } from '../../src/http/answer-host.js';

const hostOf = (host?: string): string => answerHost({ headers: { host } } as IncomingMessage);

describe('the host of full paths', () => {
  it.each(['bridge', 'bridge.example:5988', '192.0.2.7:5989', '[2001:db8::7]:5988'])(
    'is %s, as the client said',
    (host) => {
      expect(hostOf(host)).toBe(host);
    },
  );

  it.each([undefined, '', 'a b', 'a"b', '<x>', 'a/b', 'x'.repeat(300), 'h:123456'])(
    'is the name of the machine where the client said %s',
    (host) => {
      expect(hostOf(host)).toBe(hostname());
    },
  );
});
