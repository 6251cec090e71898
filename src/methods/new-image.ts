import type { Ref } from '../xenapi/records.js';
import type { Referred } from './reference.js';
import type { Steps } from './steps.js';

/** An image that is to be made; bytes. */
export interface NewImage {
  readonly sr: Referred<'SR'>;
  readonly size: bigint;
  readonly name: string;
  readonly description: string;
  /** For other_config, beside the tag of the bridge. */
  readonly marks?: Readonly<Record<string, string>>;
}

/** Makes an empty image as a task, which is destroyed should a later step fail (XenAPI VDI.create). */
export const makeImage = (steps: Steps, { sr, size, name, description, marks = {} }: NewImage): Promise<Ref<'VDI'>> =>
  steps.makeByTask<'VDI'>({ what: `the image ${name}`, message: 'VDI.destroy' }, 'VDI.create', {
    name_label: name,
    name_description: description,
    SR: sr.ref,
    virtual_size: size,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: { ...steps.tag, ...marks },
    xenstore_data: {},
    sm_config: {},
    tags: [],
  });
