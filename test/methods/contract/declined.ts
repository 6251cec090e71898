import { expect } from 'vitest';
import type { Method } from '../../../src/methods/method.js';
import { methods } from '../../../src/methods/table.js';
import type { Stage } from '../stage.js';
import { declarationOf, declares, inputsOf } from './declaration.js';
import { outcomeOf, type Said } from './outcome.js';
import { differences, stateOf } from './pool-state.js';
import { firstOf } from './profile.js';
import type { Answer, Given } from './row.js';

/** A method that says that there is nothing to be done, and what it says. */
export interface Declined {
  readonly className: string;
  readonly method: string;
  readonly why: string;
  /** What its trials were answered. */
  readonly answers: Set<Answer>;
}

/** Every method that declines, but for those with a row of their own: some of what these are asked is done. */
export const declinedMethods = (rows: ReadonlySet<string>): readonly Declined[] =>
  Object.entries(methods)
    .flatMap(([className, own]) => Object.entries(own).map(([method, each]) => ({ className, method, each })))
    .filter(({ className, method, each }) => each.declines !== undefined && !rows.has(`${className}.${method}`))
    .map(({ className, method, each }) => ({ className, method, why: each.declines!, answers: new Set<Answer>() }));

/** What is done already is no refusal. */
const doneAlready: ReadonlySet<string> = new Set(['StartService']);

const accessOf = ({ className, method }: Declined): Method['access'] => methods[className]![method]!.access;

async function tell(on: Stage, declined: Declined, given: Given, user?: string): Promise<Said> {
  const { className, method } = declined;
  const said = await outcomeOf(on, method, { at: firstOf(on, className), given }, user);
  if (/^\d/.test(said.answer)) {
    expect(declares(declarationOf(className, method)!, Number(said.answer)), said.answer).toBe(true);
  }
  declined.answers.add(said.answer);
  return said;
}

const stateCases: readonly (readonly [given: Given, answer: Answer])[] = [
  [{ RequestedState: 60_000 }, '5'],
  [{}, 'INVALID_PARAMETER'],
  [{ RequestedState: 'on' }, 'INVALID_PARAMETER'],
  [{ RequestedState: 3, TimeoutPeriod: '00000000000010.000000:000' }, '4098'],
];

/** It says why, to whom may write, and nothing is sent or changed. */
export async function decline(on: Stage, declined: Declined): Promise<void> {
  const { className, method, why } = declined;
  const hasStates = inputsOf(declarationOf(className, method)!).some(({ name }) => name === 'RequestedState');
  const given: Given = hasStates ? { RequestedState: 3 } : {};
  const before = stateOf(on);
  const sent = await on.messages(async () => {
    const said = await tell(on, declined, given);
    const wanted = doneAlready.has(method) ? ['0', ''] : ['1', said.text];
    expect([said.answer, said.text]).toEqual(wanted);
    if (!doneAlready.has(method)) expect(said.text).not.toBe('');
    if (hasStates) expect(said.text).toBe(why);
    for (const [wrong, answer] of hasStates ? stateCases : []) {
      expect((await tell(on, declined, wrong)).answer, JSON.stringify(wrong)).toBe(answer);
    }
    expect((await tell(on, declined, { ...given, Colour: 'red' })).answer).toBe('INVALID_PARAMETER');
    if (accessOf(declined) !== 'read') {
      expect((await tell(on, declined, given, 'reader')).answer).toBe('ACCESS_DENIED');
    }
  });
  expect(sent).toEqual([]);
  expect(differences(before, stateOf(on))).toEqual([]);
}
