import { association } from '../provider/association.js';
import { element } from '../provider/element.js';
import { host } from './host.js';

export const hostPool = element('Xen_HostPool', 'pool', {
  reads: { storage: ['default_SR'], coordinator: ['master'] },
  key: { form: 'setting' },
  properties: {
    Caption: { value: 'Xen Host Pool' },
    ElementName: 'name_label',
    Description: 'name_description',
    HighAvailabilityEnabled: 'ha_enabled',
    DefaultStoragePoolID: { from: 'storage', field: 'uuid' },
    Master: { from: 'coordinator', field: 'uuid' },
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description' },
});

export const poolAssociations = [
  association('Xen_HostPoolMember', ['Member', host], ['Collection', hostPool], 'every'),
];
