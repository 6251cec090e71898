import { connect, type Socket } from 'node:net';
import { type Answer, AnswerReader } from './answer-reader.js';
import { type Prepared, renumbered } from './request-bytes.js';

/** The longest that an answer may let wait for its next piece, in milliseconds. */
const patience = 120_000;

/** Servers close connections that were idle for five seconds or more; one that comes near to that is not used again. */
const idleLimit = 3_000;

/** A read takes at most so many octets at once. */
const room = 256 * 1024;

interface Waiting {
  readonly reader: AnswerReader;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: Error) => void;
}

/** Why an answer is not what was wanted; undefined when it is. */
export function refusal({ head }: Answer): Error | undefined {
  if (head.startsWith('HTTP/1.1 200 ') && !head.includes('<ERROR ')) return undefined;
  return new Error(`wanted an answer without an error, got ${head.replaceAll('\r\n', ' | ').slice(0, 600)}`);
}

/** One connection that is kept alive, with a request at a time: a client that costs as little as one can in Node. */
export class Connection {
  readonly #socket: Socket;
  #waiting: Waiting | undefined;
  #ended: Error | undefined;
  /** When it was opened or had its last answer. */
  #used = performance.now();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static open(url: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const taken = { by: (_piece: Buffer): void => undefined };
      const onread = {
        buffer: Buffer.allocUnsafe(room),
        callback: (length: number, buffer: Uint8Array): boolean => {
          taken.by(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      };
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true, onread });
      const connection = new Connection(socket);
      taken.by = (piece) => connection.#take(piece);
      socket.once('connect', () => resolve(connection));
      socket.on('error', (reason) => {
        connection.#end(reason);
        reject(reason);
      });
      socket.on('close', () => connection.#end(new Error('the connection was closed before the answer was complete')));
      socket.setTimeout(patience, () => socket.destroy(new Error(`no answer in ${patience} ms`)));
    });
  }

  /** Whether it can be used again. */
  get open(): boolean {
    return this.#ended === undefined && performance.now() - this.#used < idleLimit;
  }

  /** Sends a request and gives its whole answer. Anything but a 200 without an error is an error. */
  async ask(request: Prepared, keep = false): Promise<Answer> {
    const answer = await this.exchange(request, keep);
    const reason = refusal(answer);
    if (reason) throw reason;
    return answer;
  }

  exchange(request: Prepared, keep = false): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting = { reader: new AnswerReader(keep), resolve, reject };
      this.#socket.write(renumbered(request));
    });
  }

  close(): void {
    this.#ended ??= new Error('the connection is closed');
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    try {
      if (!waiting.reader.take(piece)) return;
      this.#waiting = undefined;
      this.#used = performance.now();
      waiting.resolve(waiting.reader.answer());
    } catch (error) {
      this.#end(error as Error);
      this.close();
    }
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }
}
