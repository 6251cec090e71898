import type { InstancePath } from '../cim/path.js';
import type { Records, Ref, XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';

/** A record that a parameter refers to. */
export interface Referred<C extends XenClass> {
  readonly ref: Ref<C>;
  readonly record: Records[C];
}

/** The keys that identify an instance, in the order in which they are looked at; '' is one that came without a name. */
const identifying = ['', 'instanceid', 'deviceid', 'name', 'tag'];

/** The texts in an identifying key that can be a uuid: what stands behind the first slash, before it, and the whole. */
function candidates(value: string): readonly string[] {
  const text = value.trim().replace(/^Xen:/i, '');
  const slash = text.indexOf('/');
  return slash < 0 ? [text] : [text.slice(slash + 1), text.slice(0, slash), text];
}

/**
 * The record of a class that a path means, by its identifying key alone: class name, namespace and the other keys do not
 * count (decisions.md 24). Undefined where there is none.
 */
export function resolve<C extends XenClass>(view: View, of: C, path: InstancePath): Referred<C> | undefined {
  const keys = path.keys.map(({ name, value }) => [name.toLowerCase(), value] as const);
  for (const wanted of identifying) {
    const value = keys.find(([name]) => name === wanted)?.[1];
    if (typeof value !== 'string') continue;
    for (const uuid of candidates(value)) {
      const ref = view.byUuid(of, uuid) ?? view.byUuid(of, uuid.toLowerCase());
      const record = ref && view.get(of, ref);
      if (ref && record) return { ref, record };
    }
  }
  return undefined;
}

/** What of a path can be told to a person: the identifying key. */
export function shownPath({ className, keys }: InstancePath): string {
  const key = identifying.map((name) => keys.find((each) => each.name.toLowerCase() === name)).find(Boolean) ?? keys[0];
  const value = key === undefined || typeof key.value === 'object' ? '' : String(key.value);
  return `${className} ${value}`.slice(0, 150);
}
