import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Ref, RemoteClass } from '../xenapi/records.js';
import { failureOf, refuse, type XenApiFailure } from './failure.js';
import { may, queryOf, userOf } from './http-access.js';
import { type Exchange, page } from './http-handler.js';
import type { World } from './world.js';

/** One transfer of an image or a machine between a host and a client. */
export interface Transfer extends Exchange {
  readonly query: URLSearchParams;
  /** The client's own task, to which progress and result are told; undefined when it named none. */
  readonly task: Ref<'task'> | undefined;
}

/** Sends what a transfer says, as it is made. */
export interface Download {
  readonly name: string;
  readonly length?: number;
  readonly gzip?: boolean;
  readonly pieces: Iterable<Buffer>;
}

const statusOf = (failure: XenApiFailure): number =>
  failure.code === 'HANDLE_INVALID' || failure.code === 'UUID_INVALID' ? 404 : 500;

/** A refusal is a page that names the XenAPI error; the task has it as well. */
function fail({ world, response, task }: Transfer, error: unknown): void {
  const failure = failureOf(error);
  if (task !== undefined) world.tasks.fail(task, failure);
  if (response.headersSent) return void response.destroy();
  const status = statusOf(failure);
  page(response, status, `HTTP ${status}`, [failure.code, ...failure.params].join(': ').replace(/[<>&]/g, ' '));
}

/** A handler that needs the role of a machine's administrator: 401 without a user, 403 for one who may not (facts 1.6). */
export const guarded =
  (called: (name: string) => void, body: (transfer: Transfer) => Promise<void>) =>
  async (exchange: Exchange): Promise<void> => {
    const { world, request, response } = exchange;
    const name = `HTTP ${request.method} ${(request.url ?? '').split('?')[0]}`;
    called(name);
    const user = userOf(world, request);
    if (user === undefined) return page(response, 401, 'HTTP 401 unauthorised', 'Please check your credentials.');
    if (!may(user, 'vm-admin'))
      return page(response, 403, 'HTTP 403 forbidden', 'Access to the requested resource is forbidden.');
    const query = queryOf(request);
    const task = query.get('task_id') ?? undefined;
    const known = task !== undefined && world.db.get('task', task) !== undefined;
    const transfer = { ...exchange, query, task: known ? (task as Ref<'task'>) : undefined };
    try {
      const failure = world.faults.takeFailure(name);
      if (failure) throw failure;
      await body(transfer);
    } catch (error) {
      fail(transfer, error);
    }
  };

/** The object that a parameter names by reference or uuid; INTERNAL_ERROR when no parameter does. */
export function objectOf<C extends RemoteClass>(transfer: Transfer, of: C, ...names: readonly string[]): Ref<C> {
  const { world, query } = transfer;
  const text = names.map((name) => query.get(name)).find((value) => value !== null && value !== '');
  if (text === undefined || text === null)
    return refuse('INTERNAL_ERROR', `Missing query parameter ${names.join(' or ')}`);
  if (world.db.get(of, text) !== undefined) return text as Ref<C>;
  const found = world.db.byUuid(of, text);
  return found ?? refuse(text.startsWith('OpaqueRef:') ? 'HANDLE_INVALID' : 'UUID_INVALID', of, text);
}

/** Ends a transfer well: the task has its result. */
export function succeed({ world, task }: Transfer, result = '<value></value>'): void {
  if (task !== undefined) world.tasks.succeed(task, result);
}

const attachment = (name: string): string => `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`;

/** Counts what has been sent into the task's progress. */
function* counted(
  world: World,
  task: Ref<'task'> | undefined,
  pieces: Iterable<Buffer>,
  length: number,
): Iterable<Buffer> {
  let sent = 0;
  let told = 0;
  for (const piece of pieces) {
    sent += piece.length;
    if (task !== undefined && sent - told > length / 50) {
      told = sent;
      world.tasks.progress(task, Math.min(0.99, sent / length));
    }
    yield piece;
  }
}

async function stream(source: Iterable<Buffer>, gzip: boolean, response: ServerResponse): Promise<void> {
  const readable = Readable.from(source);
  if (gzip) await pipeline(readable, createGzip(), response);
  else await pipeline(readable, response);
}

/** Sends a file; whoever goes away in the middle of it leaves a failed task. */
export async function send(transfer: Transfer, { name, length, gzip = false, pieces }: Download): Promise<void> {
  const { world, task, response } = transfer;
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-disposition': attachment(name),
    connection: 'close',
    'cache-control': 'no-cache, no-store',
    ...(length === undefined || gzip ? {} : { 'content-length': length }),
    ...(task === undefined ? {} : { 'task-id': task }),
  });
  await stream(counted(world, task, pieces, length ?? 1), gzip, response);
  succeed(transfer);
}

/** Bytes that one upload may have. */
const uploadLimit = 256 << 20;

/** The whole body of an upload. */
export async function receive({ request }: Transfer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > uploadLimit) refuse('IMPORT_ERROR', `A simulated pool takes ${uploadLimit} bytes at most`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** The answer to an upload that went well. */
export function accepted(transfer: Transfer, result?: string): void {
  succeed(transfer, result);
  transfer.response.writeHead(200, { 'content-length': 0, connection: 'close' });
  transfer.response.end();
}
