import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { assertAnswer } from './dtd.js';

/** An answer as it stood on the wire; field names in lower case, repeated ones joined by a comma. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  readonly phrase: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly trailers: Readonly<Record<string, string>>;
}

type Read<T> = { readonly value: T; readonly length: number } | undefined;

/** An HTTP client that sends exactly the bytes it is told, and takes apart what comes back: for what no library sends. */
export class RawClient {
  readonly socket: Socket;
  /** Everything that arrived and has not been read as a response yet. */
  #pending = Buffer.alloc(0);
  #ended = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      this.#wake();
    });
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
    socket.on('error', (error) => {
      this.#error = error;
      this.#end();
    });
  }

  static connect(port: number, options: { tls?: boolean; host?: string } = {}): Promise<RawClient> {
    const host = options.host ?? '127.0.0.1';
    return new Promise((resolve, reject) => {
      const socket = options.tls
        ? connectTls({ host, port, rejectUnauthorized: false }, () => resolve(new RawClient(socket)))
        : connect({ host, port, noDelay: true }, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** What arrived and was not read yet, as text. */
  get pending(): string {
    return this.#pending.toString('latin1');
  }

  get ended(): boolean {
    return this.#ended;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  send(...parts: readonly (string | Buffer)[]): this {
    for (const part of parts) if (!this.socket.destroyed) this.socket.write(part);
    return this;
  }

  close(): void {
    this.socket.destroy();
  }

  /**
   * The next response, interim ones (1xx) included, held against the DTD; rejects when the connection ends before it is
   * complete.
   */
  async response(milliseconds = 20_000): Promise<RawResponse> {
    const response = await this.brokenResponse(milliseconds);
    assertAnswer(response);
    return response;
  }

  /** The next response, whose body need not be whole CIM-XML: one that the server had to break off. */
  async brokenResponse(milliseconds = 20_000): Promise<RawResponse> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const read = readResponse(this.#pending, this.#ended);
      if (read !== undefined) {
        this.#pending = this.#pending.subarray(read.length);
        return read.value;
      }
      if (this.#ended) throw new Error(`the connection ended after "${this.pending.slice(0, 300)}"`);
      await this.#more(deadline);
    }
  }

  /** Resolves when the server closed the connection. */
  async end(milliseconds = 20_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!this.#ended) await this.#more(deadline);
  }

  /** Resolves when more bytes arrived, or the end. */
  #more(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`nothing more came after "${this.pending.slice(0, 300)}"`)),
        Math.max(1, deadline - Date.now()),
      );
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}

/**
 * The response at the beginning of the bytes and its length; undefined while it is not complete. `ended`: nothing more
 * comes.
 */
export function readResponse(bytes: Buffer, ended: boolean): Read<RawResponse> {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const match = /^HTTP\/(\d\.\d) (\d{3}) ?(.*)$/.exec(first);
  if (match === null) throw new Error(`"${first}" is no status line`);
  const [, version = '', code = '', phrase = ''] = match;
  const headers = fields(lines);
  const status = Number(code);
  const body = bodyOf(bytes.subarray(end + 4), status, headers, ended);
  if (body === undefined) return undefined;
  return { value: { version, status, phrase, headers, ...body.value }, length: end + 4 + body.length };
}

function fields(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    found[name] = found[name] === undefined ? value : `${found[name]}, ${value}`;
  }
  return found;
}

type Body = Pick<RawResponse, 'body' | 'trailers'>;

function bodyOf(bytes: Buffer, status: number, headers: Record<string, string>, ended: boolean): Read<Body> {
  if (status < 200 || status === 204) return { value: { body: Buffer.alloc(0), trailers: {} }, length: 0 };
  if (headers['transfer-encoding'] === 'chunked') return chunked(bytes);
  const length = headers['content-length'];
  if (length === undefined) return ended ? { value: { body: bytes, trailers: {} }, length: bytes.length } : undefined;
  if (bytes.length < Number(length)) return undefined;
  return { value: { body: bytes.subarray(0, Number(length)), trailers: {} }, length: Number(length) };
}

function chunked(bytes: Buffer): Read<Body> {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    if (Number.isNaN(size)) throw new Error(`"${bytes.subarray(at, line).toString('latin1')}" is no chunk size`);
    at = line + 2;
    if (size > 0) {
      if (bytes.length < at + size + 2) return undefined;
      parts.push(bytes.subarray(at, at + size));
      at += size + 2;
      continue;
    }
    const end = bytes.indexOf('\r\n', at) === at ? at : bytes.indexOf('\r\n\r\n', at);
    if (end === -1) return undefined;
    const trailers = end === at ? {} : fields(bytes.subarray(at, end).toString('latin1').split('\r\n'));
    return { value: { body: Buffer.concat(parts), trailers }, length: end === at ? at + 2 : end + 4 };
  }
}
