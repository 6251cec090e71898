import { CimError } from '../cim/error.js';
import type { Logger } from '../log.js';
import { HttpRefusal } from './refusal.js';
import { type Outcome, type RequestRecord, secondsOf } from './request-record.js';

const longest = 200;

/** A text that a client chose, cut to what a log can bear. */
const cut = (text: string | undefined): string | undefined =>
  text !== undefined && text.length > longest ? `${text.slice(0, longest)}…` : text;

const levels: Partial<Record<Outcome, 'info' | 'warn'>> = { broken: 'warn' };

/** Writes the line of one request: who asked what of which class, and what it came to. */
export function logRequest(log: Logger, record: RequestRecord, client: string | undefined): void {
  const { reason } = record;
  const level = record.status >= 500 || isFault(reason) ? 'error' : (levels[record.outcome] ?? 'info');
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      id: cut(record.id),
      client,
      user: cut(record.user),
      namespace: cut(record.namespace),
      operation: cut(record.operation),
      class: cut(record.className),
      operations: record.operations,
      outcome: record.outcome,
      status: record.status,
      returned: record.returned,
      declined: record.declined,
      cimError: reason instanceof HttpRefusal ? reason.token : undefined,
      instances: record.instances,
      bytes: record.bytes,
      ms: Math.round(secondsOf(record) * 1e6) / 1e3,
      ...told(reason),
    },
    'request',
  );
}

/** An error is told by its message; what lies beneath it is for us. */
function told(reason: unknown): { error?: string; err?: unknown } {
  if (reason === undefined) return {};
  if (!(reason instanceof CimError || reason instanceof HttpRefusal)) return { err: reason };
  return { error: reason.message, ...(reason.cause === undefined ? {} : { err: reason.cause }) };
}

/** What nobody foresaw: neither an answer of DSP0200 with nothing beneath it, nor a refusal. */
const isFault = (reason: unknown): boolean =>
  reason instanceof CimError ? reason.status === 'FAILED' && reason.cause !== undefined : reason instanceof TypeError;
