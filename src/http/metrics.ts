import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { registerFigure } from './figure.js';
import { RequestFigures, type Spelling } from './request-figures.js';
import type { RequestRecord } from './request-record.js';

/** What happened to a login. `remembered` ones made nobody ask. */
export type LoginOutcome = 'accepted' | 'refused' | 'missing' | 'unknown' | 'busy';

export interface MetricsOptions {
  /**
   * The one spelling of a name that a client sent, or undefined for what is not known. Nothing else becomes a label, so
   * that nobody can fill the memory with names.
   */
  readonly operation: Spelling;
  readonly className: Spelling;
  /** Seconds since the cache was last known to be that of the pool, and how far events lag; undefined when unknown. */
  readonly cacheAge?: () => number | undefined;
  readonly eventLag?: () => number | undefined;
  readonly ready?: () => boolean;
  readonly inProgress?: () => number;
  /** Whether figures of the process itself are gathered too (memory, CPU, delay of the event loop). */
  readonly process?: boolean;
}

/** The figures of the bridge, and where they are told of what happens. */
export interface Metrics {
  readonly registry: Registry;
  request(record: RequestRecord): void;
  login(outcome: LoginOutcome): void;
  xenApiCall(call: string, outcome: 'ok' | 'error', seconds: number): void;
  connection(change: 1 | -1): void;
}

/** Makes the figures that `/metrics` shows, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  const connections = new Gauge({ name: 'xen_cim_connections', help: 'Connections that are open.', registers });
  const logins: Record<LoginOutcome, number> = { accepted: 0, refused: 0, missing: 0, unknown: 0, busy: 0 };
  registerFigure(registry, 'xen_cim_logins_total', 'counter', 'Requests by what became of their credentials.', () =>
    Object.entries(logins).flatMap(([outcome, value]) => (value === 0 ? [] : [{ labels: { outcome }, value }])),
  );
  const requests = new RequestFigures(options.operation, options.className);
  requests.register(registry);
  readings(registers, options);
  return {
    registry,
    request: (record) => requests.count(record),
    login: (outcome) => {
      logins[outcome]++;
    },
    xenApiCall: xenApiFigures(registers),
    connection: (change) => connections.inc(change),
  };
}

function xenApiFigures(registers: Registry[]): Metrics['xenApiCall'] {
  const labelNames = ['call', 'outcome'];
  const calls = new Counter({ name: 'xen_cim_xenapi_calls_total', help: 'Calls to the pool.', labelNames, registers });
  const seconds = new Counter({
    name: 'xen_cim_xenapi_seconds_total',
    help: 'Seconds spent in calls to the pool.',
    labelNames,
    registers,
  });
  return (call, outcome, spent) => {
    calls.inc({ call, outcome });
    seconds.inc({ call, outcome }, spent);
  };
}

/** Figures that are read when somebody asks for them. */
function readings(registers: Registry[], { cacheAge, eventLag, ready, inProgress }: MetricsOptions): void {
  const reading = (name: string, help: string, read: (() => number | undefined) | undefined): void => {
    if (read === undefined) return;
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  reading('xen_cim_cache_age_seconds', 'Seconds since the cache was last known to be that of the pool.', cacheAge);
  reading('xen_cim_event_lag_seconds', 'Seconds by which the events of the pool lag behind.', eventLag);
  reading('xen_cim_ready', '1 when operations on the pool can be answered.', ready && (() => Number(ready())));
  reading('xen_cim_requests_in_progress', 'Operations under way.', inProgress);
}
