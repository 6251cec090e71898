import type { Registry } from 'prom-client';
import { registerFigure, type Sample } from './figure.js';
import { type Outcome, type RequestRecord, secondsOf } from './request-record.js';

/** Gives the one spelling of a name that a client sent; undefined for what is not known. */
export type Spelling = (name: string) => string | undefined;

const name = 'xen_cim_request_seconds';

/** Upper bounds of the buckets of time; seconds. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30] as const;

/** What there was of one operation on one class. */
interface BySubject {
  readonly labels: { readonly operation: string; readonly class: string };
  instances: number;
  bytes: number;
}

/** The same, of those requests that ended alike. */
interface ByOutcome {
  readonly labels: BySubject['labels'] & { readonly outcome: Outcome };
  readonly subject: BySubject;
  /** How many took no longer than each bound, those of the bounds before not counted. */
  readonly within: number[];
  count: number;
  seconds: number;
}

/** What requests are counted by. */
type Kind = Pick<RequestRecord, 'operation' | 'className' | 'outcome'>;

/**
 * The figures of requests by operation, class and outcome. They are counted in place, since that is done for every
 * request, and made into samples when somebody reads them. Names that are not known count together as `other`.
 */
export class RequestFigures {
  readonly #operation: Spelling;
  readonly #className: Spelling;
  readonly #subjects = new Map<string, BySubject>();
  readonly #outcomes: ByOutcome[] = [];
  /** By the names as they are spelt here, so that clients cannot fill it. */
  readonly #known = new Map<string | undefined, Map<string | undefined, Map<Outcome, ByOutcome>>>();
  /** The kind of the last request, and where it was counted: the next is likely to be of that kind. */
  #last: (Kind & { readonly at: ByOutcome }) | undefined;

  constructor(operation: Spelling, className: Spelling) {
    this.#operation = operation;
    this.#className = className;
  }

  count(record: RequestRecord): void {
    const at = this.#last && isAlike(this.#last, record) ? this.#last.at : this.#at(record);
    const seconds = secondsOf(record);
    let bucket = 0;
    while (bucket < buckets.length && seconds > buckets[bucket]!) bucket++;
    at.within[bucket]!++;
    at.count++;
    at.seconds += seconds;
    at.subject.instances += record.instances;
    at.subject.bytes += record.bytes;
  }

  register(registry: Registry): void {
    const subjects = (what: 'instances' | 'bytes') => () =>
      [...this.#subjects.values()].map((one) => ({ labels: one.labels, value: one[what] }));
    const taken = 'Seconds from the head of a request to the last byte of its answer.';
    const requests = (): readonly Sample[] => this.#outcomes.map(({ labels, count }) => ({ labels, value: count }));
    registerFigure(registry, name, 'histogram', taken, () => this.#outcomes.flatMap(samples));
    registerFigure(registry, 'xen_cim_requests_total', 'counter', 'Requests for operations.', requests);
    const answered = 'Instances, paths and classes that were answered.';
    registerFigure(registry, 'xen_cim_instances_total', 'counter', answered, subjects('instances'));
    const bytes = 'Bytes of the answers to operations, before they were packed.';
    registerFigure(registry, 'xen_cim_response_bytes_total', 'counter', bytes, subjects('bytes'));
  }

  #at({ operation, className, outcome }: Kind): ByOutcome {
    const known = this.#known.get(operation)?.get(className)?.get(outcome);
    const at = known ?? this.#find(operation, className, outcome);
    this.#last = { operation, className, outcome, at };
    return at;
  }

  #find(sentOperation: string | undefined, sentClass: string | undefined, outcome: Outcome): ByOutcome {
    const operation = spelt(sentOperation, this.#operation);
    const className = spelt(sentClass, this.#className);
    const byClass = made(this.#known, operation, () => new Map());
    const byOutcome = made(byClass, className, () => new Map<Outcome, ByOutcome>());
    return made(byOutcome, outcome, () => this.#make(operation ?? '', className ?? '', outcome));
  }

  #make(operation: string, className: string, outcome: Outcome): ByOutcome {
    const names = { operation, class: className };
    const subject = made(this.#subjects, `${operation} ${className}`, () => ({
      labels: names,
      instances: 0,
      bytes: 0,
    }));
    const within = [...buckets, 0].map(() => 0);
    const one: ByOutcome = { labels: { ...names, outcome }, subject, within, count: 0, seconds: 0 };
    this.#outcomes.push(one);
    return one;
  }
}

const isAlike = (a: Kind, b: Kind): boolean =>
  a.operation === b.operation && a.className === b.className && a.outcome === b.outcome;

/** Nothing for what there was not, `other` for what is not known. */
const spelt = (name: string | undefined, spelling: Spelling): string | undefined =>
  name === undefined ? undefined : (spelling(name) ?? 'other');

function made<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    known.set(key, found);
  }
  return found;
}

function samples({ labels, within, count, seconds }: ByOutcome): readonly Sample[] {
  let sum = 0;
  const bounded = buckets.map((le, i) => {
    sum += within[i]!;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: sum };
  });
  return [
    ...bounded,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
