import { NULL_REF } from './records.js';

/** Whether a reference points nowhere; hosts have also been seen to write it as nothing at all. */
export const isNullRef = (ref: string): boolean => ref === NULL_REF || ref === '';
