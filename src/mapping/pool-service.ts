import { type CapabilityClass, supported } from '../methods/supported.js';
import { type Association, association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { type AnyElement, type Element, element, type Part, type Properties } from '../provider/element.js';
import { defaultCharacteristics, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { enabledColumns, unreachable, working } from './condition.js';
import { host } from './host.js';

type Pool = Records['pool'];

/** What every service reads: the host that it is hosted by, and whether that can be reached. */
const serviceReads = { coordinator: ['master'], server: ['@server'] } as const;

interface Reached {
  readonly server: Records['server'] | undefined;
}

/** A service does its work as long as the pool answers. */
const serviceState = states(
  (_pool: Pool, { server }: Reached) => (server?.pool.reachable === false ? 'away' : 'there'),
  {
    there: { ...working, Started: true, CommunicationStatus: label('Communication OK') },
    away: { ...unreachable, Started: null, CommunicationStatus: label('Lost Communication') },
  },
);

type ServiceProperties = Properties<'pool', typeof serviceReads, Part>;

/** A service of the pool: a face of it, hosted by the coordinator, found under any host's name (decisions.md 24). */
export const service = (
  cim: string,
  name: string,
  description: string,
  properties: ServiceProperties = {},
): Element<'pool', typeof serviceReads, Part> =>
  element(cim, 'pool', {
    reads: serviceReads,
    key: { form: 'hosted', systemClass: 'Xen_HostComputerSystem', owner: 'coordinator', name, lenient: true },
    properties: {
      ElementName: { value: name },
      Caption: { value: name },
      Description: { value: description },
      ...enabledColumns(serviceState),
      EnabledDefault: { value: label('Enabled') },
      RequestedState: { value: label('Not Applicable') },
      Started: serviceState('Started'),
      CommunicationStatus: serviceState('CommunicationStatus'),
      ...properties,
    },
  });

const capabilityReads = { coordinator: ['master'] } as const;

type CapabilityProperties = Properties<'pool', typeof capabilityReads, Part>;

/** What a service of the pool can do; its InstanceID is the bare uuid of the coordinator, or any host's that once was it. */
export const serviceCapabilities = (
  cim: string,
  description: string,
  properties: CapabilityProperties,
): Element<'pool', typeof capabilityReads, Part> =>
  element(cim, 'pool', {
    reads: capabilityReads,
    key: { form: 'listed', keys: { InstanceID: (_pool, { coordinator }) => coordinator?.uuid }, lenient: true },
    properties: {
      ElementName: { from: 'coordinator', field: 'name_label' },
      Caption: { value: description },
      Description: { value: description },
      ...properties,
    },
  });

/** The methods of a service that work, as its class of capabilities lists them (decisions.md 33). */
export function methodLists(cim: CapabilityClass) {
  const { synchronous, asynchronous } = supported(cim);
  return {
    SynchronousMethodsSupported: { value: synchronous.map(label) },
    AsynchronousMethodsSupported: { value: asynchronous.map(label) },
  } as const;
}

/** Ties a service to the coordinator alone, not to every host. */
export const hosted = (cim: string, which: Element<'pool', any, any>): Association =>
  association(cim, ['Dependent', which], ['Antecedent', host], ['master']);

/** Ties a service to all that it manages, and says how (DSP1042, DSP1097). */
export const affects = (cim: string, which: Element<'pool', any, any>, what: AnyElement, how: string): Association =>
  association(cim, ['AffectingElement', which], ['AffectedElement', what], 'every', {
    properties: { ElementEffects: { value: [label('Manages')] }, OtherElementEffectsDescriptions: { value: [how] } },
  });

/** Ties capabilities of the pool to what has them. */
export const capable = (cim: string, what: AnyElement, capabilities: Element<'pool', any, any>): Association =>
  association(cim, ['ManagedElement', what], ['Capabilities', capabilities], 'every', {
    properties: defaultCharacteristics,
  });
