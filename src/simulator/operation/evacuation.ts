import type { Ref } from '../../xenapi/records.js';
import { refuse, XenApiFailure } from '../failure.js';
import { memoryNeeded } from '../memory.js';
import { bootObstacle, freeMemory } from '../placement.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { Call, HandlerTable, World } from '../world.js';
import { during } from './during.js';
import { hostObstacle } from './host-rule.js';
import { migrate } from './vm-migrate.js';

type Vm = Ref<'VM'>;
type Host = Ref<'host'>;

/** Where each machine of a host could go, or why it can go nowhere. */
type Plan = ReadonlyMap<Vm, Host | XenApiFailure>;

/** Why a machine fits on none of the hosts; the pool names the machine in the place of figures (facts 5.6). */
function reasonFor(world: World, vm: Vm, hosts: readonly Host[]): XenApiFailure {
  const reasons = hosts.map((host) => bootObstacle(world, vm, host));
  const short = reasons.find((reason) => reason === undefined || reason.code === 'HOST_NOT_ENOUGH_FREE_MEMORY');
  if (hosts.length === 0) return new XenApiFailure('NO_HOSTS_AVAILABLE', vm);
  if (reasons.some((reason) => reason === undefined) || short !== undefined)
    return new XenApiFailure('HOST_NOT_ENOUGH_FREE_MEMORY', vm);
  return reasons[0] as XenApiFailure;
}

/** The machines that have to leave a host; its control domain stays. */
const guestsOf = ({ db }: World, host: Host): Vm[] =>
  db.need('host', host).resident_VMs.filter((vm) => !db.need('VM', vm).is_control_domain);

/** A plan for all machines of a host, the largest first, into the memory that the others have left. */
function planOf(world: World, host: Host): Plan {
  const others = world.db.refs('host').filter((each) => {
    const { enabled, metrics } = world.db.need('host', each);
    return each !== host && enabled && world.db.get('host_metrics', metrics)?.live === true;
  });
  const free = new Map(others.map((each) => [each, freeMemory(world, each)]));
  const size = (vm: Vm): bigint => memoryNeeded(world.db.need('VM', vm));
  const guests = guestsOf(world, host).toSorted((a, b) => Number(size(b) - size(a)));
  const plan = new Map<Vm, Host | XenApiFailure>();
  for (const vm of guests) {
    const obstacle = vmObstacle(world, vm, 'pool_migrate');
    const fits = (each: Host): boolean =>
      bootObstacle(world, vm, each) === undefined && size(vm) <= (free.get(each) as bigint);
    const target = obstacle === undefined ? others.find(fits) : undefined;
    if (target !== undefined) free.set(target, (free.get(target) as bigint) - size(vm));
    plan.set(vm, obstacle ?? target ?? reasonFor(world, vm, others));
  }
  return plan;
}

const failuresOf = (plan: Plan): (readonly [Vm, XenApiFailure])[] =>
  [...plan].flatMap(([vm, what]) => (what instanceof XenApiFailure ? [[vm, what] as const] : []));

const text = ({ code, params }: XenApiFailure): string => [code, ...params].join(',');

/** XenAPI host.assert_can_evacuate: CANNOT_EVACUATE_HOST ["CODE,p|CODE,p"] (facts 5.6). */
function assertCanEvacuate({ world }: Call, host: Host): void {
  const failures = failuresOf(planOf(world, host));
  if (failures.length > 0) refuse('CANNOT_EVACUATE_HOST', failures.map(([, failure]) => text(failure)).join('|'));
}

/** XenAPI host.evacuate: all machines go elsewhere, or the first that cannot says why and none has moved (facts 5.6). */
function evacuate(call: Call, host: Host): Promise<void> {
  const { world } = call;
  const obstacle = () => hostObstacle(world, host, 'evacuate');
  return during(call, { of: 'host', ref: host, operation: 'evacuate', obstacle }, async () => {
    const plan = planOf(world, host);
    const [first] = failuresOf(plan);
    if (first !== undefined) throw first[1];
    for (const [vm, target] of plan) await migrate(call, vm, target as Host);
  });
}

/** The messages that empty a host (facts 5.6). */
export const evacuationHandlers: HandlerTable = {
  'host.evacuate': evacuate,
  'host.assert_can_evacuate': assertCanEvacuate,
  'host.get_vms_which_prevent_evacuation': ({ world }: Call, host: Host) =>
    new Map(failuresOf(planOf(world, host)).map(([vm, { code, params }]) => [vm, [code, ...params]])),
  'host.get_uncooperative_resident_VMs': ({ world }: Call, host: Host) => world.db.need('host', host) && [],
};
