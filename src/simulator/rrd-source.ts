import type { Records, Ref } from '../xenapi/records.js';
import type { Database } from './database.js';
import { busyness, mean, type Signal, scaled, steady, total, wave } from './rrd-signal.js';
import type { World } from './world.js';

/** One data source of an owner (`vm:<uuid>`, `host:<uuid>`, `sr:<uuid>`). */
export interface Source {
  readonly owner: string;
  readonly name: string;
  readonly at: Signal;
  /** Seconds since 1970 before which nothing was measured. */
  readonly since: number;
}

type Named = readonly (readonly [name: string, at: Signal])[];
type Vm = Records['VM'];

const MIB = 2 ** 20;
const KIB = 1024;

const secondsOf = (date: string): number => Date.parse(date) / 1000 || 0;

/** Whether there is a domain, which alone is measured. */
const isMeasured = ({ power_state }: Vm): boolean => power_state === 'Running' || power_state === 'Paused';

/** Bytes and requests in a second, and what follows from them; `suffix` is put behind every name (facts 4.2). */
function storageSources(
  [read, write]: readonly [read: Signal, write: Signal],
  wait: Signal,
  name: (what: string) => string,
): Named {
  const both = total([read, write]);
  const requests = (bytes: Signal): Signal => scaled(bytes, 1 / (64 * KIB));
  return [
    [name('io_throughput_read'), scaled(read, 1 / MIB)],
    [name('io_throughput_write'), scaled(write, 1 / MIB)],
    [name('io_throughput_total'), scaled(both, 1 / MIB)],
    [name('iops_read'), requests(read)],
    [name('iops_write'), requests(write)],
    [name('iops_total'), requests(both)],
    [name('iowait'), scaled(wait, 1e-6)],
    [name('inflight'), (seconds) => Math.round(requests(both)(seconds) / 50)],
    [name('latency'), wait],
    [name('avgqu_sz'), scaled(requests(both), 1 / 200)],
  ];
}

function diskSources(vbd: Records['VBD'], busy: number): Named {
  const { uuid, device } = vbd;
  const read = wave(`${uuid} read`, 0, 40e6 * busy);
  const write = wave(`${uuid} write`, 0, 25e6 * busy);
  const wait = wave(`${uuid} wait`, 150, 4_000);
  return [
    [`vbd_${device}_read`, read],
    [`vbd_${device}_write`, write],
    [`vbd_${device}_read_latency`, wave(`${uuid} read latency`, 100, 3_000)],
    [`vbd_${device}_write_latency`, wave(`${uuid} write latency`, 200, 5_000)],
    ...storageSources([read, write], wait, (what) => `vbd_${device}_${what}`),
  ];
}

function portSources(prefix: string, uuid: string, most: number): Named {
  return [
    [`${prefix}_rx`, wave(`${uuid} rx`, 0, most)],
    [`${prefix}_tx`, wave(`${uuid} tx`, 0, most / 2)],
  ];
}

/** Parts of the time in which a machine's processors run or wait; they make up one. */
function runStates(load: Signal): Named {
  const share = (name: string, part: number): readonly [string, Signal] => [name, scaled(load, part)];
  return [
    share('runstate_fullrun', 0.7),
    share('runstate_partial_run', 0.2),
    share('runstate_concurrency_hazard', 0.05),
    share('runstate_partial_contention', 0.03),
    share('runstate_full_contention', 0.02),
    ['runstate_blocked', (seconds) => 1 - load(seconds)],
  ];
}

function processorCount(db: Database, { metrics, VCPUs_at_startup }: Vm): number {
  const now = Number(db.get('VM_metrics', metrics)?.VCPUs_number ?? 0n);
  return now > 0 ? now : Number(VCPUs_at_startup);
}

function memorySources(db: Database, vm: Vm): Named {
  const memory = Number(db.get('VM_metrics', vm.metrics)?.memory_actual || vm.memory_dynamic_max);
  const free = wave(`${vm.uuid} free`, 0.1 * memory, 0.6 * memory);
  return [
    ['memory', steady(memory)],
    ['memory_target', steady(Number(vm.memory_target || vm.memory_dynamic_max))],
    ...(db.get('VM_guest_metrics', vm.guest_metrics)
      ? ([['memory_internal_free', scaled(free, 1 / KIB)]] as const)
      : []),
  ];
}

function vmSources(db: Database, vm: Vm): Named {
  const busy = vm.power_state === 'Paused' ? 0 : 0.05 + 0.9 * busyness(vm.uuid);
  const processors = Array.from({ length: processorCount(db, vm) }, (_, n) => wave(`${vm.uuid} cpu${n}`, 0, busy));
  const disks = vm.VBDs.map((ref) => db.need('VBD', ref)).filter((vbd) => vbd.currently_attached && vbd.device !== '');
  const ports = vm.VIFs.map((ref) => db.need('VIF', ref)).filter((vif) => vif.currently_attached);
  return [
    ...processors.map((at, n) => [`cpu${n}`, at] as const),
    ['cpu_usage', mean(processors)],
    ...memorySources(db, vm),
    ...disks.flatMap((vbd) => diskSources(vbd, busy)),
    ...ports.flatMap((vif) => portSources(`vif_${vif.device}`, vif.uuid, 12e6 * busy)),
    ...runStates(mean(processors)),
  ];
}

