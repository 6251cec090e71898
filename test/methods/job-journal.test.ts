import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobEntry } from '../../src/methods/job-entry.js';
import { JobJournal } from '../../src/methods/job-journal.js';
import type { JobRecord } from '../../src/xenapi/records.js';
import { createLog } from '../log-lines.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(folder, 'jobs', 'journal');
});
afterEach(() => rmSync(folder, { recursive: true }));

const uuidOf = (number: number): string => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;

const entry = (number: number, subject = ''): JobEntry => ({
  record: { uuid: uuidOf(number), subject, result: {} } as unknown as JobRecord,
  shown: true,
  undo: [],
  kind: {},
});

const open = () => new JobJournal(folder, createLog().log);
const kept = (): string[] =>
  open()
    .load()
    .map(({ record }) => `${Number(record.uuid.slice(-12))} ${record.subject}`);
const lines = (): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('the journal of jobs', () => {
  test('gives back the last state of each job, and none that was removed', async () => {
    const journal = open();
    expect(journal.load()).toEqual([]);
    await Promise.all([journal.save(entry(1, 'a')), journal.save(entry(2, 'b')), journal.save(entry(1, 'c'))]);
    await journal.remove(uuidOf(2));
    await journal.save(entry(3, 'd'));
    await journal.close();
    expect(kept()).toEqual(['1 c', '3 d']);
  });

  test('has on the disk what it says is there, without being closed', async () => {
    const journal = open();
    for (let i = 0; i < 20; i++) {
      await journal.save(entry(i % 3, String(i)));
      expect(kept()).toContain(`${i % 3} ${i}`);
    }
    await journal.close();
  });

  test('passes over a line that was cut off, and adds nothing to it', async () => {
    const journal = open();
    await journal.save(entry(1, 'a'));
    await journal.close();
    appendFileSync(path, '{"form":1,"record":{"uuid":"0000');
    const again = open();
    expect(again.load()).toHaveLength(1);
    await again.save(entry(2, 'b'));
    await again.close();
    expect(kept()).toEqual(['1 a', '2 b']);
    expect(lines()).toHaveLength(2);
  });

  test('is written anew when most of it is past', async () => {
    const journal = open();
    await journal.save(entry(1, 'stays'));
    const long = 'x'.repeat(300_000);
    for (let i = 0; i < 40; i++) await journal.save(entry(2, `${i} ${long}`));
    await journal.close();
    expect(lines().length).toBeLessThan(25);
    expect(kept()).toEqual(['1 stays', `2 39 ${long}`]);
  });

  test('tells who cannot be written, and goes on when there is a place again', async () => {
    const journal = open();
    await journal.save(entry(1, 'a'));
    await journal.close();
    rmSync(join(folder, 'jobs'), { recursive: true });
    writeFileSync(join(folder, 'jobs'), 'no folder');
    const refused = [journal.save(entry(2, 'b')), journal.save(entry(3, 'c'))];
    expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    rmSync(join(folder, 'jobs'));
    open();
    await journal.save(entry(4, 'd'));
    await journal.close();
    expect(kept().sort()).toEqual(['1 a', '2 b', '3 c', '4 d']);
  });
});
