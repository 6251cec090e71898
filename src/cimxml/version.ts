/**
 * The versions that messages carry. Answers keep to the oldest numbers, as OpenPegasus and sfcb do: pywbem, sblim and
 * wbemcli all take them, and some clients compare them as text. Requests are judged by the number before the point.
 */
export const version = {
  cim: { attribute: 'CIMVERSION', written: '2.0', prefix: '2.', refusal: 'unsupported-cim-version' },
  dtd: { attribute: 'DTDVERSION', written: '2.0', prefix: '2.', refusal: 'unsupported-dtd-version' },
  protocol: { attribute: 'PROTOCOLVERSION', written: '1.0', prefix: '1.', refusal: 'unsupported-protocol-version' },
} as const;
