import { CimError } from '../cim/error.js';
import type { Call, Delay, Result } from '../cim/operation.js';
import { type BatchResult, encodeBatch, encodeBatchEnd } from './batch.js';
import type { EncodedCache } from './encoded-cache.js';
import { escapeAttribute } from './escape.js';
import { encodeKept } from './kept-response.js';
import { messageClose, messageOpen, replyClose, replyOpen } from './message-out.js';
import { lengthOf, pageOut } from './page-out.js';
import type { Place } from './path-out.js';
import { encodeResult, isBare, type PagedResult, type Pieced, pageForms } from './result.js';
import { Run } from './run.js';

/** The answer to one call: `kind`, `name` and `namespace` are the call's own. */
export interface Reply {
  readonly kind: Call['kind'];
  readonly name: string;
  /** Where objects lie whose paths do not say so. */
  readonly namespace: string;
  readonly result: Result | CimError;
}

/** What has been written so far, for the log. */
export interface Tally {
  /** Instances, paths, classes and the like, not the values of a method. */
  instances: number;
  bytes: number;
  /** The error that took the place of an answer, or broke it off; its cause is for the log alone. */
  error: CimError | undefined;
}

export const newTally = (): Tally => ({ instances: 0, bytes: 0, error: undefined });

export interface EncodeOptions {
  /** The host that full paths name, with its port where that is not the usual one. */
  readonly host: string;
  readonly tally?: Tally;
  /** Characters after which a chunk is given out. */
  readonly chunk?: number;
  /** Where encoded pages are kept. */
  readonly cache?: EncodedCache | undefined;
}

const chunkLength = 64 * 1024;

/** ERROR (DSP0201 5.2.6): the code of DSP0200 annex A and a sentence for a person. */
export function encodeError(error: CimError): string {
  return `<ERROR CODE="${error.code}" DESCRIPTION="${escapeAttribute(error.message)}"></ERROR>`;
}

/** Gathers text and gives it out in chunks. A reply can be taken back as long as none of it has been given out. */
class Sheet {
  readonly #tally: Tally;
  #text = '';
  #start = 0;
  #instances = 0;
  #sent = false;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  get length(): number {
    return this.#text.length;
  }

  begin(): void {
    this.#start = this.#text.length;
    this.#instances = this.#tally.instances;
    this.#sent = false;
  }

  write(text: string): void {
    this.#text += text;
  }

  /** Drops what the reply has written so far; false where some of it is gone already. */
  takeBack(): boolean {
    if (this.#sent) return false;
    this.#text = this.#text.slice(0, this.#start);
    this.#tally.instances = this.#instances;
    return true;
  }

  /** Bytes that are ready, on their way out behind what was flushed. */
  pass(bytes: Buffer): Buffer {
    this.#sent = true;
    this.#tally.bytes += bytes.length;
    return bytes;
  }

  flush(): Buffer {
    const chunk = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#sent = true;
    this.#tally.bytes += chunk.length;
    return chunk;
  }
}

/** How much of pages goes out together, in chunks: with more octets at once a socket is no faster. */
const chunksToRun = 16;

/** What has come together goes out, behind what was written before it: a little of it as text, with what stands around. */
function* leave(run: Run, sheet: Sheet, chunk: number): Generator<Buffer> {
  if (run.size === 0) return;
  if (run.size < chunk / 2) {
    for (const bytes of run.take()) sheet.write(bytes.toString('utf8'));
    return;
  }
  if (sheet.length > 0) yield sheet.flush();
  for (const bytes of run.take()) yield sheet.pass(bytes);
}

/** Pages go out as they were encoded once; what is there goes out before something is waited for, unless that is the head alone. */
function* encodePages(
  { form, pages }: PagedResult,
  sheet: Sheet,
  tally: Tally,
  { cache, chunk = chunkLength }: EncodeOptions,
): Generator<Buffer | Delay> {
  const run = new Run(chunk * chunksToRun, cache);
  for (const page of pages) {
    if (page instanceof Promise) {
      yield* leave(run, sheet, chunk);
      if (tally.instances > 0 && sheet.length > 0) yield sheet.flush();
      yield page;
      continue;
    }
    const encoded = pageOut(page, pageForms[form], cache);
    tally.instances += encoded.items;
    if (run.add({ page, form, encoded, start: 0, end: lengthOf(encoded) })) yield* leave(run, sheet, chunk);
  }
  yield* leave(run, sheet, chunk);
}

