import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DtdValidator, XmlDocument, XmlDtd } from 'libxml2-wasm';

/** The folder of package.json, from wherever the tests run. */
function projectRoot(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : projectRoot(dirname(from));
}

const path = join(projectRoot(import.meta.dirname), '../shared/reference/dtd/DSP0203_2.4.0.dtd');

function load(): DtdValidator | undefined {
  if (existsSync(path)) return new DtdValidator(XmlDtd.fromString(readFileSync(path, 'utf8')));
  console.warn(`responses are NOT held against the DTD of DSP0203 2.4.0: ${path} is absent`);
  return undefined;
}

const validator = load();

/** Whether `assertValid` holds documents against the DTD, or only reads them. */
export const dtdPresent = validator !== undefined;

function parse(xml: string | Uint8Array): XmlDocument {
  return typeof xml === 'string' ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
}

/** The texts of all values of elements that say they embed an object: CIM-XML of its own. */
function embedded(document: XmlDocument): readonly string[] {
  return document
    .find('//*[@EmbeddedObject]/VALUE | //*[@EmbeddedObject]/VALUE.ARRAY/VALUE')
    .map((node) => node.content);
}

/**
 * Fails unless the text is well-formed, has no document type declaration of its own and, where the DTD of DSP0203 2.4.0
 * is at hand, is valid by it; so also the objects that it embeds. Takes whole messages, and any element by itself.
 */
export function assertValid(xml: string | Uint8Array): void {
  const document = parse(xml);
  try {
    if (document.dtd) throw new Error('the document has a document type declaration');
    validator?.validate(document);
    for (const text of embedded(document)) assertValid(text);
  } catch (reason) {
    const shown = typeof xml === 'string' ? xml : Buffer.from(xml).toString('utf8');
    throw new Error(`${(reason as Error).message}in ${shown.slice(0, 4000)}`, { cause: reason });
  } finally {
    document.dispose();
  }
}

/** An answer by HTTP, its field names in lower case, the body as it stood on the wire. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** Holds the body against the DTD where it is the answer to an operation: CIM-XML with status 200. */
export function assertAnswer({ status, headers, body }: Answered): void {
  if (status !== 200 || !/\bxml\b/.test(headers['content-type'] ?? '')) return;
  assertValid(headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
}
