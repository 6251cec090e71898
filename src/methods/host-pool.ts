import { setTimeout } from 'node:timers/promises';
import { CimError } from '../cim/error.js';
import { XenApiError } from '../xenapi/error.js';
import type { Records, Ref } from '../xenapi/records.js';
import { invalid, missing } from './input.js';
import { face, type Method, type MethodCall, type MethodTable, type Plan, type Work } from './method.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';

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

/** What an address or a name in the network looks like; a port is that of the pool. */
const addressForm = /^(?:[\w.-]{1,253}|\[?[\da-f:.]{2,45}\]?)$/i;

const wanted = ({ input }: MethodCall, name: string, what: string): string => {
  const text = input.text(name) ?? '';
  return text === '' ? missing(name, what) : text;
};

/** The address of the host that is to join; a member of the pool is an invalid state. */
function newcomerOf(call: MethodCall): string {
  const address = wanted(call, 'HostName', 'the address or the name of the host that is to join').trim();
  if (!addressForm.test(address)) invalid(`HostName wants an address or a name; got "${address.slice(0, 100)}"`);
  const same = address.toLowerCase();
  for (const ref of call.view.refs('host')) {
    const { address: own, hostname, name_label } = call.view.get('host', ref)!;
    if ([own, hostname].some((each) => each.toLowerCase() === same)) refuse(`${name_label} is in the pool already`);
  }
  return address;
}

/** A newcomer that does not know its administrator is a matter of parameters, and not of the caller's rights. */
function told(reason: unknown, address: string): unknown {
  if (!(reason instanceof XenApiError) || reason.code !== 'SESSION_AUTHENTICATION_FAILED') return reason;
  return new CimError('INVALID_PARAMETER', `Username or Password: ${address} does not let them in. ${reason.text()}`);
}

const askEveryMs = 500;
const mostAsks = 20;

/** The pool's reference of a host that has joined just now: the newcomer's answer may have come first, or never. */
async function joined(steps: Steps, uuid: string): Promise<string> {
  for (let asked = 1; ; asked++) {
    try {
      return String(await steps.call('host.get_by_uuid', uuid));
    } catch (reason) {
      const unknown = reason instanceof XenApiError && ['UUID_INVALID', 'HANDLE_INVALID'].includes(reason.code);
      if (!unknown || asked === mostAsks) throw reason;
      await setTimeout(askEveryMs);
    }
  }
}

/**
 * AddHost: XenAPI pool.join, sent to the host that stands alone. It logs in to the pool itself, with the account of the
 * bridge; nobody else's password is known, and so nobody else can have it handed to another host.
 */
const addHost: Method = {
  run: (call): Plan => {
    const { pool } = poolOf(call);
    const { view, caller, admission } = call;
    const address = newcomerOf(call);
    const user = wanted(call, 'Username', 'an administrator of the host that is to join');
    const password = call.input.text('Password') ?? missing('Password', 'the password of that administrator');
    if (pool.ha_enabled) refuse('high availability is on: no host can join the pool');
    if (caller.name !== admission.account) {
      const why = `the host that joins logs in to the pool, for which it is given the account ${admission.account}`;
      throw new CimError('ACCESS_DENIED', `${why}: only who knows its password may add hosts, by calling under it`);
    }
    const coordinator = view.get('host', pool.master)?.address ?? '';
    const run: Work['run'] = async (steps) => {
      const uuid = await admission.admit(address, { user, password }, coordinator).catch((reason: unknown) => {
        throw told(reason, address);
      });
      return { Host: face('Xen_HostComputerSystem', await joined(steps, uuid)) };
    };
    return work(pool, 'pool.join', run);
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
    AddHost: addHost,
    RemoveHost: removeHost,
    EnableHighAvailability: enableHighAvailability,
    DisableHighAvailability: disableHighAvailability,
    SetDefaultStoragePool: setDefaultStoragePool,
  },
};
