import { gzipSync } from 'node:zlib';
import { callXml, ofClass } from '../intrinsic-call.js';
import type { RawClient } from '../raw-client.js';
import { alone, head, outcome, type Target, whole } from './target.js';

/** Something that no client should send, and what becomes of it, in the words of `outcome`. */
export interface HostileRequest {
  readonly name: string;
  readonly wanted: string;
  readonly send: (target: Target) => Promise<string>;
}

const mega = 1024 ** 2;
const xml = '<?xml version="1.0"?>';

const bytes =
  (make: (target: Target) => string | Buffer): HostileRequest['send'] =>
  (target) =>
    alone(target, (client) => outcome(client.send(make(target))));

const body = (content: string | Buffer, more?: Readonly<Record<string, string>>): HostileRequest['send'] =>
  bytes((target) => whole(target, content, more));

const parameter = (name: string, content: string): string => `<IPARAMVALUE NAME="${name}">${content}</IPARAMVALUE>`;
const value = (name: string, text: string): string => parameter(name, `<VALUE>${text}</VALUE>`);
const several = '<VALUE.ARRAY><VALUE>TRUE</VALUE><VALUE>TRUE</VALUE></VALUE.ARRAY>';
const machines = ofClass('Xen_ComputerSystem');

/** Writes a hundred megabytes for as long as somebody takes them. */
const flood =
  (chunked: boolean): HostileRequest['send'] =>
  (target) =>
    alone(target, async (client) => {
      const piece = Buffer.alloc(mega, 'x');
      client.send(head(target, chunked ? 'chunked' : 100 * mega));
      let open = true;
      const answered = outcome(client).finally(() => {
        open = false;
      });
      for (let i = 0; i < 100 && open; i++) {
        if (chunked) client.send(`${mega.toString(16)}\r\n`);
        client.send(piece);
        if (chunked) client.send('\r\n');
        await Promise.race([taken(client), answered]);
      }
      return answered;
    });

/** Resolves when what was written has left, or nobody takes it any more. */
const taken = ({ socket }: RawClient): Promise<void> =>
  new Promise((resolve) => {
    if (!socket.writableNeedDrain || socket.destroyed) return resolve();
    const settle = (): void => {
      socket.off('drain', settle).off('close', settle);
      resolve();
    };
    socket.on('drain', settle).on('close', settle);
  });

const [notWellFormed, notValid] = ['400, request-not-well-formed', '400, request-not-valid'];
const invalidParameter = '200, CIM status 4';

/** Requests that no client should send: what is no XML, no CIM, of the wrong types, too large, and no HTTP. */
export const hostileRequests: readonly HostileRequest[] = [
  { name: 'XML that is not well-formed', wanted: notWellFormed, send: body(`${xml}<CIM><MESSAGE></CIM>`) },
  { name: 'XML that is cut off', wanted: notWellFormed, send: body(callXml('GetClass', machines).slice(0, -30)) },
  { name: 'XML that is no CIM', wanted: notValid, send: body(`${xml}<html/>`) },
  { name: 'nothing', wanted: notWellFormed, send: body('') },
  {
    name: 'a document type with an entity',
    wanted: notValid,
    send: body(`${xml}<!DOCTYPE a [<!ENTITY b "c">]><CIM>&b;</CIM>`),
  },
  { name: 'a hundred thousand elements deep', wanted: notValid, send: body(`${xml}${'<A>'.repeat(100_000)}`) },
  {
    name: 'octets that are no UTF-8',
    wanted: notWellFormed,
    send: body(Buffer.from(`${xml}<CIM>\xC3\x28</CIM>`, 'latin1')),
  },
  { name: 'a character that XML forbids', wanted: notWellFormed, send: body(`${xml}<CIM>\0</CIM>`) },
  {
    name: 'the name of an instance where a class is due',
    wanted: invalidParameter,
    send: body(callXml('EnumerateInstances', parameter('ClassName', '<INSTANCENAME CLASSNAME="Xen_ComputerSystem"/>'))),
  },
  {
    name: 'a boolean that is none',
    wanted: invalidParameter,
    send: body(callXml('EnumerateInstances', machines + value('DeepInheritance', 'perhaps'))),
  },
  {
    name: 'a number beyond its type',
    wanted: invalidParameter,
    send: body(callXml('OpenEnumerateInstances', machines + value('MaxObjectCount', '4294967296'))),
  },
  {
    name: 'several values where one is due',
    wanted: invalidParameter,
    send: body(callXml('EnumerateInstances', machines + parameter('DeepInheritance', several))),
  },
  {
    name: 'a context of no enumeration',
    wanted: '200, CIM status 21',
    send: body(callXml('PullInstancesWithPath', value('EnumerationContext', 'x') + value('MaxObjectCount', '1'))),
  },
  { name: 'another operation in the head', wanted: '400, header-mismatch', send: mismatch() },
  { name: 'a body that is not packed as it says', wanted: notWellFormed, send: packed(Buffer.from('no gzip')) },
  {
    name: '100 MB packed into 100 kB',
    wanted: '413, request-not-valid',
    send: packed(gzipSync(Buffer.alloc(100 * mega))),
  },
  { name: '100 MB with their length', wanted: '413, request-not-valid', send: flood(false) },
  { name: '100 MB without their length', wanted: '413, request-not-valid', send: flood(true) },
  {
    name: 'two lengths',
    wanted: '400',
    send: bytes((target) => head(target, 5, { 'content-length': '6' })),
  },
  { name: 'a head of a megabyte', wanted: '431', send: bytes((target) => head(target, 5, { X: 'x'.repeat(mega) })) },
  { name: 'octets that are no HTTP', wanted: '501', send: bytes(() => '\u0000\u0001 hello\r\n\r\n') },
  { name: 'a method that nobody knows', wanted: '501', send: bytes(() => 'FROB / HTTP/1.1\r\nHost: h\r\n\r\n') },
  {
    name: 'a wrong password',
    wanted: '401',
    send: (target) =>
      alone(target, (client) => outcome(client.send(whole({ ...target, authorization: 'Basic cm9vdDp4' }, '')))),
  },
];

function mismatch(): HostileRequest['send'] {
  return body(callXml('EnumerateInstances', machines), { CIMOperation: 'MethodCall', CIMMethod: 'DeleteInstance' });
}

function packed(content: Buffer): HostileRequest['send'] {
  return body(content, { 'Content-Encoding': 'gzip' });
}
