import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../src/certificate.js';
import { poolTrouble, readiness } from '../src/freshness.js';
import { hashPassword } from '../src/http/password-hash.js';
import { type Simulator, startSimulator } from '../src/simulator/simulator.js';
import type { PoolStatus } from '../src/xenapi/pool-status.js';
import { callXml, ofClass } from './intrinsic-call.js';
import { eventually, type ServerStage, startServer, visit } from './server-stage.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function server(argv: readonly string[] = [], file = ''): Promise<ServerStage> {
  const stage = await startServer(argv, file);
  ends.push(stage.end);
  return stage;
}

async function simulator(): Promise<Simulator> {
  const started = await startSimulator({});
  ends.push(() => started.stop());
  return started;
}

/** The name of a Xen_ComputerSystem as a parameter. */
const systemName = (uuid: string): string =>
  '<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="Xen_ComputerSystem">' +
  '<KEYBINDING NAME="CreationClassName"><KEYVALUE VALUETYPE="string">Xen_ComputerSystem</KEYVALUE></KEYBINDING>' +
  `<KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string">${uuid}</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>`;

/** The configuration of a bridge on this pool. */
const fileFor = (url: string): string =>
  `pool: ${url}\npool-user: root\npool-password-file: password\nstate-dir: state\n`;

/** A bridge on a simulator that the test holds in its hand. */
async function pair(...argv: readonly string[]): Promise<{ readonly pool: Simulator; readonly stage: ServerStage }> {
  const pool = await simulator();
  return { pool, stage: await server(argv, fileFor(pool.url)) };
}

async function certify(folder: string): Promise<string> {
  const files = { certificatePath: join(folder, 'cert.pem'), keyPath: join(folder, 'key.pem') };
  return (await makeCertificate({ ...files, hosts: ['localhost'], days: 2 })).fingerprint;
}

/** The fingerprint of the certificate that a new connection is shown. */
function shownFingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const names = callXml('EnumerateInstanceNames', ofClass('Xen_ComputerSystem'));
const count = (body: string): number => body.split('<INSTANCENAME ').length - 1;

describe('reads', () => {
  it('make no XenAPI call, counted at the simulator, but for the event loop and the login of a new user', async () => {
    const { pool, stage } = await pair();
    expect((await visit(stage.port, '/cimom', names)).status).toBe(200);
    pool.resetCalls();
    for (const name of ['Xen_ComputerSystem', 'CIM_ComputerSystem', 'CIM_LogicalDevice', 'CIM_ManagedElement']) {
      for (const method of ['EnumerateInstances', 'EnumerateInstanceNames']) {
        const { status, body } = await visit(stage.port, '/cimom', callXml(method, ofClass(name)));
        expect(status).toBe(200);
        expect(body).not.toContain('<ERROR');
      }
    }
    const made = [...pool.calls().keys()].filter((name) => name !== 'event.from' && name !== 'rrd_updates');
    expect(made).toEqual([]);
    // Live readings are no XenAPI calls: at most one request a host and interval, however many enumerations show them.
    expect(pool.calls().get('rrd_updates') ?? 0).toBeLessThanOrEqual(2 * pool.db.refs('host').length);
    expect(pool.calls().get('event.from') ?? 0).toBeLessThan(5);
  });

  it('show a change of the pool', async () => {
    const { pool, stage } = await pair();
    const vm = pool.db.refs('VM')[0]!;
    pool.db.update('VM', vm as never, { name_label: 'renamed by the test' } as never);
    const all = callXml('EnumerateInstances', ofClass('CIM_ManagedElement'));
    await eventually(async () => (await visit(stage.port, '/cimom', all)).body.includes('renamed by the test'));
  });

  it('of one instance, remembered, show every change, and its end', async () => {
    const { pool, stage } = await pair();
    const vm = pool.db.refs('VM').find((ref) => !pool.db.get('VM', ref as never)!.is_a_template)!;
    const { uuid } = pool.db.get('VM', vm as never)!;
    const ask = async (): Promise<string> =>
      (await visit(stage.port, '/cimom', callXml('GetInstance', systemName(uuid)))).body;
    const first = await ask();
    expect(first).toContain(`<VALUE>${uuid}<`);
    expect(await ask()).toBe(first);
    for (const name of ['renamed once', 'renamed twice']) {
      pool.db.update('VM', vm as never, { name_label: name } as never);
      await eventually(async () => (await ask()).includes(name));
      expect(await ask()).not.toBe(first);
    }
    pool.db.remove('VM', vm as never);
    await eventually(async () => (await ask()).includes('<ERROR CODE="6"'));
  });
});

