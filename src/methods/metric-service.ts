import { epochOfDatetime } from '../cim/datetime.js';
import { CimError } from '../cim/error.js';
import type { Records } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { type Input, invalid, missing } from './input.js';
import type { Method, MethodCall, MethodTable, Plan } from './method.js';
import { metricControls } from './metric-control.js';
import { exportUntil, isExport } from './metric-export.js';
import { resolve, shownPath } from './reference.js';

/** Who is measured, and the host that does it. */
interface Measured {
  readonly name: string;
  readonly host: Records['host'];
  /** What /rrd_updates is asked for. */
  readonly selection: string;
}

/** The span that is asked for, in seconds since 1970; where it begins also as the host is to be told. */
interface Span {
  readonly start: string;
  readonly end: number | undefined;
}

const live: ReadonlySet<string> = new Set(['Running', 'Paused']);

function measuredMachine(view: View, vm: Records['VM']): Measured {
  const host = view.get('host', vm.resident_on);
  if (host && live.has(vm.power_state)) return { name: vm.name_label, host, selection: `vm_uuid=${vm.uuid}` };
  throw new CimError('FAILED', `${vm.name_label} is ${vm.power_state}: only a running system is measured`);
}

/** The host or the machine that System refers to; a machine that does not run is CIM_ERR_FAILED. */
function measuredBy({ view, input }: MethodCall): Measured {
  const path = input.path('System') ?? missing('System', 'a reference to a Xen_ComputerSystem or a host');
  const host = resolve(view, 'host', path)?.record;
  // No machine has the uuid "none": without it, all machines of the host would be told of too.
  if (host) return { name: host.name_label, host, selection: 'host=true&vm_uuid=none' };
  const vm = resolve(view, 'VM', path)?.record;
  if (vm) return measuredMachine(view, vm);
  throw new CimError('NOT_FOUND', `System: the pool has no host and no machine for ${shownPath(path)}`);
}

function secondsOf(input: Input, name: string): number | undefined {
  const text = input.text(name);
  if (text === undefined) return undefined;
  return Math.max(0, Math.floor(epochOfDatetime(text) / 1000));
}

/** Minutes that every host keeps in its finest steps. */
const usualMinutes = 10;

/**
 * Seconds that hosts keep in their coarsest steps, and those steps. Of a span that begins before, or in coarser steps, a
 * host gives nothing at all, and not what it has.
 */
const kept = 365 * 86_400;
const coarsest = 86_400;

/** The span: by its ends, or by one end and its length. A host counts a span up to now by its own clock. */
function spanOf(input: Input): Span {
  const start = secondsOf(input, 'StartTime');
  const end = secondsOf(input, 'EndTime');
  const seconds = (input.number('TimeDuration') ?? usualMinutes) * 60;
  if (seconds === 0) invalid('TimeDuration wants one minute or more');
  if (start !== undefined && end !== undefined && start >= end) invalid('StartTime has to be before EndTime');
  if (start === undefined && end === undefined) return { start: `-${Math.min(seconds, kept)}`, end };
  const earliest = Math.floor(Date.now() / 1000) - kept;
  return { start: String(Math.max(earliest, start ?? end! - seconds)), end };
}

const finest = 5;
const timeoutMs = 15_000;

/**
 * GetPerformanceMetricsForSystem: what the host has measured of itself or of a machine, as XenAPI /rrd_updates exports
 * it. The host chooses the finest steps of at least ResolutionInterval seconds that reach back far enough.
 */
const getPerformanceMetricsForSystem: Method = {
  access: 'read',
  run: async (call): Promise<Plan> => {
    const span = spanOf(call.input);
    const interval = Math.min(coarsest, Math.max(finest, call.input.number('ResolutionInterval') ?? finest));
    const { name, host, selection } = measuredBy(call);
    const query = `start=${span.start}&cf=AVERAGE&interval=${interval}&${selection}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const { status, text } = await call.page(host.address, `/rrd_updates?${query}`, 'text/xml', signal);
    if (status !== 200 || !isExport(text)) {
      const got = status === 200 ? 'something else' : `HTTP ${status}`;
      throw new CimError('FAILED', `${host.name_label} was asked for what it measured of ${name}; it answered ${got}`);
    }
    return { returned: 0, output: { Metrics: span.end === undefined ? text : exportUntil(text, span.end) } };
  },
};

export const metricServiceMethods: MethodTable = {
  Xen_MetricService: { ...metricControls, GetPerformanceMetricsForSystem: getPerformanceMetricsForSystem },
};
