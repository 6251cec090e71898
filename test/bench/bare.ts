import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * The limit that the benchmark measures against: a bare Node http server that answers a request for /0, /1 and so on with
 * the first body of a file, the second and so on, prepared. Their lengths are a list in another file.
 */

const [all, lengths] = process.argv.slice(2).map((path) => readFileSync(path)) as [Buffer, Buffer];
let end = 0;
const bodies = new Map(
  (JSON.parse(lengths.toString()) as number[]).map((length, i) => {
    end += length;
    return [`/${i}`, all.subarray(end - length, end)];
  }),
);

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
