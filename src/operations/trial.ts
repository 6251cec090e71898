import type { CimClass } from '../cim/class.js';
import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import { valueOfLabel } from '../mof/value-map.js';
import { checkCondition } from '../query/check.js';
import type { Condition } from '../query/condition.js';
import type { Surroundings } from '../query/datum.js';
import { holds } from '../query/evaluation.js';
import { propertiesOf } from '../query/narrowing.js';
import type { Namespace } from './namespace.js';

/** What decides whether an object belongs to an answer. */
export interface Trial {
  readonly condition: Condition;
  /** The properties that the condition looks at. */
  readonly wanted: NameSet;
  passes(object: CimInstance): boolean;
}

/** What conditions have to know of the classes of a namespace. */
export const surroundingsOf = ({ schema, isA }: Namespace): Surroundings => ({
  isA,
  labelled: (className, property, label) => {
    const declared = schema.class(className)?.properties.get(property);
    return declared && valueOfLabel(declared, label);
  },
});

/** The condition held against the classes it is for; CIM_ERR_INVALID_QUERY where it asks for what none of them has. */
export function trialOf(
  namespace: Namespace,
  condition: Condition,
  classes: readonly CimClass[],
  form: 'query' | 'filter',
): Trial {
  const surroundings = surroundingsOf(namespace);
  checkCondition(condition, classes, surroundings, form);
  return {
    condition,
    wanted: propertiesOf(condition),
    passes: (object) => holds(condition, object, surroundings),
  };
}
