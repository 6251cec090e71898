import type { InstancePath } from '../../../src/cim/path.js';
import { path, type Stage, systemPath } from '../stage.js';
import { assertSeen } from './arrangement.js';
import type { Call, Case, Row, Rows } from './row.js';

/** What each host measured: the longer the name of a source, the more. */
export const readings = {
  sample: ({ owner, source }: { readonly owner: string; readonly source: string }) => ({
    value: source.length + owner.length / 1_000,
    time: 0,
    seconds: 5,
  }),
  refresh: () => undefined,
};

const at = path('Xen_MetricService', { Name: 'Xen Metric Service' });
const definition = (Id: string): InstancePath => path('CIM_BaseMetricDefinition', { Id });

/** A disk, and one of the metrics that it has. */
async function measured(on: Stage): Promise<{ readonly Subject: InstancePath; readonly Definition: InstancePath }> {
  const Subject = (await on.list('Xen_Disk'))[0]!.path!;
  const found = await on.ask('AssociatorNames', { ObjectName: Subject, AssocClass: 'CIM_MetricDefForME' });
  if (!('items' in found)) throw new Error('AssociatorNames gave no names');
  const ids = ([...found.items] as unknown as InstancePath[]).map(({ keys }) => String(keys[0]?.value)).sort();
  return { Subject, Definition: definition(ids[0]!) };
}

const nobody = { nobody: 'it only reads' };
const always = 'hosts measure everything all the time';
const mistakes = '2';
const noMetric: Case = { what: 'a metric that there is not', given: { Definition: definition('x') }, answers: '2' };
const noSubject: Case = { what: 'an element that there is not', given: { Subject: systemPath('x') }, answers: '2' };

const reading: Pick<Row, 'wrongState' | 'refusedTo' | 'mistakes'> = { wrongState: always, refusedTo: nobody, mistakes };

const showMetrics: Row = {
  ...reading,
  arrange: async (on) => ({ at, given: await measured(on) }),
  gives: ['MetricCollectionEnabled'],
  optional: ['Subject', 'Definition'],
  invalid: [
    { what: 'neither element nor metric', given: { Subject: null, Definition: null }, answers: '2' },
    noMetric,
    noSubject,
  ],
};

const showMetricsByClass: Row = {
  ...reading,
  arrange: async (on) => ({ at, given: { Subject: 'Xen_Disk', Definition: (await measured(on)).Definition } }),
  gives: ['MetricCollectionEnabled'],
  optional: ['Definition'],
  invalid: [{ what: 'a class that there is not', given: { Subject: 'Xen_Nothing' }, answers: '2' }, noMetric],
};

const states: readonly Case[] = [
  { what: 'a state that there is not', given: { MetricCollectionEnabled: 5 }, answers: '2' },
  { what: 'that it is no longer measured', given: { MetricCollectionEnabled: 3 }, answers: '1' },
  { what: 'that it is measured anew', given: { MetricCollectionEnabled: 4 }, answers: '1' },
];

const controlMetrics: Row = {
  ...reading,
  arrange: async (on) => ({ at, given: { ...(await measured(on)), MetricCollectionEnabled: 2 } }),
  optional: ['Subject', 'Definition'],
  invalid: [...states, noMetric, noSubject],
  refusedTo: 'reader',
};

const controlMetricsByClass: Row = {
  ...controlMetrics,
  arrange: async (on) => ({
    at,
    given: { Subject: 'Xen_Disk', Definition: (await measured(on)).Definition, MetricCollectionEnabled: 2 },
  }),
  optional: ['Definition'],
  invalid: [...states, noMetric],
};

const getMetricValues: Row = {
  ...reading,
  arrange: async (on) => ({
    at,
    given: { Definition: (await measured(on)).Definition, Range: 2, Count: 3 },
    seen: ({ output }: Parameters<NonNullable<Call['seen']>>[0]) =>
      assertSeen((output['Values'] as readonly unknown[]).length === 3),
  }),
  gives: ['Values'],
  optional: ['Range', 'Count'],
  invalid: [noMetric, { what: 'another order', given: { Range: 4 }, answers: '2' }],
};

const getPerformance: Row = {
  arrange: (on) => ({
    at,
    given: { System: systemPath(on.machine('Running')[1].uuid), TimeDuration: 2, ResolutionInterval: 5 },
    seen: ({ output }) => assertSeen(String(output['Metrics']).includes('<xport>')),
  }),
  gives: ['Metrics'],
  optional: ['TimeDuration', 'ResolutionInterval'],
  ignored: { StartTime: 'it is the other way to say TimeDuration', EndTime: 'as StartTime' },
  invalid: [
    { what: 'no time at all', given: { TimeDuration: 0 }, answers: 'INVALID_PARAMETER' },
    {
      what: 'a length where a time is due',
      given: { StartTime: '00000001000000.000000:000' },
      answers: 'INVALID_PARAMETER',
    },
    { what: 'no time in words', given: { StartTime: 'yesterday' }, answers: 'INVALID_PARAMETER' },
    {
      what: 'an end before the beginning',
      given: { StartTime: '20260102000000.000000+000', EndTime: '20260101000000.000000+000' },
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a machine that is halted',
      given: ({ given }) => given,
      arrange: (on) => ({ at, given: { System: systemPath(on.machine('Halted')[1].uuid) } }),
      answers: 'FAILED',
    },
  ],
  refusedTo: nobody,
};

/** Rows of the service that gives metrics. */
export const metricRows: Rows = {
  Xen_MetricService: {
    ShowMetrics: showMetrics,
    ShowMetricsByClass: showMetricsByClass,
    ControlMetrics: controlMetrics,
    ControlMetricsByClass: controlMetricsByClass,
    GetMetricValues: getMetricValues,
    GetPerformanceMetricsForSystem: getPerformance,
  },
};