const isOwnPort = ({ physical, bond_master_of, currently_attached }: Records['PIF']): boolean =>
  currently_attached && (physical || bond_master_of.length > 0);

function networkSources(db: Database, host: Records['host']): Named {
  const ports = host.PIFs.map((ref) => db.need('PIF', ref)).filter(isOwnPort);
  const each = ports.map(({ device, uuid }) => portSources(`pif_${device}`, uuid, 80e6));
  const sum = (direction: number): Signal => total(each.map((port) => port[direction]![1]));
  return [...each.flat(), ['pif_aggr_rx', sum(0)], ['pif_aggr_tx', sum(1)]];
}

function repositorySources(db: Database, host: Records['host']): Named {
  const plugged = host.PBDs.map((ref) => db.need('PBD', ref)).filter((pbd) => pbd.currently_attached);
  return plugged.flatMap(({ uuid, SR }) => {
    const suffix = db.need('SR', SR).uuid.slice(0, 8);
    const flow = [wave(`${uuid} read`, 0, 90e6), wave(`${uuid} write`, 0, 60e6)] as const;
    const wait = wave(`${uuid} wait`, 200, 6_000);
    return [
      ...storageSources(flow, wait, (what) => `${what}_${suffix}`),
      [`read_latency_${suffix}`, wait] as const,
      [`write_latency_${suffix}`, scaled(wait, 1.5)] as const,
    ];
  });
}

function coordinatorSources({ sessions, db, pool }: World, host: Ref<'host'>): Named {
  if (db.need('pool', pool()).master !== host) return [];
  return [
    ['pool_session_count', steady(sessions.all.length)],
    ['pool_task_count', steady(db.count('task'))],
    ['pool_session_creation_rate', wave(`${host} sessions`, 0, 0.4)],
    ['xapi_memory_usage_kib', wave(`${host} xapi`, 180_000, 320_000)],
    ['xapi_free_memory_kib', wave(`${host} xapi free`, 8_000, 40_000)],
    ['xapi_live_memory_kib', wave(`${host} xapi live`, 60_000, 90_000)],
    ['xapi_allocation_kib', wave(`${host} xapi made`, 1_000, 9_000)],
  ];
}

function hostSources(world: World, ref: Ref<'host'>): Named {
  const { db } = world;
  const host = db.need('host', ref);
  const processors = host.host_CPUs
    .map((cpu) => db.need('host_cpu', cpu))
    .map(({ number, uuid }) => ({
      name: `cpu${number}`,
      at: wave(uuid, 0, 0.15 + 0.7 * busyness(host.uuid)),
    }));
  const { memory_total, memory_free } = db.need('host_metrics', host.metrics);
  const running = host.resident_VMs.map((vm) => db.need('VM', vm)).filter(isMeasured);
  const average = mean(processors.map(({ at }) => at));
  return [
    ...processors.map(({ name, at }) => [name, at] as const),
    ['cpu_avg', average],
    ['loadavg', scaled(average, 1.2)],
    ['hostload', scaled(average, 1.1)],
    ['running_vcpus', steady(running.reduce((sum, vm) => sum + processorCount(db, vm), 0))],
    ['memory_total_kib', steady(Number(memory_total) / KIB)],
    ['memory_free_kib', steady(Number(memory_free) / KIB)],
    ['memory_reclaimed', steady(0)],
    ['memory_reclaimed_max', steady(0)],
    ...networkSources(db, host),
    ...repositorySources(db, host),
    ['Tapdisks_in_low_memory_mode', steady(0)],
    ['DCMI-power-reading', wave(`${host.uuid} power`, 140, 420)],
    ...coordinatorSources(world, ref),
  ];
}

const owned = (owner: string, since: number, named: Named): readonly Source[] =>
  named.map(([name, at]) => ({ owner, name, at, since }));

/** The machines that a host measures. */
export const measuredOn = ({ db }: World, host: Ref<'host'>): readonly Vm[] =>
  db
    .need('host', host)
    .resident_VMs.map((ref) => db.need('VM', ref))
    .filter(isMeasured);

/** What a host measures of one of its machines. */
export const sourcesOfVm = ({ db }: World, vm: Vm): readonly Source[] =>
  owned(`vm:${vm.uuid}`, secondsOf(db.get('VM_metrics', vm.metrics)?.start_time ?? ''), vmSources(db, vm));

/** What a host measures of itself. */
export const sourcesOfHost = (world: World, host: Ref<'host'>): readonly Source[] =>
  owned(`host:${world.db.need('host', host).uuid}`, 0, hostSources(world, host));

/** What a host measures of a repository that is plugged to it. */
export function sourcesOfRepository({ db }: World, host: Ref<'host'>, uuid: string): readonly Source[] {
  const plugged = db.need('host', host).PBDs.map((ref) => db.need('PBD', ref));
  const found = plugged.find(({ currently_attached, SR }) => currently_attached && db.get('SR', SR)?.uuid === uuid);
  if (!found) return [];
  const { physical_size, physical_utilisation } = db.need('SR', found.SR);
  return owned(`sr:${uuid}`, 0, [
    ['size', steady(Number(physical_size))],
    ['physical_utilisation', steady(Number(physical_utilisation))],
  ]);
}
