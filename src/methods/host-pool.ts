import type { Records, Ref } from '../xenapi/records.js';
import { invalid, missing } from './input.js';
import type { Method, MethodCall, MethodTable, Plan, Work } from './method.js';
import { Refusal, serviceCodes } from './return-code.js';

type Pool = Records['pool'];

const poolOf = ({ target }: MethodCall): { readonly ref: Ref<'pool'>; readonly pool: Pool } => ({
  ref: target.ref as Ref<'pool'>,
  pool: target.record as Pool,
});

/** Work on the pool as a whole, by one message that the caller must have the right to. */
const work = (pool: Pool, message: string, run: Work['run'], affects: Work['affects'] = {}): Work => ({
  job: 'Xen_Job',
  answers: 'done',
  subject: pool.name_label || pool.uuid,
  codes: serviceCodes,
  needs: [message],
  affects,
  run,
});

/** Declines with the return value for an invalid state. */
function refuse(message: string): never {
  throw new Refusal(serviceCodes.InvalidState, message);
}

/** The fields of a pool that Create writes, by parameter. */
const labels = { Name: 'name_label', Description: 'name_description' } as const;

/** Create: there is one pool always; it is given its name and its description. */
const create: Method = {
  run: (call): Plan => {
    const { ref, pool } = poolOf(call);
    const given = Object.entries(labels).map(([name, field]) => [field, call.input.text(name)] as const);
    if (given.every(([, value]) => value === undefined)) missing('Name', 'a name for the pool, or a Description');
    return work(pool, 'pool.set_name_label', async (steps) => {
      for (const [field, value] of given) {
        if (value === undefined || value === pool[field]) continue;
        await steps.call(`pool.set_${field}`, ref, value);
        steps.undo(`the new ${field} of the pool`, `pool.set_${field}`, ref, pool[field]);
      }
      return {};
    });
  },
};

/** RemoveHost: XenAPI pool.eject. The host starts again as a pool of its own, and its local storage is wiped. */
const removeHost: Method = {
  run: (call): Plan => {
    const { pool } = poolOf(call);
    const { view, input } = call;
    const { ref, record } = input.refer('Host', 'host') ?? missing('Host', 'a reference to a Xen_HostComputerSystem');
    if (ref === pool.master)
      refuse(`${record.name_label} coordinates the pool: make another host the coordinator first`);
    if (pool.ha_enabled) refuse('high availability is on: no host can leave the pool');
    const guest = record.resident_VMs.map((vm) => view.get('VM', vm)).find((vm) => vm && !vm.is_control_domain);
    if (guest) refuse(`${guest.name_label} runs on ${record.name_label}: move its machines away first`);
    const run: Work['run'] = async (steps) => {
      await steps.last('pool.eject', ref);
      return {};
    };
    return work(pool, 'pool.eject', run, { hosts: [ref] });
  },
};

/** EnableHighAvailability: XenAPI pool.enable_ha, with the default storage repository as heartbeat disk. */
const enableHighAvailability: Method = {
  run: (call): Plan => {
    const { pool } = poolOf(call);
    if (pool.ha_enabled) refuse('high availability is on already');
    const storage = call.view.get('SR', pool.default_SR);
    if (!storage) refuse('the pool has no default storage repository, which high availability keeps its heartbeat on');
    const run: Work['run'] = async (steps) => {
      await steps.last('pool.enable_ha', [pool.default_SR], {});
      return {};
    };
    return work(pool, 'pool.enable_ha', run, { SRs: [pool.default_SR] });
  },
};

/** DisableHighAvailability: XenAPI pool.disable_ha. */
const disableHighAvailability: Method = {
  run: (call): Plan => {
    const { pool } = poolOf(call);
    if (!pool.ha_enabled) refuse('high availability is off already');
    return work(pool, 'pool.disable_ha', async (steps) => {
      await steps.last('pool.disable_ha');
      return {};
    });
  },
};

/** SetDefaultStoragePool: XenAPI pool.set_default_SR, for a repository that can hold disks and is attached somewhere. */
const setDefaultStoragePool: Method = {
  run: (call): Plan => {
    const { ref: pool, pool: record } = poolOf(call);
    const { view, input } = call;
    const storage = input.refer('StoragePool', 'SR') ?? missing('StoragePool', 'a reference to a Xen_StoragePool');
    const { name_label: name, content_type, PBDs } = storage.record;
    if (content_type === 'iso') invalid(`StoragePool: ${name} holds CD images, and no disks`);
    if (!PBDs.some((pbd) => view.get('PBD', pbd)?.currently_attached)) refuse(`${name} is attached to no host`);
    const run: Work['run'] = async (steps) => {
      await steps.call('pool.set_default_SR', pool, storage.ref);
      return {};
    };
    return work(record, 'pool.set_default_SR', run, { SRs: [storage.ref] });
  },
};

/** The methods of the pool of hosts. */
export const hostPoolMethods: MethodTable = {
  Xen_HostPool: {
    Create: create,
    RemoveHost: removeHost,
    EnableHighAvailability: enableHighAvailability,
    DisableHighAvailability: disableHighAvailability,
    SetDefaultStoragePool: setDefaultStoragePool,
  },
};
