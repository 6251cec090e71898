import type { ServerResponse } from 'node:http';
import { extensionUri } from './extension-header.js';

/** The groups of operations by which a server says what it can (DSP0200 7.5). */
export type FunctionalGroup =
  | 'basic-read'
  | 'pulled-read'
  | 'pulled-read-count'
  | 'pulled-query-execution'
  | 'basic-write'
  | 'schema-manipulation'
  | 'instance-manipulation'
  | 'association-traversal'
  | 'query-execution'
  | 'qualifier-declaration';

/** What the answer to OPTIONS tells (DSP0200 7.5.2). */
export interface Capability {
  readonly functionalGroups: readonly FunctionalGroup[];
  readonly queryLanguages: readonly string[];
}

export const defaultCapability: Capability = {
  functionalGroups: [
    'basic-read',
    'pulled-read',
    'pulled-read-count',
    'pulled-query-execution',
    'association-traversal',
    'query-execution',
  ],
  queryLanguages: ['WQL', 'DMTF:CQL'],
};

export const allowedMethods = 'POST, M-POST, OPTIONS';

/** The two digits that the Opt header of the answer gives the CIM extension: any would do. */
const prefix = '73';

/** The header fields of an answer to OPTIONS, the CIM ones under the prefix that Opt declares (DSP0200 7.5.2, RFC 2774). */
export function capabilityHeaders({ functionalGroups, queryLanguages }: Capability): Record<string, string> {
  const languages = queryLanguages.length === 0 ? {} : { CIMSupportedQueryLanguages: queryLanguages.join(', ') };
  const fields: Record<string, string> = {
    CIMProtocolVersion: '1.0',
    CIMSupportedFunctionalGroups: functionalGroups.join(', '),
    CIMSupportsMultipleOperations: '',
    CIMValidation: 'loosely-validating',
    ...languages,
  };
  const prefixed = Object.entries(fields).map(([name, value]) => [`${prefix}-${name}`, value] as const);
  return { Opt: `${extensionUri} ; ns=${prefix}`, ...Object.fromEntries(prefixed) };
}

/** Answers OPTIONS. Anybody may ask: it tells of the program, nothing of the pool. */
export function sendCapability(response: ServerResponse, capability: Capability): void {
  response.writeHead(200, {
    Allow: allowedMethods,
    'Content-Length': '0',
    'Cache-Control': 'no-cache',
    ...capabilityHeaders(capability),
  });
  response.end();
}
