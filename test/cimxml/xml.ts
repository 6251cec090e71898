import { expect } from 'vitest';
import type { CimError } from '../../src/cim/error.js';
import type { Argument, Call, CallParameter, Result } from '../../src/cim/operation.js';
import { CallError, type Message } from '../../src/cimxml/message.js';
import { RequestRefusal } from '../../src/cimxml/refusal.js';
import { decodeRequest } from '../../src/cimxml/request.js';
import { encodeResponse, newTally, type Reply, type Tally } from '../../src/cimxml/response.js';
import { assertValid } from '../dtd.js';

/*
 * What the tests of the codec have in common: messages around a fragment, and the parts of what comes back.
 */

export const space = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"/><NAMESPACE NAME="cimv2"/></LOCALNAMESPACEPATH>';

export const message = (content: string): string =>
  `<?xml version="1.0" encoding="utf-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="7" PROTOCOLVERSION="1.0">${content}</MESSAGE></CIM>`;

export const intrinsicCall = (parameters = '', name = 'GetInstance'): string =>
  `<SIMPLEREQ><IMETHODCALL NAME="${name}">${space}${parameters}</IMETHODCALL></SIMPLEREQ>`;

const target = `<LOCALCLASSPATH>${space}<CLASSNAME NAME="C"/></LOCALCLASSPATH>`;

export const methodCall = (parameters = '', path = target): string =>
  `<SIMPLEREQ><METHODCALL NAME="M">${path}${parameters}</METHODCALL></SIMPLEREQ>`;

/** The one call of a message, which has to be readable. */
export function callOf(xml: string | Uint8Array): Call {
  const { calls } = decodeRequest(xml);
  expect(calls).toHaveLength(1);
  if (calls[0] instanceof CallError) throw calls[0];
  return calls[0]!;
}

/** The parameter P of an intrinsic call, or of a method call where attributes are given. */
export function parameterOf(content: string, attributes?: string): CallParameter {
  const xml =
    attributes === undefined
      ? intrinsicCall(`<IPARAMVALUE NAME="P">${content}</IPARAMVALUE>`)
      : methodCall(`<PARAMVALUE NAME="P" ${attributes}>${content}</PARAMVALUE>`);
  return callOf(message(xml)).parameters.get('p')!;
}

export const argumentOf = (content: string, attributes?: string): Argument => parameterOf(content, attributes).value;

/** The error that takes the place of the one call. */
export function errorOf(xml: string): CallError {
  const { calls } = decodeRequest(xml);
  expect(calls[0]).toBeInstanceOf(CallError);
  return calls[0] as CallError;
}

export const parameterError = (content: string, attributes?: string): CimError =>
  errorOf(
    message(
      attributes === undefined
        ? intrinsicCall(`<IPARAMVALUE NAME="P">${content}</IPARAMVALUE>`)
        : methodCall(`<PARAMVALUE NAME="P" ${attributes}>${content}</PARAMVALUE>`),
    ),
  );

/** The refusal of a request that is no message of ours. */
export function refusalOf(read: () => Message): RequestRefusal {
  try {
    read();
  } catch (reason) {
    expect(reason).toBeInstanceOf(RequestRefusal);
    return reason as RequestRefusal;
  }
  throw new Error('the request was taken');
}

export const refuse = (xml: string | Uint8Array): RequestRefusal => refusalOf(() => decodeRequest(xml));

export interface Written {
  readonly xml: string;
  readonly tally: Tally;
  readonly chunks: readonly Buffer[];
}

/** A response as it goes out, held against the DTD. */
export function write(replies: readonly Reply[], chunk?: number, id = '7'): Written {
  const tally = newTally();
  const options = { host: 'bridge:5989', tally, ...(chunk !== undefined && { chunk }) };
  const chunks = [...encodeResponse(id, replies, options)] as Buffer[];
  const bytes = Buffer.concat(chunks);
  assertValid(bytes);
  return { xml: bytes.toString('utf8'), tally, chunks };
}

export const reply = (result: Reply['result'], name = 'Op', kind: Reply['kind'] = 'intrinsic'): Reply => ({
  kind,
  name,
  namespace: 'root/cimv2',
  result,
});

/** What lies between the response element's tags for one result. */
export function contentOf(result: Result | CimError, kind: Reply['kind'] = 'intrinsic'): string {
  const { xml } = write([reply(result, 'Op', kind)]);
  const found = /<I?METHODRESPONSE NAME="Op">(.*)<\/I?METHODRESPONSE>/s.exec(xml);
  return found![1]!;
}
