import type { InstancePath } from '../cim/path.js';
import type { View } from '../xenapi/view.js';
import { resolve } from './reference.js';
import type { Existing } from './resource.js';

/** Finds the machine whose processors or memory a path names: `Xen:<uuid>/<what>` in its identifying key. */
export const ownPart =
  (what: 'processor' | 'memory') =>
  (view: View, path: InstancePath): Existing | undefined => {
    const named = path.keys.some(({ value }) => String(value).toLowerCase().endsWith(`/${what}`));
    const found = named || path.className.toLowerCase().includes(what) ? resolve(view, 'VM', path) : undefined;
    return found && { machine: found, ref: found.ref };
  };
