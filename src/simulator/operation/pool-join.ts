import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { backReferences, leadsToMany } from '../back-reference.js';
import type { Entry } from '../database.js';
import { refuse } from '../failure.js';
import { peerAt } from '../peer.js';
import { blank } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { World } from '../world.js';
import { refreshAll } from './allowed.js';

/** Who wants to join, and how much may be different. */
interface Request {
  readonly user: string;
  readonly password: string;
  readonly force: boolean;
}

type Host = Records['host'];
interface Meeting {
  readonly joiner: World;
  readonly host: Host;
  readonly pool: World;
  readonly coordinator: Host;
  readonly force: boolean;
}
type Check = (meeting: Meeting) => boolean;

const machines = ({ joiner }: Meeting): readonly Records['VM'][] =>
  [...joiner.db.entries('VM')].map(([, vm]) => vm).filter((vm) => !vm.is_control_domain && !vm.is_a_template);

const someRepository = ({ joiner }: Meeting, test: (sr: Records['SR']) => boolean): boolean =>
  joiner.db.find('SR', test) !== undefined;

const product = ({ software_version }: Host): string =>
  `${software_version['product_brand']} ${software_version['product_version']}`;
const processor = ({ cpu_info }: Host): string => `${cpu_info['vendor']} ${cpu_info['modelname']}`;

/** What speaks against it, in the order in which the pool says so (facts 5.6). */
const checks: readonly (readonly [code: string, holds: Check])[] = [
  ['JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS', ({ joiner }) => joiner.db.count('host') > 1],
  ['HA_IS_ENABLED', ({ pool }) => pool.db.need('pool', pool.pool()).ha_enabled],
  ['HA_IS_ENABLED', ({ joiner }) => joiner.db.need('pool', joiner.pool()).ha_enabled],
  [
    'POOL_JOINING_HOST_MUST_HAVE_SAME_PRODUCT_VERSION',
    ({ host, coordinator }) => product(host) !== product(coordinator),
  ],
  [
    'POOL_JOINING_EXTERNAL_AUTH_MISMATCH',
    ({ host, coordinator }) => host.external_auth_type !== coordinator.external_auth_type,
  ],
  ['JOINING_HOST_CANNOT_HAVE_RUNNING_VMS', (meeting) => machines(meeting).some((vm) => vm.power_state === 'Running')],
  [
    'JOINING_HOST_CANNOT_HAVE_RUNNING_OR_SUSPENDED_VMS',
    (meeting) => machines(meeting).some((vm) => vm.power_state !== 'Halted'),
  ],
  [
    'JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS',
    (meeting) => machines(meeting).some((vm) => Object.keys(vm.current_operations).length > 0),
  ],
  [
    'JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS',
    (meeting) => someRepository(meeting, (sr) => sr.shared && sr.type !== 'iso'),
  ],
  ['POOL_JOINING_HOST_HAS_BONDS', ({ joiner }) => joiner.db.count('Bond') > 0],
  ['POOL_JOINING_HOST_HAS_TUNNELS', ({ joiner }) => joiner.db.count('tunnel') > 0],
  ['POOL_JOINING_HOST_HAS_NETWORK_SRIOVS', ({ joiner }) => joiner.db.count('network_sriov') > 0],
  ['POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS', ({ joiner }) => joiner.db.count('VLAN') > 0],
];

/** HOSTS_NOT_HOMOGENEOUS [reason] unless the difference is accepted. */
function assertAlike({ host, coordinator, force }: Meeting): void {
  if (!force && processor(host) !== processor(coordinator))
    refuse('HOSTS_NOT_HOMOGENEOUS', `CPUs differ: ${processor(host)}, ${processor(coordinator)}`);
}

/** The pool that a host may join, or why it may not: JOINING_HOST_CONNECTION_FAILED [], POOL_JOINING_... (facts 5.6). */
export function assertJoins(joiner: World, address: string, { user, password, force }: Request): World {
  const pool = peerAt(address, joiner) ?? refuse('JOINING_HOST_CONNECTION_FAILED');
  const known = pool.settings.users.some((each) => each.name === user && each.password === password);
  if (!known) refuse('SESSION_AUTHENTICATION_FAILED', user, 'Authentication failure');
  const { restrictions } = pool.db.need('pool', pool.pool());
  if (restrictions['restrict_pooling'] === 'true') refuse('LICENCE_RESTRICTION', 'restrict_pooling');
  const host = joiner.db.need('host', joiner.coordinator());
  const meeting = { joiner, host, pool, coordinator: pool.db.need('host', pool.coordinator()), force };
  for (const [code, holds] of checks) if (holds(meeting)) refuse(code);
  assertAlike(meeting);
  return pool;
}

