import { describe, expect, it } from 'vitest';
import { decodeRequest } from '../../src/cimxml/request.js';
import { extensionHeaders } from '../../src/http/extension-header.js';
import { checkHeaders, checkOperationHeader } from '../../src/http/header-check.js';
import { HttpRefusal } from '../../src/http/refusal.js';
import { messageXml, methodXml, requestXml, simpleXml } from './stage.js';

/** The token under which the headers are refused with this body; `ok` where they are not. */
function verdict(body: string, fields: Readonly<Record<string, string>>, strict = false): string {
  try {
    const lower = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
    const headers = extensionHeaders(lower);
    checkOperationHeader(headers, strict);
    checkHeaders(headers, decodeRequest(Buffer.from(body)), strict);
    return 'ok';
  } catch (reason) {
    if (reason instanceof HttpRefusal) return reason.token ?? String(reason.status);
    throw reason;
  }
}

const operation = { CIMOperation: 'MethodCall' };
const intrinsic = { ...operation, CIMMethod: 'EnumerateInstanceNames', CIMObject: 'root/cimv2' };
const uuid = '5f2a9c1e-0000-4000-8000-000000000001';
const path = `root/cimv2:Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${uuid}"`;
const extrinsic = { ...operation, CIMMethod: 'RequestStateChange', CIMObject: path };

describe('the headers of an intrinsic operation (DSP0200 6.3)', () => {
  it.each([
    ['as pywbem sends them', intrinsic, 'ok', 'ok'],
    ['as sblim sends them', { ...intrinsic, CIMObject: 'root%2Fcimv2', CIMProtocolVersion: '1.0' }, 'ok', 'ok'],
    [
      'in other cases',
      { CIMOperation: 'methodcall', CIMMethod: 'ENUMERATEinstancenames', CIMObject: 'ROOT/CimV2' },
      'ok',
      'ok',
    ],
    ['with slashes round the namespace', { ...intrinsic, CIMObject: '/root/cimv2/' }, 'ok', 'ok'],
    ['with the method percent-encoded', { ...intrinsic, CIMMethod: '%45numerateInstanceNames' }, 'ok', 'ok'],
    ['none at all, as clients of sfcb send', {}, 'ok', 'unsupported-operation'],
    ['without CIMMethod', { ...operation, CIMObject: 'root/cimv2' }, 'ok', 'header-mismatch'],
    ['without CIMObject', { ...operation, CIMMethod: 'EnumerateInstanceNames' }, 'ok', 'header-mismatch'],
    [
      'with a class in CIMObject',
      { ...intrinsic, CIMObject: 'root/cimv2:Xen_ComputerSystem' },
      'ok',
      'header-mismatch',
    ],
    [
      'with another CIMOperation',
      { ...intrinsic, CIMOperation: 'MethodRequest' },
      'unsupported-operation',
      'unsupported-operation',
    ],
    [
      'with an empty CIMOperation',
      { ...intrinsic, CIMOperation: '' },
      'unsupported-operation',
      'unsupported-operation',
    ],
    ['with another method', { ...intrinsic, CIMMethod: 'GetClass' }, 'header-mismatch', 'header-mismatch'],
    ['with an empty method', { ...intrinsic, CIMMethod: '' }, 'header-mismatch', 'header-mismatch'],
    ['with another namespace', { ...intrinsic, CIMObject: 'root/interop' }, 'header-mismatch', 'header-mismatch'],
    [
      'with octets that are no UTF-8',
      { ...intrinsic, CIMObject: 'root%FFcimv2' },
      'header-mismatch',
      'header-mismatch',
    ],
    ['with version 1.1', { ...intrinsic, CIMProtocolVersion: '1.1' }, 'header-mismatch', 'header-mismatch'],
    [
      'with version 2.0',
      { ...intrinsic, CIMProtocolVersion: '2.0' },
      'unsupported-protocol-version',
      'unsupported-protocol-version',
    ],
    ['with CIMBatch', { ...intrinsic, CIMBatch: '' }, 'header-mismatch', 'header-mismatch'],
  ])('%s', (_what, fields, lenient, strict) => {
    expect([verdict(requestXml(), fields), verdict(requestXml(), fields, true)]).toEqual([lenient, strict]);
  });

  it('absent stand for version 1.0', () => {
    const body = requestXml({ protocol: '1.1' });
    expect(verdict(body, intrinsic)).toBe('ok');
    expect(verdict(body, intrinsic, true)).toBe('header-mismatch');
    expect(verdict(body, { ...intrinsic, CIMProtocolVersion: '1.1' }, true)).toBe('ok');
  });

  it('may stand under the prefix of Man or Opt (DSP0200 6.2.2)', () => {
    const Man = 'http://www.dmtf.org/cim/mapping/http/v1.0 ; ns=55';
    const prefixed = {
      '55-CIMOperation': 'MethodCall',
      '55-CIMMethod': 'EnumerateInstanceNames',
      '55-CIMObject': 'root/cimv2',
    };
    expect(verdict(requestXml(), { Man, ...prefixed }, true)).toBe('ok');
    expect(verdict(requestXml(), { Opt: Man, ...prefixed }, true)).toBe('ok');
    expect(verdict(requestXml(), { Man, ...prefixed, '55-CIMObject': 'root/interop' })).toBe('header-mismatch');
    expect(verdict(requestXml(), prefixed, true)).toBe('unsupported-operation');
  });

  it('are compared at once, whatever CIMObject holds', () => {
    const body = requestXml({ namespace: 'root/cimv2' });
    expect(verdict(body, { ...intrinsic, CIMObject: `a${'/'.repeat(500_000)}x` })).toBe('header-mismatch');
    expect(verdict(body, { ...intrinsic, CIMObject: `${'/'.repeat(500_000)}root/cimv2/` })).toBe('ok');
  });
});

