import type { Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { type Source, sourcesOfHost, sourcesOfRepository, sourcesOfVm } from '../rrd-source.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { onVm } from './vm-power.js';

/** Units by the form of a data source's name (facts 4.2). */
const units: readonly (readonly [form: RegExp, unit: string])[] = [
  [/^(cpu\d+|cpu_usage|cpu_avg|loadavg|hostload|runstate_)/, '(fraction)'],
  [/_iops_|^iops_/, 'requests/s'],
  [/io_throughput_/, 'MiB/s'],
  [/latency/, 'microseconds'],
  [/iowait/, 's/s'],
  [/inflight|avgqu_sz/, 'requests'],
  [/_kib$|^memory_internal_free$/, 'KiB'],
  [/^memory|^size$|^physical_utilisation$/, 'B'],
  [/_(rx|tx|read|write)$/, 'B/s'],
  [/power/, 'W'],
];

const record = ({ name, at }: Source, seconds: number): AnyRecord => ({
  name_label: name,
  name_description: name,
  enabled: true,
  standard: true,
  units: units.find(([form]) => form.test(name))?.[1] ?? '',
  min: 0,
  max: Number.POSITIVE_INFINITY,
  value: at(seconds),
});

const seconds = (world: World): number => world.clock.now() / 1000;

const list = (world: World, sources: readonly Source[]): readonly AnyRecord[] =>
  sources.map((source) => record(source, seconds(world)));

/** The source of a name; INTERNAL_ERROR for one that there is not (facts 4.1). */
const named = (sources: readonly Source[], name: string): Source =>
  sources.find((source) => source.name === name) ?? refuse('INTERNAL_ERROR', `No data source is called ${name}`);

type Sources<R> = (world: World, ref: R) => readonly Source[];

const ofHost: Sources<Ref<'host'>> = sourcesOfHost;

/** A repository is measured by the first host that has it plugged. */
const ofRepository: Sources<Ref<'SR'>> = (world, ref) => {
  const { uuid, PBDs } = world.db.need('SR', ref);
  const plugged = PBDs.map((pbd) => world.db.need('PBD', pbd)).find((pbd) => pbd.currently_attached);
  return plugged === undefined ? [] : sourcesOfRepository(world, plugged.host, uuid);
};

const messagesOf = <R extends string>(of: string, sources: Sources<R>): HandlerTable => ({
  [`${of}.get_data_sources`]: ({ world }: Call, ref: R) => list(world, sources(world, ref)),
  [`${of}.query_data_source`]: ({ world }: Call, ref: R, name: string) =>
    named(sources(world, ref), name).at(seconds(world)),
  [`${of}.record_data_source`]: ({ world }: Call, ref: R, name: string) => void named(sources(world, ref), name),
  [`${of}.forget_data_source_archives`]: ({ world }: Call, ref: R, name: string) =>
    void named(sources(world, ref), name),
});

/** A machine is measured only while it runs: VM_BAD_POWER_STATE (facts 5.1). */
const onRunning =
  <T>(body: (world: World, sources: readonly Source[], name: string) => T) =>
  (call: Call, vm: Ref<'VM'>, name = ''): Promise<T> =>
    onVm(call, vm, 'data_source_op', () =>
      body(call.world, sourcesOfVm(call.world, call.world.db.need('VM', vm)), name),
    );

/** The messages about data sources of machines, hosts and repositories (facts 4.1). */
export const dataSourceHandlers: HandlerTable = {
  ...messagesOf('host', ofHost),
  ...messagesOf('SR', ofRepository),
  'VM.get_data_sources': onRunning((world, sources) => list(world, sources)),
  'VM.query_data_source': onRunning((world, sources, name) => named(sources, name).at(seconds(world))),
  'VM.record_data_source': onRunning((_world, sources, name) => void named(sources, name)),
  'VM.forget_data_source_archives': onRunning((_world, sources, name) => void named(sources, name)),
};
