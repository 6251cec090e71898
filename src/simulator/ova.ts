import type { Records } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { decode } from './decode.js';
import { xmlArray, xmlEncoder, xmlString } from './encode-xml.js';
import { refuse } from './failure.js';
import type { Bundle, Bundled } from './operation/machine-bundle.js';
import { blank } from './record.js';
import { type AnyRecord, typeOf } from './type.js';
import { readCall } from './xml-rpc.js';

/** The classes of an exported machine, in the order in which they are written. */
const classes: readonly Bundled[] = ['VM', 'VDI', 'SR', 'VBD', 'VIF', 'network', 'VM_guest_metrics', 'VM_metrics'];

const member = (name: string, value: string): string => `<member><name>${name}</name>${value}</member>`;
const struct = (...members: readonly string[]): string => `<value><struct>${members.join('')}</struct></value>`;

/** The version of the export's form, and of what wrote it. */
const version = struct(
  ...Object.entries({
    hostname: 'simulator',
    date: '2026-01-01',
    product_version: '8.3.0',
    product_brand: 'XCP-ng',
    build_number: '0',
    xapi_major: '1',
    xapi_minor: '20',
    export_vsn: '2',
  }).map(([name, value]) => member(name, xmlString(value))),
);

/** The names `Ref:0`, `Ref:1`, ... under which an export's objects refer to each other. */
export function exportNames(bundle: Bundle): ReadonlyMap<string, string> {
  const refs = classes.flatMap((of) => [...bundle[of].keys()]);
  return new Map(refs.map((ref, i) => [ref, `Ref:${i}`]));
}

const reference = /^OpaqueRef:/;

/** References to what is exported become its name, others lead nowhere. */
function rename(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return reference.test(value) ? (names.get(value) ?? NULL_REF) : value;
  if (!Array.isArray(value)) return value;
  return value.flatMap((item: unknown) =>
    typeof item === 'string' && reference.test(item) ? (names.get(item) ?? []) : [item],
  );
}

const renamed = (record: object, names: ReadonlyMap<string, string>): AnyRecord =>
  Object.fromEntries(Object.entries(record).map(([field, value]) => [field, rename(value, names)]));

/** ova.xml: the records of an exported machine as an XML-RPC value. */
export function writeOva(bundle: Bundle): string {
  const names = exportNames(bundle);
  const objects = classes.flatMap((of) => {
    const encode = xmlEncoder({ kind: 'record', of });
    return [...bundle[of]].map(([ref, record]) =>
      struct(
        member('class', xmlString(of)),
        member('id', xmlString(names.get(ref) as string)),
        member('snapshot', encode(renamed(record, names))),
      ),
    );
  });
  return struct(member('version', version), member('objects', xmlArray(objects)));
}

interface WrittenObject {
  readonly class: string;
  readonly id: string;
  readonly snapshot: unknown;
}

const known: ReadonlySet<string> = new Set(classes);

/** Reads ova.xml: records under the names that they have there; fields that are missing have the data model's defaults. */
export async function readOva(text: string): Promise<Bundle> {
  const call = `<methodCall><methodName>ova</methodName><params><param>${text.replace(/^<\?xml[^>]*\?>/, '')}</param></params></methodCall>`;
  const { params } = await readCall(call).catch(() => refuse('IMPORT_ERROR', 'ova.xml cannot be read'));
  const { objects } = (params[0] ?? {}) as { readonly objects?: readonly WrittenObject[] };
  if (!Array.isArray(objects)) return refuse('IMPORT_ERROR', 'ova.xml has no objects');
  const bundle = Object.fromEntries(classes.map((of) => [of, new Map<string, unknown>()])) as Record<
    Bundled,
    Map<string, unknown>
  >;
  for (const { class: of, id, snapshot } of objects as readonly WrittenObject[]) {
    if (!known.has(of)) continue;
    const record = decode(typeOf(`${of} record`), snapshot) as Partial<Records[Bundled]>;
    bundle[of as Bundled].set(id, blank(of as Bundled, record));
  }
  return bundle as unknown as Bundle;
}
