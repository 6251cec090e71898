import { afterEach, describe, expect, it } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { callXml, ofClass } from '../intrinsic-call.js';
import { eventually, type ServerStage, startServer, visit } from '../server-stage.js';
import { type Answer, pywbem, send, space, value } from '../wire/message.js';

/** A pool that dies, changes its coordinator, forgets its events and comes back, as clients of the bridge see it. */

let pool: Simulator;
let stage: ServerStage;
afterEach(async () => {
  await stage?.end();
  await pool?.stop();
});

async function start(): Promise<void> {
  pool = await startSimulator({});
  stage = await startServer([], `pool: ${pool.url}\npool-user: root\npool-password-file: password\nstate-dir: state\n`);
}

const readyz = async (): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
  const { status, body } = await visit(stage.port, '/readyz');
  return { status, body: JSON.parse(body) as Record<string, unknown> };
};
const ready = (wanted: 200 | 503): Promise<void> => eventually(async () => (await readyz()).status === wanted);

const namesIn = (xml: string): string[] =>
  [...xml.matchAll(/NAME="Name"><KEYVALUE[^>]*>([^<]+)/g)].map(([, name]) => name!).sort();
const names = async (): Promise<string[]> =>
  namesIn((await visit(stage.port, '/cimom', callXml('EnumerateInstanceNames', ofClass('Xen_ComputerSystem')))).body);
const all = (): Promise<string> =>
  visit(stage.port, '/cimom', callXml('EnumerateInstances', ofClass('Xen_ComputerSystem'))).then(({ body }) => body);

const halted = (): string =>
  pool.db
    .refs('VM')
    .map((ref) => pool.db.need('VM', ref as never))
    .find(({ power_state: state, is_a_template: template, is_a_snapshot: snapshot }) => {
      return state === 'Halted' && !template && !snapshot;
    })!.uuid;

/** Asks a machine to start. */
const startMachine = (uuid: string): Promise<Answer> => {
  const key = (name: string, text: string): string =>
    `<KEYBINDING NAME="${name}"><KEYVALUE VALUETYPE="string">${text}</KEYVALUE></KEYBINDING>`;
  const path = `<INSTANCENAME CLASSNAME="Xen_ComputerSystem">${key('CreationClassName', 'Xen_ComputerSystem')}${key('Name', uuid)}</INSTANCENAME>`;
  const call = `<METHODCALL NAME="RequestStateChange"><LOCALINSTANCEPATH>${space()}${path}</LOCALINSTANCEPATH><PARAMVALUE NAME="RequestedState" PARAMTYPE="uint16"><VALUE>2</VALUE></PARAMVALUE></METHODCALL>`;
  return send(
    stage.port,
    pywbem('X', '').replace(/<IMETHODCALL.*<\/IMETHODCALL>/, () => call),
  );
};
const returned = ({ xml }: Answer): string | undefined => /<RETURNVALUE[^>]*><VALUE>(\d+)/.exec(xml)?.[1];

const rename = (uuid: string, name: string): void => {
  const ref = pool.db.byUuid('VM', uuid)!;
  pool.db.update('VM', ref, { name_label: name });
};

describe('a coordinator that dies', () => {
  it('leaves reads going on and methods told of it; another takes its place, and changes arrive again', async () => {
    await start();
    const [before, machine] = [await names(), halted()];
    const [alpha, beta] = ['xen-alpha', 'xen-beta'];
    await pool.faults.killHost(alpha);
    await ready(503);
    const away = await readyz();
    expect(away.body).toMatchObject({ ready: false, poolReachable: false, cacheAgeSeconds: expect.any(Number) });
    expect(away.body['reason']).toMatch(/^the pool is out of reach since .*: ./);
    await eventually(
      async () => Number((await readyz()).body['cacheAgeSeconds']) > Number(away.body['cacheAgeSeconds']),
    );
    expect(await names()).toEqual(before);
    const refused = await startMachine(machine);
    expect(refused.error).toMatchObject({ code: 1, description: expect.stringMatching(/./) });
    expect(refused.xml).not.toContain('OpaqueRef');

    pool.faults.changeCoordinator(beta);
    await ready(200);
    expect(await names()).toEqual(before);
    rename(machine, 'seen by the new coordinator');
    await eventually(async () => (await all()).includes('seen by the new coordinator'));
    expect(['0', '4096']).toContain(returned(await startMachine(machine)));

    await pool.faults.reviveHost(alpha);
    pool.faults.changeCoordinator(alpha);
    rename(machine, 'seen by the old one, which is back');
    await eventually(async () => (await all()).includes('seen by the old one, which is back'));
    await ready(200);
    expect(await names()).toEqual(before);
  });

  it('and comes back as it was is heard again, with what happened meanwhile', async () => {
    await start();
    const machine = halted();
    await pool.faults.stopListening();
    await ready(503);
    rename(machine, 'renamed while nobody listened');
    expect(await all()).not.toContain('renamed while nobody listened');
    await pool.faults.resumeListening();
    await eventually(async () => (await all()).includes('renamed while nobody listened'));
    await ready(200);
  });
});

describe('events that were lost', () => {
  it('are made up for by listing again: nothing is lost or doubled, and enumerations that were open go on', async () => {
    await start();
    const before = await names();
    const open = (await send(
      stage.port,
      pywbem('OpenEnumerateInstancePaths', ofClass('Xen_ComputerSystem') + value('MaxObjectCount', 5)),
    )) as Answer;
    const machine = halted();
    const listed = pool.calls().get('VM.get_all_records') ?? 0;
    pool.faults.failNext('event.from', 'EVENTS_LOST');
    // The call that waits is answered by this change; the next one is told that events were lost.
    rename(machine, 'the last that was heard');
    await eventually(() => (pool.calls().get('VM.get_all_records') ?? 0) > listed);
    rename(machine, 'heard after the listing');
    await eventually(async () => (await all()).includes('heard after the listing'));
    expect(await names()).toEqual(before);

    const pulled = namesIn(open.content);
    for (let last = open; last.end === false; ) {
      const parameters = value('EnumerationContext', last.context) + value('MaxObjectCount', 5);
      last = await send(stage.port, pywbem('PullInstancePaths', parameters));
      expect(last.error).toBeUndefined();
      pulled.push(...namesIn(last.content));
    }
    expect(pulled.sort()).toEqual(before);
  });

  it('by a database that was put back do not hide a machine that went', async () => {
    await start();
    const before = await names();
    const gone = halted();
    await eventually(() => (pool.calls().get('event.from') ?? 0) > 0);
    pool.db.remove('VM', pool.db.byUuid('VM', gone)!);
    pool.faults.loseTokens();
    pool.faults.evictSessions();
    await eventually(async () => !(await names()).includes(gone));
    expect(await names()).toEqual(before.filter((name) => name !== gone));
    await ready(200);
  });
});