describe('a pool that is out of reach', () => {
  it('when the bridge starts: it listens, says why nothing can be read, and shows the pool once it is there', async () => {
    const pool = await simulator();
    await pool.faults.stopListening();
    const stage = await server([], fileFor(pool.url));
    expect(stage.bridge.trouble()).toMatch(/the pool has not been read yet: .*ECONNREFUSED/);
    expect((await visit(stage.port, '/healthz')).status).toBe(200);
    expect(await visit(stage.port, '/readyz')).toMatchObject({
      status: 503,
      body: expect.stringMatching(/not been read yet/),
    });
    expect((await visit(stage.port, '/cimom', names)).status).toBe(503);
    await pool.faults.resumeListening();
    await eventually(async () => (await visit(stage.port, '/readyz')).status === 200);
    const { status, body } = await visit(stage.port, '/cimom', names);
    expect(status).toBe(200);
    expect(count(body)).toBeGreaterThan(20);
  }, 30_000);

  it('to a user whom the configuration names is CIM_ERR_FAILED with the reason; classes are answered', async () => {
    const users = `users:\n  - name: suite\n    hash: ${await hashPassword('hush')}\n    role: read-only\n`;
    const stage = await server([], fileFor('http://127.0.0.1:1') + users);
    const { status, body } = await visit(stage.port, '/cimom', names, 'suite:hush');
    expect(status).toBe(200);
    expect(body).toMatch(/<ERROR CODE="1" DESCRIPTION="[^"]*the pool has not been read yet/);
    const cls = callXml('GetClass', ofClass('Xen_ComputerSystem'));
    expect((await visit(stage.port, '/cimom', cls, 'suite:hush')).body).toContain('<CLASS NAME="Xen_ComputerSystem"');
    const manager = callXml('EnumerateInstances', ofClass('CIM_ObjectManager'), 'root/interop');
    const shown = (await visit(stage.port, '/cimom', manager, 'suite:hush')).body;
    expect(shown).toMatch(
      /"StatusDescriptions"[^>]*><VALUE.ARRAY><VALUE>The pool is out of reach since [^<]*ECONNREFUSED/,
    );
    const inManager = callXml('EnumerateInstanceNames', ofClass('CIM_NamespaceInManager'), 'root/interop');
    expect((await visit(stage.port, '/cimom', inManager, 'suite:hush')).body).toContain('<INSTANCENAME ');
    const missing = callXml('GetClass', ofClass('Xen_ComputerSystem'), 'root/absent');
    expect((await visit(stage.port, '/cimom', missing, 'suite:hush')).body).toContain('<ERROR CODE="3"');
  });

  it('later: reads go on from what was known, and /readyz says that the pool is away', async () => {
    const { pool, stage } = await pair();
    const before = await visit(stage.port, '/cimom', names);
    await pool.faults.stopListening();
    await eventually(async () => (await visit(stage.port, '/readyz')).status === 503);
    const after = await visit(stage.port, '/cimom', names);
    expect(after).toEqual(before);
    await pool.faults.resumeListening();
    await eventually(async () => (await visit(stage.port, '/readyz')).status === 200);
  }, 60_000);

  it('later than stale-limit allows: CIM_ERR_FAILED with the reason, until it is back', async () => {
    const { pool, stage } = await pair('--stale-limit', '1');
    const all = (await visit(stage.port, '/cimom', names)).body;
    expect(count(all)).toBeGreaterThan(20);
    const one = callXml('GetInstance', systemName(/<KEYBINDING NAME="Name"><KEYVALUE[^>]*>([^<]+)</.exec(all)![1]!));
    for (let i = 0; i < 2; i++) expect((await visit(stage.port, '/cimom', one)).body).toContain('<INSTANCE ');
    await pool.faults.stopListening();
    await eventually(async () => (await visit(stage.port, '/cimom', names)).body.includes('<ERROR CODE="1"'));
    expect((await visit(stage.port, '/cimom', one)).body).toContain('<ERROR CODE="1"');
    expect((await visit(stage.port, '/cimom', names)).body).toMatch(
      /longer than the 1 s that its last state counts for/,
    );
    await pool.faults.resumeListening();
    await eventually(async () => count((await visit(stage.port, '/cimom', names)).body) > 20);
  }, 60_000);
});

