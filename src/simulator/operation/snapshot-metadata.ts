import type { Records } from '../../xenapi/records.js';

const kept = ['uuid', 'name_label', 'name_description', 'power_state'] as const;
type Kept = Pick<Records['VM'], (typeof kept)[number]>;

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** VM.snapshot_metadata: what the machine was called when a snapshot was taken, in xapi's parentheses. */
export const writeMetadata = (vm: Records['VM']): string =>
  `(${kept.map((field) => `(${quoted(field)} ${quoted(vm[field])})`).join('')})`;

/** What a snapshot's metadata say of the machine; nothing for a text of another kind. */
export function readMetadata(text: string): Partial<Kept> {
  const found: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/\('([^'\\]+)'\s+'((?:[^'\\]|\\.)*)'\)/g))
    if (name !== undefined && (kept as readonly string[]).includes(name))
      found[name] = (value as string).replace(/\\(.)/gs, '$1');
  return found as Partial<Kept>;
}