/** Classes whose records a host brings along as they are. */
const brought = [
  'host',
  'host_metrics',
  'host_cpu',
  'Certificate',
  'PCI',
  'PGPU',
  'PUSB',
  'PIF',
  'PIF_metrics',
  'SR',
  'PBD',
  'VDI',
  'VM',
  'VM_metrics',
  'VBD',
  'VBD_metrics',
  'VIF',
  'VIF_metrics',
] as const satisfies readonly RemoteClass[];

/** Templates that every pool has already, and the libraries of media that it has, stay behind. */
function stays(of: RemoteClass, record: AnyRecord, behind: ReadonlySet<unknown>): boolean {
  if (of === 'VM') return record['is_default_template'] === true;
  if (of === 'SR') return record['type'] === 'iso';
  if (of === 'VBD') return behind.has(record['VM']);
  return (of === 'PBD' || of === 'VDI') && behind.has(record['SR']);
}

/** Records of the host, without what leads back: the pool's data base works that out again. */
function luggage(joiner: World, networks: ReadonlyMap<string, string>): Entry[] {
  const behind = new Set<unknown>();
  const entries: Entry[] = [];
  for (const of of brought)
    for (const [ref, found] of joiner.db.entries(of)) {
      const record = found as unknown as AnyRecord;
      if (stays(of, record, behind)) behind.add(ref);
      else
        entries.push({
          of,
          ref,
          record: { ...record, ...leadsBack(of), ...loose[of], ...networkOf(record, networks) },
        });
    }
  return entries;
}

const networkOf = (record: AnyRecord, networks: ReadonlyMap<string, string>): AnyRecord =>
  typeof record['network'] === 'string' ? { network: networks.get(record['network']) ?? record['network'] } : {};

/** Fields that follow from other records. */
const leadsBack = (of: RemoteClass): AnyRecord =>
  Object.fromEntries(
    backReferences.filter(({ to }) => to === of).map((rule) => [rule.back, leadsToMany(rule) ? [] : NULL_REF]),
  );

/** What a host cannot bring along: cards belong to groups of the pool. */
const loose: Partial<Record<RemoteClass, AnyRecord>> = {
  PGPU: { enabled_VGPU_types: [], supported_VGPU_types: [], GPU_group: NULL_REF },
  PUSB: { USB_group: NULL_REF },
  host: { updates: [] },
};

/** Networks become those of the pool with the same bridge; others are made there. */
function matchNetworks(joiner: World, pool: World): Map<string, string> {
  const names = new Map<string, string>();
  for (const [ref, network] of joiner.db.entries('network')) {
    const known = pool.db.find('network', ({ bridge }) => bridge === network.bridge)?.[0];
    if (known !== undefined) names.set(ref, known);
    else {
      const made = pool.ids.ref() as Ref<'network'>;
      const { name_label, name_description, bridge, MTU, other_config } = network;
      const own = { uuid: pool.ids.uuid(), name_label, name_description, bridge, MTU, other_config };
      pool.db.insert('network', made, blank('network', own));
      names.set(ref, made);
    }
  }
  return names;
}

/** The pool's shared repositories are made known on the new host, and plugged. */
function plugShared(pool: World, host: Ref<'host'>): void {
  for (const [SR, sr] of [...pool.db.entries('SR')]) {
    const config = sr.PBDs[0] === undefined ? {} : pool.db.need('PBD', sr.PBDs[0]).device_config;
    if (!sr.shared) continue;
    const own = { uuid: pool.ids.uuid(), SR, host, device_config: config, currently_attached: true };
    pool.db.insert('PBD', pool.ids.ref(), blank('PBD', own));
  }
}

/** A host moves into a pool with what it has; its own pool is no more, and its address answers for the new one. */
export function bringInto(joiner: World, pool: World): void {
  const host = joiner.coordinator();
  pool.db.load(luggage(joiner, matchNetworks(joiner, pool)));
  plugShared(pool, host);
  refreshAll(pool);
  const move = async (): Promise<void> => {
    await joiner.clock.afterAnswer('host.action');
    joiner.sessions.closeAll();
    await joiner.site.close(host);
    await pool.site.open(host);
  };
  void move().catch(() => undefined);
}
