import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import type { InstancePath } from '../../src/cim/path.js';
import type { CimValue } from '../../src/cim/value.js';
import { path, type Stage, shown, stage, systemPath } from './stage.js';

/** What each host measured: the longer the name of a source, the more. */
const sample = ({ owner, source }: { owner: string; source: string }) => ({
  value: source.length + owner.length / 1_000,
  time: 0,
  seconds: 5,
});

let on: Stage;
beforeAll(async () => {
  on = await stage({ readings: { sample, refresh: () => undefined } });
});
afterAll(() => on.end());

const call = async (name: string, given: Readonly<Record<string, Argument>>, user = 'reader') => {
  const [service] = await on.list('Xen_MetricService');
  return on.invoke(service!.path!, name, given, user);
};

const definition = (id: string, className = 'CIM_BaseMetricDefinition'): InstancePath => path(className, { Id: id });
const paths = (value: CimValue | undefined) => (value ?? []) as unknown as readonly InstancePath[];

/** The definitions tied to an instance, as a client finds them by walking. */
const walked = async (from: InstancePath): Promise<readonly string[]> => {
  const found = await on.ask('AssociatorNames', { ObjectName: from, AssocClass: 'CIM_MetricDefForME' });
  if (!('items' in found)) throw new Error('AssociatorNames gave no names');
  return ([...found.items] as unknown as InstancePath[]).map(({ keys }) => String(keys[0]?.value)).sort();
};

const disk = async () => (await on.list('Xen_Disk'))[0]!.path!;
const definitionOf = async (of: InstancePath): Promise<string> => (await walked(of))[0]!;
const failed = (text: RegExp) => ({ returned: 2, output: { Reason: expect.stringMatching(text) } });

describe('ShowMetrics (CIM_MetricService, DSP1053)', () => {
  test('gives the metrics of an element, their names and that they are collected, to any role and without a call', async () => {
    const of = await disk();
    const messages = await on.messages(async () => {
      const { returned, output } = await call('ShowMetrics', { Subject: of });
      expect(returned).toBe(0);
      const found = paths(output['DefinitionList']);
      expect(found.map(({ keys }) => keys[0]?.value).sort()).toEqual(await walked(of));
      expect(output['MetricNames']).toHaveLength(found.length);
      for (const [i, each] of found.entries())
        expect(shown(await on.get(each), 'Name')).toBe((output['MetricNames'] as string[])[i]);
      expect(output['MetricCollectionEnabled']).toEqual(found.map(() => 2));
      expect(output['ManagedElements']).toBeUndefined();
    });
    expect(messages).toEqual([]);
  });

  test('gives the elements of a metric', async () => {
    const of = await disk();
    const { returned, output } = await call('ShowMetrics', { Definition: definition(await definitionOf(of)) });
    expect(returned).toBe(0);
    const disks = (await on.list('Xen_Disk')).map(({ path: each }) => each!.keys[1]?.value);
    expect(
      paths(output['ManagedElements'])
        .map(({ keys }) => keys[1]?.value)
        .sort(),
    ).toEqual([...disks].sort());
    expect(output['MetricCollectionEnabled']).toEqual(disks.map(() => 2));
  });

  test('says of an element and a metric whether it is collected', async () => {
    const of = await disk();
    const given = { Subject: of, Definition: definition(await definitionOf(of)) };
    expect(await call('ShowMetrics', given)).toEqual({ returned: 0, output: { MetricCollectionEnabled: [2] } });
  });

  test('fails (2) for neither, for what is not there, and for a metric that the element has not', async () => {
    const [, { uuid }] = on.machine('Running');
    const [host] = await on.list('Xen_HostComputerSystem');
    const of = await definitionOf(await disk());
    expect(await call('ShowMetrics', {})).toEqual(failed(/both missing/));
    expect(await call('ShowMetrics', { Subject: systemPath('x') })).toEqual(failed(/^Subject: there is no instance/));
    expect(await call('ShowMetrics', { Definition: definition('x') })).toEqual(failed(/^Definition: no metric is/));
    expect(await call('ShowMetrics', { Definition: systemPath(uuid) })).toEqual(failed(/^Definition: no metric is/));
    const apart = { Subject: host!.path!, Definition: definition(of) };
    expect(await call('ShowMetrics', apart)).toEqual(failed(/has no such metric/));
  });
});

