import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { InstancePath } from '../cim/path.js';
import type { Schema } from '../mof/schema.js';
import type { Tie, TieFilter } from '../provider/provider.js';
import type { Provided, RowSubject } from '../provider/subject.js';

/** What is asked of the engine, which knows the rows. Each takes the namespace that the client named. */
export interface Faces {
  faces(namespace: string, className: string, ref: string): readonly Provided[];
  find(namespace: string, path: InstancePath): RowSubject | undefined;
  recognize(namespace: string, path: InstancePath): RowSubject | undefined;
  enumerate(namespace: string, className: string): Iterable<RowSubject>;
  ties(namespace: string, subject: RowSubject, filter: TieFilter): Iterable<Tie<RowSubject>>;
  path(namespace: string, subject: RowSubject): InstancePath;
  instance(namespace: string, subject: RowSubject, wanted?: NameSet): CimInstance;
  ready(subjects: Iterable<RowSubject>, wanted?: NameSet): Promise<void> | undefined;
}

/** Which ties of an instance: those of this association or of one derived from it, as seen from that role. */
export interface Way {
  readonly association: string;
  readonly role?: string;
}

/** Whether a path says anything of an instance: one of its keys, or its record's uuid. */
function isMeant(subject: RowSubject, { keys }: InstancePath): boolean {
  if (subject.kind !== 'row') return true;
  const { uuid } = subject.record as { readonly uuid?: string };
  const texts = keys.flatMap(({ value }) => (typeof value === 'object' ? [] : [String(value)]));
  return texts.some((text) => subject.keys.includes(text) || (uuid !== undefined && text.includes(uuid)));
}

/**
 * The instances of a namespace and what ties them, as a client meets them: for methods that are about the model itself
 * and not about one record of the pool. Reads memory, but for `ready`.
 */
export class Model {
  readonly #faces: Faces;
  readonly #namespace: string;
  readonly #schema: Schema;

  constructor(faces: Faces, namespace: string, schema: Schema) {
    this.#faces = faces;
    this.#namespace = namespace;
    this.#schema = schema;
  }

  /** The instance that a path names, of its class or one derived from it; by the identifying key alone (decisions.md 24). */
  at(path: InstancePath): RowSubject | undefined {
    const namespace = path.namespace ?? this.#namespace;
    for (const className of this.kinds(path.className)) {
      const named = this.#named(path, className);
      const found = this.#faces.find(namespace, named) ?? this.#faces.recognize(namespace, named);
      if (found && isMeant(found, named)) return found;
    }
    return undefined;
  }

  /** A path that gives the identifying key without its name, as a path of this class. */
  #named(path: InstancePath, className: string): InstancePath {
    const [only = 'InstanceID', ...others] = this.#schema.class(className)!.keys;
    const name = others.length === 0 ? only : 'InstanceID';
    return { ...path, className, keys: path.keys.map((key) => (key.name === '' ? { ...key, name } : key)) };
  }

  /** The class and all that derive from it, in their declared spelling; none for one that is not there. */
  kinds(className: string): readonly string[] {
    const cls = this.#schema.class(className);
    return cls ? [cls.name, ...this.#schema.subclasses(cls.name, true).map(({ name }) => name)] : [];
  }

  isA({ className }: RowSubject, ancestor: string): boolean {
    return this.#schema.isA(className, ancestor);
  }

  /** All instances of exactly this class. */
  all(className: string): Iterable<RowSubject> {
    return this.#faces.enumerate(this.#namespace, className);
  }

  ties(subject: RowSubject, { association, role }: Way): readonly Tie<RowSubject>[] {
    const kinds = new Set(this.kinds(association));
    const filter = { association: (name: string) => kinds.has(name), ...(role !== undefined && { role }) };
    return [...this.#faces.ties(this.#namespace, subject, filter)];
  }

  /** The path of the other end of a tie, in the namespace that it lives in. */
  tiedPath({ other, otherNamespace }: Tie<RowSubject>): InstancePath {
    return this.#faces.path(otherNamespace, other);
  }

  path(subject: RowSubject): InstancePath {
    return this.#faces.path(this.#namespace, subject);
  }

  instance(subject: RowSubject, wanted?: NameSet): CimInstance {
    return this.#faces.instance(this.#namespace, subject, wanted);
  }

  /** Resolves when `instance` can give what only a live reading can tell. */
  async ready(subjects: Iterable<RowSubject>, wanted?: NameSet): Promise<void> {
    await this.#faces.ready(subjects, wanted);
  }
}
