import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backReferences } from '../../src/simulator/back-reference.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { classFields } from '../../src/xenapi/datamodel.generated.js';
import type { RemoteClass } from '../../src/xenapi/records.js';
import { NULL_REF } from '../../src/xenapi/records.js';
import { faultsOf } from './conforms.js';

const classes = Object.keys(classFields) as RemoteClass[];

describe.each(['demo', '3x40'])('records of the pool %s', (size) => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ size });
    simulator.world.sessions.open(simulator.world.settings.users[1] as never, '', simulator.world.coordinator());
  });
  afterAll(() => simulator.stop());

  it.each(classes)('%s has exactly the fields and types of the data model', (of) => {
    const faults = [...simulator.db.entries(of)].flatMap(([, record]) => faultsOf(of, record as never));
    expect(faults).toEqual([]);
  });

  it('messages have exactly the fields and types of the data model', () => {
    const messages = [...simulator.world.messages.entries.values()];
    expect(messages.flatMap((record) => faultsOf('message', record as never))).toEqual([]);
  });

  it('no reference leads nowhere', () => {
    const dangling: string[] = [];
    for (const of of classes)
      for (const [, record] of simulator.db.entries(of))
        for (const [name, type] of Object.entries(classFields[of])) {
          const target = /^(\w+) ref( set)?$/.exec(type as string)?.[1] as RemoteClass | undefined;
          if (target === undefined) continue;
          const refs = [(record as unknown as Record<string, unknown>)[name]].flat() as string[];
          for (const ref of refs)
            if (ref !== NULL_REF && simulator.db.get(target, ref) === undefined) dangling.push(`${of}.${name} ${ref}`);
        }
    expect(dangling).toEqual([]);
  });

  it('fields that lead back say what the forward fields say', () => {
    const wrong: string[] = [];
    for (const { of, field, to, back } of backReferences)
      for (const [target, record] of simulator.db.entries(to)) {
        const found = [(record as unknown as Record<string, unknown>)[back]].flat().filter((ref) => ref !== NULL_REF);
        const forward = [...simulator.db.entries(of)].filter(([, r]) =>
          [(r as never)[field]].flat().includes(target as never),
        );
        if (
          found.toSorted().join() !==
          forward
            .map(([ref]) => ref)
            .toSorted()
            .join()
        )
          wrong.push(`${to}.${back} of ${target}`);
      }
    expect(wrong).toEqual([]);
  });

  it('each uuid is there once', () => {
    const uuids = classes.flatMap((of) => [...simulator.db.entries(of)].map(([, r]) => (r as { uuid: string }).uuid));
    expect(new Set(uuids).size).toBe(uuids.length);
  });
});

it('every back reference names fields that are there', () => {
  const wrong = backReferences.filter(({ of, field, to, back }) => {
    const forward = (classFields[of] as Record<string, string>)[field] ?? '';
    const backward = (classFields[to] as Record<string, string>)[back] ?? '';
    return !new RegExp(`^${to} ref( set)?$`).test(forward) || !new RegExp(`^${of} ref( set)?$`).test(backward);
  });
  expect(wrong).toEqual([]);
});
