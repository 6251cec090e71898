import { type Answer, isWriting } from './row.js';

/** What the trials of one method have shown. */
export interface Ledger {
  readonly className: string;
  readonly method: string;
  /** In what other way than its row's, where in one. */
  readonly way?: string;
  readonly answers: Set<Answer>;
  /** XenAPI messages of the success by name and how often; undefined before it has been tried. */
  messages?: ReadonlyMap<string, number>;
  /** Whether there is a job: never, when the answer would take too long, or always. */
  job?: 'no' | 'when slow' | 'always';
  /** Whether steps of it are taken back when a later one fails. */
  undo?: boolean;
}

/** The heading under which it stands in the table: writing instances is apart from the methods. */
export const titleOf = ({ className, method }: Pick<Ledger, 'className' | 'method'>): string =>
  isWriting(method) ? `Writing ${className}` : className;

export const ledgerOf = (className: string, method: string, way?: string): Ledger => ({
  className,
  method,
  ...(way && { way }),
  answers: new Set(),
});

/** The method, and in what other way. */
export const nameOf = ({ method, way }: Pick<Ledger, 'method' | 'way'>): string => (way ? `${method}, ${way}` : method);
