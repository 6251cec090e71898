import type { IncomingMessage } from 'node:http';
import type { Ref } from '../xenapi/records.js';
import { userOf } from './http-access.js';
import type { Exchange } from './http-handler.js';
import { exportOf } from './rrd-archive.js';
import { type Export, writeJson, writeXml } from './rrd-form.js';
import type { ReadingManner } from './rrd-manner.js';
import { measuredOn, type Source, sourcesOfHost, sourcesOfRepository, sourcesOfVm } from './rrd-source.js';
import type { World } from './world.js';

/** An answer before it is sent. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const refusal = (status: number, reason: string): Answer => ({
  status,
  type: 'text/html',
  text: `<html><body><h1>HTTP ${status}</h1><p>${reason}</p></body></html>`,
});

/** The sources that are asked for: no vm_uuid means every machine, no sr_uuid no repository (facts 4.1). */
function selected(world: World, host: Ref<'host'>, query: URLSearchParams): readonly Source[] {
  const uuids = new Set(query.getAll('vm_uuid'));
  const machines = measuredOn(world, host).filter(({ uuid }) => uuids.size === 0 || uuids.has(uuid));
  return [
    ...machines.flatMap((vm) => sourcesOfVm(world, vm)),
    ...(query.get('host') === 'true' ? sourcesOfHost(world, host) : []),
    ...query.getAll('sr_uuid').flatMap((uuid) => sourcesOfRepository(world, host, uuid)),
  ];
}

/** The form that is wanted: the header decides, without one the parameter; undefined for one that there is not. */
function formOf(manner: ReadingManner, { headers }: IncomingMessage, query: URLSearchParams) {
  if (manner === 'xml') return 'xml';
  const asked = query.has('json') ? 'json' : 'xml';
  const { accept } = headers;
  if (accept === undefined || manner === 'bare' || manner === 'unquoted') return asked;
  if (/application\/json|\*\/\*/.test(accept)) return 'json';
  return /text\/xml|text\/\*/.test(accept) ? 'xml' : undefined;
}

const withoutNewest = (made: Export): Export => ({
  ...made,
  rows: made.rows.map((row, i) => (i === 0 ? { ...row, values: row.values.map(() => Number.NaN) } : row)),
});

function readings({ world, host, request }: Exchange, manner: ReadingManner): Answer {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  if (manner === 'error') return refusal(500, 'An unexpected error occurred');
  if (userOf(world, request) === undefined) return refusal(401, 'The session is not known');
  const start = query.get('start') ?? '';
  const interval = query.get('interval') ?? '5';
  if (!/^-?\d{1,15}$/.test(start)) return refusal(400, 'start wants whole seconds');
  if (!/^\d{1,15}$/.test(interval)) return refusal(400, 'interval wants whole seconds');
  const form = formOf(manner, request, query);
  if (form === undefined) return refusal(406, 'There is application/json and text/xml');
  const averages = (query.get('cf') ?? 'AVERAGE') === 'AVERAGE';
  const sources = averages ? selected(world, host, query) : [];
  if (sources.length === 0) return refusal(500, 'No archive fits');
  const made = exportOf(sources, Number(start), Number(interval), world.clock.now() / 1000);
  const shown = manner === 'late' ? withoutNewest(made) : made;
  if (form === 'xml') return { status: 200, type: 'text/xml', text: writeXml(shown) };
  const dialect = manner === 'bare' || manner === 'unquoted' ? manner : 'text';
  return { status: 200, type: 'application/json', text: writeJson(shown, dialect) };
}

/** GET /rrd_updates, on every host for itself: what it has measured (facts 4.1). */
export const readingPaths = (called: (name: string) => void) => ({
  '/rrd_updates': (exchange: Exchange): void => {
    const { world, host, response } = exchange;
    const { uuid } = world.db.need('host', host);
    called('rrd_updates');
    world.readings.count(uuid);
    const manner = world.readings.of(uuid);
    if (manner === 'hang') return;
    const { status, type, text } = readings(exchange, manner);
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  },
});
