import { NameSet } from '../cim/name.js';
import type { InstancePath } from '../cim/path.js';
import type { CimValue } from '../cim/value.js';
import type { Tie } from '../provider/provider.js';
import type { RowSubject } from '../provider/subject.js';
import { valueIn } from './instance.js';
import type { Done, Method, MethodCall, Output } from './method.js';
import type { Model } from './model.js';
import { shownPath } from './reference.js';
import { notSupported, Refusal } from './return-code.js';

/*
 * What CIM_MetricService says of the metrics of an element (DSP1053). Which metrics there are follows from the rows, and
 * hosts measure all of them all the time: there is much to show and nothing to control.
 */

/** Every mistake is this one return value (CIM_MetricService). */
const failed = 2;

const definitionClass = 'CIM_BaseMetricDefinition';
const definedBy = { association: 'CIM_MetricDefForME', role: 'Antecedent' } as const;
const defines = { association: 'CIM_MetricDefForME', role: 'Dependent' } as const;
const gives = { association: 'CIM_MetricInstance', role: 'Antecedent' } as const;

const fail = (message: string): never => {
  throw new Refusal(failed, message);
};

/** The definition that a call is about; undefined where it names none. */
function definitionIn({ input, model }: MethodCall): RowSubject | undefined {
  const path = input.path('Definition');
  if (!path) return undefined;
  const found = model.at(path);
  return found && model.isA(found, definitionClass) ? found : fail(`Definition: no metric is ${shownPath(path)}`);
}

/** The element that a call is about; undefined where it names none. */
function subjectIn({ input, model }: MethodCall): RowSubject | undefined {
  const path = input.path('Subject');
  return path && (model.at(path) ?? fail(`Subject: there is no instance ${shownPath(path)}`));
}

/** The class that a call is about, in its declared spelling: a reference without keys, or the name as text. */
function classIn({ input, model }: MethodCall): string {
  const path = input.path('Subject') ?? fail('Subject is missing: the path of a class is wanted');
  const [key] = path.keys;
  const named = key === undefined ? path.className : key.name === '' ? String(key.value) : '';
  return model.kinds(named)[0] ?? fail(`Subject wants the path of a class; got ${shownPath(path)}`);
}

/** Whether the metric is collected (CIM_MetricDefForME.MetricCollectionEnabled). */
const enabledIn = (model: Model, { association }: Tie<RowSubject>): number =>
  Number(valueIn(model.instance(association), 'MetricCollectionEnabled'));

const nameOf = (model: Model, definition: RowSubject): string =>
  String(valueIn(model.instance(definition, new NameSet(['Name'])), 'Name'));

/** What is told of several definitions; those at one index belong together. */
const listed = (model: Model, definitions: readonly RowSubject[], enabled: readonly number[]): Output => ({
  DefinitionList: definitions.map((each) => model.path(each)),
  MetricNames: definitions.map((each) => nameOf(model, each)),
  MetricCollectionEnabled: enabled,
});

const keyOf = ({ className, keys }: InstancePath): string =>
  JSON.stringify([className, keys.map(({ value }) => value)]);

/** The ties of an element to its metrics, or to the one that is named. */
function tiesOf(model: Model, subject: RowSubject, definition?: RowSubject): readonly Tie<RowSubject>[] {
  const ties = model.ties(subject, definedBy);
  if (!definition) return ties;
  const wanted = keyOf(model.path(definition));
  return ties.filter(({ other }) => keyOf(model.path(other)) === wanted);
}

const neither = 'Subject and Definition are both missing: one of them is wanted';

/** ShowMetrics: the metrics of an element, the elements of a metric, or whether one has the other. */
const showMetrics: Method = {
  access: 'read',
  run: (call): Done => {
    const { model } = call;
    const [definition, subject] = [definitionIn(call), subjectIn(call)];
    if (!subject) {
      const ties = model.ties(definition ?? fail(neither), defines);
      const ManagedElements = ties.map(({ other }) => model.path(other));
      return {
        returned: 0,
        output: { ManagedElements, MetricCollectionEnabled: ties.map((tie) => enabledIn(model, tie)) },
      };
    }
    const ties = tiesOf(model, subject, definition);
    const enabled = ties.map((tie) => enabledIn(model, tie));
    if (!definition) {
      const definitions = ties.map(({ other }) => other);
      return { returned: 0, output: listed(model, definitions, enabled) };
    }
    if (ties.length === 0) fail('Definition: the element has no such metric');
    return { returned: 0, output: { MetricCollectionEnabled: enabled } };
  },
};

/** How many instances are looked at before others have their turn. */
const slice = 200;

