import type { Records, Ref } from '../xenapi/records.js';

/** An image that lies on storage without a record in the pool: what the record said, and its reference then. */
export interface ShelvedImage {
  readonly ref: Ref<'VDI'>;
  readonly record: Records['VDI'];
}

/** A repository that lies on storage without a record in the pool. */
export interface ShelvedRepository {
  readonly uuid: string;
  readonly type: string;
  /** What the storage is reached by: device_config without secrets and without the host. */
  readonly place: string;
  readonly physical_size: bigint;
  readonly images: readonly ShelvedImage[];
}

/** Files that appeared on or went from a repository since it was scanned. */
export interface Changes {
  readonly found: { readonly name: string; readonly size: bigint }[];
  /** References of images whose file is gone. */
  readonly lost: string[];
}

/** What the pool's storage holds that the pool's records do not tell of. */
export class Shelf {
  readonly #repositories = new Map<string, ShelvedRepository>();
  readonly #changes = new Map<string, Changes>();

  put(repository: ShelvedRepository): void {
    this.#repositories.set(repository.uuid, repository);
  }

  /** Takes a repository back into the pool. */
  take(uuid: string): ShelvedRepository | undefined {
    const found = this.#repositories.get(uuid);
    this.#repositories.delete(uuid);
    return found;
  }

  peek(uuid: string): ShelvedRepository | undefined {
    return this.#repositories.get(uuid);
  }

  /** The repositories that lie at a place. */
  at(type: string, place: string): readonly ShelvedRepository[] {
    return [...this.#repositories.values()].filter((each) => each.type === type && each.place === place);
  }

  /** What the next scan of a repository is to find; to be added to. */
  changesOf(sr: string): Changes {
    const known = this.#changes.get(sr) ?? { found: [], lost: [] };
    this.#changes.set(sr, known);
    return known;
  }

  /** What a scan finds, once. */
  scanned(sr: string): Changes {
    const changes = this.changesOf(sr);
    this.#changes.delete(sr);
    return changes;
  }
}
