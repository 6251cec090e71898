import { methods } from '../../../src/methods/table.js';
import type { Stage } from '../stage.js';
import type { Row, Rows } from './row.js';

/** The path of the first instance of a class, in the namespace that it lives in. */
export function firstOf(on: Stage, className: string) {
  const home = [...on.engine.classes('root/cimv2')].includes(className) ? 'root/cimv2' : 'root/interop';
  const [subject] = on.engine.enumerate(home, className);
  if (!subject) throw new Error(`there is no ${className}`);
  return on.engine.path(home, subject);
}

const central = (className: string): Row => ({
  arrange: (on) => ({ at: firstOf(on, className), given: {} }),
  gives: ['CentralInstances'],
  invalid: [],
  wrongState: 'a profile is always registered',
  refusedTo: { nobody: 'it only reads' },
});

/** Rows of every class of registered profiles. */
export const profileRows: Rows = Object.fromEntries(
  Object.entries(methods)
    .filter(([, own]) => 'GetCentralInstances' in own)
    .map(([className]) => [className, { GetCentralInstances: central(className) }]),
);
