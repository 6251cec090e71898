import type { Comparison } from './condition.js';
import { regularExpression, wqlPattern } from './like.js';
import type { Matcher } from './pattern.js';
import type { Escapes } from './token.js';

/** The languages that are understood, by their registered names. */
export type QueryLanguage = 'WQL' | 'DMTF:CQL' | 'DMTF:FQL';

/** In what the conditions of the languages differ. */
export interface Dialect {
  readonly language: QueryLanguage;
  readonly escapes: Escapes;
  readonly pattern: (text: string, at: number) => Matcher;
  readonly nulls: Comparison['nulls'];
  /** Functions, arithmetic, `Class::Property`, `#'Label'` and SATISFIES (DSP0202). */
  readonly expressions: boolean;
  /** `ANY Property` and `{1, 2}` (DSP0212). */
  readonly arrays: boolean;
}

export const dialects: { readonly [L in QueryLanguage]: Dialect } = {
  WQL: {
    language: 'WQL',
    escapes: 'quotes',
    pattern: wqlPattern,
    nulls: 'unknown',
    expressions: false,
    arrays: false,
  },
  'DMTF:CQL': {
    language: 'DMTF:CQL',
    escapes: 'all',
    pattern: regularExpression,
    nulls: 'unknown',
    expressions: true,
    arrays: false,
  },
  'DMTF:FQL': {
    language: 'DMTF:FQL',
    escapes: 'all',
    pattern: regularExpression,
    nulls: 'value',
    expressions: false,
    arrays: true,
  },
};
