import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { RequestRewriter } from './request-rewriter.js';

/**
 * A connection that began with an M- method, as the HTTP server sees it: the same bytes, but each M-POST reads as POST and
 * is remembered as what it was (decisions.md 21). It lives and dies with the socket beneath it.
 */
export class MandatoryConnection extends Duplex {
  readonly #socket: Socket;
  readonly #rewriter: RequestRewriter;
  /** Of each request that the server has not met yet, whether it was an M-POST. */
  readonly #mandatory: boolean[] = [];

  constructor(socket: Socket, longestHead: number) {
    super({ allowHalfOpen: true, autoDestroy: true });
    this.#socket = socket;
    this.#rewriter = new RequestRewriter(longestHead, (mandatory) => this.#mandatory.push(mandatory));
    socket.on('data', (bytes: Buffer) => {
      const more = this.#rewriter.rewrite(bytes).map((part) => this.push(part));
      if (more.includes(false)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('timeout', () => this.emit('timeout'));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  /** Whether the request that the server meets next was an M-POST. To be asked once for each request. */
  nextIsMandatory(): boolean {
    return this.#mandatory.shift() ?? false;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  get encrypted(): boolean {
    return 'encrypted' in this.#socket;
  }

  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/** Whether the request came as M-POST. To be asked once for each request, in the order in which they come. */
export function wasMandatory(request: IncomingMessage): boolean {
  const connection: unknown = request.socket;
  return connection instanceof MandatoryConnection && connection.nextIsMandatory();
}
