import { afterEach, describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { RawClient } from '../raw-client.js';
import { fieldsOf, openStage, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
const open = async (options?: StageOptions): Promise<Stage> => {
  stage = await openStage(options);
  return stage;
};
afterEach(() => stage?.close());

const post = (
  body: string | Buffer,
  changes: Record<string, string | undefined> = {},
  path = '/cimom',
): Promise<Response> =>
  fetch(`http://127.0.0.1:${stage.port}${path}`, { method: 'POST', headers: fieldsOf(changes), body });

describe('an operation', () => {
  it('is answered with the fields of DSP0200 6.3.3 and 6.3.15', async () => {
    await open();
    const response = await post(requestXml({ id: 'any <id>'.replace('<', '&lt;') }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/xml; charset="utf-8"');
    expect(response.headers.get('cimoperation')).toBe('MethodResponse');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(Number(response.headers.get('wbemserverresponsetime'))).toBeGreaterThan(0);
    const body = await response.text();
    expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(body));
    expect(body).toContain('ID="any &lt;id');
    expect(body.match(/<INSTANCENAME /g)).toHaveLength(3);
  });

  it('gets its CIM error in a 200', async () => {
    await open({
      act: () => {
        throw new CimError('INVALID_CLASS', 'no such class');
      },
    });
    const response = await post(requestXml());
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<ERROR CODE="5" DESCRIPTION="no such class"');
    expect(stage.log.at(-1)).toMatchObject({ outcome: 'INVALID_CLASS', status: 200, error: 'no such class' });
  });

  it('raw works', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(requestXml()));
    expect((await client.response()).status).toBe(200);
    client.close();
  });
});
