import { afterEach, describe, expect, it } from 'vitest';
import { RawClient, type RawResponse } from '../raw-client.js';
import { basic, openStage, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
afterEach(() => stage?.close());

async function ask(options: StageOptions, authorization: string | undefined): Promise<RawResponse> {
  stage = await openStage(options);
  const client = await RawClient.connect(stage.port);
  const response = await client.send(rawRequest(requestXml(), { Authorization: authorization })).response();
  client.close();
  return response;
}

const detail = (response: RawResponse): string => decodeURIComponent(response.headers['cimerrordetails'] ?? '');

describe('a request', () => {
  it.each([
    ['without credentials', undefined],
    ['with wrong ones', basic('reader', 'wrong')],
    ['of the local scheme of Pegasus', 'Local "root"'],
  ])('%s is 401 with a challenge that pywbem can read, and Content-Length 0', async (_what, authorization) => {
    const response = await ask({}, authorization);
    expect(response.status).toBe(401);
    const schemes = response.headers['www-authenticate']!.split(',').map((one) => one.split(' ')[0]);
    expect(schemes).toContain('Basic');
    expect(response.headers).toMatchObject({ 'content-length': '0' });
    expect(response.headers['cimerror']).toBeUndefined();
    expect(stage.done).toHaveLength(0);
  });

  it('whose password the pool cannot check is 503, never served and never told that the password is wrong', async () => {
    const logins = async (): Promise<never> => {
      throw new Error('connect ECONNREFUSED 192.0.2.1:443');
    };
    const response = await ask({ logins }, basic('reader', 'secret'));
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '10', 'content-length': '0' } });
    expect(response.phrase).toContain('the pool cannot check the password now');
    expect(detail(response)).toContain('the pool cannot be reached');
    expect(JSON.stringify(response.headers)).not.toContain('192.0.2.1');
    expect(stage.done).toHaveLength(0);
    await expect
      .poll(() => stage.log.findLast(({ msg }) => msg === 'request'))
      .toMatchObject({ level: 'error', status: 503, err: { message: 'connect ECONNREFUSED 192.0.2.1:443' } });
  });

  it('while too many logins wait is 503', async () => {
    const response = await ask({ authentication: { queue: { waiting: 0 } } }, basic('reader', 'secret'));
    expect(response).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });
});
