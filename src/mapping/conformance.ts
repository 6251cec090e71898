import { type Association, association } from '../provider/association.js';
import type { AnyElement } from '../provider/element.js';
import { memoryPool } from './memory.js';
import { networkConnectionPool } from './network.js';
import { processorPool } from './processor.js';
import { registeredProfile } from './profile.js';
import { storagePool } from './storage.js';
import { system } from './system.js';

/** The rows whose instances are central to a profile (DSP1033). */
const central: readonly (readonly [profile: string, ...rows: AnyElement[]])[] = [
  ['DSP1033', registeredProfile],
  ['DSP1041', processorPool, memoryPool, storagePool, networkConnectionPool],
  ['DSP1043', processorPool, memoryPool, storagePool, networkConnectionPool],
  ['DSP1044', processorPool],
  ['DSP1045', memoryPool],
  ['DSP1047', storagePool],
  ['DSP1050', networkConnectionPool],
  ['DSP1057', system],
];

const conforms = (profile: string, row: AnyElement): Association =>
  association(
    'Xen_ElementConformsToProfile',
    ['ConformantStandard', registeredProfile],
    ['ManagedElement', row],
    'every',
    {
      namespaces: ['root/interop', 'root/cimv2'],
      pair: ({ part }) => part.name === profile,
    },
  );

/** Every element's tie to its profiles; profiles live in root/interop, most elements in root/cimv2, and both tell of it. */
export const conformanceAssociations: readonly Association[] = central.flatMap(([profile, ...rows]) =>
  rows.map((row) => conforms(profile, row)),
);