/** The definitions that all instances of a class have, with whether all of these are collected. */
async function sharedBy(model: Model, className: string): Promise<ReadonlyMap<string, readonly [RowSubject, boolean]>> {
  let shared: Map<string, readonly [RowSubject, boolean]> | undefined;
  let seen = 0;
  for (const kind of model.kinds(className)) {
    for (const subject of model.all(kind)) {
      seen += 1;
      if (seen % slice === 0) await new Promise(setImmediate);
      const own = model.ties(subject, definedBy).map((tie) => {
        const key = keyOf(model.path(tie.other));
        const before = shared?.get(key)?.[1] ?? true;
        return [key, [tie.other, before && enabledIn(model, tie) === 2]] as const;
      });
      const known = shared;
      shared = new Map(own.filter(([key]) => known === undefined || known.has(key)));
      if (shared.size === 0) return shared;
    }
  }
  return shared ?? new Map();
}

/** ShowMetricsByClass: the metrics that every instance of a class has. */
const showMetricsByClass: Method = {
  access: 'read',
  run: async (call): Promise<Done> => {
    const { model } = call;
    const definition = definitionIn(call);
    const shared = await sharedBy(model, classIn(call));
    const codes = (all: Iterable<readonly [RowSubject, boolean]>) => [...all].map(([, on]) => (on ? 2 : 3));
    if (!definition) {
      const found = [...shared.values()];
      const definitions = found.map(([each]) => each);
      return { returned: 0, output: listed(model, definitions, codes(found)) };
    }
    const one = shared.get(keyOf(model.path(definition))) ?? fail('Definition: not all instances have such a metric');
    return { returned: 0, output: { MetricCollectionEnabled: codes([one]) } };
  },
};

const always = 'hosts measure everything all the time: collection can be neither stopped nor started anew';

/** Enabling what is always enabled is done as soon as it is asked for; what else there is cannot be. */
function control({ input }: MethodCall): Done {
  const wanted = input.number('MetricCollectionEnabled') ?? fail('MetricCollectionEnabled is missing: 2, 3 or 4');
  if (wanted < 2 || wanted > 4) fail(`MetricCollectionEnabled can be 2, 3 or 4, not ${wanted}`);
  if (wanted !== 2) throw new Refusal(notSupported, always);
  return { returned: 0 };
}

const controlMetrics: Method = {
  declines: always,
  run: (call) => {
    const [definition, subject] = [definitionIn(call), subjectIn(call)];
    if (!definition && !subject) fail(neither);
    if (definition && subject && tiesOf(call.model, subject, definition).length === 0)
      fail('Definition: the element has no such metric');
    return control(call);
  },
};

const controlMetricsByClass: Method = {
  declines: always,
  run: (call) => {
    definitionIn(call);
    classIn(call);
    return control(call);
  },
};

const controlSampleTimes: Method = {
  declines: always,
  run: () => {
    throw new Refusal(notSupported, 'hosts measure every five seconds, and no other time can be set');
  },
};

interface Measured {
  readonly subject: RowSubject;
  readonly value: number;
}

async function measured(model: Model, values: readonly RowSubject[]): Promise<readonly Measured[]> {
  const wanted = new NameSet(['MetricValue']);
  await model.ready(values, wanted);
  const number = (value: CimValue | undefined): number => (typeof value === 'string' ? Number(value) : Number.NaN);
  return values
    .map((subject) => ({ subject, value: number(valueIn(model.instance(subject, wanted), 'MetricValue')) }))
    .filter(({ value }) => !Number.isNaN(value));
}

/** Range of GetMetricValues: 2 the smallest values first, 3 the greatest. */
const orders: ReadonlyMap<number, (a: Measured, b: Measured) => number> = new Map([
  [2, (a, b) => a.value - b.value],
  [3, (a, b) => b.value - a.value],
]);

/** GetMetricValues: the values of a metric, at most Count of them; with a Range the smallest or the greatest. */
const getMetricValues: Method = {
  access: 'read',
  run: async (call): Promise<Done> => {
    const { input, model } = call;
    const definition = definitionIn(call) ?? fail('Definition is missing: the path of a metric is wanted');
    const range = input.number('Range');
    const order = range === undefined ? undefined : (orders.get(range) ?? fail(`Range can be 2 or 3, not ${range}`));
    const all = model.ties(definition, gives).map(({ other }) => other);
    const sorted = order ? [...(await measured(model, all))].sort(order).map(({ subject }) => subject) : all;
    const kept = sorted.slice(0, input.number('Count') ?? sorted.length);
    return { returned: 0, output: { Values: kept.map((each) => model.path(each)) } };
  },
};

export const metricControls = {
  ShowMetrics: showMetrics,
  ShowMetricsByClass: showMetricsByClass,
  ControlMetrics: controlMetrics,
  ControlMetricsByClass: controlMetricsByClass,
  ControlSampleTimes: controlSampleTimes,
  GetMetricValues: getMetricValues,
} as const;