describe('the headers of a method call', () => {
  const body = methodXml('RequestStateChange', uuid);
  const withObject = (CIMObject: string) => ({ ...extrinsic, CIMObject });

  it.each([
    ['as they should be', extrinsic, 'ok', 'ok'],
    ['percent-encoded', withObject(encodeURIComponent(path)), 'ok', 'ok'],
    ['as wbemcli writes them', withObject(path.replace('/', '%2F').replace(':', '%3A')), 'ok', 'ok'],
    [
      'with the keys in another order',
      withObject(`root/cimv2:Xen_ComputerSystem.Name="${uuid}",CreationClassName="Xen_ComputerSystem"`),
      'ok',
      'ok',
    ],
    [
      'with names in other cases',
      withObject(`ROOT/cimv2:xen_computersystem.NAME="${uuid}",creationclassname="Xen_ComputerSystem"`),
      'ok',
      'ok',
    ],
    ['with a host', withObject(`//bridge.example:5988/${path}`), 'ok', 'ok'],
    ['with a slash before', withObject(`/${path}`), 'ok', 'ok'],
    ['with another key', withObject(path.replace(uuid, 'other')), 'header-mismatch', 'header-mismatch'],
    [
      'with a key too few',
      withObject(`root/cimv2:Xen_ComputerSystem.Name="${uuid}"`),
      'header-mismatch',
      'header-mismatch',
    ],
    ['with another class', withObject(path.replace('Xen_', 'CIM_')), 'header-mismatch', 'header-mismatch'],
    [
      'with the class for the instance',
      withObject('root/cimv2:Xen_ComputerSystem'),
      'header-mismatch',
      'header-mismatch',
    ],
    ['with the namespace alone', withObject('root/cimv2'), 'header-mismatch', 'header-mismatch'],
    ['with another namespace', withObject(path.replace('cimv2', 'interop')), 'header-mismatch', 'header-mismatch'],
    [
      'with keys that nobody can read, as old clients quote them',
      withObject('root/cimv2:Xen_ComputerSystem.Name="a"b"'),
      'ok',
      'header-mismatch',
    ],
    ['the same of another class', withObject('root/cimv2:CIM_Other.Name="a"b"'), 'header-mismatch', 'header-mismatch'],
  ])('%s', (_what, fields, lenient, strict) => {
    expect([verdict(body, fields), verdict(body, fields, true)]).toEqual([lenient, strict]);
  });
});

describe('the headers of a MULTIREQ (DSP0200 6.3.9)', () => {
  const body = messageXml(`<MULTIREQ>${simpleXml()}${simpleXml()}</MULTIREQ>`);

  it.each([
    ['with CIMBatch', { ...operation, CIMBatch: 'CIMBatch' }, 'ok', 'ok'],
    ['without it', operation, 'ok', 'header-mismatch'],
    ['with a method', { ...operation, CIMBatch: '', CIMMethod: 'GetClass' }, 'ok', 'header-mismatch'],
    ['with an object', { ...operation, CIMBatch: '', CIMObject: 'root/interop' }, 'ok', 'header-mismatch'],
  ])('%s', (_what, fields, lenient, strict) => {
    expect([verdict(body, fields), verdict(body, fields, true)]).toEqual([lenient, strict]);
  });
});
