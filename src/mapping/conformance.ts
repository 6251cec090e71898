import { type Association, association } from '../provider/association.js';
import type { AnyElement } from '../provider/element.js';
import { memoryCapabilities, networkCapabilities, processorCapabilities, storageCapabilities } from './allocation.js';
import { consoleService } from './console-access.js';
import { usbCapabilities } from './device-allocation.js';
import { graphicsCapabilities, graphicsPool } from './graphics.js';
import { host } from './host.js';
import { jobs } from './job.js';
import { memoryPool } from './memory.js';
import { metricDefinitions } from './metric-service.js';
import { migrationService } from './migration.js';
import { networkConnectionPool } from './network.js';
import { processorPool } from './processor.js';
import { registeredProfile } from './profile.js';
import { storagePool } from './storage.js';
import { virtualSwitch } from './switch.js';
import { system } from './system.js';
import { usbPool } from './usb.js';

/** The rows whose instances are central to a profile (DSP1033). */
const central: readonly (readonly [profile: string, ...rows: AnyElement[]])[] = [
  ['DSP1033', registeredProfile],
  ['DSP1041', processorPool, memoryPool, storagePool, networkConnectionPool, graphicsPool, usbPool],
  ['DSP1042', host],
  [
    'DSP1043',
    processorCapabilities,
    memoryCapabilities,
    storageCapabilities,
    networkCapabilities,
    graphicsCapabilities,
    usbCapabilities,
  ],
  ['DSP1044', processorPool],
  ['DSP1045', memoryPool],
  ['DSP1047', storagePool],
  ['DSP1050', networkConnectionPool],
  ['DSP1052', host, system],
  ['DSP1053', ...metricDefinitions],
  ['DSP1057', system],
  ['DSP1059', graphicsPool, usbPool],
  ['DSP1076', consoleService],
  ['DSP1081', migrationService],
  ['DSP1097', virtualSwitch],
  ['DSP1103', ...jobs],
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
