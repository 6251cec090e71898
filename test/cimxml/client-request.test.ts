import { describe, expect, it } from 'vitest';
import { fold } from '../../src/cim/name.js';
import { requests } from './client-request.js';
import { callOf } from './xml.js';

describe('requests as the clients in use write them', () => {
  it.each(requests)('$client: $what', ({ body, expected, parameters }) => {
    const call = callOf(Buffer.from(body));
    expect(call).toMatchObject(expected);
    const read = [...call.parameters].map(({ name, value }) => [name, value]);
    expect(read).toEqual(parameters);
    for (const [name] of parameters) expect(call.parameters.has(fold(name))).toBe(true);
  });
});
