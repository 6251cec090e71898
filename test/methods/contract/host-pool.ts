import { type Simulator, startSimulator } from '../../../src/simulator/simulator.js';
import type { Records, Ref } from '../../../src/xenapi/records.js';
import { path, type Stage, shown } from '../stage.js';
import { assertSeen, hostPath } from './arrangement.js';
import type { Call, Row, Rows } from './row.js';

const poolRef = (on: Stage): Ref<'pool'> => on.db.refs('pool')[0]!;
const pool = (on: Stage): Records['pool'] => on.db.need('pool', poolRef(on));
const at = (on: Stage) => path('Xen_HostPool', { InstanceID: `Xen:${pool(on).uuid}` });

/** The pool with high availability on or off. */
async function guarded(on: Stage, wanted: boolean): Promise<Call> {
  const { ha_enabled, default_SR } = pool(on);
  if (wanted && !ha_enabled) await on.connection.call('pool.enable_ha', [default_SR], {});
  if (!wanted && ha_enabled) await on.connection.call('pool.disable_ha');
  await on.events.caughtUp(10_000);
  return { at: at(on), given: {}, seen: () => assertSeen(on.store.get('pool', poolRef(on))!.ha_enabled !== wanted) };
}

let names = 0;

const create: Row = {
  arrange: (on) => {
    const Name = `Nord ${++names}`;
    return {
      at: at(on),
      given: { Name, Description: `Halle ${names}` },
      seen: async () => assertSeen(shown(await on.get(at(on)), 'ElementName') === Name),
    };
  },
  optional: ['Name', 'Description'],
  invalid: [
    { what: 'neither name nor description', given: { Name: null, Description: null }, answers: 'INVALID_PARAMETER' },
  ],
  wrongState: 'a pool can be named whatever state it is in',
  refusedTo: 'vm-power-admin',
};

const enable: Row = {
  arrange: (on) => guarded(on, false),
  invalid: [],
  wrongState: [{ what: 'that it is on already', arrange: (on) => guarded(on, true), answers: '5' }],
  refusedTo: 'vm-power-admin',
};

const disable: Row = {
  arrange: (on) => guarded(on, true),
  invalid: [],
  wrongState: [{ what: 'that it is off already', arrange: (on) => guarded(on, false), answers: '5' }],
  refusedTo: 'vm-power-admin',
};

const storagePath = (uuid: string) => path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` });

/** A repository for disks that is not the default one. */
function another(on: Stage): [Ref<'SR'>, Records['SR']] {
  const { default_SR } = pool(on);
  return on.one(
    'SR',
    ({ content_type, uuid }) => content_type === 'user' && uuid !== on.db.get('SR', default_SR)?.uuid,
  );
}

const setDefault: Row = {
  arrange: async (on) => {
    await guarded(on, false);
    const [ref, { uuid }] = another(on);
    return {
      at: at(on),
      given: { StoragePool: storagePath(uuid) },
      seen: () => assertSeen(on.store.get('pool', poolRef(on))!.default_SR === ref),
    };
  },
  invalid: [
    {
      what: 'a library of media',
      given: ({ at: _at, ...call }) => call.given,
      arrange: (on) => ({
        at: at(on),
        given: { StoragePool: storagePath(on.one('SR', ({ content_type }) => content_type === 'iso')[1].uuid) },
      }),
      answers: 'INVALID_PARAMETER',
    },
  ],
  wrongState: [
    {
      what: 'a repository that is attached nowhere',
      arrange: async (on) => {
        const [, { uuid, PBDs }] = on.one('SR', ({ type, PBDs }) => type === 'ext' && PBDs.length === 1);
        await on.connection.call('PBD.unplug', PBDs[0]!);
        await on.events.caughtUp(10_000);
        return { at: at(on), given: { StoragePool: storagePath(uuid) } };
      },
      answers: '5',
    },
  ],
  refusedTo: 'vm-power-admin',
};

const newcomers: Simulator[] = [];

/** A host that stands alone at an address of its own, and that a pool can take. */
async function newcomer(
  on: Stage,
): Promise<{ readonly address: string; readonly uuid: string; readonly also: Simulator }> {
  const alone = await startSimulator({
    size: '1x0',
    seed: 100 + newcomers.length,
    subnet: 9 + newcomers.length,
    port: on.simulator.port,
    settings: { users: [{ name: 'root', password: 'theirs', role: 'pool-admin', localSuperuser: true }] },
    durations: { default: 0 },
  });
  newcomers.push(alone);
  for (const vlan of alone.db.refs('VLAN')) alone.db.remove('VLAN', vlan);
  for (const bond of alone.db.refs('Bond')) alone.db.remove('Bond', bond);
  for (const [sr, { shared }] of alone.db.entries('SR')) if (shared) alone.db.update('SR', sr, { shared: false });
  const { address, uuid } = alone.db.need('host', alone.db.refs('host')[0]!);
  return { address, uuid, also: alone };
}

/** The hosts that joined, which are simulators of their own. */
export const addedHosts = {
  end: async (): Promise<void> => {
    for (const each of newcomers.splice(0)) await each.stop();
  },
};

const addHost: Row = {
  arrange: async (on) => {
    await guarded(on, false);
    const { address: HostName, uuid, also } = await newcomer(on);
    return {
      also,
      at: at(on),
      given: { HostName, Username: 'root', Password: 'theirs' },
      seen: async () => assertSeen(shown(await on.get(hostPath(uuid)), 'Name') === uuid),
    };
  },
  gives: ['Host'],
  invalid: [
    { what: 'no address', given: { HostName: 'user:password@host/path' }, answers: 'INVALID_PARAMETER' },
    { what: 'no administrator', given: { Username: '' }, answers: 'INVALID_PARAMETER' },
    { what: 'a password that is not his', given: { Password: 'wrong' }, answers: 'INVALID_PARAMETER' },
  ],
  wrongState: [
    {
      what: 'a host of the pool',
      given: ({ given }) => given,
      arrange: (on) => ({
        at: at(on),
        given: { HostName: on.db.need('host', pool(on).master).address, Username: 'root', Password: 'x' },
      }),
      answers: '5',
    },
    {
      what: 'a pool with high availability',
      arrange: async (on) => ({
        ...(await guarded(on, true)),
        given: { HostName: '127.99.0.1', Username: 'root', Password: 'x' },
      }),
      answers: '5',
    },
  ],
  refusedTo: 'vm-power-admin',
  lasting: { 'host.get_by_uuid': 'the host has joined by then, and leaving would wipe it' },
};

const removeHost: Row = {
  arrange: async (on) => {
    await guarded(on, false);
    const [ref, { uuid }] = on.one('host', (host) => host.uuid !== on.db.need('host', pool(on).master).uuid);
    return {
      at: at(on),
      given: { Host: hostPath(uuid) },
      seen: () => assertSeen(on.store.get('host', ref) === undefined),
    };
  },
  invalid: [],
  wrongState: [
    {
      what: 'the coordinator',
      arrange: (on) => ({ at: at(on), given: { Host: hostPath(on.db.need('host', pool(on).master).uuid) } }),
      answers: '5',
    },
  ],
  refusedTo: 'vm-power-admin',
};

/** Rows of the pool of hosts; those that take hosts away come last. */
export const hostPoolRows: Rows = {
  Xen_HostPool: {
    Create: create,
    EnableHighAvailability: enable,
    DisableHighAvailability: disable,
    SetDefaultStoragePool: setDefault,
    AddHost: addHost,
    RemoveHost: removeHost,
  },
};
