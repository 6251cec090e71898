import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isKnownCode, TransportError, toCimError, XenApiError } from '../../src/xenapi/error.js';
import { errorRows } from '../../src/xenapi/error-table.js';

const codesFile = fileURLToPath(new URL('../../../shared/facts/xenapi-errors.tsv', import.meta.url));
const factsFile = fileURLToPath(new URL('../../../shared/facts/xenapi.md', import.meta.url));
const codes = existsSync(codesFile)
  ? readFileSync(codesFile, 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => line.split('\t'))
  : [];

describe('XenAPI errors', () => {
  it('every code of the data model is in the table, by itself or by its family', ({ skip }) => {
    if (codes.length === 0) skip('shared/facts/xenapi-errors.tsv is not there');
    expect(codes.length).toBeGreaterThan(600);
    expect(codes.map(([code]) => code!).filter((code) => !isKnownCode(code))).toEqual([]);
  });

  it('every code has a sentence in words: nothing of the code itself, no gap, and what it was about', ({ skip }) => {
    if (codes.length === 0) skip('shared/facts/xenapi-errors.tsv is not there');
    for (const [code, names = ''] of codes as string[][]) {
      const params = names === '' ? [] : names.split(', ').map((_name, i) => `<${i}>`);
      const [sentence, tail] = new XenApiError(code!, params).text().split('. XenError:');
      const shown = code!.startsWith('SESSION_') ? expect.stringContaining(code!) : [code, ...params].join(':');
      expect(tail, code).toEqual(shown);
      expect(sentence, code).not.toMatch(/\{\d\}|undefined|[A-Z]{2,}_|_[A-Z]{2,}/);
      expect(sentence!.split(' ').length, `${code}: ${sentence}`).toBeGreaterThan(3);
    }
  });

  it('every code that the pool refuses by is in the table (facts 5)', ({ skip }) => {
    if (!existsSync(factsFile)) skip('shared/facts/xenapi.md is not there');
    const facts = readFileSync(factsFile, 'utf8')
      .split('\n## ')
      .find((section) => section.startsWith('5'))!;
    const named = new Set(facts.match(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+){1,}\b/g));
    const published = new Set(codes.map(([code]) => code));
    const refusals = [...named].filter((name) => published.has(name) || Object.hasOwn(errorRows, name));
    expect(refusals.length).toBeGreaterThan(80);
    for (const code of ['VM_IS_SNAPSHOT', 'REVERT_ONLY_ALLOWED_ON_SNAPSHOT', 'PROVISION_ONLY_ALLOWED_ON_TEMPLATE'])
      expect(errorRows[code]?.[0], code).toBe('wrongState');
    expect(refusals.filter((code) => !isKnownCode(code))).toEqual([]);
  });

  it('every sentence can be made from the parameters that the code has', ({ skip }) => {
    if (codes.length === 0) skip('shared/facts/xenapi-errors.tsv is not there');
    const known = new Map(codes.map(([code, params = '']) => [code, params === '' ? 0 : params.split(', ').length]));
    const own = new Set(['SESSION_AUTHENTICATION_FAILED', 'VM_IS_SNAPSHOT', 'NO_HOSTS_AVAILABLE']);
    for (const [code, [, sentence]] of Object.entries(errorRows)) {
      const count = known.get(code);
      if (count === undefined || own.has(code)) continue;
      const highest = Math.max(-1, ...[...sentence.matchAll(/\{(\d)\}/g)].map(([, n]) => Number(n)));
      expect(highest, code).toBeLessThan(count);
    }
  });

  it.each([
    ['HANDLE_INVALID', ['VM', 'OpaqueRef:x'], 'NOT_FOUND', 'InvalidParameter'],
    ['UUID_INVALID', ['VM', 'x'], 'NOT_FOUND', 'InvalidParameter'],
    ['RBAC_PERMISSION_DENIED', ['vm.start', 'text'], 'ACCESS_DENIED', 'Failed'],
    ['VM_BAD_POWER_STATE', ['OpaqueRef:x', 'running, paused', 'halted'], 'FAILED', 'InvalidState'],
    ['OTHER_OPERATION_IN_PROGRESS', ['VM', 'OpaqueRef:x', 'start', 'y'], 'FAILED', 'InUse'],
    ['SR_BACKEND_FAILURE_44', ['', 'There is insufficient space', ''], 'FAILED', 'Failed'],
    ['SR_BACKEND_FAILURE_79', ['', 'VDI Invalid size', ''], 'INVALID_PARAMETER', 'InvalidParameter'],
    ['SR_BACKEND_FAILURE_9999', ['', 'odd', ''], 'FAILED', 'Failed'],
    ['INTERNAL_ERROR', ['Rpc.Runtime_error: expected Bool'], 'INVALID_PARAMETER', 'InvalidParameter'],
    ['INTERNAL_ERROR', ['Not_found'], 'FAILED', 'Failed'],
    ['DEVICE_ALREADY_EXISTS', ['0'], 'ALREADY_EXISTS', 'InvalidParameter'],
    ['MESSAGE_METHOD_UNKNOWN', ['VM.frob'], 'NOT_SUPPORTED', 'NotSupported'],
    ['VM_SHUTDOWN_TIMEOUT', ['OpaqueRef:x', '1200'], 'FAILED', 'Timeout'],
    ['CERTIFICATE_DOES_NOT_EXIST', ['x'], 'NOT_FOUND', 'InvalidParameter'],
    ['CLUSTERING_DISABLED', ['x'], 'FAILED', 'InvalidState'],
    ['A_CODE_OF_TOMORROW', [], 'FAILED', 'Failed'],
    ['constructor', [], 'FAILED', 'Failed'],
  ] as const)('%s %j is CIM_ERR_%s, and %s for a method', (code, params, status, returned) => {
    const error = new XenApiError(code, params);
    expect(toCimError(error)?.status).toBe(status);
    expect(error.returned).toBe(returned);
  });

  it('say a sentence, and keep code and parameters behind it', () => {
    const error = new XenApiError('VM_BAD_POWER_STATE', ['OpaqueRef:7', 'running', 'halted']);
    expect(error.text((ref) => (ref === 'OpaqueRef:7' ? 'the machine web01 (u)' : undefined))).toBe(
      'the machine web01 (u) is halted; it would have to be running. XenError:VM_BAD_POWER_STATE:OpaqueRef:7:running:halted',
    );
    expect(new XenApiError('SR_BACKEND_FAILURE_44', ['', 'no space', 'trace']).text()).toBe(
      'the storage reports: no space. XenError:SR_BACKEND_FAILURE_44::no space:trace',
    );
    expect(new XenApiError('VM_PCI_BUS_FULL', ['x']).text()).toContain('(vm pci bus full, x)');
  });

  it('what is described brings its own noun', () => {
    const describe = (ref: string) => (ref === 'OpaqueRef:7' ? 'the image data (u)' : undefined);
    const shown = (code: string, ...params: string[]) =>
      new XenApiError(code, params).text(describe).split('. XenError')[0];
    expect(shown('VDI_IN_USE', 'OpaqueRef:7', 'resize')).toBe('the image data (u) is in use');
    expect(shown('VDI_IN_USE', 'OpaqueRef:8', 'resize')).toBe('the disk OpaqueRef:8 is in use');
    expect(shown('OTHER_OPERATION_IN_PROGRESS', 'VDI', 'OpaqueRef:7', 'copy')).toBe(
      'another operation (copy) is under way on the image data (u)',
    );
    expect(shown('OTHER_OPERATION_IN_PROGRESS', 'VDI', 'OpaqueRef:8', 'copy')).toBe(
      'another operation (copy) is under way on the VDI OpaqueRef:8',
    );
  });

  it('never show a session', () => {
    const error = new XenApiError('SESSION_INVALID', ['OpaqueRef:secret']);
    expect(error.text() + error.message + JSON.stringify(error) + toCimError(error)?.message).not.toContain('secret');
    expect(Object.values(error)).not.toContainEqual(['OpaqueRef:secret']);
  });

  it('are apart from having had no answer', () => {
    const error = new TransportError('refused', 'https://a', 'no connection to https://a (ECONNREFUSED)', {
      sent: false,
    });
    expect(toCimError(error)).toMatchObject({ status: 'FAILED', message: expect.stringContaining('ECONNREFUSED') });
    expect(toCimError(new TypeError('x is undefined'))).toBeUndefined();
  });
});
