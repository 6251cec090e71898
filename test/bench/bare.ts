import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * The limit that the benchmark measures against: a bare Node http server that answers every request with the bytes of a
 * file, prepared.
 */

const body = readFileSync(process.argv[2]!);

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/xml; charset="utf-8"', 'Content-Length': body.length });
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

process.on('SIGTERM', () => process.exit(0));