describe('what counts as trouble', () => {
  const status: PoolStatus = {
    ready: true,
    reachable: false,
    since: 'then',
    reason: 'gone',
    ageMs: 5_000,
    eventLagMs: 0,
  };

  it.each<[string, Partial<PoolStatus>, number | 'off', RegExp | undefined]>([
    ['a pool never read', { ready: false, ageMs: undefined }, 'off', /^the pool has not been read yet: gone$/],
    ['an old state without a limit', {}, 'off', undefined],
    ['an old state within the limit', {}, 6, undefined],
    ['an old state beyond the limit', {}, 4, /out of reach since then, longer than the 4 s .*: gone$/],
    ['an idle pool that can be reached', { reachable: true, reason: 'ok' }, 4, undefined],
  ])('%s', (_, change, staleLimit, wanted) => {
    const trouble = poolTrouble({ staleLimit }, { ...status, ...change });
    if (wanted === undefined) expect(trouble).toBeUndefined();
    else expect(trouble).toMatch(wanted);
  });

  it('is not ready while the pool is away, and says since when', () => {
    expect(readiness({ staleLimit: 'off' }, status)).toEqual({
      ready: false,
      poolReachable: false,
      cacheAge: 5,
      reason: 'the pool is out of reach since then: gone',
    });
    expect(readiness({ staleLimit: 'off' }, { ...status, reachable: true, reason: 'ok' })).toEqual({
      ready: true,
      poolReachable: true,
      cacheAge: 5,
    });
  });
});

describe('users', () => {
  it('are those of the pool and those of the configuration, and nobody else', async () => {
    const hash = await hashPassword('hush');
    const { port, bridge } = await server([], `users:\n  - name: suite\n    hash: ${hash}\n    role: read-only\n`);
    expect((await visit(port, '/cimom', names, 'suite:hush')).status).toBe(200);
    expect((await visit(port, '/cimom', names, 'reader:reader')).status).toBe(200);
    expect((await visit(port, '/cimom', names, 'suite:wrong')).status).toBe(401);
    expect((await visit(port, '/cimom', names, 'nobody:hush')).status).toBe(401);
    const logins = bridge.simulator!.calls().get('session.login_with_password');
    expect(logins).toBe(3); // the bridge, reader, nobody
  });
});

describe('an address that cannot be had', () => {
  it('is named with its setting, and nothing is left running', async () => {
    const { port } = await server();
    await expect(startServer(['--http-port', String(port)])).rejects.toThrow(
      new RegExp(`^http-host and http-port: 127\\.0\\.0\\.1 port ${port} cannot be listened on: another program`),
    );
  });
});

it('another certificate is used once its files are there and it is told to look', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'renew-'));
  ends.push(async () => rmSync(folder, { recursive: true }));
  await certify(folder);
  const files = ['--tls-cert', join(folder, 'cert.pem'), '--tls-key', join(folder, 'key.pem')];
  const { bridge } = await server(['--https-host', '127.0.0.1', '--https-port', '0', ...files]);
  const { port } = bridge.listeners.find(({ scheme }) => scheme === 'https')!;
  const before = await shownFingerprint(port);
  rmSync(join(folder, 'cert.pem'));
  rmSync(join(folder, 'key.pem'));
  bridge.reload();
  expect(await shownFingerprint(port)).toBe(before);
  const renewed = await certify(folder);
  bridge.reload();
  expect(await shownFingerprint(port)).toBe(renewed);
  expect(renewed).not.toBe(before);
});

it('the figures tell of requests and of calls to the pool', async () => {
  const { port } = await server();
  await visit(port, '/cimom', names);
  const { body } = await visit(port, '/metrics');
  expect(body).toMatch(
    /xen_cim_requests_total\{operation="EnumerateInstanceNames",class="Xen_ComputerSystem",outcome="OK"\} 1/,
  );
  expect(body).toMatch(/xen_cim_xenapi_calls_total\{call="session.login_with_password",outcome="ok"\} 2/);
  expect(body).toMatch(/^xen_cim_ready 1$/m);
  expect(body).toMatch(/^xen_cim_requests_in_progress 0$/m);
});
