import type { Ref } from '../xenapi/records.js';
import { accessors } from './accessor.js';
import { findMessage, type Message, messages } from './catalogue.js';
import { decode, type Raw } from './decode.js';
import { xmlEncoder } from './encode-xml.js';
import { failureOf, XenApiFailure } from './failure.js';
import { LostAnswer } from './fault.js';
import { handlers } from './handler.js';
import { holds, type Required, rolesHolding } from './role.js';
import { isSuperuser, type Session } from './session.js';
import { type Type, typeOf } from './type.js';
import type { Call, World } from './world.js';

/** A call's answer: a value of a type, or a failure. `bare` answers have no Status around them in XML-RPC. */
export type Answer =
  | { readonly kind: 'value'; readonly type: Type; readonly value: unknown; readonly bare?: boolean }
  | { readonly kind: 'failure'; readonly failure: XenApiFailure };

const failed = (code: string, ...params: string[]): Answer => ({
  kind: 'failure',
  failure: new XenApiFailure(code, ...params),
});

const prefix = /^(Async|InternalAsync)\.(?=.)/;

/** What arrived: the name with its `Async.`, and the host that was asked. */
export interface Request {
  readonly host: Ref<'host'>;
  readonly name: string;
  readonly params: readonly Raw[];
  /** Headers that go into other_config of the task, by the name there. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** On a member every session of the pool is refused with its coordinator's address; unknown ones are invalid (facts 0.8). */
function checkSession(world: World, host: Ref<'host'>, raw: Raw): Session {
  if (typeof raw !== 'string') throw new XenApiFailure('SESSION_INVALID', String(raw));
  const session = world.sessions.use(raw);
  if (session.local && host !== session.host) throw new XenApiFailure('SESSION_INVALID', raw);
  if (!session.local && host !== world.coordinator())
    throw new XenApiFailure('HOST_IS_SLAVE', world.db.need('host', world.coordinator()).address);
  return session;
}

/** RBAC_PERMISSION_DENIED [permission, text naming the roles]; the local superuser may do everything (facts 1.5, 1.6). */
function checkRole(session: Session | undefined, name: string, required: Required): void {
  if (session === undefined || isSuperuser(session) || holds(session.user.role, required)) return;
  const who = rolesHolding(required).join(', ');
  const text = `No permission in user session. (Roles with this permission: ${who})`;
  throw new XenApiFailure('RBAC_PERMISSION_DENIED', name.toLowerCase(), text);
}

/** Counts exclude the session; messages with defaults take fewer, and ignore what is too much (facts 1.5, step 2). */
function checkCount(message: Message, params: readonly Raw[]): void {
  const least = message.params.length - message.defaults.length;
  const received = params.length - (message.session ? 1 : 0);
  const fits = message.defaults.length > 0 ? received >= least : received === least;
  if (!fits) throw new XenApiFailure('MESSAGE_PARAMETER_COUNT_MISMATCH', message.name, String(least), String(received));
}

function unmarshal(message: Message, params: readonly Raw[]): unknown[] {
  const given = params.slice(message.session ? 1 : 0);
  const least = message.params.length - message.defaults.length;
  return message.params.map((type, i) => (i < given.length ? decode(type, given[i]) : message.defaults[i - least]));
}

function act(call: Call, args: readonly unknown[]): unknown {
  const { message, world } = call;
  const failure = world.faults.takeFailure(message.name);
  if (failure !== undefined) throw failure;
  const handler = handlers[message.name] as ((call: Call, ...args: readonly unknown[]) => unknown) | undefined;
  if (handler !== undefined) return handler(call, ...args);
  if (message.kind === 'own') throw new XenApiFailure('NOT_IMPLEMENTED', message.name);
  return accessors[message.kind](call, message, args);
}

/** Runs the action at once; the task that it may have made goes with it. */
async function runSync(call: Omit<Call, 'task'>, args: readonly unknown[]): Promise<unknown> {
  let made: Ref<'task'> | undefined;
  const task = (): Ref<'task'> => (made ??= call.world.tasks.create(call.message.name, '', call.session));
  try {
    checkRole(call.session, call.message.name, call.message.role);
    const value = await act({ ...call, task }, args);
    if (made !== undefined) call.world.tasks.succeed(made, xmlEncoder(call.message.result)(value));
    return value;
  } catch (error) {
    if (made !== undefined) call.world.tasks.fail(made, failureOf(error));
    throw error;
  } finally {
    if (made !== undefined) call.world.tasks.destroy(made);
  }
}

/** Answers a task at once; whatever the action says, the role's refusal included, is in the task (facts 3). */
function runAsync(call: Omit<Call, 'task'>, args: readonly unknown[], labels: Request['labels']): Ref<'task'> {
  const { tasks } = call.world;
  const ref = tasks.create(`Async.${call.message.name}`, '', call.session, labels);
  const run = async (): Promise<void> => {
    try {
      checkRole(call.session, call.message.name, call.message.role);
      const value = await act({ ...call, task: () => ref }, args);
      tasks.succeed(ref, xmlEncoder(call.message.result)(value));
    } catch (error) {
      tasks.fail(ref, failureOf(error));
    }
  };
  setImmediate(() => void run());
  return ref;
}

/** Without arguments unknown at once; with one, as an extension of a host would be called (facts 1.5, step 1). */
function unknown(world: World, { host, params }: Request, name: string): Answer {
  if (params.length > 0) checkRole(checkSession(world, host, params[0]), 'Host.call_extension', 'pool-admin');
  return failed('MESSAGE_METHOD_UNKNOWN', name);
}

const listed: readonly string[] = [...messages.keys()];
const stringSet = typeOf('string set');

/** The order of checks of facts/xenapi.md 1.5. */
async function answer(world: World, request: Request): Promise<Answer> {
  const { host, params } = request;
  const isAsync = prefix.test(request.name);
  const name = request.name.replace(prefix, '');
  if (name === 'system.listMethods') return { kind: 'value', type: stringSet, value: listed, bare: true };
  if (name.startsWith('system.isAlive:'))
    return { kind: 'value', type: typeOf('string'), value: String(params[0] ?? '') };
  const message = findMessage(name);
  if (message === undefined) return unknown(world, request, name);
  checkCount(message, params);
  if (message.removed) {
    if (message.session) checkSession(world, host, params[0]);
    return failed('MESSAGE_REMOVED');
  }
  const args = unmarshal(message, params);
  const session = message.session ? checkSession(world, host, params[0]) : undefined;
  const call = { world, name: message.name, message, host, session };
  if (!isAsync) return { kind: 'value', type: message.result, value: await runSync(call, args) };
  if (!message.async) return failed('Fault', `No async mode for this operation (rpc: ${message.name})`);
  return { kind: 'value', type: typeOf('task ref'), value: runAsync(call, args, request.labels) };
}

async function answerOf(world: World, request: Request, name: string): Promise<Answer> {
  try {
    const delay = world.faults.delayOf(name);
    if (delay > 0) await world.clock.sleep(delay);
    return await answer(world, request);
  } catch (error) {
    return { kind: 'failure', failure: failureOf(error) };
  }
}

/** Answers one call; nothing that goes wrong leaves it but as a failure. Throws LostAnswer where that was asked for. */
export async function dispatch(world: World, request: Request): Promise<Answer> {
  const name = request.name.replace(prefix, '');
  const given = await answerOf(world, request, name);
  const hold = world.faults.holdOf(name);
  if (hold > 0) await world.clock.sleep(hold);
  if (world.faults.takeLoss(name)) throw new LostAnswer(`the answer to ${name} is not sent`);
  return given;
}
