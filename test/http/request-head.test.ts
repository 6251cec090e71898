import { afterEach, describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/http/request-head.js';
import { RawClient } from '../raw-client.js';
import { basic, openStage, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
let client: RawClient;
afterEach(async () => {
  client?.close();
  await stage?.close();
});

/** Opens a stage and a connection to it; the status that a request on that gets. */
async function open(options: StageOptions = {}) {
  stage = await openStage(options);
  client = await RawClient.connect(stage.port);
  const status = async (headers: Parameters<typeof rawRequest>[1] = {}, start?: string): Promise<number> =>
    (await client.send(rawRequest(requestXml(), headers, start)).response()).status;
  return status;
}

describe('a request with the head of the one before it on its connection', () => {
  it('is served like that, and one with another head by its own', async () => {
    const status = await open();
    const one = basic('one', 'secret');
    expect(await status({ Authorization: one })).toBe(200);
    expect(await status({ Authorization: one })).toBe(200);
    expect(await status({ Authorization: basic('one', 'wrong') })).toBe(401);
    expect(await status({ Authorization: basic('two', 'secret') })).toBe(200);
    expect(await status({ Authorization: undefined })).toBe(401);
    expect(await status({ Authorization: one, CIMMethod: 'GetInstance' })).toBe(400);
    expect(await status({ Authorization: one, 'Content-Type': 'text/plain' })).toBe(415);
    expect(await status({ Authorization: one })).toBe(200);
    await expect
      .poll(() => stage.log.filter(({ msg }) => msg === 'request').map(({ user }) => user))
      .toEqual(['one', 'one', undefined, 'two', undefined, 'one', 'one', 'one']);
  });

  it('is judged anew where the login of before has ended', async () => {
    const alive = { yes: true };
    const status = await open({ authentication: { alive: () => alive.yes } });
    expect([await status(), await status()]).toEqual([200, 200]);
    expect(stage.asked).toHaveLength(1);
    alive.yes = false;
    expect([await status(), await status()]).toEqual([200, 200]);
    expect(stage.asked).toHaveLength(3);
  });

  it('needs a Host like any other, where the one before was of HTTP/1.0 and went without', async () => {
    const status = await open();
    const headers = { Host: undefined, Connection: 'keep-alive' };
    expect(await status(headers, 'POST /cimom HTTP/1.0')).toBe(200);
    expect(await status(headers, 'POST /cimom HTTP/1.1')).toBe(400);
  });

  it('shares what was found out, unless the head is long', async () => {
    const seen: unknown[] = [];
    stage = await openStage();
    const { operations } = stage;
    const listener: StageOptions['listener'] = {
      operations: (request, response, arrival) => {
        seen.push(findingsOf(request));
        return operations(request, response, arrival);
      },
    };
    await stage.close();
    const status = await open({ listener });
    for (let i = 0; i < 2; i++) expect(await status({ 'X-Short': 'a' })).toBe(200);
    for (let i = 0; i < 2; i++) expect(await status({ 'X-Long': 'a'.repeat(3_000) })).toBe(200);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).not.toBe(seen[3]);
  });
});