describe('ShowMetricsByClass', () => {
  test('gives what every instance of the class has, by its path or its name', async () => {
    const wanted = await walked(await disk());
    for (const Subject of [{ kind: 'classPath', className: 'xen_disk' } as const, 'Xen_Disk', path('Xen_Disk', {})]) {
      const { returned, output } = await call('ShowMetricsByClass', { Subject });
      expect(returned).toBe(0);
      expect(
        paths(output['DefinitionList'])
          .map(({ keys }) => keys[0]?.value)
          .sort(),
      ).toEqual(wanted);
      expect(output['MetricCollectionEnabled']).toEqual(wanted.map(() => 2));
    }
  });

  test('gives nothing for a class whose instances have nothing in common', async () => {
    const Subject = { kind: 'classPath', className: 'CIM_LogicalDevice' } as const;
    const { returned, output } = await call('ShowMetricsByClass', { Subject });
    expect(returned).toBe(0);
    expect(output['DefinitionList']).toEqual([]);
  });

  test('says of a class and a metric whether it is collected, and fails where it is not there', async () => {
    const Definition = definition(await definitionOf(await disk()));
    const given = { Subject: 'Xen_Disk', Definition };
    expect(await call('ShowMetricsByClass', given)).toEqual({ returned: 0, output: { MetricCollectionEnabled: [2] } });
    expect(await call('ShowMetricsByClass', { ...given, Subject: 'Xen_Processor' })).toEqual(failed(/not all/));
    expect(await call('ShowMetricsByClass', { Subject: 'Xen_Nothing' })).toEqual(failed(/wants the path of a class/));
    expect(await call('ShowMetricsByClass', { Subject: systemPath('x') })).toEqual(failed(/wants the path of a class/));
    expect(await call('ShowMetricsByClass', {})).toEqual(failed(/Subject is missing/));
  });
});

describe('ControlMetrics, ControlMetricsByClass and ControlSampleTimes: hosts measure all the time', () => {
  const declined = { returned: 1, output: { Reason: expect.stringMatching(/neither stopped nor started/) } };

  test('enabling is done already; disabling and resetting are not supported (1)', async () => {
    const Subject = await disk();
    const Definition = definition(await definitionOf(Subject));
    for (const [name, given] of [
      ['ControlMetrics', { Subject, Definition }],
      ['ControlMetrics', { Subject }],
      ['ControlMetrics', { Definition }],
      ['ControlMetricsByClass', { Subject: 'Xen_Disk', Definition }],
    ] as const) {
      const set = (state: string) => call(name, { ...given, MetricCollectionEnabled: state }, 'root');
      expect(await set('2')).toEqual({ returned: 0, output: {} });
      expect(await set('3')).toEqual(declined);
      expect(await set('4')).toEqual(declined);
      expect(await set('5')).toEqual(failed(/can be 2, 3 or 4/));
    }
    const times = {
      StartSampleTime: '99990101000000.000000+000',
      PreferredSampleInterval: '00000000000100.000000:000',
    };
    expect(await call('ControlSampleTimes', { ...times, RestartGathering: 'true' }, 'root')).toMatchObject({
      returned: 1,
    });
  });

  test('what is missing or not there fails (2); who may only read is refused', async () => {
    const Subject = await disk();
    const [host] = await on.list('Xen_HostComputerSystem');
    const of = definition(await definitionOf(Subject));
    const MetricCollectionEnabled = '2';
    expect(await call('ControlMetrics', { MetricCollectionEnabled }, 'root')).toEqual(failed(/both missing/));
    expect(await call('ControlMetrics', { Subject }, 'root')).toEqual(failed(/MetricCollectionEnabled is missing/));
    const apart = { Subject: host!.path!, Definition: of, MetricCollectionEnabled };
    expect(await call('ControlMetrics', apart, 'root')).toEqual(failed(/has no such metric/));
    const denied = await on.refused(call('ControlMetrics', { Subject, MetricCollectionEnabled }));
    expect(denied.status).toBe('ACCESS_DENIED');
  });
});

describe('GetMetricValues', () => {
  const numbers = async (Values: CimValue | undefined): Promise<readonly number[]> =>
    Promise.all(paths(Values).map(async (each) => Number(shown(await on.get(each), 'MetricValue'))));

  test('gives the values of a metric', async () => {
    const Definition = definition(await definitionOf(await disk()));
    const { returned, output } = await call('GetMetricValues', { Definition });
    expect(returned).toBe(0);
    const values = paths(output['Values']);
    expect(values.length).toBeGreaterThan(2);
    for (const each of values) expect(shown(await on.get(each), 'MetricDefinitionId')).toBe(Definition.keys[0]?.value);
    const two = await call('GetMetricValues', { Definition, Count: '2' });
    expect(two.output['Values']).toEqual(values.slice(0, 2));
  });

  test('gives the smallest or the greatest first', async () => {
    const { keys } = (await on.list('Xen_NetworkPort'))[0]!.path!;
    expect(keys.length).toBeGreaterThan(0);
    const of = await walked((await on.list('Xen_HostNetworkPort'))[0]!.path!);
    const Definition = definition(of[0]!);
    const least = await call('GetMetricValues', { Definition, Range: '2' });
    const most = await call('GetMetricValues', { Definition, Range: '3', Count: '3' });
    const ascending = await numbers(least.output['Values']);
    expect(ascending.length).toBeGreaterThan(3);
    expect(ascending).toEqual([...ascending].sort((a, b) => a - b));
    expect(await numbers(most.output['Values'])).toEqual([...ascending].reverse().slice(0, 3));
  });

  test('fails (2) without a metric, for one that is not there, and for another range', async () => {
    const Definition = definition(await definitionOf(await disk()));
    expect(await call('GetMetricValues', {})).toEqual(failed(/Definition is missing/));
    expect(await call('GetMetricValues', { Definition: definition('x') })).toEqual(failed(/no metric is/));
    expect(await call('GetMetricValues', { Definition, Range: '4' })).toEqual(failed(/Range can be 2 or 3/));
  });
});
