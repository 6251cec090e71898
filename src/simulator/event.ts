import type { RemoteClass } from '../xenapi/records.js';
import type { EventBatch, PoolEvent } from './event-batch.js';
import { XenApiFailure } from './failure.js';
import type { AnyRecord } from './type.js';
import type { Call, HandlerTable, World } from './world.js';

/** Classes that no event speaks of (facts 2.1). */
const silent: ReadonlySet<string> = new Set(['session', 'user', 'secret']);

/** What one of event.from's class texts asks for: everything, a class, or one object of it. */
interface Subscription {
  readonly of: string;
  readonly ref?: string;
}

interface Token {
  readonly generation: number;
  readonly message: number;
}

const digits = (n: number): string => String(n).padStart(20, '0');

/** Two numbers of 20 digits: the database's generation and the messages'. */
const tokenText = ({ generation, message }: Token): string => `${digits(generation)},${digits(message)}`;

function parseToken(text: string): Token {
  if (text === '') return { generation: 0, message: 0 };
  const at = /^(\d{1,20}),(\d{1,20})$/.exec(text);
  if (at === null) throw new XenApiFailure('EVENT_FROM_TOKEN_PARSE_FAILURE', text);
  return { generation: Number(at[1]), message: Number(at[2]) };
}

function parseSubscription(text: string): Subscription {
  const parts = text.split('/');
  if (parts.length > 2) throw new XenApiFailure('EVENT_SUBSCRIPTION_PARSE_FAILURE', text);
  const of = (parts[0] as string).toLowerCase();
  return parts.length === 1 ? { of } : { of, ref: parts[1] as string };
}

const wants = (subscriptions: readonly Subscription[], of: string, ref: string): boolean =>
  subscriptions.some((s) => (s.of === '*' || s.of === of) && (s.ref === undefined || s.ref === ref));

const wantsClass = (subscriptions: readonly Subscription[], of: string): boolean =>
  subscriptions.some((s) => s.of === '*' || s.of === of);

const noTime = '0.0';

function messageEvents(world: World, subscriptions: readonly Subscription[], since: Token): PoolEvent[] {
  if (!wantsClass(subscriptions, 'message')) return [];
  const changes = world.messages.changes(since.message).filter(({ ref }) => wants(subscriptions, 'message', ref));
  return changes.map(({ operation, ref, record }) => ({
    id: '0',
    timestamp: noTime,
    of: 'message',
    operation,
    ref,
    ...(operation === 'add' ? { snapshot: record as unknown as AnyRecord } : {}),
  }));
}

/** Messages first, then what was added, modified and deleted; one event an object, its record as it is now (facts 2.1). */
function collect(world: World, subscriptions: readonly Subscription[], since: Token): PoolEvent[] {
  const [added, modified, deleted]: PoolEvent[][] = [[], [], []];
  for (const of of world.db.classes) {
    const name = of.toLowerCase();
    if (silent.has(of) || !wantsClass(subscriptions, name)) continue;
    const changes = world.db.changes(of, since.generation);
    const event = (operation: 'add' | 'mod', id: number, ref: string, snapshot: AnyRecord): PoolEvent => ({
      id: String(id),
      timestamp: noTime,
      of,
      operation,
      ref,
      snapshot,
    });
    for (const { ref, created, record } of changes.added)
      if (wants(subscriptions, name, ref)) added?.push(event('add', created, ref, record));
    for (const { ref, modified: at, record } of changes.modified)
      if (wants(subscriptions, name, ref)) modified?.push(event('mod', at, ref, record));
    for (const { ref, deleted: at } of changes.deleted)
      if (wants(subscriptions, name, ref))
        deleted?.push({ id: String(at), timestamp: noTime, of: of as RemoteClass, operation: 'del', ref });
  }
  return [...messageEvents(world, subscriptions, since), ...(added ?? []), ...(modified ?? []), ...(deleted ?? [])];
}

/** The number of objects in every table, subscribed or not (facts 2.1). */
const counts = (world: World): Readonly<Record<string, number>> =>
  Object.fromEntries(world.db.classes.map((of) => [of.toLowerCase(), world.db.count(of)]));

/** Ends at the next change, at the deadline, when the session ends, or when the simulator stops. */
function change(world: World, milliseconds: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stops = [world.db.listen(() => done()), world.messages.listen(() => done())];
    const timer = setTimeout(() => done(), milliseconds);
    const done = (): void => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      ended.removeEventListener('abort', done);
      world.stopping.removeEventListener('abort', done);
      resolve();
    };
    ended.addEventListener('abort', done);
    world.stopping.addEventListener('abort', done);
    if (ended.aborted || world.stopping.aborted) done();
  });
}

const longest = 24 * 3600;

/** A token from a database that was put back stays ahead of it, so that nothing is told until it has caught up. */
const nextToken = (world: World, since: Token): Token => ({
  generation: Math.max(world.db.generation, since.generation),
  message: Math.max(world.messages.generation, since.message),
});

/**
 * XenAPI event.from: everything since the token in one answer, or nothing when `timeout` seconds are over. It gathers
 * for a moment before and between rounds, so that a burst is one answer.
 */
async function from(call: Call, classes: readonly string[], token: string, timeout: number): Promise<EventBatch> {
  const { world } = call;
  const session = call.session as NonNullable<Call['session']>;
  const subscriptions = classes.map(parseSubscription);
  const since = parseToken(token);
  const { before, between } = world.settings.eventDelay;
  const deadline = Date.now() + Math.min(Number.isNaN(timeout) ? 0 : Math.max(timeout, 0), longest) * 1000;
  const tasksOnly = subscriptions.length > 0 && subscriptions.every((s) => s.of === 'task');
  if (!tasksOnly) await world.clock.sleep(before);
  for (;;) {
    if (session.ended.signal.aborted) throw new XenApiFailure('SESSION_INVALID', session.ref);
    const next = nextToken(world, since);
    const events = collect(world, subscriptions, since);
    const left = deadline - Date.now();
    if (events.length > 0 || left <= 0 || world.stopping.aborted)
      return { events, counts: counts(world), token: tokenText(next) };
    await change(world, left, session.ended.signal);
    await world.clock.sleep(Math.min(between, Math.max(deadline - Date.now(), 0)));
  }
}

/** XenAPI event.inject: a change without a change, and the token of the moment just before. */
function inject(call: Call, of: string, ref: string): string {
  const { db, messages } = call.world;
  const known = db.classes.find((each) => each === of);
  if (known === undefined) throw new XenApiFailure('HANDLE_INVALID', of, ref);
  db.need(known, ref);
  const token = tokenText({ generation: db.generation, message: messages.generation });
  db.touch(known, ref);
  return token;
}

/** The messages of class event (facts 2.1); of the legacy ones only the counter. */
export const eventHandlers: HandlerTable = {
  'event.from': from,
  'event.inject': inject,
  'event.get_current_id': (call: Call) => BigInt(call.world.db.generation),
  'event.unregister': () => undefined,
  'event.next': () => {
    throw new XenApiFailure('SESSION_NOT_REGISTERED');
  },
};
