import { CimError } from '../../../src/cim/error.js';
import type { CimInstance } from '../../../src/cim/instance.js';
import type { Argument } from '../../../src/cim/operation.js';
import { type Answered, embedded, type Plain, type Stage, shown } from '../stage.js';
import { type Answer, type Call, type Given, isWriting } from './row.js';

/** What came of a call. */
export interface Said {
  readonly answer: Answer;
  /** What an error says, the Reason of an answer, or the job that failed; empty where all went well. */
  readonly text: string;
  readonly output: Answered['output'];
  readonly job?: CimInstance;
}

const plain = (value: Given[string]): value is number | bigint | boolean =>
  ['number', 'bigint', 'boolean'].includes(typeof value);

/** Numbers and truth values go as text, as clients send them. */
const argumentOf = (value: Given[string]): Argument => (plain(value) ? String(value) : value);

const instanceOf = (className: string, given: Given): CimInstance =>
  embedded(className, given as Readonly<Record<string, Plain>>);

type Write = (on: Stage, call: Call, user: string) => Promise<Answered['output']>;

const writes: Readonly<Record<string, Write>> = {
  CreateInstance: async (on, { at, given }, user) => {
    const result = await on.ask('CreateInstance', { NewInstance: instanceOf(at.className, given) }, user);
    const [Path] = result.kind === 'instanceNames' ? [...result.items] : [];
    return Path ? { Path } : {};
  },
  ModifyInstance: async (on, { at, given }, user) => {
    await on.ask('ModifyInstance', { ModifiedInstance: { ...instanceOf(at.className, given), path: at } }, user);
    return {};
  },
  DeleteInstance: async (on, { at }, user) => {
    await on.ask('DeleteInstance', { InstanceName: at }, user);
    return {};
  },
};

async function send(on: Stage, method: string, call: Call, user: string): Promise<Answered> {
  if (isWriting(method)) return { returned: 0, output: await writes[method]!(on, call, user) };
  const given = Object.fromEntries(Object.entries(call.given).map(([name, value]) => [name, argumentOf(value)]));
  return on.invoke(call.at, method, given, user);
}

/** Makes a call and waits for its job to end. */
export async function outcomeOf(on: Stage, method: string, call: Call, user = 'root'): Promise<Said> {
  try {
    const answered = await send(on, method, call, user);
    const { returned } = answered;
    const { Reason, ...output } = answered.output;
    if (returned !== 4096) return { answer: String(returned), text: String(Reason ?? ''), output };
    const job = await on.job(answered);
    const failed = shown(job, 'JobState') !== 7;
    const text = String(shown(job, 'ErrorDescription') ?? '');
    return { answer: failed ? `4096 ${shown(job, 'ErrorCode')}` : '4096', text, output, job };
  } catch (reason) {
    if (!(reason instanceof CimError)) throw reason;
    return { answer: reason.status, text: reason.message, output: {} };
  }
}
