import { describe, expect, it } from 'vitest';
import { NameMap, NameSet } from '../../src/cim/name.js';
import type { Page, Result } from '../../src/cim/operation.js';
import { instancePath } from '../../src/cim/path.js';
import { EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { encodeResponse, newTally, type Reply } from '../../src/cimxml/response.js';
import { assertValid } from '../dtd.js';

type Batch = Extract<Result, { readonly kind: 'batch' }>;

const shape = { className: 'C', properties: [{ name: 'Näme', type: 'string' as const, isArray: false }] };
const pathOf = (name: string) => instancePath('C', [{ name: 'Näme', type: 'string', value: name }], 'root/cimv2');

let made = 0;

const page = (names: readonly string[], lasting = true): Page => ({
  lasting,
  *instances() {
    for (const name of names) {
      made++;
      yield { kind: 'instance', shape, values: [name], path: pathOf(name) };
    }
  },
  *paths() {
    for (const name of names) yield pathOf(name);
  },
});

const lasting = page(['a', 'ö', '<c>', 'd']);

const batch = (form: Batch['form'], more: Partial<Batch> = {}): Batch => ({
  kind: 'batch',
  form,
  stretches: [{ page: lasting, start: 1, end: 3 }],
  selection: { classOrigin: false },
  context: 'next.one',
  ...more,
});

function write(result: Batch, { host = 'bridge:5989', cache = new EncodedCache(100_000), chunk = 60_000 } = {}) {
  const reply: Reply = { kind: 'intrinsic', name: 'PullInstances', namespace: 'root/cimv2', result };
  const tally = newTally();
  const chunks = [...encodeResponse('7', [reply], { host, cache, tally, chunk })] as Buffer[];
  const xml = Buffer.concat(chunks).toString();
  assertValid(xml);
  const content = /<IMETHODRESPONSE NAME="PullInstances">(.*)<\/IMETHODRESPONSE>/s.exec(xml)![1]!;
  return { content, tally };
}

const name = (value: string): string =>
  `<INSTANCENAME CLASSNAME="C"><KEYBINDING NAME="Näme"><KEYVALUE VALUETYPE="string" TYPE="string">${value}</KEYVALUE></KEYBINDING></INSTANCENAME>`;
const local = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>';
const path = (value: string, host = 'bridge:5989'): string =>
  `<INSTANCEPATH><NAMESPACEPATH><HOST>${host}</HOST>${local}</NAMESPACEPATH>${name(value)}</INSTANCEPATH>`;
const instance = (value: string): string =>
  `<INSTANCE CLASSNAME="C"><PROPERTY NAME="Näme" TYPE="string"><VALUE>${value}</VALUE></PROPERTY></INSTANCE>`;
const end = (context: string, last: string): string =>
  `<PARAMVALUE NAME="EnumerationContext" PARAMTYPE="string"><VALUE>${context}</VALUE></PARAMVALUE>` +
  `<PARAMVALUE NAME="EndOfSequence" PARAMTYPE="boolean"><VALUE>${last}</VALUE></PARAMVALUE>`;

describe('a batch of an enumeration (DSP0200 5.4.2.24, DSP0201 5.2.6)', () => {
  const forms = {
    instancesWithPath: (value: string) =>
      `<VALUE.INSTANCEWITHPATH>${path(value)}${instance(value)}</VALUE.INSTANCEWITHPATH>`,
    instancePaths: (value: string) => path(value),
    instances: instance,
  } as const;
  for (const form of ['instancesWithPath', 'instancePaths', 'instances'] as const) {
    it(`${form}: the items asked for of a page, then context and end`, () => {
      const { content, tally } = write(batch(form));
      const items = forms[form]('ö') + forms[form]('&lt;c&gt;');
      expect(content).toBe(`<IRETURNVALUE>${items}</IRETURNVALUE>${end('next.one', 'FALSE')}`);
      expect(tally.instances).toBe(2);
    });
  }

  it('the end has an empty context', () => {
    const { content } = write(batch('instances', { context: null, stretches: [] }));
    expect(content).toBe(`<IRETURNVALUE></IRETURNVALUE>${end('', 'TRUE')}`);
  });

  it('property lists and class origin are written as for a single instance', () => {
    const selection = { properties: new NameSet([]), classOrigin: false };
    const { content } = write(batch('instances', { selection }));
    expect(content).toContain(
      '<IRETURNVALUE><INSTANCE CLASSNAME="C"></INSTANCE><INSTANCE CLASSNAME="C"></INSTANCE></IRETURNVALUE>',
    );
  });

  it('the class of a query comes behind them', () => {
    const resultClass = {
      kind: 'class' as const,
      name: 'C',
      isAssociation: false,
      isIndication: false,
      isAbstract: false,
      qualifiers: new NameMap<never>(),
      properties: new NameMap<never>(),
      methods: new NameMap<never>(),
      keys: [],
    };
    const { content } = write(batch('instances', { resultClass }));
    expect(content).toMatch(/<PARAMVALUE NAME="QueryResultClass"><CLASS NAME="C"><\/CLASS><\/PARAMVALUE>$/);
  });
});

describe('what is encoded of a page', () => {
  it('is kept, and parts of it given again', () => {
    const cache = new EncodedCache(100_000);
    made = 0;
    const first = write(batch('instancesWithPath'), { cache }).content;
    const parts = [
      { page: lasting, start: 0, end: 1 },
      { page: lasting, start: 3, end: 4 },
    ];
    const second = write(batch('instancesWithPath', { stretches: parts }), { cache }).content;
    expect(made).toBe(4);
    expect(second).toContain(instance('a'));
    expect(second).toContain(instance('d'));
    expect(first + second).toContain(instance('ö'));
    expect(second).not.toContain(instance('ö'));
  });

  it('names the host that was asked; few hosts have pages of their own', () => {
    const cache = new EncodedCache(100_000);
    for (const host of ['a', 'b', 'e', 'a', 'i', 'e']) {
      expect(write(batch('instancePaths'), { cache, host }).content).toContain(path('ö', host));
    }
    for (let i = 0; i < 100; i++) write(batch('instancePaths'), { cache, host: `host${i}` });
    expect(cache.size).toBeLessThan(8_000);
  });

  it('goes once its page is dropped, and is not kept for a page that does not last', () => {
    const cache = new EncodedCache(100_000);
    write(batch('instances'), { cache });
    expect(cache.size).toBeGreaterThan(0);
    cache.drop(lasting);
    expect(cache.size).toBe(0);
    write(batch('instances', { stretches: [{ page: page(['x'], false), start: 0, end: 1 }] }), { cache });
    expect(cache.size).toBe(0);
  });

  it('is written in chunks', () => {
    const many = page(
      Array.from({ length: 500 }, (_, i) => `${i}`),
      false,
    );
    const result = batch('instances', { stretches: [{ page: many, start: 10, end: 490 }] });
    const { content, tally } = write(result, { chunk: 1_000 });
    expect(tally.instances).toBe(480);
    expect(content).toContain(`<IRETURNVALUE>${instance('10')}${instance('11')}`);
    expect(content).toContain(`${instance('489')}</IRETURNVALUE>`);
  });
});
