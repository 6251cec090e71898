import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { Result } from '../../src/cim/operation.js';
import { EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { RawClient, type RawResponse } from '../raw-client.js';
import { basic, messageXml, openStage, pathOf, rawRequest, type Stage, type StageOptions } from './stage.js';

/*
 * Answers with an instance of which the encoding is kept: what is asked again is answered from memory, as long as nothing
 * about it has changed.
 */

let stage: Stage;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.close();
});

/** A page that ends when told to, and the instance on it. */
function keptInstance() {
  const state = { name: 'first', lasting: true, believed: true, fails: false };
  const shape = {
    className: 'Xen_ComputerSystem',
    properties: [{ name: 'Näme', type: 'string' as const, isArray: false }],
  };
  const make = (): CimInstance => {
    if (state.fails) throw new TypeError('a bug');
    return { kind: 'instance', shape, values: [state.name], path: pathOf(1) };
  };
  const newPage = () => {
    const own = { over: false };
    return {
      get lasting() {
        return !own.over;
      },
      end: () => {
        own.over = true;
      },
      instances: () => [make()],
      paths: () => [pathOf(1)],
    };
  };
  let page = newPage();
  const act = (): Result => {
    const lies = page;
    return {
      kind: 'keptInstance',
      place: { page: lies, mark: 'm', version: 0, holds: () => true, current: () => state.believed && lies.lasting },
      make,
    };
  };
  /** As a change of the record does. */
  const change = (name: string): void => {
    state.name = name;
    page.end();
    page = newPage();
  };
  return { act, change, state };
}

async function open(options: StageOptions): Promise<void> {
  stage = await openStage({ cache: new EncodedCache(1_000_000), ...options });
}

const list = '<IPARAMVALUE NAME="PropertyList"><VALUE.ARRAY><VALUE>Name</VALUE></VALUE.ARRAY></IPARAMVALUE>';

const getInstance = (id: string, more = ''): string =>
  messageXml(
    '<SIMPLEREQ><IMETHODCALL NAME="GetInstance"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>' +
      `<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="Xen_ComputerSystem"/></IPARAMVALUE>${more}</IMETHODCALL></SIMPLEREQ>`,
    id,
  );

type Changes = Readonly<Record<string, string | undefined>>;

async function ask(body: string, changes: Changes = {}, start?: string): Promise<RawResponse> {
  const client = await RawClient.connect(stage.port);
  clients.push(client);
  return client.send(rawRequest(body, { CIMMethod: 'GetInstance', ...changes }, start)).response();
}

const valueIn = ({ body }: RawResponse): string | undefined => /<VALUE>([^<]*)</.exec(body.toString('utf8'))?.[1];

const lines = () => stage.log.filter(({ msg }) => msg === 'request');

it('what is asked again is answered without being carried out, under its own identifier, with a line in the log', async () => {
  await open(keptInstance());
  const answers = [];
  for (const id of ['1', '2', '3']) answers.push(await ask(getInstance(id)));
  expect(stage.done).toHaveLength(1);
  expect(answers.map(valueIn)).toEqual(['first', 'first', 'first']);
  expect(answers.map(({ body }) => /MESSAGE ID="(\w)"/.exec(body.toString())?.[1])).toEqual(['1', '2', '3']);
  for (const { headers, body } of answers) expect(headers['content-length']).toBe(String(body.length));
  expect(new Set(answers.map(({ body }) => body.length)).size).toBe(1);
  await expect.poll(lines).toHaveLength(3);
  for (const [i, line] of lines().entries()) {
    const { length } = answers[i]!.body;
    expect(line).toMatchObject({
      id: String(i + 1),
      user: 'reader',
      operation: 'GetInstance',
      namespace: 'root/cimv2',
    });
    expect(line).toMatchObject({
      class: 'Xen_ComputerSystem',
      outcome: 'OK',
      status: 200,
      instances: 1,
      bytes: length,
    });
  }
  const figures = await stage.metrics.registry.metrics();
  expect(figures).toMatch(
    /xen_cim_requests_total\{operation="GetInstance",class="Xen_ComputerSystem",outcome="OK"\} 3/,
  );
});

