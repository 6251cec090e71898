import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { masked, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { degraded, deviceColumns, elementColumns, failed, missing, stopped, working } from './condition.js';
import { host } from './host.js';

type Sr = Records['SR'];
type Vdi = Records['VDI'];
interface Plugs {
  readonly plugs: readonly Records['PBD'][];
}

/** Repositories that show media are full by nature. */
const media: ReadonlySet<string> = new Set(['iso', 'udev']);

/** Whether nine tenths of a repository's space are taken. */
const nearlyFull = ({ type, content_type, physical_size, physical_utilisation }: Sr): boolean =>
  physical_size > 0n &&
  physical_utilisation * 10n >= physical_size * 9n &&
  !media.has(type) &&
  !media.has(content_type);

function stateOf(sr: Sr, { plugs }: Plugs): 'unused' | 'lost' | 'partial' | 'full' | 'good' {
  const attached = plugs.filter(({ currently_attached }) => currently_attached).length;
  if (attached === 0) return plugs.length === 0 ? 'unused' : 'lost';
  if (attached < plugs.length) return 'partial';
  return nearlyFull(sr) ? 'full' : 'good';
}

const storageState = states(stateOf, {
  good: { ...working, StatusDescriptions: null },
  full: {
    ...degraded,
    OperationalStatus: [label('Stressed')],
    Status: 'Stressed',
    StatusDescriptions: ['At least 90 % of the space is taken'],
  },
  partial: { ...degraded, StatusDescriptions: ['Some hosts are not connected to the repository'] },
  lost: { ...failed, StatusDescriptions: ['No host is connected to the repository'] },
  unused: { ...stopped, StatusDescriptions: ['The repository is detached from every host'] },
});

/** The one of several hosts that stands for them: that of the lowest uuid. */
export const lowest = <H extends { readonly uuid: string }>(hosts: readonly H[]): H | undefined =>
  hosts.reduce<H | undefined>((low, next) => (low === undefined || next.uuid < low.uuid ? next : low), undefined);

type Hosts = readonly Records['host'][];

/** The host of a local repository; undefined for a shared one and for one that is detached. */
const homeOf = ({ shared }: Sr, hosts: Hosts): Records['host'] | undefined => (shared ? undefined : lowest(hosts));

/** What a repository gives: space, or media. */
export const storageType = {
  calc: ({ content_type }: Sr) => label(content_type === 'iso' ? 'DVD drive' : 'Storage Extent'),
  labels: ['DVD drive', 'Storage Extent'],
} as const;

export const storagePool = element('Xen_StoragePool', 'SR', {
  reads: { plugs: ['PBDs'], hosts: ['PBDs', 'host'] },
  key: {
    form: 'member',
    owner: (sr, { hosts }) => homeOf(sr, hosts)?.uuid ?? 'Shared',
    suffix: 'uuid',
    lenient: true,
  },
  properties: {
    PoolID: 'uuid',
    Name: 'name_label',
    Description: 'name_description',
    ElementName: { calc: (sr, { hosts }) => homeOf(sr, hosts)?.hostname ?? 'Shared' },
    Caption: { value: 'Xen Storage Repository' },
    ResourceType: storageType,
    OtherResourceType: 'content_type',
    ResourceSubType: 'type',
    AllocationUnits: { value: 'byte' },
    Capacity: 'physical_size',
    Reserved: 'physical_utilisation',
    ConsumedResourceUnits: { value: 'byte' },
    CurrentlyConsumedResource: 'physical_utilisation',
    Shared: 'shared',
    Primordial: { value: true },
    OtherConfig: { field: 'other_config', as: masked },
    SMConfig: { field: 'sm_config', as: masked },
    ...elementColumns(storageState),
    StatusDescriptions: storageState('StatusDescriptions'),
  },
  setters: { Name: 'set_name_label', Description: 'set_name_description', OtherConfig: { map: 'other_config' } },
});

/** What is left of an image's size, where both sizes are known. */
export const unused = ({ virtual_size, physical_utilisation }: Vdi): bigint | null => {
  if (physical_utilisation < 0n) return null;
  return virtual_size > physical_utilisation ? virtual_size - physical_utilisation : 0n;
};

/** What shows whether an image is where it should be. */
const imageState = states(({ missing }: Vdi) => (missing ? 'missing' : 'there'), {
  there: working,
  missing,
});

export const diskImage = element('Xen_DiskImage', 'VDI', {
  reads: { sr: ['SR'] },
  key: { form: 'device', systemClass: 'Xen_StoragePool', owner: 'sr', suffix: 'uuid' },
  properties: {
    Name: 'uuid',
    ElementName: 'name_label',
    Description: 'name_description',
    Caption: { value: 'Storage extent of a host that virtual systems can use' },
    Access: {
      calc: ({ read_only }, { sr }) =>
        label(read_only || sr?.content_type === 'iso' ? 'Readable' : 'Read/Write Supported'),
      labels: ['Readable', 'Read/Write Supported'],
    },
    ...deviceColumns(imageState),
    BlockSize: { value: 1 },
    NumberOfBlocks: 'virtual_size',
    ConsumableBlocks: { calc: unused },
    DataOrganization: { value: label('Unknown') },
    RequestedState: { value: label('Unknown') },
    NameFormat: { value: label('Other') },
    OtherNameFormat: { value: 'Xen VDI ID' },
    NameNamespace: { value: label('Other') },
    Primordial: { value: true },
    OtherConfig: { field: 'other_config', as: masked },
  },
});

export const storageAssociations = [
  association('Xen_HostedStoragePool', ['PartComponent', storagePool], ['GroupComponent', host], ['PBDs', 'host']),
  association('Xen_StoragePoolComponent', ['PartComponent', diskImage], ['GroupComponent', storagePool], ['SR']),
];
