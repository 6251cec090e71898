import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.js';
import { LedgerFile } from '../../src/enumeration-state.js';
import { JobJournal } from '../../src/methods/job-journal.js';
import { byEventName, EventBatch, eventAnswer } from '../../src/xenapi/event-batch.js';
import { RecordReaders } from '../../src/xenapi/record-reader.js';
import { ReferenceCounts } from '../../src/xenapi/reference-count.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { createLog } from '../log-lines.js';
import { decoders } from './decoder.js';
import { near } from './near.js';
import { runs } from './runs.js';

/** Whatever comes, every decoder reads it, or refuses it by the one error that it has for that. */

const timeout = 900_000;

describe('any text is read or refused', { timeout }, () => {
  it.each(decoders)('$name', async ({ samples, odd, read, refuses }) => {
    for (const sample of samples.slice(0, 1)) await read(sample);
    await fc.assert(
      fc.asyncProperty(near(samples, odd), async (text) => {
        try {
          await read(text);
        } catch (reason) {
          if (refuses === undefined || !(reason instanceof refuses)) throw reason;
          expect(reason.message.length).toBeLessThan(2_000);
        }
      }),
      runs(400, 100_000),
    );
  });
});

const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const configuration = [
  'http-port: 5988\npool: https://xen1.example.com\npool-user: monitor\nread-only: yes\n',
  'users:\n  - name: suite\n    hash: $scrypt$ln=15,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA\n    role: read-only\n',
  'encoded-budget: 64m\nsimulator: 3x20\nlog-level: debug\nstate-dir: state\ntls-cert: a.pem\ntls-key: b.pem\n',
];

it('any configuration file gives settings, or a sentence for each thing that is wrong', { timeout }, () => {
  const config = join(folder, 'config.yaml');
  const odd = ['- ', '? ', '&a', '*a', '<<: ', '!!binary', '|', '>', '{', '}', '[', ']', '#', '%YAML', '---', '\t'];
  fc.assert(
    fc.property(near(configuration, odd), (text) => {
      writeFileSync(config, text, { mode: 0o600 });
      try {
        loadConfig({ flags: new Map([['config', config]]), environment: {}, folder, platform: 'linux' } as never);
      } catch (reason) {
        if (!(reason instanceof ConfigError)) throw reason;
        expect(reason.problems.length).toBeGreaterThan(0);
        for (const problem of reason.problems) expect(problem).not.toMatch(/undefined|\[object/);
      }
    }),
    runs(400, 20_000),
  );
});

describe('any file of the state folder is read as far as it makes sense', { timeout }, () => {
  it('that of enumerations', () => {
    const path = join(folder, 'enumerations');
    const lines = ['abcdefghijklmnopqrst 3 1700000000000 open', 'ABCDEFGHIJKLMNOPQRST 1 1700000000000 closed'];
    fc.assert(
      fc.property(near([`${lines.join('\n')}\n`]), (text) => {
        writeFileSync(path, text, { mode: 0o600 });
        const ledger = new LedgerFile(path, createLog().log);
        for (const { id, sequence, expires } of ledger.states) {
          expect(id).toHaveLength(20);
          expect(Number.isSafeInteger(sequence) && Number.isSafeInteger(expires)).toBe(true);
        }
        ledger.close();
      }),
      runs(200, 5_000),
    );
  });

  it('that of jobs', () => {
    const uuid = '01234567-89ab-cdef-0123-456789abcdef';
    const record = { uuid, name_label: 'x', created: { $int: '5' } };
    const entry = JSON.stringify({ form: 1, record, shown: true, undo: [], kind: {} });
    const removed = JSON.stringify({ form: 1, removed: uuid });
    const jobs = new JobJournal(folder, createLog().log);
    fc.assert(
      fc.property(near([`${entry}\n${entry}\n`, `${entry}\n${removed}\n`], ['null', '{}', '[]', '\n']), (text) => {
        writeFileSync(join(folder, 'jobs', 'journal'), text, { mode: 0o600 });
        for (const one of jobs.load()) expect(one.record.uuid).toMatch(/^[0-9a-f-]{36}$/);
      }),
      runs(200, 20_000),
    );
  });
});

it('any answer of event.from is taken apart as far as it makes sense', { timeout }, async () => {
  const classes = byEventName(['VM', 'host', 'message']);
  // Maps of XML-RPC have no prototype.
  const bare = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, one) =>
      one && typeof one === 'object' && !Array.isArray(one) ? Object.assign(Object.create(null), one) : one,
    ) as unknown;
  const event = fc.record(
    {
      class: fc.oneof(fc.constantFrom('vm', 'VM', 'host', 'nothing'), fc.jsonValue()),
      operation: fc.oneof(fc.constantFrom('add', 'mod', 'del'), fc.jsonValue()),
      ref: fc.oneof(fc.constant('OpaqueRef:1'), fc.jsonValue()),
      snapshot: fc.oneof(
        fc.dictionary(fc.constantFrom('uuid', 'name_label', 'VBDs', 'VCPUs_max', '__proto__'), fc.jsonValue()),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  );
  const answer = fc.oneof(
    fc.record(
      {
        events: fc.oneof(
          fc.array(fc.oneof({ weight: 5, arbitrary: event }, { weight: 1, arbitrary: fc.jsonValue() })),
          fc.jsonValue(),
        ),
        valid_ref_counts: fc.jsonValue(),
        token: fc.oneof(fc.constant('00001,00002'), fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue(),
  );
  await fc.assert(
    fc.asyncProperty(answer, async (wire) => {
      const read = eventAnswer(bare(wire));
      if (read === undefined) return;
      expect(new ReferenceCounts().stale(read.counts, ['VM', 'host'], () => 1)).toEqual([]);
      const batch = new EventBatch({ classes, readers: new RecordReaders(), view: new RecordStore() });
      await batch.take(read.events);
      expect(batch.mayLackMessages).toBe(false);
      for (const { ref } of batch.updates) expect(ref).toBeTypeOf('string');
    }),
    runs(500, 100_000),
  );
});
