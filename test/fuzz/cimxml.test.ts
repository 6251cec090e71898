import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { defaultLimits } from '../../src/cimxml/limit.js';
import { describeCall } from '../../src/cimxml/message.js';
import { RequestRefusal } from '../../src/cimxml/refusal.js';
import { decodeRequest } from '../../src/cimxml/request.js';
import { requests } from '../cimxml/client-request.js';
import { runs } from './runs.js';

const many = runs(1500, 200_000);

const limits = { ...defaultLimits, size: 1_000_000 };

/** Whatever comes in, a message or a refusal comes out; and soon. */
function survive(body: Uint8Array | string): void {
  try {
    const message = decodeRequest(body, limits);
    expect(message.calls.length).toBeGreaterThan(0);
    for (const call of message.calls) {
      expect(describeCall(call).method).toBeTruthy();
      if (call instanceof CimError) expect(call.status).toBe('INVALID_PARAMETER');
    }
  } catch (reason) {
    if (!(reason instanceof RequestRefusal)) throw reason;
    expect(reason.message.length).toBeLessThan(500);
  }
}

const samples = requests.map(({ body }) => Buffer.from(body));
const sample = fc.constantFrom(...samples);

/** The pieces of which a request is made, to be put together wrongly. */
const pieces = [
  ...new Set(requests.flatMap(({ body }) => [...body.matchAll(/<[^>]*>|[^<]+/g)].map(([piece]) => piece))),
];
const odd = [
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?x',
  '?>',
  '&#0;',
  '&#xD800;',
  '&lol;',
  '<!DOCTYPE a [',
  '\0',
  '"',
  '=',
];

describe('whatever a request holds, it is a message or refused', { timeout: 900_000 }, () => {
  it('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), survive), many);
  });
  it('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), survive), many);
  });
  it('requests with bytes changed, left out, put in', () => {
    const edit = fc.record({ at: fc.nat(), remove: fc.nat(20), put: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(sample, fc.array(edit, { minLength: 1, maxLength: 4 }), (body, edits) => {
        let bytes: Buffer = body;
        for (const { at, remove, put } of edits) {
          const from = at % (bytes.length + 1);
          bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + remove)]);
        }
        survive(bytes);
      }),
      many,
    );
  });
  it('requests cut off', () => {
    fc.assert(
      fc.property(sample, fc.nat(), (body, length) => survive(body.subarray(0, length % body.length))),
      many,
    );
  });
  it('requests with elements exchanged, doubled, left out', () => {
    const tokens = fc.constantFrom(...requests).map(({ body }) => body.match(/<[^>]*>|[^<]+/g)!);
    const edit = fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...pieces, ...odd));
    fc.assert(
      fc.property(tokens, fc.array(edit, { minLength: 1, maxLength: 5 }), (list, edits) => {
        const parts = [...list];
        for (const [at, remove, put] of edits) parts.splice(at % parts.length, remove, put);
        survive(parts.join(''));
      }),
      many,
    );
  });
  it('well-formed trees of our elements, in any order', () => {
    const names = [...new Set(pieces.flatMap((piece) => /^<([A-Z.]+)/.exec(piece)?.[1] ?? []))];
    const attribute = fc.constantFrom(
      'NAME',
      'TYPE',
      'CLASSNAME',
      'PARAMTYPE',
      'EmbeddedObject',
      'ISARRAY',
      'ARRAYSIZE',
    );
    const value = fc.constantFrom('', 'a', 'string', 'uint8', 'reference', 'instance', 'true', '5', '&lt;');
    const tree = fc.letrec<{ node: string }>((tie) => ({
      node: fc
        .tuple(
          fc.constantFrom(...names),
          fc.uniqueArray(fc.tuple(attribute, value), { maxLength: 3, selector: ([name]) => name }),
          fc.oneof(
            { depthSize: 'medium', maxDepth: 8 },
            fc.constantFrom('', ' ', 'text', '1', '&lt;INSTANCE CLASSNAME="C"/>'),
            fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
          ),
        )
        .map(
          ([name, list, content]) => `<${name}${list.map(([n, v]) => ` ${n}="${v}"`).join('')}>${content}</${name}>`,
        ),
    })).node;
    const call = fc.constantFrom('IPARAMVALUE NAME="P"', 'PARAMVALUE NAME="P" EmbeddedObject="object"');
    fc.assert(
      fc.property(tree, call, (content, element) => {
        const intrinsic = element.startsWith('I');
        const method = intrinsic ? 'IMETHODCALL' : 'METHODCALL';
        const space = '<LOCALNAMESPACEPATH><NAMESPACE NAME="a"/></LOCALNAMESPACEPATH>';
        const path = intrinsic ? space : `<LOCALCLASSPATH>${space}<CLASSNAME NAME="C"/></LOCALCLASSPATH>`;
        const parameter = `<${element}>${content}</${element.split(' ')[0]}>`;
        survive(
          `<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLEREQ><${method} NAME="M">${path}${parameter}</${method}></SIMPLEREQ></MESSAGE></CIM>`,
        );
      }),
      many,
    );
  });
});
