import { expect } from 'vitest';
import { methods } from '../../../src/methods/table.js';
import type { Stage } from '../stage.js';
import { declarationOf, declares, impossibleCases, impossibleWriting, inputsOf, outputFaults } from './declaration.js';
import type { Ledger } from './ledger.js';
import { outcomeOf, type Said } from './outcome.js';
import { countsOf, differences, stateOf } from './pool-state.js';
import type { Answer, Call, Case, Row } from './row.js';
import { watchJobs } from './watch.js';

/** One thing that is to be shown of a method; throws where it is not so. */
export type Trial = (on: Stage, row: Row, ledger: Ledger) => Promise<void>;

const count = (messages: readonly string[]): ReadonlyMap<string, number> =>
  messages.reduce((counts, name) => counts.set(name, (counts.get(name) ?? 0) + 1), new Map<string, number>());

/** Messages that say who asks and what happens, and do nothing. */
const aside = /^(event|task|session)\./;

const repeated = (calls: ReadonlyMap<string, number>): readonly string[] =>
  [...calls].filter(([name]) => !aside.test(name)).flatMap(([name, times]) => Array<string>(times).fill(name));

/** Makes a call, and tells the messages that it took. */
async function sending(
  on: Stage,
  method: string,
  call: Call,
  user?: string,
): Promise<readonly [said: Said, sent: readonly string[]]> {
  let said: Said | undefined;
  call.also?.resetCalls();
  const sent = await on.messages(async () => {
    said = await outcomeOf(on, method, call, user);
  });
  return [said!, [...sent, ...(call.also ? repeated(call.also.calls()) : [])]];
}

/** A return value, and the ErrorCode of a job, that the MOF declares. */
function assertDeclared(answer: Answer, { className, method }: Ledger): void {
  const declared = declarationOf(className, method);
  if (!declared || !/^\d/.test(answer)) return;
  for (const code of answer.split(' '))
    expect(declares(declared, Number(code)), `${code} is in the ValueMap`).toBe(true);
}

function assertSuccess(said: Said, { answers = '0', gives = [] }: Row, ledger: Ledger): void {
  expect([said.answer, said.text], 'a success').toEqual([answers, '']);
  const declared = declarationOf(ledger.className, ledger.method);
  if (!declared) return;
  assertDeclared(said.answer, ledger);
  expect(outputFaults(declared, said.output)).toEqual([]);
  for (const name of gives) expect(said.output[name] ?? null, name).not.toBeNull();
}

const isReading = ({ className, method }: Ledger): boolean => methods[className]?.[method]?.access === 'read';

/** Whether the MOF lets it tell of a job: then 4096 is declared too. */
function givesJob({ className, method }: Ledger): boolean {
  const declared = declarationOf(className, method);
  if (!declared?.parameters.has('Job')) return false;
  expect(declares(declared, 4096), 'a method that gives a job declares 4096').toBe(true);
  return true;
}

/** Once with all that it is given: what it answers, gives and sends, and whether the next read sees what it did. */
const success: Trial = async (on, row, ledger) => {
  const call = await row.arrange(on);
  const before = stateOf(on);
  const watch = watchJobs(on);
  const [said, sent] = await sending(on, ledger.method, call);
  watch.end();
  assertSuccess(said, row, ledger);
  if (isReading(ledger)) expect(differences(before, stateOf(on)), 'what only reads').toEqual([]);
  await call.seen?.(said);
  expect(on.db.count('task'), 'tasks that are left').toBe(0);
  ledger.answers.add(said.answer);
  ledger.messages = count(sent);
  ledger.job = said.answer === '4096' ? 'always' : watch.begun() && givesJob(ledger) ? 'when slow' : 'no';
  ledger.undo = watch.remembered();
};

/** Every input that the MOF declares is given to the success, or said to be looked at by no one. */
const parameters: Trial = async (on, row, { className, method }) => {
  const declared = declarationOf(className, method);
  if (!declared) return;
  const { given } = await row.arrange(on);
  const silent = inputsOf(declared).filter(({ name }) => !(name in given) && !(name in (row.ignored ?? {})));
  expect(
    silent.map(({ name }) => name),
    'inputs that the row says nothing of',
  ).toEqual([]);
};

const matches = (wanted: Answer, got: Answer): boolean => wanted.split(' or ').includes(got);

/** Makes one call that is to come to nothing: the answer is as said, and not a record is other than before. */
async function refuse(
  on: Stage,
  { what, given, answers, says }: Case,
  call: Call,
  ledger: Ledger,
): Promise<readonly string[]> {
  const more = typeof given === 'function' ? given(call) : (given ?? {});
  const before = stateOf(on);
  const [said, sent] = await sending(on, ledger.method, { ...call, given: { ...call.given, ...more } });
  expect(matches(answers, said.answer) ? answers : `${said.answer} ${said.text}`, what).toBe(answers);
  if (says) expect(said.text, what).toMatch(says);
  expect(differences(before, stateOf(on)), `after ${what}`).toEqual([]);
  expect(said.text, `what is said of ${what}`).not.toBe('');
  assertDeclared(said.answer, ledger);
  ledger.answers.add(said.answer);
  return sent;
}

/** What cannot be taken is refused before anything is sent, and nothing is changed. */
const invalid: Trial = async (on, row, ledger) => {
  const call = await row.arrange(on);
  const declared = declarationOf(ledger.className, ledger.method);
  const impossible = declared ? impossibleCases(declared, call.given, row) : impossibleWriting(ledger.method, call);
  const cases = [...impossible, ...row.invalid];
  for (const each of cases) {
    const sent = await refuse(on, each, each.arrange ? await each.arrange(on) : call, ledger);
    expect(sent, `sent although ${each.what}`).toEqual([]);
  }
};

