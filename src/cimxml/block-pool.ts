/** A stretch of memory in which encoded pages lie side by side. */
export interface Block {
  readonly memory: Buffer;
  /** How many of the pages in it are kept. */
  pages: number;
  /** When the last of them was let go of, by the pool's own count; 0 while the block is in use. */
  left: number;
}

export const newBlock = (size: number): Block => ({ memory: Buffer.allocUnsafeSlow(size), pages: 0, left: 0 });

/** So much of a block may be left over when it is used again. */
const spare = 1 / 8;

/** Smaller ones are not worth looking for. */
const worthKeeping = 64 * 1024;

/**
 * The blocks of pages that have been renewed, to be used again: memory that comes and goes by the megabyte makes V8 collect
 * all its garbage every time that 64 MB of it have come, and the system clears every page of it.
 *
 * A block may be written to when nobody can read it any more: no page in it is kept, and every answer that was under way when
 * the last of them went has ended.
 */
export class BlockPool {
  #count = 0;
  /** The answers that are under way, by when they began. */
  readonly #answers = new Set<number>();
  /** In the order in which they were left. */
  readonly #idle: Block[] = [];
  #size = 0;

  /** The octets of blocks in which nothing is kept. */
  get size(): number {
    return this.#size;
  }

  /** Says that kept pages are going to be read; to be given to `leave` when none of what was read is needed any more. */
  enter(): number {
    this.#answers.add(++this.#count);
    return this.#count;
  }

  leave(answer: number): void {
    this.#answers.delete(answer);
  }

  /** A block of so many octets or some more; whatever it held is still in it. */
  take(size: number): Block {
    const at = this.#fitting(size);
    if (at < 0) return newBlock(size);
    const block = this.#idle[at]!;
    this.#resume(block);
    return block;
  }

  /** A page in the block is kept: maybe after those before it have been let go of, while it was being filled. */
  hold(block: Block): void {
    if (block.left > 0) this.#resume(block);
    block.pages++;
  }

  /** It is kept no longer. */
  release(block: Block): void {
    if (--block.pages > 0 || block.memory.length < worthKeeping) return;
    block.left = ++this.#count;
    this.#idle.push(block);
    this.#size += block.memory.length;
  }

  /** The block is in use again, or somebody else's to throw away. */
  #resume(block: Block): void {
    this.#idle.splice(this.#idle.indexOf(block), 1);
    this.#size -= block.memory.length;
    block.left = 0;
  }

  /** Lets go of idle blocks, those first that have been so for longest, until no more octets than these are left. */
  shrink(limit: number): void {
    while (this.#size > limit) this.#resume(this.#idle[0]!);
  }

  /** The smallest block that will do, by its place; none for whoever has not said that he reads. */
  #fitting(size: number): number {
    const [oldest = 0] = this.#answers;
    let [found, best] = [-1, size * (1 + spare)];
    for (const [at, { memory, left }] of this.#idle.entries()) {
      if (left > oldest) break;
      if (memory.length < size || memory.length >= best) continue;
      [found, best] = [at, memory.length];
    }
    return found;
  }
}
