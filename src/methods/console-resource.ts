import { resolve } from './reference.js';
import type { ResourceKind } from './resource.js';
import { Refusal, serviceCodes } from './return-code.js';

const own = 'the pool makes the consoles of a machine when it starts, and XenAPI has no message that changes them';

const refused = (): never => {
  throw new Refusal(serviceCodes.NotSupported, own);
};

/** Consoles come with a machine: to ask for one is granted, to change or remove one is not supported (XenAPI console.create). */
export const consoleResource: ResourceKind = {
  add: () => ({ needs: [], tasks: 0, apply: async () => undefined }),
  find: (view, path) => {
    const found = resolve(view, 'console', path);
    const record = found && view.get('VM', found.record.VM);
    return found && record && { machine: { ref: found.record.VM, record }, ref: found.ref };
  },
  modify: refused,
  remove: refused,
};
