import { afterEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/xenapi/connection.js';
import type { Page } from '../../src/xenapi/endpoint.js';
import type { Log } from '../../src/xenapi/log.js';
import { RrdReadings, type RrdReadingsOptions } from '../../src/xenapi/rrd.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { ScriptedPool } from './scripted-pool.js';

interface Asked {
  readonly address: string;
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
}

const updates = (value: string, t = 100): string =>
  JSON.stringify({ meta: { step: '5', legend: ['AVERAGE:host:h1:cpu0'] }, data: [{ t: String(t), values: [value] }] });

const xml =
  '<xport><meta><step>5</step><legend><entry>AVERAGE:host:h1:cpu0</entry></legend></meta><data><row><t>100</t><v>0.75</v></row></data></xport>';

const page = (text: string, status = 200): Page => ({ status, text });

/** Readings of hosts h1 and h2 of whose requests a test decides, on a clock of its own. */
function scripted(answer: (asked: Asked) => Page | Promise<Page>, options: Partial<RrdReadingsOptions> = {}) {
  const view = new RecordStore();
  const host = (n: number) => ({
    of: 'host' as const,
    ref: `H${n}`,
    after: { uuid: `h${n}`, address: `10.0.0.${n}` },
  });
  view.apply([host(1), host(2)]);
  const asked: Asked[] = [];
  const said: string[] = [];
  const tell = (level: string) => (fields: object, message: string) =>
    void said.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: tell('info'), warn: tell('warn'), debug: tell('debug') };
  let now = 0;
  const readings = new RrdReadings({
    view,
    log,
    now: () => now,
    get: async (address, path, accept, signal) => {
      const one = { address, path, accept, signal };
      asked.push(one);
      return answer(one);
    },
    ...options,
  });
  const value = (): number | undefined => readings.sample({ host: 'h1', owner: 'host:h1', source: 'cpu0' })?.value;
  const pass = (seconds: number): void => {
    now += seconds * 1000;
  };
  return { view, readings, asked, said, value, pass };
}

