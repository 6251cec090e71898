import { generate } from 'selfsigned';
import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { messages } from '../catalogue.js';
import { refuse } from '../failure.js';
import { freeMemory } from '../placement.js';
import type { Call, HandlerTable, World } from '../world.js';
import { spend } from './during.js';
import { assertAll, unprotected } from './pif-rule.js';

type Host = Ref<'host'>;

const managementOf = ({ db }: World, host: Host): Ref<'PIF'> =>
  db.need('host', host).PIFs.find((pif) => db.need('PIF', pif).management) ?? (NULL_REF as Ref<'PIF'>);

/** XenAPI host.management_reconfigure: the host is reached through another interface, which must have an address. */
async function reconfigure(call: Call, pif: Ref<'PIF'>): Promise<void> {
  const { world } = call;
  const { host, IP, ip_configuration_mode, currently_attached } = world.db.need('PIF', pif);
  if (ip_configuration_mode === 'None') refuse('PIF_HAS_NO_NETWORK_CONFIGURATION', pif);
  assertAll(world, pif, [unprotected]);
  if (!currently_attached) refuse('REQUIRED_PIF_IS_UNPLUGGED', pif);
  await spend(call);
  const before = managementOf(world, host);
  if (before !== NULL_REF) world.db.update('PIF', before, { management: false });
  world.db.update('PIF', pif, { management: true });
  world.db.update('host', host, { address: IP });
}

const certificates = new Map<string, Promise<string>>();

/** XenAPI host.get_server_certificate: a certificate in PEM for the host's address, always the same one. */
function certificate({ world }: Call, host: Host): Promise<string> {
  const { address } = world.db.need('host', host);
  const make = async (): Promise<string> => {
    const made = await generate([{ name: 'commonName', value: address }], { keySize: 2048 });
    return made.cert;
  };
  const known = certificates.get(address) ?? make();
  certificates.set(address, known);
  return known;
}

/** A name as RFC 1123 has it: HOST_NAME_INVALID [reason]. */
function setHostname({ world }: Call, host: Host, hostname: string): void {
  world.db.need('host', host);
  if (hostname === '') refuse('HOST_NAME_INVALID', 'empty string');
  if (!/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(hostname))
    refuse('HOST_NAME_INVALID', 'hostname contains invalid characters');
  world.db.update('host', host, { hostname });
}

/** The messages of class host that neither stop it nor empty it (facts 5.6). */
export const hostHandlers: HandlerTable = {
  'host.get_servertime': ({ world }: Call, host: Host) => world.db.need('host', host) && world.clock.text(),
  'host.get_server_localtime': ({ world }: Call, host: Host) => world.db.need('host', host) && world.clock.text(),
  'host.compute_free_memory': ({ world }: Call, host: Host) => freeMemory(world, host),
  'host.compute_memory_overhead': ({ world }: Call, host: Host) => world.db.need('host', host).memory_overhead,
  'host.list_methods': () => [...messages.keys()],
  'host.has_extension': () => false,
  'host.call_extension': (_call: Call, _host: Host, name: string) => refuse('MESSAGE_METHOD_UNKNOWN', name),
  'host.call_plugin': ({ world }: Call, host: Host, plugin: string) => {
    world.db.need('host', host);
    refuse('XENAPI_MISSING_PLUGIN', plugin);
  },
  'host.get_server_certificate': certificate,
  'host.set_hostname_live': setHostname,
  'host.get_management_interface': ({ world }: Call, host: Host) => managementOf(world, host),
  'host.management_reconfigure': reconfigure,
  'host.sync_data': ({ world }: Call, host: Host) => void world.db.need('host', host),
  'host.syslog_reconfigure': ({ world }: Call, host: Host) => void world.db.need('host', host),
  'host.retrieve_wlb_evacuate_recommendations': () => refuse('WLB_NOT_INITIALIZED'),
  'host.dmesg': ({ world }: Call, host: Host) => world.db.need('host', host) && '(XEN) simulated\n',
};
