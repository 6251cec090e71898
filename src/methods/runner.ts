import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameMap, NameSet } from '../cim/name.js';
import type { InstancePath } from '../cim/path.js';
import { formatPath } from '../cim/path-text.js';
import type { Principal } from '../cim/principal.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';
import type { Carrier } from '../provider/engine.js';
import type { CarriedMethod, Invocation, MethodAnswer, Writer } from '../provider/provider.js';
import type { Provided, RowSubject } from '../provider/subject.js';
import { toCimError, XenApiError } from '../xenapi/error.js';
import { Gate } from '../xenapi/gate.js';
import { type Log, silent } from '../xenapi/log.js';
import type { JobError } from '../xenapi/records.js';
import type { GetPage } from '../xenapi/rrd-host.js';
import type { Lease, UserSessions } from '../xenapi/user-sessions.js';
import type { Store } from '../xenapi/view.js';
import { describing } from './describe.js';
import { codeOf, raced } from './failure.js';
import { Input } from './input.js';
import { type Job, Stopped } from './job.js';
import type { JobKeeper } from './job-keeper.js';
import type { LentSessions } from './lent-session.js';
import type {
  Admission,
  ClassWriter,
  Done,
  Face,
  Method,
  MethodCall,
  MethodTable,
  Output,
  Plan,
  Work,
  WriterTable,
} from './method.js';
import { type Faces, Model } from './model.js';
import { jobStarted, Refusal } from './return-code.js';
import { changesOf, setterWork } from './setter.js';
import { mayHaveHappened, Steps } from './steps.js';
import { strays } from './stray.js';
import type { TaskWatch } from './task-watch.js';
import { TurnLine } from './turn-line.js';
import { jobError, undoAll } from './undo.js';

export interface RunnerOptions {
  readonly methods: MethodTable;
  readonly writers: WriterTable;
  readonly store: Store;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly canonical: (namespace: string) => string | undefined;
  readonly faces: () => Faces;
  readonly sessions: UserSessions;
  readonly jobs: JobKeeper;
  readonly tasks: TaskWatch;
  /** Resolves when the view shows all that the pool knew when this was called, or false when it takes too long. */
  readonly caughtUp: (timeoutMs: number) => Promise<boolean>;
  /** Resolves when the pool does not answer any more. */
  readonly away: () => Promise<void>;
  readonly page: GetPage;
  readonly pool: () => string;
  readonly admission: Admission;
  readonly lent: LentSessions;
  readonly strict: boolean;
  /** How long a method that is to be done when it returns is waited for, before it becomes a job. */
  readonly patienceMs: number;
  /** How many methods work at the pool at once; the others wait, as jobs that are starting. */
  readonly maxOperations: number;
  readonly log?: Log;
}

/** How long an answer waits for the events of what was written; then it goes out nevertheless. */
const eventWaitMs = 10_000;

/** How a work ended. */
type Ended = { readonly kind: 'done'; readonly output: Output } | { readonly kind: 'failed'; readonly reason: unknown };

const isWork = (plan: Plan): plan is Work => 'run' in plan;

/** Carries out methods and writing: checks, sessions, jobs, undoing and answers, the same for all of them. */
export class MethodRunner implements Carrier {
  readonly #options: Required<RunnerOptions>;
  readonly #gate: Gate;
  readonly #methods: NameMap<NameMap<CarriedMethod<RowSubject>>>;
  readonly #running = new Set<Promise<unknown>>();
  readonly #beginning = new TurnLine();

