import { describe, expect, it } from 'vitest';
import { withoutSecretKeys, withoutSecrets } from '../src/log.js';
import { createLog } from './log-lines.js';

describe('a line of the log', () => {
  it('is a JSON object with an ISO time and the name of its level', () => {
    const { log, lines } = createLog();
    log.warn({ vms: 3n.toString() }, 'something');
    expect(lines[0]).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      vms: '3',
      msg: 'something',
    });
  });

  it('has no value of a secret key, at any of three depths', () => {
    const { log, text } = createLog();
    log.info(
      { password: 's3cret', a: { session: 's3cret', authorization: 's3cret' }, b: { c: { token: 's3cret' } } },
      'x',
    );
    log.info({ headers: { Authorization: 's3cret' }, users: { suite: { hash: 's3cret' } } }, 'x');
    expect(text()).not.toContain('s3cret');
    expect(text().match(/\[masked\]/g)).toHaveLength(6);
  });

  it('has no secret in the midst of a text either', () => {
    const { log, text } = createLog();
    const session = 'OpaqueRef:1a2b3c4d-0000-4000-8000-123456789abc';
    log.error({
      err: new Error(`SESSION_INVALID, ${session}`, { cause: new Error('Authorization: Basic cm9vdDpzM2NyZXQ=') }),
    });
    log.error(`https://root:s3cret@host/export?session_id=${session}&x=1 and scrypt$65536$8$1$c2FsdA$aGFzaGhhc2g`);
    expect(text()).not.toMatch(/3c4d-0000|cm9vdDpz|s3cret|aGFzaGhhc2g/);
    expect(text()).toContain('OpaqueRef:1a2b…');
    expect(text()).toContain('https://[masked]@host');
  });

  it('tells of an error its causes, and of a fault of ours the stack', () => {
    const { log, lines } = createLog();
    const { CimLike } = { CimLike: Object.assign(new Error('no'), { name: 'CimError', status: 'FAILED' }) };
    log.error({ err: Object.assign(CimLike, { cause: new TypeError('deep') }) }, 'x');
    expect(lines[0]).toMatchObject({
      err: {
        name: 'CimError',
        message: 'no',
        status: 'FAILED',
        cause: { name: 'TypeError', stack: expect.any(String) },
      },
    });
    expect(lines[0]).not.toHaveProperty('err.stack');
  });
});

describe('a text without secrets', () => {
  it.each([
    ['plain words', 'plain words'],
    ['http://host:80/a@b', 'http://host:80/a@b'],
    ['password=x&y', 'password=[masked]&y'],
    ['Basic realm="x"', 'Basic realm="x"'],
  ])('%s is %s', (text, expected) => {
    expect(withoutSecrets(text)).toBe(expected);
  });
});

describe('a log for lines without secret keys', () => {
  it('writes the same lines, at the same levels, and looks through their texts nevertheless', () => {
    const { log, lines, text } = createLog('info');
    const bare = withoutSecretKeys(log);
    bare.debug({ user: 'a' }, 'x');
    bare.info({ user: 'a', cause: new Error('Authorization: Basic cm9vdDpzM2NyZXQ=') }, 'x');
    log.info({ user: 'a', cause: new Error('Authorization: Basic cm9vdDpzM2NyZXQ=') }, 'x');
    const [one, other] = lines.map(({ time, ...line }) => JSON.stringify(line).replace(/:\d+:\d+/g, ''));
    expect(lines).toHaveLength(2);
    expect(one).toBe(other);
    expect(text()).not.toContain('cm9vdDpzM2NyZXQ');
  });
});
