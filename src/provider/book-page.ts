import type { CimInstance, Shape } from '../cim/instance.js';
import type { Alteration, Course, KeptPlace, Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { CimValue } from '../cim/value.js';
import { position } from './sequence.js';

/** The records of a page in order: their uuids, and how many items of the page there are up to the last of each. */
export interface Extent {
  readonly uuids: readonly string[];
  readonly ends: readonly number[];
}

/** What a page is made of: the instances of some records. */
export interface PageSource<S> {
  refs(): readonly string[];
  uuid(ref: string): string;
  /** The instances of one record. */
  subjects(ref: string): readonly S[];
  path(subject: S): InstancePath;
  instance(subject: S): CimInstance;
  /** One property of an instance, and the layout of all of them. */
  value(subject: S, property: number): CimValue;
  shape(subject: S): Shape;
}

/** The properties of a record's instances that were altered, each with the version of the page in which it last was. */
interface Mark {
  /** Of the last of them. */
  version: number;
  readonly properties: Map<number, number>;
}

/**
 * Some consecutive instances of a class. It lasts while they are the same instances: a change of their properties is a new
 * version of it.
 */
export class BookPage<S> implements Page, Course {
  readonly #source: PageSource<S>;
  readonly #marks = new Map<string, Mark>();
  #lasting = true;
  #version = 0;
  #extent: Extent | undefined;
  #items: number | undefined;

  constructor(source: PageSource<S>) {
    this.#source = source;
  }

  get lasting(): boolean {
    return this.#lasting;
  }

  get version(): number {
    return this.#version;
  }

  get course(): Course {
    return this;
  }

  *instances(): Iterable<CimInstance> {
    for (const ref of this.#source.refs()) {
      for (const subject of this.#source.subjects(ref)) yield this.#source.instance(subject);
    }
  }

  *paths(): Iterable<InstancePath> {
    for (const ref of this.#source.refs()) {
      for (const subject of this.#source.subjects(ref)) yield this.#source.path(subject);
    }
  }

  /** How many instances there are: the same in every version. */
  get items(): number {
    this.#items ??= this.extent().ends.at(-1) ?? 0;
    return this.#items;
  }

  /** Worked out once: it is the same in every version. */
  extent(): Extent {
    this.#extent ??= this.#measure();
    return this.#extent;
  }

  #measure(): Extent {
    let end = 0;
    const refs = this.#source.refs();
    const ends = refs.map((ref) => {
      end += this.#source.subjects(ref).length;
      return end;
    });
    return { uuids: refs.map((ref) => this.#source.uuid(ref)), ends };
  }

  /** The instances are others: the page is not met again. */
  end(): void {
    this.#lasting = false;
    this.#marks.clear();
  }

  /** Properties of the record's instances are otherwise. */
  alter(uuid: string, properties: Iterable<number>): void {
    this.#version++;
    const mark = this.#marks.get(uuid) ?? { version: 0, properties: new Map<number, number>() };
    mark.version = this.#version;
    for (const property of properties) mark.properties.set(property, this.#version);
    this.#marks.set(uuid, mark);
  }

  /** Whether the record's instances are as they were in that version. */
  holds(uuid: string, version: number): boolean {
    return this.#version === version || (this.#marks.get(uuid)?.version ?? 0) <= version;
  }

  *since(version: number): Iterable<Alteration> {
    const refs = this.#source.refs();
    const { uuids, ends } = this.extent();
    for (const [uuid, mark] of this.#marks) {
      if (mark.version <= version) continue;
      const properties = new Set<number>();
      for (const [property, last] of mark.properties) if (last > version) properties.add(property);
      const place = position(uuids, (other) => other < uuid);
      const first = ends[place - 1] ?? 0;
      for (const [i, subject] of this.#source.subjects(refs[place]!).entries()) {
        yield this.#alteration(subject, first + i, properties);
      }
    }
  }

  #alteration(subject: S, item: number, properties: ReadonlySet<number>): Alteration {
    const { shape, value } = this.#source;
    return { item, shape: shape(subject), properties, value: (property) => value(subject, property) };
  }
}

/** Where an instance of a record lies on a page, and in which version of it. */
export class PagePlace implements KeptPlace {
  readonly page: BookPage<any>;
  readonly mark: string;
  readonly version: number;
  readonly #uuid: string;

  constructor(page: BookPage<any>, uuid: string, mark: string) {
    this.page = page;
    this.mark = mark;
    this.version = page.version;
    this.#uuid = uuid;
  }

  holds(version: number): boolean {
    return this.page.holds(this.#uuid, version);
  }

  current(): boolean {
    return this.page.lasting && this.holds(this.version);
  }
}