  constructor(options: RunnerOptions) {
    this.#options = { log: silent, ...options };
    this.#gate = new Gate(options.maxOperations);
    this.#methods = new NameMap(
      Object.entries(options.methods).map(([cim, methods]) => [
        cim,
        new NameMap(Object.entries(methods).map(([name, method]) => [name, this.#carried(`${cim}.${name}`, method)])),
      ]),
    );
  }

  method(className: string, name: string): CarriedMethod<RowSubject> | undefined {
    return this.#methods.get(className)?.get(name);
  }

  writer(className: string, setters: readonly string[]): Writer<RowSubject> | undefined {
    const own = this.#options.writers[className];
    const properties = new Set([...(own?.properties ?? []), ...setters].map((name) => name.toLowerCase()));
    if (!own && properties.size === 0) return undefined;
    return {
      writable: (property) => properties.has(property.toLowerCase()),
      ...(properties.size > 0 && {
        modify: (modification) => this.#modify(className, own, modification),
      }),
      ...(own?.remove && {
        remove: async (removal) => {
          const call = this.#call({ ...removal, input: new NameMap() });
          await this.#wholly(() => own.remove!(call), `${className}.DeleteInstance`, removal);
        },
      }),
      ...(own?.create && {
        create: async (creation) => {
          const { namespace, caller, instance } = creation;
          const call = { ...this.#context(namespace, caller), instance };
          const { Path } = await this.#wholly(() => own.create!(call), `${className}.CreateInstance`, creation);
          if (typeof Path === 'object' && Path !== null && 'kind' in Path && Path.kind === 'path') return Path;
          throw new CimError('FAILED', `the new ${className} was made, but the pool does not show it yet`);
        },
      }),
    };
  }

  /** Resolves when nothing is under way any more, or so many milliseconds later. */
  async stop(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([Promise.allSettled([...this.#running]), late]);
    clearTimeout(timer);
  }

  #carried(name: string, method: Method): CarriedMethod<RowSubject> {
    return { access: method.access ?? 'write', run: (invocation) => this.#invoke(name, method, invocation) };
  }

  async #invoke(name: string, method: Method, invocation: Invocation<RowSubject>): Promise<MethodAnswer> {
    try {
      if (method.access !== 'read') await this.#beginning.next();
      const plan = await method.run(this.#call(invocation));
      return await this.#answer(plan, name, invocation);
    } catch (reason) {
      if (!(reason instanceof Refusal)) throw this.#told(reason);
      return { returned: reason.returned, output: {}, reason: reason.message };
    }
  }

  async #modify(
    className: string,
    own: ClassWriter | undefined,
    modification: Parameters<NonNullable<Writer<RowSubject>['modify']>>[0],
  ): Promise<void> {
    const { subject, changes } = modification;
    const call = this.#call({ ...modification, input: new NameMap() });
    const taken = new NameSet(own?.properties ?? []);
    const name = `${className}.ModifyInstance`;
    const mine = changesOf(subject, (property) => taken.has(property), changes);
    const others = changesOf(subject, (property) => !taken.has(property), changes);
    if (own?.modify && mine.values.length > 0) {
      await this.#wholly(() => own.modify!({ ...call, changes: mine }), name, modification);
    }
    if (others.values.length > 0) await this.#wholly(() => setterWork(call.target, others), name, modification);
  }

  #context(namespace: string, caller: Principal): Omit<MethodCall, 'target' | 'input'> {
    const { store, schemas, canonical, jobs, page, pool, admission, lent, strict } = this.#options;
    const schema = schemas.get(canonical(namespace) ?? '')!;
    const show = (face: Face): CimInstance | undefined => {
      const subject = this.#subject(namespace, face);
      return subject && this.#options.faces().instance(namespace, subject);
    };
    const model = new Model(this.#options.faces(), namespace, schema);
    return { view: store, schema, model, caller, jobs, page, pool: pool(), admission, lent, strict, show };
  }

  #call({ namespace, subject, input, caller }: Invocation<RowSubject>): MethodCall {
    if (subject.kind !== 'row') throw new CimError('NOT_SUPPORTED', 'associations have no methods');
    return { ...this.#context(namespace, caller), target: subject, input: new Input(input, this.#options.store) };
  }

  /** Reports everything as a CimError. */
  #told(reason: unknown): unknown {
    if (reason instanceof Stopped) return new CimError('FAILED', 'it was told to stop, and has been undone');
    return toCimError(reason, describing(this.#options.store)) ?? reason;
  }

  /** Writing is no method: it has no job to show, and a refusal is an error. */
  async #wholly(
    make: () => Plan | Promise<Plan>,
    name: string,
    from: Pick<Invocation<RowSubject>, 'namespace' | 'caller'>,
  ): Promise<MethodAnswer['output']> {
    try {
      const plan = await make();
      if (!isWork(plan)) {
        if (plan.returned !== 0) throw new CimError('FAILED', `it cannot be done now (${plan.returned})`);
        return this.#output(from.namespace, plan.output ?? {});
      }
      const { ended } = this.#begin({ ...plan, answers: 'done' }, name, from.caller, this.#lease(plan, from.caller));
      const outcome = await ended;
      if (outcome.kind === 'failed') throw outcome.reason;
      return this.#output(from.namespace, outcome.output);
    } catch (reason) {
      if (reason instanceof Refusal) throw new CimError('FAILED', reason.message, { cause: reason });
      throw this.#told(reason);
    }
  }

  async #answer(
    plan: Plan,
    name: string,
    { namespace, caller, subject }: Invocation<RowSubject>,
  ): Promise<MethodAnswer> {
    if (!isWork(plan)) return this.#finished(namespace, plan);
    const { job, ended, announced } = this.#begin(plan, name, caller, this.#lease(plan, caller), subject.className);
    if (plan.answers === 'job') job.show();
    const patience = this.#givesJob(namespace, subject.className, name) ? this.#options.patienceMs : undefined;
    const first = await this.#first(plan, ended, announced, patience);
    if (first?.kind === 'failed') throw raced(plan, first.reason, describing(this.#options.store));
    if (first?.kind === 'done' && plan.answers === 'done') {
      return this.#finished(namespace, { returned: plan.returned ?? 0, ...told(first.output) });
    }
    if (!job.shown) job.show();
    await this.#options.jobs.saved(job);
    const output = { ...(first?.output ?? {}), Job: { face: plan.job, ref: job.ref } };
    return { returned: jobStarted, output: this.#output(namespace, output) };
  }

  /** What happens first of what the answer waits for; undefined when it waits no longer. */
  #first(
    plan: Work,
    ended: Promise<Ended>,
    announced: Promise<Output>,
    patience: number | undefined,
  ): Promise<Ended | undefined> {
    if (plan.answers === 'job') return Promise.resolve(undefined);
    const early = announced.then((output): Ended => ({ kind: 'done', output }));
    const first = plan.answers === 'announced' ? Promise.race([ended, early]) : ended;
    return patience === undefined ? first : within(patience, first);
  }

  /** Whether the method can tell of a job; one that cannot is waited for, however long it takes. */
  #givesJob(namespace: string, className: string, name: string): boolean {
    const { schemas, canonical } = this.#options;
    const cls = schemas.get(canonical(namespace) ?? '')?.class(className);
    return cls?.methods.get(name.slice(name.indexOf('.') + 1))?.parameters.has('Job') ?? false;
  }

  #finished(namespace: string, { returned, output = {}, reason }: Done): MethodAnswer {
    return { returned, output: this.#output(namespace, output), ...(reason !== undefined && { reason }) };
  }

  /** The session to work in: that of the user who called (decisions.md 37). */
  #lease({ needs = [] }: Work, caller: Principal): Lease {
    const { sessions } = this.#options;
    const lease = sessions.borrow(caller);
    if (!lease && caller.origin === 'configured') {
      throw new CimError(
        'ACCESS_DENIED',
        `${caller.name} is a user of this server alone and may read; methods run in a session of the pool: log in under a name that the pool knows`,
      );
    }
    if (!lease)
      throw new CimError('FAILED', 'your session with the pool has ended; nothing was done: send the request again');
    const denied = needs.find((message) => !lease.permits(message));
    if (denied === undefined) return lease;
    lease.release();
    throw toCimError(new XenApiError('RBAC_PERMISSION_DENIED', [denied.toLowerCase(), `the role is ${caller.role}`]));
  }

  #begin(plan: Work, method: string, caller: Principal, lease: Lease, target = '') {
    const { jobs } = this.#options;
    const job = jobs.begin(
      {
        kind: plan.job,
        method,
        subject: plan.subject,
        user: caller.name,
        service: target.endsWith('Service') ? target : 'Xen_VirtualSystemManagementService',
        steps: plan.steps ?? 1,
        ...plan.affects,
      },
      plan.codes,
    );
    let announce: (output: Output) => void = () => {};
    const announced = new Promise<Output>((resolve) => {
      announce = resolve;
    });
    const ended = this.#gate.pass(() => this.#carryOut(plan, job, lease, announce)).finally(() => lease.release());
    this.#running.add(ended);
    void ended.finally(() => this.#running.delete(ended));
    return { job, ended, announced };
  }

  async #carryOut(plan: Work, job: Job, lease: Lease, announce: (output: Output) => void): Promise<Ended> {
    const { store, tasks, jobs, away } = this.#options;
    const steps = new Steps({
      job,
      lease,
      view: store,
      tasks,
      saved: () => jobs.saved(job),
      caughtUp: () => this.#caughtUp(),
      announce,
      away,
      textOf: (face) => {
        const path = this.#pathOf('root/cimv2', face);
        return path && formatPath(path);
      },
    });
    try {
      job.start();
      const output = (await plan.run(steps)) ?? {};
      await steps.settle();
      await steps.clean();
      job.complete();
      return { kind: 'done', output };
    } catch (reason) {
      await steps.clean();
      return { kind: 'failed', reason: await this.#undo(plan, job, lease, reason) };
    }
  }

  async #undo(plan: Work, job: Job, lease: Lease, reason: unknown): Promise<unknown> {
    const error = this.#errorOf(reason);
    await this.#caughtUp();
    const { store } = this.#options;
    const more = mayHaveHappened(reason) ? strays(store, job.record.uuid, job.undo) : [];
    const left = await undoAll([...job.undo, ...more], lease.call);
    await this.#caughtUp();
    job.fail(codeOf(plan, reason), error, left);
    const { log } = this.#options;
    if (left.length > 0)
      log.warn({ job: job.record.uuid, left: left.map(({ text }) => text) }, 'not all could be undone');
    if (left.length === 0 || reason instanceof Refusal) return reason;
    const told = this.#told(reason);
    const status = told instanceof CimError ? told.status : 'FAILED';
    return new CimError(status, [error, ...left].map(({ text }) => text).join('; '), { cause: reason });
  }

  #errorOf(reason: unknown): JobError {
    if (reason instanceof Refusal) return { code: '', params: [], text: reason.message };
    if (reason instanceof Stopped)
      return { code: 'TASK_CANCELLED', params: [], text: 'it was told to stop, and has been undone' };
    return jobError(reason, describing(this.#options.store));
  }

  async #caughtUp(): Promise<void> {
    await this.#options.caughtUp(eventWaitMs).catch(() => false);
  }

  #subject(namespace: string, { face, ref, part }: Face): Provided | undefined {
    const subjects = this.#options.faces().faces(namespace, face, ref);
    return part === undefined ? subjects[0] : subjects.find((subject) => subject.part.name === part);
  }

  #pathOf(namespace: string, face: Face): InstancePath | undefined {
    const subject = this.#subject(namespace, face);
    return subject && this.#options.faces().path(namespace, subject);
  }

  #output(namespace: string, output: Output): Readonly<Record<string, CimValue>> {
    const isFace = (value: unknown): value is Face => typeof value === 'object' && value !== null && 'face' in value;
    const one = (value: CimValue | Face): CimValue =>
      isFace(value) ? (this.#pathOf(namespace, value) ?? null) : value;
    return Object.fromEntries(
      Object.entries(output).map(([name, value]) => {
        if (!Array.isArray(value) || !value.some(isFace)) return [name, one(value as CimValue | Face)];
        return [name, value.map(one).filter((path) => path !== null) as CimValue];
      }),
    );
  }
}

/** What a work has to tell a person beside its output: `Reason`, which no class declares. */
function told({ Reason, ...output }: Output): Omit<Done, 'returned'> {
  return { output, ...(typeof Reason === 'string' && { reason: Reason }) };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
