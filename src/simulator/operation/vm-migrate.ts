import type { Ref } from '../../xenapi/records.js';
import type { XenApiFailure } from '../failure.js';
import { refuseIf } from '../failure.js';
import { bootObstacle } from '../placement.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshHost, refreshMachine } from './allowed.js';
import { during, spendFor } from './during.js';
import { assertAnswers, onItsWay } from './vm-power.js';
import { makeConsoles, tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Host = Ref<'host'>;
type Options = Readonly<Record<string, string>>;

/** What stands against a migration; who forces it does without what the guest should be able to do (facts 5.1). */
export function migrationObstacle(
  world: World,
  vm: Vm,
  operation: 'pool_migrate' | 'migrate_send',
  options: Options,
): XenApiFailure | undefined {
  const failure = vmObstacle(world, vm, operation);
  return failure?.code === 'VM_LACKS_FEATURE' && options['force'] === 'true' ? undefined : failure;
}

/** A live machine goes on where it is now: on another host, with consoles there. */
export function settle(world: World, vm: Vm, host: Host): void {
  const from = world.db.need('VM', vm).resident_on;
  world.db.update('VM', vm, { resident_on: host, domid: world.ids.domain() });
  makeConsoles(world, vm);
  refreshHost(world, from);
  refreshHost(world, host);
  refreshMachine(world, vm);
}

const nameOf = ({ db }: World, host: Host): string => db.get('host', host)?.name_label ?? '';

/** Moves a running machine to a host, its own included; nothing has changed if the host cannot take it (facts 5.2). */
export function migrate(call: Call, vm: Vm, host: Host, options: Options = {}): Promise<void> {
  const { world } = call;
  world.db.need('host', host);
  const obstacle = () => migrationObstacle(world, vm, 'pool_migrate', options);
  return during(call, { of: 'VM', ref: vm, operation: 'pool_migrate', obstacle }, async () => {
    assertAnswers(world, vm, 'pool_migrate');
    const from = world.db.need('VM', vm).resident_on;
    if (from !== host) refuseIf(bootObstacle(world, vm, host));
    const time = world.clock.duration('VM.pool_migrate');
    await onItsWay(call, vm, host, 'vm_migrate', () => spendFor(call, time, true));
    settle(world, vm, host);
    const way = `from host: ${nameOf(world, from)} to host: ${nameOf(world, host)}`;
    tellOf(world, vm, 'VM_MIGRATED', `was migrated ${way}`);
  });
}

/** The message that moves a machine within the pool (facts 5.2). */
export const vmMigrateHandlers: HandlerTable = { 'VM.pool_migrate': migrate };