it('a change of the record is seen by the next request', async () => {
  const { act, change } = keptInstance();
  await open({ act });
  const seen = [];
  for (const name of ['first', 'second', 'dritter, größer']) {
    if (name !== 'first') change(name);
    for (const id of ['1', '2']) seen.push(valueIn(await ask(getInstance(id))));
  }
  expect(seen).toEqual(['first', 'first', 'second', 'second', 'dritter, größer', 'dritter, größer']);
  expect(stage.done).toHaveLength(3);
});

it('when the records cannot be believed, the call is carried out again, and may be refused', async () => {
  const { act, state } = keptInstance();
  await open({ act });
  await ask(getInstance('1'));
  state.believed = false;
  await ask(getInstance('2'));
  expect(stage.done).toHaveLength(2);
});

it('other parameters are another request, and so is a request that names its identifier in another way', async () => {
  await open(keptInstance());
  await ask(getInstance('1'));
  await ask(getInstance('1', list));
  await ask(getInstance('größer'));
  expect(stage.done).toHaveLength(3);
});

it('nobody is answered from memory who may not ask', async () => {
  await open(keptInstance());
  await ask(getInstance('1'));
  expect((await ask(getInstance('2'), { Authorization: basic('reader', 'wrong') })).status).toBe(401);
  expect((await ask(getInstance('2'), { Authorization: undefined })).status).toBe(401);
  expect((await ask(getInstance('2'), { CIMMethod: 'DeleteInstance' })).status).toBe(400);
  expect(valueIn(await ask(getInstance('2'), { Authorization: basic('other', 'secret') }))).toBe('first');
  expect(stage.done).toHaveLength(1);
  await expect.poll(() => lines().at(-1)).toMatchObject({ user: 'other' });
});

it('to HTTP/1.0, packed, by M-POST and among several it is the same', async () => {
  await open({ act: keptInstance().act, gzip: 'always' });
  const { body } = await ask(getInstance('1'));
  const old = await ask(getInstance('1'), {}, 'POST /cimom HTTP/1.0');
  expect(old.body.equals(body)).toBe(true);
  const man = { Man: 'http://www.dmtf.org/cim/mapping/http/v1.0 ; ns=73' };
  const mandatory = await ask(getInstance('1'), man, 'M-POST /cimom HTTP/1.1');
  expect(mandatory.headers).toMatchObject({ ext: '', '73-cimoperation': 'MethodResponse' });
  expect(mandatory.body.equals(body)).toBe(true);
  const simple = /<SIMPLEREQ>.*<\/SIMPLEREQ>/s.exec(getInstance('1'))![0];
  const several = await ask(messageXml(`<MULTIREQ>${simple}${simple}</MULTIREQ>`), { CIMMethod: undefined });
  expect(several.body.toString('utf8').match(/<PROPERTY NAME="Näme" TYPE="string"><VALUE>first</g)).toHaveLength(2);
});

it('a large one goes packed to those who take that', async () => {
  const { act, change } = keptInstance();
  await open({ act, gzip: 'always' });
  change('größer '.repeat(1_000));
  for (const id of ['1', '2']) {
    const client = await RawClient.connect(stage.port);
    clients.push(client);
    client.send(rawRequest(getInstance(id), { CIMMethod: 'GetInstance', 'Accept-Encoding': 'gzip' }));
    const response = await client.response();
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(valueIn({ ...response, body: gunzipSync(response.body) })).toBe('größer '.repeat(1_000));
  }
});

it('one that cannot be made is an ERROR, and is made when it can', async () => {
  const { act, state } = keptInstance();
  await open({ act });
  state.fails = true;
  expect((await ask(getInstance('1'))).body.toString()).toContain('<ERROR CODE="1"');
  state.fails = false;
  expect(valueIn(await ask(getInstance('2')))).toBe('first');
  await expect.poll(() => lines().map(({ outcome }) => outcome)).toEqual(['FAILED', 'OK']);
});
