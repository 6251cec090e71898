import { isIPv6 } from 'node:net';
import type { Bridge } from '../server.js';

type Listening = Bridge['listeners'][number];

/** The address to write into a URL where all addresses are listened on. */
const reachable: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** `127.0.0.1:5988`, `[::1]:5988` */
function authority({ host, port }: Listening): string {
  const address = reachable.get(host) ?? host;
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

const enumeration =
  '<?xml version="1.0" encoding="utf-8"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0">' +
  '<SIMPLEREQ><IMETHODCALL NAME="EnumerateInstanceNames"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/>' +
  '<NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH><IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="Xen_ComputerSystem"/>' +
  '</IPARAMVALUE></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>';

/** A line to paste for each of two clients, with the user and password given, or words in their place. */
function examples(listening: Listening, user: string, password: string): string[] {
  const at = authority(listening);
  const secure = listening.scheme === 'https';
  const insecure = secure ? ' -noverify' : '';
  return [
    `  wbemcli ein${insecure} '${listening.scheme}://${user}:${password}@${at}/root/cimv2:Xen_ComputerSystem'`,
    '',
    `  curl${secure ? ' --insecure' : ''} --user ${user}:${password} --header 'Content-Type: application/xml; charset=utf-8' \\`,
    `    --data '${enumeration}' \\`,
    `    ${listening.scheme}://${at}/cimom`,
  ];
}

const allAddresses = ({ host }: Listening): string => (reachable.has(host) ? ' (on all addresses)' : '');

/** What is printed once requests are taken: the URLs first, then who may log in, and what to paste. */
export function readyText(bridge: Bridge): string {
  const { listeners, simulator, simulatedUsers, configuredUsers, poolOrigin, trouble } = bridge;
  const urls = listeners.map((one) => `${one.scheme}://${authority(one)}/cimom${allAddresses(one)}`);
  const lines = [`xen-cim-bridge is ready at ${urls.join(' and ')}`];
  if (simulator) {
    lines.push(`It shows a simulated pool (XenAPI at ${simulator.url}). Users:`);
    for (const { name, password, role } of simulatedUsers) lines.push(`  ${name} / ${password} (${role})`);
  } else if (configuredUsers.length === 0) lines.push(`It shows the pool at ${poolOrigin}. Users: those of the pool.`);
  else lines.push(`It shows the pool at ${poolOrigin}. Users: those of the pool, and`);
  for (const { name, role } of configuredUsers) lines.push(`  ${name} (${role}, of the configuration file)`);
  const reason = trouble();
  if (reason !== undefined) lines.push(`Operations fail for now: ${reason}`);
  const { name: user, password } = simulatedUsers[0] ?? { name: 'USER', password: 'PASSWORD' };
  lines.push('', ...examples(listeners[0]!, user, password), '');
  return `${lines.join('\n')}\n`;
}
