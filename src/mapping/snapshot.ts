import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { choices, defaultCharacteristics } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { affects, capable, hosted, methodLists, service, serviceCapabilities } from './pool-service.js';
import { snapshot } from './setting.js';
import { isSystem, system } from './system.js';

type Vm = Records['VM'];

export const snapshotService = service(
  'Xen_VirtualSystemSnapshotService',
  'Xen Virtual System Snapshot Service',
  'Takes, applies and destroys snapshots of virtual systems',
);

/** The misspelt name is the schema's. */
const { SynchronousMethodsSupported, AsynchronousMethodsSupported: AynchronousMethodsSupported } = methodLists(
  'Xen_VirtualSystemSnapshotServiceCapabilities',
);

export const snapshotServiceCapabilities = serviceCapabilities(
  'Xen_VirtualSystemSnapshotServiceCapabilities',
  'How snapshots of virtual systems can be managed',
  {
    SynchronousMethodsSupported,
    AynchronousMethodsSupported,
    SnapshotTypesSupported: { value: [label('Full Snapshot'), label('Disk Snapshot')] },
  },
);

/** With the memory (XenAPI VM.checkpoint), or of the disks alone (VM.snapshot). */
const types = choices<Vm['allowed_operations'][number]>([
  ['Full Snapshot', 'checkpoint'],
  ['Disk Snapshot', 'snapshot'],
]);

export const snapshotCapabilities = element('Xen_VirtualSystemSnapshotCapabilities', 'VM', {
  where: isSystem,
  key: { form: 'setting' },
  properties: {
    ElementName: 'name_label',
    SnapshotTypesEnabled: {
      calc: ({ allowed_operations }) => types.read(allowed_operations) ?? [],
      labels: ['Full Snapshot', 'Disk Snapshot'],
    },
    GuestOSNotificationEnabled: { value: false },
  },
});

/**
 * The snapshot that a machine was last put back to, as far as the tree tells: the nearest above it from which another
 * branch goes off. XenAPI notes nothing else of it (VM.revert moves VM.parent, VM.snapshot too).
 */
function lastApplied(family: readonly Vm[], machine: Vm): Vm | undefined {
  let below: string | undefined = family[0]?.snapshot_of;
  let parent: string = machine.parent;
  for (let left = family.length; left > 0; left--) {
    const at = family.find(({ children }) => (children as readonly string[]).includes(below!));
    if (at === undefined || at.children.length > 1) return at;
    below = parent;
    parent = at.parent;
  }
  return undefined;
}

export const snapshotAssociations = [
  hosted('Xen_HostedVirtualSystemSnapshotService', snapshotService),
  capable('Xen_VirtualSystemSnapshotServiceElementCapabilities', snapshotService, snapshotServiceCapabilities),
  affects(
    'Xen_VirtualSystemSnapshotServiceAffectsComputerSystem',
    snapshotService,
    system,
    'Takes snapshots of the system and puts it back to them',
  ),
  affects(
    'Xen_VirtualSystemSnapshotServiceAffectsSnapshot',
    snapshotService,
    snapshot,
    'Applies and destroys the snapshot',
  ),
  association(
    'Xen_ComputerSystemSnapshotCapabilities',
    ['ManagedElement', system],
    ['Capabilities', snapshotCapabilities],
    [],
    { properties: defaultCharacteristics },
  ),
  association('Xen_SnapshotOfVirtualSystem', ['Dependent', snapshot], ['Antecedent', system], ['snapshot_of']),
  association('Xen_MostCurrentSnapshotInBranch', ['Antecedent', system], ['Dependent', snapshot], ['parent']),
  association('Xen_LastAppliedSnapshot', ['Antecedent', snapshot], ['Dependent', system], ['snapshot_of'], {
    pair: (from, to) => lastApplied(from.reads.family, to.record)?.uuid === from.record.uuid,
  }),
];
