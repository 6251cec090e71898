import { describe, expect, it } from 'vitest';
import { hashPassword, isPasswordHash, verifyPassword } from '../../src/http/password-hash.js';

const hash = await hashPassword('Öffne dich');

describe('a password hash', () => {
  it('has the form scrypt$N$r$p$salt$hash and says nothing of the password', () => {
    expect(hash).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(isPasswordHash(hash)).toBe(true);
  });

  it('verifies its password, however the letters are composed, and no other', async () => {
    expect(await verifyPassword('Öffne dich', hash)).toBe(true);
    expect(await verifyPassword('Öffne dich'.normalize('NFD'), hash)).toBe(true);
    expect(await verifyPassword('öffne dich', hash)).toBe(false);
    expect(await verifyPassword('', hash)).toBe(false);
  });

  it('is another one each time', async () => {
    expect(await hashPassword('Öffne dich')).not.toBe(hash);
  });

  it('made with other parameters is verified too', async () => {
    const other = 'scrypt$1024$8$1$c2FsdHNhbHRzYWx0$SSSUlyD9ZEFLvJEUmSJbL8Z0WfCPyRe6GFdHyxNsYFk';
    expect(isPasswordHash(other)).toBe(true);
    expect(await verifyPassword('x', other)).toBe(false);
  });

  it.each([
    '',
    'secret',
    '$2b$12$abcdefghijklmnopqrstuv',
    hash.replace('65536', '65537'),
    hash.replace('65536', '0'),
    hash.replace('65536', '67108864'),
    hash.replace('$8$', '$999$'),
    hash.slice(0, 40),
  ])('is not %s: nothing verifies against it, at no cost', async (text) => {
    expect(isPasswordHash(text)).toBe(false);
    expect(await verifyPassword('Öffne dich', text)).toBe(false);
  });
});
