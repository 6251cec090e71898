import { refuse } from './failure.js';

const blockSize = 65_536;
/** Bytes that all images together may hold beside zeros. */
const limit = 256 << 20;

type Blocks = Map<number, Buffer>;

/**
 * What is in the images of a simulated pool, by their references: only blocks that are not all zeros are kept, and
 * copies share them until one is written.
 */
export class ImageContents {
  readonly #images = new Map<string, Blocks>();

  /** Bytes kept, shared blocks counted once for each image. */
  get size(): number {
    let count = 0;
    for (const blocks of this.#images.values()) count += blocks.size;
    return count * blockSize;
  }

  /** Puts bytes into an image. */
  write(vdi: string, offset: number, bytes: Buffer): void {
    const blocks = this.#images.get(vdi) ?? new Map<number, Buffer>();
    this.#images.set(vdi, blocks);
    for (let at = 0; at < bytes.length; ) {
      const [index, start] = [Math.floor((offset + at) / blockSize), (offset + at) % blockSize];
      const part = bytes.subarray(at, at + blockSize - start);
      this.#put(blocks, index, start, part);
      at += part.length;
    }
  }

  /** Bytes of an image; zeros where nothing was written. */
  read(vdi: string, offset: number, length: number): Buffer {
    const out = Buffer.alloc(length);
    const blocks = this.#images.get(vdi);
    if (blocks === undefined) return out;
    for (let at = 0; at < length; ) {
      const [index, start] = [Math.floor((offset + at) / blockSize), (offset + at) % blockSize];
      const count = Math.min(blockSize - start, length - at);
      blocks.get(index)?.copy(out, at, start, start + count);
      at += count;
    }
    return out;
  }

  /** Whether anything but zeros is in this stretch of an image. */
  holds(vdi: string, offset: number, length: number): boolean {
    const blocks = this.#images.get(vdi);
    if (blocks === undefined) return false;
    for (let index = Math.floor(offset / blockSize); index * blockSize < offset + length; index++)
      if (blocks.has(index)) return true;
    return false;
  }

  /** One image is from now on as another one is. */
  copy(from: string, to: string): void {
    const blocks = this.#images.get(from);
    if (blocks !== undefined) this.#images.set(to, new Map(blocks));
  }

  /** An image of another pool is from now on as one of this pool is. */
  give(from: string, other: ImageContents, to: string): void {
    const blocks = this.#images.get(from);
    if (blocks !== undefined) other.#images.set(to, new Map(blocks));
  }

  /** An image holds only zeros, or is no longer there. */
  drop(vdi: string): void {
    this.#images.delete(vdi);
  }

  #put(blocks: Blocks, index: number, start: number, part: Buffer): void {
    const known = blocks.get(index);
    const block = known === undefined ? Buffer.alloc(blockSize) : Buffer.from(known);
    part.copy(block, start);
    if (block.every((byte) => byte === 0)) blocks.delete(index);
    else if (known === undefined && this.size >= limit)
      refuse('SR_BACKEND_FAILURE_44', '', 'There is insufficient space', 'a simulated pool keeps 256 MiB');
    else blocks.set(index, block);
  }
}
