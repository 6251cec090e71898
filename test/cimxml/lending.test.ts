import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Page } from '../../src/cim/operation.js';
import { type DraftPage, EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { Run } from '../../src/cimxml/run.js';
import { runs } from '../fuzz/runs.js';

/** What is kept goes out to several clients at once while it is renewed, comes and goes: each gets what was true. */

const pages = 12;
const pageLength = 30_000;
const form = 'f';

const newPage = (): Page => ({ lasting: true, instances: () => [], paths: () => [] });

/** The octets of a page of some version; all of them tell. */
const textOf = (page: number, version: number): Buffer =>
  Buffer.alloc(pageLength + (version % 3) * 10, `${page}.${version};`);

interface Answer {
  readonly reader: number;
  readonly sent: readonly Buffer[];
  readonly wanted: Buffer;
}

/** Pages of which versions are known; what was kept of them is of any version. */
class Model {
  readonly cache: EncodedCache;
  readonly #pages = Array.from({ length: pages }, newPage);
  readonly #versions = this.#pages.map(() => 0);
  readonly #answers: Answer[] = [];
  /** By the memory of what was sent: how often some of it was sent again with other octets. */
  readonly memories = new Set<ArrayBufferLike>();
  again = 0;

  constructor(budget: number) {
    this.cache = new EncodedCache(budget);
  }

  change(page: number): void {
    this.#versions[page]!++;
  }

  drop(page: number): void {
    this.cache.drop(this.#pages[page]!);
    this.#pages[page] = newPage();
  }

  /** An answer with consecutive pages, of which nothing has been taken yet. */
  answer(from: number, to: number): void {
    const reader = this.cache.enter();
    const run = new Run(1e9, this.cache);
    const numbers = this.#versions.map((_, page) => page).slice(from, to + 1);
    for (const number of numbers) run.add(this.#piece(number));
    const sent = run.take();
    const wanted = Buffer.concat(numbers.map((number) => textOf(number, this.#versions[number]!)));
    this.#answers.push({ reader, sent, wanted });
    for (const { buffer } of sent) if (this.memories.has(buffer)) this.again++;
    for (const { buffer } of sent) this.memories.add(buffer);
  }

  #piece(number: number) {
    const page = this.#pages[number]!;
    const version = this.#versions[number]!;
    const kept = this.cache.get(page, form);
    const text = textOf(number, version);
    const write = (to: Buffer, at: number): void => void text.copy(to, at);
    const draft: DraftPage = { version, items: 1, length: text.length, write };
    const encoded = kept?.version === version ? kept : draft;
    return { page, form, encoded, start: 0, end: text.length };
  }

  /** The client takes an answer at last. */
  finish(which: number): void {
    const [answer] = this.#answers.splice(which % Math.max(1, this.#answers.length), 1);
    if (!answer) return;
    expect(Buffer.concat(answer.sent).equals(answer.wanted)).toBe(true);
    this.cache.leave(answer.reader);
  }

  finishAll(): void {
    while (this.#answers.length > 0) this.finish(0);
  }
}

const page = fc.nat(pages - 1);
const step = fc.oneof(
  { weight: 3, arbitrary: page.map((number) => (model: Model) => model.change(number)) },
  { weight: 1, arbitrary: page.map((number) => (model: Model) => model.drop(number)) },
  {
    weight: 4,
    arbitrary: fc.tuple(page, page).map(
      ([one, other]) =>
        (model: Model) =>
          model.answer(Math.min(one, other), Math.max(one, other)),
    ),
  },
  { weight: 4, arbitrary: fc.nat(99).map((which) => (model: Model) => model.finish(which)) },
);

it.each([
  ['all pages', 1_000_000],
  ['five pages', 5 * pageLength],
  ['next to nothing', pageLength],
])('what an answer holds stays as it is until it has left: with room for %s', (_, budget) => {
  let again = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const model = new Model(budget);
      for (const take of steps) take(model);
      model.finishAll();
      expect(model.cache.size).toBeLessThanOrEqual(budget);
      again += model.again;
    }),
    runs(60, 5_000),
  );
  if (budget > pageLength * 4) expect(again).toBeGreaterThan(20);
});
