import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type RequestRecord, secondsOf } from './request-record.js';

/** What happened to a login. `remembered` ones made nobody ask. */
export type LoginOutcome = 'accepted' | 'refused' | 'missing' | 'unknown' | 'busy';

export interface MetricsOptions {
  /**
   * The one spelling of a name that a client sent, or undefined for what is not known. Nothing else becomes a label, so
   * that nobody can fill the memory with names.
   */
  readonly operation: (name: string) => string | undefined;
  readonly className: (name: string) => string | undefined;
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

const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30];
const byRequest = ['operation', 'class', 'outcome'] as const;
const bySubject = ['operation', 'class'] as const;

/** Makes the figures that `/metrics` shows, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.process !== false) collectDefaultMetrics({ register: registry });
  const connections = new Gauge({ name: 'xen_cim_connections', help: 'Connections that are open.', registers });
  const logins = new Counter({
    name: 'xen_cim_logins_total',
    help: 'Requests by what became of their credentials.',
    labelNames: ['outcome'],
    registers,
  });
  readings(registers, options);
  return {
    registry,
    request: requestFigures(registers, options),
    login: (outcome) => logins.inc({ outcome }),
    xenApiCall: xenApiFigures(registers),
    connection: (change) => connections.inc(change),
  };
}

/** The figures of one kind of request, looked up once. */
interface Series {
  observe(record: RequestRecord): void;
}

function requestFigures(registers: Registry[], options: MetricsOptions): (record: RequestRecord) => void {
  const seconds = new Histogram({
    name: 'xen_cim_request_seconds',
    help: 'Seconds from the head of a request to the last byte of its answer.',
    labelNames: byRequest,
    buckets,
    registers,
  });
  const total = { name: 'xen_cim_requests_total', help: 'Requests for operations.', labelNames: byRequest, registers };
  const requests = new Counter(total);
  const instances = new Counter({
    name: 'xen_cim_instances_total',
    help: 'Instances, paths and classes that were answered.',
    labelNames: bySubject,
    registers,
  });
  const bytes = new Counter({
    name: 'xen_cim_response_bytes_total',
    help: 'Bytes of the answers to operations, before they were packed.',
    labelNames: bySubject,
    registers,
  });
  const known = new Map<string, Series>();
  const make = (operation: string, className: string, outcome: string): Series => {
    const [a, b] = [seconds.labels(operation, className, outcome), requests.labels(operation, className, outcome)];
    const [c, d] = [instances.labels(operation, className), bytes.labels(operation, className)];
    return {
      observe(record) {
        a.observe(secondsOf(record));
        b.inc();
        c.inc(record.instances);
        d.inc(record.bytes);
      },
    };
  };
  return (record) => {
    const operation = label(record.operation, options.operation);
    const className = label(record.className, options.className);
    const key = `${operation} ${className} ${record.outcome}`;
    let series = known.get(key);
    if (series === undefined) {
      series = make(operation, className, record.outcome);
      known.set(key, series);
    }
    series.observe(record);
  };
}

/** Empty for what there was not, `other` for what is not known. */
const label = (name: string | undefined, spelling: (name: string) => string | undefined): string =>
  name === undefined ? '' : (spelling(name) ?? 'other');

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
