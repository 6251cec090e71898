import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { degraded, elementColumns, well, working } from './condition.js';

type Server = Records['server'];

const namespaces = ['root/interop'];
const systemClass = 'Xen_ManagementServer';

export const managementServer = element(systemClass, 'server', {
  namespaces,
  key: { form: 'system' },
  properties: {
    ElementName: 'name',
    Caption: { value: 'Management server' },
    Description: { value: 'The system that the bridge between CIM and the Xen pool runs on' },
    NameFormat: { value: 'Other' },
    Dedicated: { value: [label('Management')] },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Not Applicable') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
  },
});

/** What shows whether the bridge has the pool in reach; out of it, it answers with what it knew last. */
const reach = states(({ pool }: Server) => (pool.reachable ? 'near' : 'away'), {
  near: working,
  away: {
    ...degraded,
    OperationalStatus: [label('Lost Communication')],
    Status: 'Lost Comm',
  },
});

/** The name of the object manager, unlike that of any other. */
const managerName = ({ name, uuid }: Server): string => `${name}:${uuid}`;

export const objectManager = element('Xen_ObjectManager', 'server', {
  namespaces,
  key: { form: 'hosted', systemClass, owner: 'self', name: managerName },
  properties: {
    ElementName: 'name',
    Caption: { value: 'CIM object manager' },
    Description: { calc: ({ name, version }) => `${name} Version ${version}` },
    Started: { value: true },
    StartMode: { value: 'Automatic' },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    ...elementColumns(reach),
    StatusDescriptions: {
      calc: ({ pool }) => [pool.reachable ? 'OK' : `The pool is out of reach since ${pool.since}: ${pool.reason}`],
    },
    GatherStatisticalData: { value: false },
    InstallDate: 'started',
  },
});

export const namespace = element('Xen_Namespace', 'server', {
  namespaces,
  parts: ({ namespaces }) => namespaces,
  key: {
    form: 'listed',
    keys: {
      SystemCreationClassName: () => systemClass,
      SystemName: ({ uuid }) => uuid,
      ObjectManagerCreationClassName: () => 'Xen_ObjectManager',
      ObjectManagerName: managerName,
      CreationClassName: () => 'Xen_Namespace',
      Name: (_server, _reads, { name }) => name,
    },
  },
  properties: {
    ElementName: { calc: (_server, _reads, { name }) => name },
    Caption: { value: 'CIM namespace' },
    ClassInfo: { value: label('Other') },
    DescriptionOfClassInfo: { value: 'CIM 2.49' },
    ClassType: { value: label('CIM') },
    ClassTypeVersion: { value: '2.49.0' },
  },
});

interface Listener {
  readonly name: string;
  readonly url: string;
}

const listening = ({ listeners }: Server): readonly Listener[] =>
  listeners.map(({ scheme, host, port }) => ({
    name: `${scheme}:${host}:${port}`,
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/cimom`,
  }));

export const communicationMechanism = element('Xen_CIMXMLCommunicationMechanism', 'server', {
  namespaces,
  parts: listening,
  key: { form: 'hosted', systemClass, owner: 'self', name: (_server, _reads, { name }) => name },
  properties: {
    ElementName: { calc: (_server, _reads, { url }) => `CIM-XML at ${url}` },
    Caption: { value: 'CIM-XML communication mechanism' },
    Description: { calc: (_server, _reads, { url }) => `CIM-XML over HTTP at ${url}` },
    CommunicationMechanism: { value: label('CIM-XML') },
    Version: { value: '1.0' },
    CIMXMLProtocolVersion: { value: label('1.0') },
    CIMValidated: { value: false },
    FunctionalProfilesSupported: {
      value: [
        label('Basic Read'),
        label('Association Traversal'),
        label('Query Execution'),
        label('Pulled Read'),
        label('Pulled Read Count'),
        label('Pulled Query Execution'),
      ],
    },
    MultipleOperationsSupported: { value: true },
    AuthenticationMechanismsSupported: { value: [label('Basic')] },
    AdvertiseTypes: { value: [label('Not Advertised')] },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
  },
});

export const interopAssociations = [
  association('Xen_HostedObjectManager', ['Dependent', objectManager], ['Antecedent', managementServer], [], {
    namespaces,
  }),
  association(
    'Xen_HostedCommunicationMechanism',
    ['Dependent', communicationMechanism],
    ['Antecedent', managementServer],
    [],
    { namespaces },
  ),
  association('Xen_NamespaceInManager', ['Dependent', namespace], ['Antecedent', objectManager], [], { namespaces }),
  association('Xen_CommMechanismForManager', ['Dependent', communicationMechanism], ['Antecedent', objectManager], [], {
    namespaces,
  }),
];
