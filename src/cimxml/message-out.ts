import type { Call } from '../cim/operation.js';
import { escapeAttribute } from './escape.js';
import { version } from './version.js';

const prolog = '<?xml version="1.0" encoding="utf-8" ?>\n';
const cimOpen = `<CIM CIMVERSION="${version.cim.written}" DTDVERSION="${version.dtd.written}">`;
const beforeId = `${prolog}${cimOpen}<MESSAGE ID="`;
const behindId = `" PROTOCOLVERSION="${version.protocol.written}">`;

const elementOf: Readonly<Record<Call['kind'], string>> = { intrinsic: 'IMETHODRESPONSE', extrinsic: 'METHODRESPONSE' };

/** What a response message begins with, up to its first reply (DSP0201 5.2.3). */
export const messageOpen = (id: string, multi: boolean): string =>
  `${beforeId}${escapeAttribute(id)}${behindId}${multi ? '<MULTIRSP>' : ''}`;

export const messageClose = (multi: boolean): string => `${multi ? '</MULTIRSP>' : ''}</MESSAGE></CIM>\n`;

/** What the reply to a call begins and ends with (DSP0201 5.2.5). */
export const replyOpen = (kind: Call['kind'], name: string): string =>
  `<SIMPLERSP><${elementOf[kind]} NAME="${escapeAttribute(name)}">`;

export const replyClose = (kind: Call['kind']): string => `</${elementOf[kind]}></SIMPLERSP>`;
