import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findMessage, messages } from '../../src/simulator/catalogue.js';
import { defaultArguments } from '../../src/simulator/default-argument.js';
import { handlers } from '../../src/simulator/handler.js';
import { typeOf } from '../../src/simulator/type.js';
import { messagesSource } from '../generate/messages.js';

const reference = new URL('../../../shared/reference/xenapi.json', import.meta.url);
const present = existsSync(reference);
if (!present) console.log(`skipped: ${reference.pathname} is not there to hold the catalogue of messages against`);

interface Published {
  readonly name: string;
  readonly messages: readonly {
    readonly name: string;
    readonly result: readonly string[];
    readonly params: readonly { readonly type: string }[];
    readonly roles: readonly string[];
    readonly lifecycle: { readonly state: string };
  }[];
}

describe.skipIf(!present)('the catalogue of messages against the published data model', () => {
  const published = present ? (JSON.parse(readFileSync(reference, 'utf8')) as Published[]) : [];

  it('src/simulator/messages.generated.ts is fresh', () => {
    const generated = readFileSync(new URL('../../src/simulator/messages.generated.ts', import.meta.url), 'utf8');
    expect(generated).toBe(messagesSource(readFileSync(reference, 'utf8')));
  });

  it('has exactly the published messages, and get_all_records_where', () => {
    const names = published.flatMap(({ name, messages }) => messages.map((m) => `${name}.${m.name}`));
    const extra = [...messages.keys()].filter((name) => !names.includes(name));
    expect(names.filter((name) => !messages.has(name))).toEqual([]);
    expect(extra.filter((name) => !name.endsWith('.get_all_records_where'))).toEqual([]);
    expect(extra).toHaveLength(57);
  });

  it('each message has the published parameters, result, lowest role and state', () => {
    const wrong: string[] = [];
    for (const { name: of, messages: own } of published)
      for (const { name, result, params, roles, lifecycle } of own) {
        const message = messages.get(`${of}.${name}`);
        const session = params[0]?.type === 'session ref';
        const types = params.slice(session ? 1 : 0).map((p) => typeOf(p.type));
        const role = roles.filter((each) => each !== 'client-cert').at(-1) ?? 'local-root';
        const wanted = [types, typeOf(result[0] as string), role, session, lifecycle.state === 'Removed_s'];
        const got = [message?.params, message?.result, message?.role, message?.session, message?.removed];
        if (JSON.stringify(wanted) !== JSON.stringify(got)) wrong.push(`${of}.${name}`);
      }
    expect(wrong).toEqual([]);
  });
});

it('every handler and every table of defaults names a message', () => {
  expect(Object.keys(handlers).filter((name) => !messages.has(name) && name !== 'VM.set_is_a_template')).toEqual([]);
  expect(Object.keys(defaultArguments).filter((name) => !messages.has(name))).toEqual([]);
});

it('defaults of trailing arguments are of their parameters’ number and no more (facts 1.5)', () => {
  for (const [name, defaults] of Object.entries(defaultArguments))
    expect(messages.get(name)?.params.length, name).toBeGreaterThanOrEqual(defaults.length);
});

it('a name with an underscore is the same message (facts 1.2)', () => {
  expect(findMessage('VM_start')).toBe(messages.get('VM.start'));
  expect(findMessage('VM_guest_metrics_get_all')).toBe(messages.get('VM_guest_metrics.get_all'));
  expect(findMessage('VM_fly')).toBeUndefined();
});
