import { enumerationOf, machineClass } from './call.js';
import { download } from './client.js';

/*
 * A client in a process of its own that enumerates all machines in a loop, until it is told to end. Prints the URL that it
 * was given once the first answer was complete.
 */

const url = new URL(process.argv[2]!);

process.on('SIGTERM', () => process.exit(0));

for (let round = 0; ; round++) {
  await download(url, enumerationOf(machineClass));
  if (round === 0) console.log(url.href, '');
}