describe('RrdReadings', () => {
  test('asks all hosts that are alive where none are named', async () => {
    const { view, readings, asked } = scripted(() => page(updates('0.5')));
    const metrics = (n: number, live: boolean) => [
      { of: 'host' as const, ref: `H${n}`, after: { uuid: `h${n}`, address: `10.0.0.${n}`, metrics: `M${n}` } },
      { of: 'host_metrics' as const, ref: `M${n}`, after: { uuid: `m${n}`, live } },
    ];
    view.apply([...metrics(1, true), ...metrics(2, false), ...metrics(3, true)]);
    await readings.refresh();
    expect(asked.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.3']);
    expect(readings.refresh()).toBeUndefined();
  });

  test('asks each host at its own address, for JSON and by name of the form', async () => {
    const { readings, asked, value } = scripted(() => page(updates('0.5')));
    expect(value()).toBeUndefined();
    await readings.refresh(['h1', 'h2']);
    expect(value()).toBe(0.5);
    expect(asked.map(({ address, accept }) => [address, accept])).toEqual([
      ['10.0.0.1', 'application/json'],
      ['10.0.0.2', 'application/json'],
    ]);
    const query = new URLSearchParams(asked[0]!.path.split('?')[1]);
    expect(Object.fromEntries(query)).toEqual({
      start: '-10',
      cf: 'AVERAGE',
      interval: '5',
      host: 'true',
      json: 'true',
    });
  });

  test('however many readers, there is one request a host and interval', async () => {
    let open: (page: Page) => void = () => {};
    const { readings, asked, value, pass } = scripted(({ address }) =>
      address.endsWith('2') ? page(updates('0')) : new Promise<Page>((resolve) => (open = resolve)),
    );
    const readers = Array.from({ length: 20 }, () => readings.refresh(['h1']));
    open(page(updates('0.5')));
    await Promise.all(readers);
    expect(asked).toHaveLength(1);
    expect(readings.refresh(['h1', 'h1'])).toBeUndefined();
    pass(4.9);
    expect(readings.refresh(['h1'])).toBeUndefined();
    pass(0.1);
    const again = readings.refresh(['h1']);
    open(page(updates('0.6', 105)));
    await again;
    expect(asked).toHaveLength(2);
    expect(value()).toBe(0.6);
  });

  test('a host that does not answer in time leaves its last sample, is told of once, and is left alone for a while', async () => {
    let silent = false;
    const { readings, asked, said, value, pass } = scripted(
      () => (silent ? new Promise<Page>(() => {}) : page(updates('0.5'))),
      { timeoutMs: 20 },
    );
    await readings.refresh(['h1']);
    silent = true;
    pass(5);
    await readings.refresh(['h1']);
    expect(value()).toBe(0.5);
    expect(asked[1]!.signal.aborted).toBe(true);
    pass(9);
    expect(readings.refresh(['h1'])).toBeUndefined();
    pass(6);
    await readings.refresh(['h1']);
    pass(15);
    expect(readings.refresh(['h1'])).toBeUndefined();
    expect(asked).toHaveLength(3);
    expect(said.filter((line) => !line.startsWith('debug'))).toEqual([
      'warn: a host gives no readings {"host":"h1","reason":"no readings from 10.0.0.1 in time","againInSeconds":15}',
    ]);
    silent = false;
    pass(20);
    await readings.refresh(['h1']);
    expect(said.at(-1)).toContain('info: a host gives its readings again');
    pass(5);
    expect(readings.refresh(['h1'])).toBeInstanceOf(Promise);
  });

  test('one host that hangs does not keep the others from being read', async () => {
    const { readings, value } = scripted(
      ({ address }) => (address.endsWith('2') ? new Promise<Page>(() => {}) : page(updates('0.5'))),
      { timeoutMs: 30 },
    );
    await readings.refresh(['h2', 'h1']);
    expect(value()).toBe(0.5);
  });

  test.each([
    ['unquoted names (the oldest releases)', page('{meta:{step:5,legend:["AVERAGE:host:h1:cpu0"]},data:[]}')],
    ['HTTP 500, as where the writer of JSON refuses NaN', page('<html/>', 500)],
    ['HTTP 406', page('', 406)],
  ])('answered with %s, it asks for XML, and for nothing else from then on', async (_name, refusal) => {
    const { readings, asked, value, pass } = scripted(({ accept }) => (accept === 'text/xml' ? page(xml) : refusal));
    await readings.refresh(['h1']);
    expect(value()).toBe(0.75);
    pass(5);
    await readings.refresh(['h1']);
    expect(asked.map(({ accept }) => accept)).toEqual(['application/json', 'text/xml', 'text/xml']);
    expect(asked[1]!.path).not.toContain('json');
  });

  test('XML that comes where JSON was asked for is read as it is', async () => {
    const { readings, asked, value } = scripted(() => page(xml));
    await readings.refresh(['h1']);
    expect(value()).toBe(0.75);
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['nonsense', page('what?')],
    ['HTTP 404', page('', 404)],
    ['HTTP 401', page('', 401)],
    ['HTTP 500 to everything', page('', 500)],
  ])('%s is a failure that nobody sees but the log', async (_name, refusal) => {
    const { readings, said, value } = scripted(() => refusal);
    await readings.refresh(['h1']);
    expect(value()).toBeUndefined();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^warn: a host gives no readings/);
  });

  test('a host that nobody knows, or without an address, is not asked', () => {
    const { view, readings, asked } = scripted(() => page(updates('1')));
    view.apply([{ of: 'host', ref: 'H1', after: { uuid: 'h1', address: '' } }]);
    expect(readings.refresh(['h1', 'nobody'])).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('the samples of a host go when it leaves the pool', async () => {
    const { view, readings, value } = scripted(() => page(updates('1')));
    await readings.refresh(['h1', 'h2']);
    expect(value()).toBe(1);
    view.apply([{ of: 'host', ref: 'H1', after: undefined }]);
    readings.refresh(['h2']);
    expect(value()).toBeUndefined();
  });
});

describe('Connection.get', () => {
  const opened: { stop: () => Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.stop();
  });

  async function connected() {
    const pool = await new ScriptedPool().start();
    const seen: { readonly name: string; readonly outcome: string }[] = [];
    const connection = new Connection({
      url: pool.url,
      user: 'root',
      password: 'secret',
      version: '1',
      onCall: (name, _ms, outcome) => seen.push({ name, outcome }),
    });
    pool.answers['pool.get_all'] = ([session]) => pool.checked(String(session), ['OpaqueRef:pool']);
    opened.push(connection, pool);
    return { pool, connection, seen };
  }

  const accept = 'application/json';

  test('sends the session as a cookie, and nowhere else', async () => {
    const { pool, connection, seen } = await connected();
    pool.pages['/rrd_updates'] = () => ({ status: 200, text: 'readings' });
    expect(await connection.get('127.0.0.1', '/rrd_updates?start=-10', accept)).toEqual({
      status: 200,
      text: 'readings',
    });
    const [heard] = pool.fetched;
    const [session] = pool.sessions;
    expect(heard?.url).toBe('/rrd_updates?start=-10');
    expect(heard?.headers).toMatchObject({ accept, cookie: `session_id=${session}` });
    expect(heard?.headers['user-agent']).toMatch(/^xen-cim-bridge\//);
    expect(seen.at(-1)).toEqual({ name: '/rrd_updates', outcome: 'ok' });
  });

  test('401 for a session that is gone: logs in again, once, and asks again', async () => {
    const { pool, connection } = await connected();
    pool.pages['/p'] = ({ headers }) =>
      pool.sessions.has(String(headers.cookie).replace('session_id=', ''))
        ? { status: 200, text: 'yes' }
        : { status: 401, text: '' };
    await connection.connect();
    pool.evict();
    const pages = await Promise.all([1, 2, 3].map(() => connection.get('127.0.0.1', '/p', accept)));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(pool.calls('session.login_with_password')).toBe(2);
  });

  test('401 for a session that lasts is handed on, without another request or login', async () => {
    const { pool, connection } = await connected();
    pool.pages['/p'] = () => ({ status: 401, text: '' });
    expect((await connection.get('127.0.0.1', '/p', accept)).status).toBe(401);
    expect(pool.fetched).toHaveLength(1);
    expect(pool.calls('session.login_with_password')).toBe(1);
  });

  test('a host that cannot be reached is a TransportError that names it', async () => {
    const { connection } = await connected();
    await expect(connection.get('127.9.9.9', '/p', accept)).rejects.toMatchObject({
      name: 'TransportError',
      fault: 'refused',
    });
  });

  test('a page that does not end is broken off at the signal', async () => {
    const { pool, connection } = await connected();
    pool.pages['/p'] = () => new Promise(() => {});
    const signal = AbortSignal.timeout(30);
    await expect(connection.get('127.0.0.1', '/p', accept, { signal })).rejects.toMatchObject({ fault: 'stopped' });
  });
});
