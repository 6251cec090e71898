import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { Face } from './method.js';
import type { Steps } from './steps.js';

/** The machine that a resource belongs to. Undefined record: it is being made, halted and without devices. */
export interface Machine {
  readonly ref: Ref<'VM'>;
  readonly record: Records['VM'] | undefined;
}

/** A change of one resource of a machine, checked and ready to be made. */
export interface ResourceChange {
  /** The messages that it needs the right to send. */
  readonly needs: readonly string[];
  /** How many tasks it takes. */
  readonly tasks: number;
  /** Makes it; gives the settings of the resource as they are then. */
  apply(steps: Steps, machine: Machine): Promise<Face | undefined>;
  /** What of it cannot be taken back: done when all that can be is done, of this resource and of the others. */
  finish?(steps: Steps): Promise<void>;
}

/** A resource for a machine that is about to be made: what it is in the record of XenAPI VM.create, or a device of it. */
export interface NewResource extends ResourceChange {
  /** Fields of the machine, where the resource is no device. */
  readonly fields?: (record: Readonly<Record<string, CallValue>>) => Record<string, CallValue>;
}

/** What is known of a setting that a client wants to change: the resource, its machine, and what is shown of it now. */
export interface Existing {
  readonly machine: { readonly ref: Ref<'VM'>; readonly record: Records['VM'] };
  /** The record of the device: of the machine itself for its processors and memory. */
  readonly ref: string;
  /** The part, for keys and values. */
  readonly part?: string;
}

/** One kind of resources: how one is added to a machine, changed, and taken away. Each checks everything beforehand. */
export interface ResourceKind {
  readonly add: (settings: CimInstance, view: View) => NewResource;
  readonly find: (view: View, path: InstancePath) => Existing | undefined;
  /** `settings` holds what is other than shown now. */
  readonly modify: (settings: CimInstance, existing: Existing, view: View) => ResourceChange;
  readonly remove: (existing: Existing, view: View) => ResourceChange;
}
