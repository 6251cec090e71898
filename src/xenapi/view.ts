import type { Records, Ref, XenClass } from './records.js';

/**
 * The pool as it is now, in memory: what the provider reads. Nothing here makes a call. An array that is handed out
 * is never changed afterwards: who walks it sees one state.
 */
export interface View {
  /** The record behind the reference; undefined for OpaqueRef:NULL and for what is gone. */
  get<C extends XenClass>(of: C, ref: string): Records[C] | undefined;
  /** The reference of the record with this uuid. */
  byUuid<C extends XenClass>(of: C, uuid: string): Ref<C> | undefined;
  /** All references of a class in the order of their records' uuids: the order in which every answer comes. */
  refs<C extends XenClass>(of: C): readonly Ref<C>[];
  /** The `of` records whose `field` (a reference, or a set of them) holds `target`, OpaqueRef:NULL included. Only after `index`. */
  holders<C extends XenClass>(of: C, field: string, target: string): Iterable<Ref<C>>;
}

/** One record that appeared (before undefined), changed, or went (after undefined). */
export interface Change<C extends XenClass = XenClass> {
  readonly of: C;
  readonly ref: string;
  readonly before: Records[C] | undefined;
  readonly after: Records[C] | undefined;
}

/**
 * Told of a batch of changes: `before` while the view still shows the old state, `after` when it shows the new one; both
 * in one tick (decisions.md 14). Must not throw.
 */
export interface ChangeListener {
  before?(changes: readonly Change[]): void;
  after(changes: readonly Change[]): void;
}

/** The View's owner: filled by the event loop, and by the bridge for the records of its own. */
export interface Store extends View {
  /** Has the inverse of a reference field kept; it is made when `holders` is first asked. Idempotent. */
  index(of: XenClass, field: string): void;
  /** Applies a batch as a whole; pairs without a change are dropped (the same fields with equal values). */
  apply(changes: readonly { readonly of: XenClass; readonly ref: string; readonly after: unknown }[]): void;
  listen(listener: ChangeListener): () => void;
}
