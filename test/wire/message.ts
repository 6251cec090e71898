import { visit } from '../server-stage.js';

/** The components of a namespace as pywbem writes them. */
export const space = (namespace = 'root/cimv2'): string =>
  `<LOCALNAMESPACEPATH>${namespace
    .split('/')
    .map((name) => `<NAMESPACE NAME="${name}"/>`)
    .join('')}</LOCALNAMESPACEPATH>`;

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const value = (name: string, text: string | number | boolean): string =>
  `<IPARAMVALUE NAME="${name}"><VALUE>${escaped(String(text))}</VALUE></IPARAMVALUE>`;

/** A request as pywbem sends it. */
export const pywbem = (operation: string, parameters: string, namespace?: string): string =>
  '<?xml version="1.0" encoding="utf-8" ?>\n<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1001" PROTOCOLVERSION="1.0">' +
  `<SIMPLEREQ><IMETHODCALL NAME="${operation}">${space(namespace)}${parameters}</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`;

/** What an answer says: the elements in its IRETURNVALUE, its output parameters, or its error. */
export interface Answer {
  readonly xml: string;
  readonly content: string;
  readonly context: string;
  readonly end: boolean | undefined;
  readonly error: { readonly code: number; readonly description: string } | undefined;
}

const parameter = (xml: string, name: string): string | undefined =>
  new RegExp(`<PARAMVALUE NAME="${name}" PARAMTYPE="\\w+"><VALUE>([^<]*)</VALUE></PARAMVALUE>`).exec(xml)?.[1];

/** Sends a request and takes its answer apart. */
export async function send(port: number, body: string, user?: string): Promise<Answer> {
  const { status, body: xml } = await visit(port, '/cimom', body, user);
  if (status !== 200) throw new Error(`HTTP ${status}`);
  const [, code, description = ''] = /<ERROR CODE="(\d+)" DESCRIPTION="([^"]*)"/.exec(xml) ?? [];
  const end = parameter(xml, 'EndOfSequence');
  return {
    xml,
    content: /<IRETURNVALUE>(.*)<\/IRETURNVALUE>/s.exec(xml)?.[1] ?? '',
    context: parameter(xml, 'EnumerationContext') ?? '',
    end: end === undefined ? undefined : end === 'TRUE',
    error: code === undefined ? undefined : { code: Number(code), description },
  };
}

/** How often an element begins. */
export const count = (xml: string, element: string): number => xml.split(`<${element}>`).length - 1;
