import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callXml, ofClass } from '../intrinsic-call.js';
import { RawClient } from '../raw-client.js';
import { eventually, visit } from '../server-stage.js';
import { type HostileStage, quiet, startHostile } from './stage.js';
import { whole } from './target.js';

/** The memory of pages that were renewed is used again: never while a client that takes its time still reads them. */

let stage: HostileStage;
beforeAll(async () => {
  stage = await startHostile(['--simulator', '4x1500']);
});
afterAll(() => stage?.end());

const all = callXml('EnumerateInstances', ofClass('Xen_ComputerSystem'));

/** Gives every machine another description, and waits until the bridge shows that. */
async function describeAll(text: string): Promise<void> {
  const { db } = stage.bridge.simulator!;
  const refs = db.refs('VM');
  for (const ref of refs) db.update('VM', ref, { name_description: text });
  const last = db.get('VM', refs.at(-1)!)!.uuid;
  await eventually(async () => descriptionOf((await visit(stage.port, '/cimom', all)).body, last) === text);
}

const instances = (body: string): readonly string[] => body.split('<VALUE.NAMEDINSTANCE>').slice(1);

const descriptionOf = (body: string, uuid: string): string | undefined => {
  const instance = instances(body).find((each) => each.includes(uuid));
  return instance && /NAME="Description"[^>]*><VALUE>([^<]*)/.exec(instance)?.[1];
};

/** Asks for all machines and takes no more than the first octets of the answer. */
async function beginSlowly(): Promise<RawClient> {
  const client = await RawClient.connect(stage.port);
  client.send(whole(stage.target, all));
  await once(client.socket, 'data');
  client.socket.pause();
  return client;
}

/** Of each instance its key and how it describes itself. */
const shown = (body: string): readonly string[] =>
  instances(body).map((each) => {
    const [, name] = /KEYBINDING NAME="Name"><KEYVALUE[^>]*>([^<]*)/.exec(each) ?? [];
    const [, text] = /NAME="Description"[^>]*><VALUE>([^<]*)/.exec(each) ?? [];
    return `${name} ${text}`;
  });

it('an answer is what it was when it was made, however slowly it is read and however often all of it changes', async () => {
  await describeAll('Before');
  const machines = instances((await visit(stage.port, '/cimom', all)).body).length;
  expect(machines).toBeGreaterThan(1_500);
  const slow: RawClient[] = [];
  for (let round = 0; round < 4; round++) {
    slow.push(await beginSlowly(), await beginSlowly());
    await describeAll(`In round ${round}, ${'x'.repeat(round % 3)}`);
    for (let poll = 0; poll < 2; poll++) await visit(stage.port, '/cimom', all);
  }
  for (const [i, client] of slow.entries()) {
    client.socket.resume();
    const lines = shown((await client.response()).body.toString('utf8'));
    client.close();
    expect(new Set(lines.map((line) => line.split(' ', 1)[0])).size, `the machines of answer ${i}`).toBe(machines);
    const rounds = lines.flatMap((line) => / In round (\d)/.exec(line)?.[1] ?? (line.endsWith(' Before') ? '-1' : []));
    expect(rounds, 'nothing of a later round before something of an earlier one').toEqual(
      [...rounds].sort((a, b) => Number(a) - Number(b)),
    );
  }
  await quiet(stage.target);
});