function* encodePieces(
  reply: Reply,
  result: Pieced,
  sheet: Sheet,
  tally: Tally,
  options: EncodeOptions,
): Generator<Buffer | Delay> {
  const place: Place = { host: options.host, namespace: reply.namespace };
  const limit = options.chunk ?? chunkLength;
  const counted = !isBare(result) && result.kind !== 'value';
  for (const piece of encodeResult(result, place)) {
    if (piece instanceof Promise) {
      if (tally.instances > 0 && sheet.length > 0) yield sheet.flush();
      yield piece;
      continue;
    }
    sheet.write(piece);
    if (counted) tally.instances++;
    if (sheet.length >= limit) yield sheet.flush();
  }
}

/** A batch: what lies in the IRETURNVALUE, and the parameters that come out behind it. */
function* encodeBatched(
  reply: Reply,
  result: BatchResult,
  sheet: Sheet,
  tally: Tally,
  options: EncodeOptions,
): Generator<Buffer | Delay> {
  const place: Place = { host: options.host, namespace: reply.namespace };
  const chunk = options.chunk ?? chunkLength;
  const run = new Run(chunk * chunksToRun, options.cache);
  for (const next of encodeBatch(result, place, options.cache)) {
    tally.instances += 'text' in next ? 1 : next.items;
    if ('piece' in next) {
      if (run.add(next.piece)) yield* leave(run, sheet, chunk);
      continue;
    }
    yield* leave(run, sheet, chunk);
    sheet.write(next.text);
    if (sheet.length > chunk) yield sheet.flush();
  }
  yield* leave(run, sheet, chunk);
  sheet.write(`</IRETURNVALUE>${encodeBatchEnd(result)}`);
}

function* encodeContent(reply: Reply, sheet: Sheet, tally: Tally, options: EncodeOptions): Generator<Buffer | Delay> {
  const { result } = reply;
  if (result instanceof CimError) throw result;
  const bare = isBare(result);
  if (!bare) sheet.write('<IRETURNVALUE>');
  if (result.kind === 'batch') return yield* encodeBatched(reply, result, sheet, tally, options);
  if (result.kind === 'pages') yield* encodePages(result, sheet, tally, options);
  else if (result.kind === 'keptInstance') {
    sheet.write(Buffer.from(encodeKept(result, options.cache), 'latin1').toString('utf8'));
    tally.instances++;
  } else yield* encodePieces(reply, result, sheet, tally, options);
  if (!bare) sheet.write('</IRETURNVALUE>');
}

function* encodeReply(reply: Reply, sheet: Sheet, tally: Tally, options: EncodeOptions): Generator<Buffer | Delay> {
  sheet.write(replyOpen(reply.kind, reply.name));
  sheet.begin();
  try {
    yield* encodeContent(reply, sheet, tally, options);
  } catch (reason) {
    const error = CimError.from(reason);
    tally.error = error;
    if (!sheet.takeBack()) throw reason;
    sheet.write(encodeError(error));
  }
  sheet.write(replyClose(reply.kind));
  if (sheet.length >= (options.chunk ?? chunkLength)) yield sheet.flush();
}

/**
 * A response message in chunks of UTF-8, items pulled as the chunks are asked for. A reply whose items throw before any of
 * it was given out becomes an ERROR; thereafter the generator throws, and the connection has to be broken off. Several
 * replies make a MULTIRSP (DSP0201 5.2.5, decisions.md 20).
 */
export function* encodeResponse(
  id: string,
  replies: readonly Reply[],
  options: EncodeOptions,
): Generator<Buffer | Delay> {
  const tally = options.tally ?? newTally();
  const sheet = new Sheet(tally);
  const multi = replies.length > 1;
  sheet.write(messageOpen(id, multi));
  for (const reply of replies) yield* encodeReply(reply, sheet, tally, options);
  sheet.write(messageClose(multi));
  yield sheet.flush();
}

/** A MULTIRSP of replies that are asked for one by one, each when those before it are written: one is held at a time. */
export async function* encodeMultiResponse(
  id: string,
  replies: AsyncIterable<Reply>,
  options: EncodeOptions,
): AsyncGenerator<Buffer> {
  const tally = options.tally ?? newTally();
  const sheet = new Sheet(tally);
  sheet.write(messageOpen(id, true));
  for await (const reply of replies) {
    for (const chunk of encodeReply(reply, sheet, tally, options)) {
      if (chunk instanceof Promise) await chunk;
      else yield chunk;
    }
  }
  sheet.write(messageClose(true));
  yield sheet.flush();
}
