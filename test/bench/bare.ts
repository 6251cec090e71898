import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * The limit that the benchmark measures against: a bare Node http server that answers a request for /0, /1 and so on with
 * the bytes of the first file that it was given, the second and so on, prepared.
 */

const bodies = new Map(process.argv.slice(2).map((path, i) => [`/${i}`, readFileSync(path)]));

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const body = bodies.get(request.url!)!;
    response.writeHead(200, { 'Content-Type': 'application/xml; charset="utf-8"', 'Content-Length': body.length });
    response.end(body);
  });
});

server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

process.on('SIGTERM', () => process.exit(0));