/** What is not possible now is told, and nothing is changed. */
const wrongState: Trial = async (on, row, ledger) => {
  if (typeof row.wrongState === 'string') return;
  for (const each of row.wrongState) await refuse(on, each, await (each.arrange ?? row.arrange)(on), ledger);
};

/** What ModifyInstance writes, SetProperty writes one by one (DSP0200 5.4.2.19). */
const propertyByProperty: Trial = async (on, row, { method }) => {
  if (method !== 'ModifyInstance') return;
  const { at, given, seen } = await row.arrange(on);
  for (const [PropertyName, value] of Object.entries(given)) {
    const NewValue = typeof value === 'object' ? value : String(value);
    await on.ask('SetProperty', { InstanceName: at, PropertyName, NewValue });
  }
  await seen?.({ answer: '0', text: '', output: {} });
};

/** A user whose role does not allow it is refused before anything is sent; what only reads is for everybody. */
const refusedByRole: Trial = async (on, row, ledger) => {
  const call = await row.arrange(on);
  const before = stateOf(on);
  if (typeof row.refusedTo !== 'string') {
    expect(isReading(ledger), 'only what reads is for everybody').toBe(true);
    const said = await outcomeOf(on, ledger.method, call, 'reader');
    expect([said.answer, said.text], 'to a reader').toEqual([row.answers ?? '0', '']);
    return;
  }
  await on.login(row.refusedTo);
  const [said, sent] = await sending(on, ledger.method, call, row.refusedTo);
  expect(said.answer, `to a ${row.refusedTo}: ${said.text}`).toBe('ACCESS_DENIED');
  expect(sent).toEqual([]);
  expect(differences(before, stateOf(on))).toEqual([]);
  ledger.answers.add(said.answer);
};

const plainName = (message: string): string => message.replace(/^Async\./, '');

/** The messages of the success as XenAPI calls them, each as often as it was sent. */
function stepsOf(messages: ReadonlyMap<string, number>): readonly (readonly [message: string, times: number])[] {
  const named = [...messages]
    .filter(([name]) => name.includes('.'))
    .flatMap(([name, times]) => Array<string>(times).fill(plainName(name)));
  return [...count(named)];
}

async function failing(on: Stage, message: string, number: number, method: string, call: Call): Promise<Said> {
  const pools = [on.simulator, ...(call.also ? [call.also] : [])];
  for (const { faults } of pools) faults.failAt(message, number, 'INTERNAL_ERROR', [`injected into ${message}`]);
  try {
    return await outcomeOf(on, method, call);
  } finally {
    for (const { faults } of pools) faults.clear();
  }
}

/** Each message of the success fails in its turn: all is as before then, and the answer carries the failure. */
const failureOfEachStep: Trial = async (on, row, ledger) => {
  if (!ledger.messages) await success(on, row, ledger);
  let call = await row.arrange(on);
  for (const [message, times] of stepsOf(ledger.messages!)) {
    if (row.lasting?.[message] !== undefined || row.forgiven?.[message] !== undefined) continue;
    for (let number = 1; number <= times; number++) {
      const before = stateOf(on);
      const said = await failing(on, message, number, ledger.method, call);
      const where = `after ${message} failed (${number} of ${times})`;
      expect(said.text, where).toContain(`XenError:INTERNAL_ERROR:injected into ${message}`);
      const after = stateOf(on);
      expect(countsOf(after), where).toEqual(countsOf(before));
      if (row.remade === undefined) expect(differences(before, after), where).toEqual([]);
      else call = await row.arrange(on);
      assertDeclared(said.answer, ledger);
      ledger.answers.add(said.answer);
    }
  }
  const [said, sent] = await sending(on, ledger.method, call);
  assertSuccess(said, row, ledger);
  expect(count(sent), 'what is sent after all those failures').toEqual(ledger.messages);
};

/** Where there is no way back, the answer says what happened; where a failure does not matter, there is none. */
const exceptions: Trial = async (on, row, ledger) => {
  for (const message of Object.keys(row.lasting ?? {})) {
    const said = await failing(on, message, 1, ledger.method, await row.arrange(on));
    expect(said.text, message).toMatch(/left behind|but not|XenError:INTERNAL_ERROR/);
    ledger.answers.add(said.answer);
  }
  for (const message of Object.keys(row.forgiven ?? {})) {
    const said = await failing(on, message, 1, ledger.method, await row.arrange(on));
    assertSuccess({ ...said, text: '' }, row, ledger);
  }
};

/** Of every way in which a method does its work. */
const work: Readonly<Record<string, Trial>> = {
  'does it, says so, and the next read sees it': success,
  'a failure at each step leaves no orphan': failureOfEachStep,
  'tells what cannot be taken back': exceptions,
};

/** Of a method itself. */
const whole: Readonly<Record<string, Trial>> = {
  'does it, says so, and the next read sees it': success,
  'says of every input whether it is looked at': parameters,
  'writes property by property too': propertyByProperty,
  'refuses what is invalid, and sends nothing': invalid,
  'refuses what is impossible now, and changes nothing': wrongState,
  'refuses whom the role does not allow it': refusedByRole,
  'a failure at each step leaves no orphan': failureOfEachStep,
  'tells what cannot be taken back': exceptions,
};

/** All that is to be shown of a row, by what it shows, in the order in which it is tried. */
export const trialsOf = ({ way }: Ledger): Readonly<Record<string, Trial>> => (way === undefined ? whole : work);
