import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datetimeOfEpoch } from '../../src/cim/datetime.js';
import type { InstancePath } from '../../src/cim/path.js';
import { exportUntil } from '../../src/methods/metric-export.js';
import { path, type Stage, stage, systemPath } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

interface Xport {
  readonly meta: { readonly start: number; readonly step: number; readonly end: number; readonly rows: number };
  readonly legend: readonly string[];
  readonly times: readonly number[];
}

const asList = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined || value === '' ? [] : Array.isArray(value) ? value : [value as T];

function read(text: unknown): Xport {
  const { xport } = new XMLParser().parse(String(text)) as {
    xport: { meta: Xport['meta'] & { legend: { entry: string[] } }; data: { row?: { t: number }[] } };
  };
  const { legend, ...meta } = xport.meta;
  return { meta, legend: asList(legend.entry), times: asList(xport.data.row).map(({ t }) => t) };
}

const hostPath = (uuid: string): InstancePath =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });

const ask = async (System: InstancePath | undefined, more: Readonly<Record<string, string>> = {}, user = 'reader') => {
  const [service] = await on.list('Xen_MetricService');
  const given = { ...(System && { System }), ...more };
  return on.invoke(service!.path!, 'GetPerformanceMetricsForSystem', given, user);
};
const got = async (System: InstancePath, more: Readonly<Record<string, string>> = {}) => {
  const answer = await ask(System, more);
  expect(answer.returned).toBe(0);
  return read(answer.output['Metrics']);
};

const now = () => on.simulator.world.clock.now();
const ago = (seconds: number): string => datetimeOfEpoch(Math.floor(now() / 1000 - seconds) * 1000);

describe('GetPerformanceMetricsForSystem', () => {
  test('gives what the host of a machine measured of it alone, the last ten minutes unless said, to any role', async () => {
    const [, { uuid }] = on.machine('Running');
    const { meta, legend, times } = await got(systemPath(uuid));
    expect(legend.length).toBeGreaterThan(0);
    expect(legend.every((entry) => entry.startsWith(`AVERAGE:vm:${uuid}:`))).toBe(true);
    expect(meta.step).toBe(5);
    expect(times.length).toBeGreaterThan(110);
    expect(await on.messages(() => ask(systemPath(uuid))), 'one page, and no call of XenAPI').toEqual(['rrd_updates']);
  });

  test('gives what a host measured of itself, and of none of its machines', async () => {
    for (const ref of on.db.refs('host')) {
      const { uuid } = on.db.need('host', ref);
      const { legend } = await got(hostPath(uuid));
      expect(legend.length).toBeGreaterThan(0);
      expect(legend.every((entry) => entry.startsWith(`AVERAGE:host:${uuid}:`))).toBe(true);
    }
  });

  test('keeps to both ends of a span', async () => {
    const [, { uuid }] = on.machine('Running');
    const [StartTime, EndTime] = [ago(300), ago(200)];
    const { meta, times } = await got(systemPath(uuid), { StartTime, EndTime });
    const seconds = now() / 1000;
    expect(times.length).toBeGreaterThan(15);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(seconds - 306);
    expect(Math.max(...times)).toBeLessThanOrEqual(seconds - 199);
    expect(meta).toMatchObject({ rows: times.length, end: Math.max(...times) });
  });

  test('takes a length, up to now or up to an end, and steps of at least so many seconds', async () => {
    const [, { uuid }] = on.machine('Running');
    const short = await got(systemPath(uuid), { TimeDuration: '2' });
    expect(short.times.length).toBeLessThanOrEqual(25);
    const before = await got(systemPath(uuid), { TimeDuration: '2', EndTime: ago(240) });
    expect(Math.max(...before.times)).toBeLessThan(Math.min(...short.times));
    const coarse = await got(systemPath(uuid), { TimeDuration: '60', ResolutionInterval: '60' });
    expect(coarse.meta.step).toBe(60);
    const hours = await got(systemPath(uuid), { StartTime: ago(24 * 3600) });
    expect(hours.meta.step, 'the finest archive that reaches back so far').toBe(3600);
  });

  test('a span longer than any that is kept, or coarser steps, is all that there is', async () => {
    const [, { uuid }] = on.machine('Running');
    const most = String(2 ** 32 - 1);
    for (const more of [
      { TimeDuration: most },
      { StartTime: '19700101000000.000000+000' },
      { TimeDuration: most, EndTime: ago(0) },
    ]) {
      const { meta, times } = await got(systemPath(uuid), more);
      expect([meta.step, times.length > 300], JSON.stringify(more)).toEqual([86_400, true]);
    }
    expect((await got(systemPath(uuid), { ResolutionInterval: most })).meta.step).toBe(86_400);
  });

  test('CIM_ERR_INVALID_PARAMETER for a span that is none, an interval where a time is due, and no system', async () => {
    const [, { uuid }] = on.machine('Running');
    const wrong: Readonly<Record<string, string>>[] = [
      { StartTime: ago(100), EndTime: ago(200) },
      { TimeDuration: '0' },
      { StartTime: '00000001000000.000000:000' },
      { StartTime: 'yesterday' },
    ];
    for (const more of wrong)
      expect((await on.refused(ask(systemPath(uuid), more))).status, JSON.stringify(more)).toBe('INVALID_PARAMETER');
    expect((await on.refused(ask(undefined))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(ask(systemPath('00000000-0000-0000-0000-000000000000')))).status).toBe('NOT_FOUND');
  });

  test('CIM_ERR_FAILED for a machine that does not run, and for a host that cannot say', async () => {
    const error = await on.refused(ask(systemPath(on.machine('Halted')[1].uuid)));
    expect([error.status, error.message]).toEqual(['FAILED', expect.stringContaining('is Halted')]);
    const [, { uuid, name_label }] = on.one('host', () => true);
    on.simulator.world.readings.set(uuid, 'error');
    const silent = await on.refused(ask(hostPath(uuid)));
    on.simulator.world.readings.set(uuid, 'text');
    expect([silent.status, silent.message]).toEqual(['FAILED', expect.stringContaining(`${name_label} was asked`)]);
  });
});

describe('an export that is cut', () => {
  const text = (rows: string) =>
    `<xport><meta><start>5</start><step>5</step><end>15</end><rows>3</rows><columns>1</columns></meta><data>${rows}</data></xport>`;
  const row = (t: number) => `<row><t>${t}</t><v>0.1</v></row>`;

  test('keeps what is not younger, and counts again', () => {
    expect(exportUntil(text(row(15) + row(10) + row(5)), 12)).toBe(
      text(row(10) + row(5))
        .replace('<end>15', '<end>10')
        .replace('<rows>3', '<rows>2'),
    );
  });

  test('without any row is still one', () => {
    expect(exportUntil(text(row(15)), 1)).toBe(text('').replace('<rows>3', '<rows>0'));
  });
});
