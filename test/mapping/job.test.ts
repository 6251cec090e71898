import { describe, expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import { rowless } from '../../src/mapping/rowless.js';
import { disagreements } from '../../src/provider/check.js';
import { cimv2, schemas } from './demo-engine.js';

const schema = schemas.get(cimv2)!;
const own = (name: string): string[] =>
  [...schema.class(name)!.properties]
    .filter(({ classOrigin }) => classOrigin === name)
    .map((property) => property.name);

describe('job classes', () => {
  test.each([
    ['Xen_Job', 'CIM_ConcreteJob', []],
    ['Xen_VirtualSystemManagementServiceJob', 'Xen_Job', []],
    ['Xen_VirtualSystemModifyResourcesJob', 'Xen_VirtualSystemManagementServiceJob', ['AffectedResources']],
    ['Xen_VirtualSystemCreateJob', 'Xen_VirtualSystemManagementServiceJob', ['ResultingSystem']],
    ['Xen_VirtualSystemMigrationServiceJob', 'Xen_Job', []],
    [
      'Xen_ConnectToDiskImageJob',
      'Xen_Job',
      ['SSLCertificate', 'TargetURI', 'Username', 'Password', 'ConnectionHandle'],
    ],
    ['Xen_DisconnectFromDiskImageJob', 'Xen_Job', []],
    ['Xen_SystemStateChangeJob', 'Xen_Job', []],
    [
      'Xen_StartSnapshotForestExportJob',
      'Xen_Job',
      ['MetadataURI', 'DiskImageURIs', 'SSLCertificates', 'ExportConnectionHandle'],
    ],
    ['Xen_EndSnapshotForestExportJob', 'Xen_Job', []],
  ])('%s is a %s', (name, superclass, properties) => {
    const cls = schema.class(name)!;
    expect(cls).toMatchObject({ superclass, keys: ['InstanceID'], isAbstract: false });
    expect(own(name)).toEqual(properties);
    for (const method of ['RequestStateChange', 'KillJob', 'GetError', 'GetErrors'])
      expect(cls.methods.get(method)).toBeDefined();
  });
});

describe('indication classes', () => {
  test.each([
    ['Xen_ComputerSystemCreation', 'CIM_InstCreation'],
    ['Xen_ComputerSystemDeletion', 'CIM_InstDeletion'],
    ['Xen_ComputerSystemModification', 'CIM_InstModification'],
  ])('%s is a %s', (name, superclass) => {
    expect(schema.class(name)).toMatchObject({ superclass, isIndication: true });
  });
});

describe('classes without a row', () => {
  const said = (more: Readonly<Record<string, string>>, less: string[] = []) => {
    const left = Object.entries({ ...rowless, ...more }).filter(([cim]) => !less.includes(cim));
    return [...disagreements(schemas, { ...rows, rowless: Object.fromEntries(left) })];
  };
  test('are those that the table names', () => expect(said({})).toEqual([]));
  test('one that it does not name is told', () =>
    expect(said({}, ['Xen_SystemDevice'])).toEqual([
      expect.stringMatching(/^Xen_SystemDevice: in the MOF of root\/cimv2, but no row stands for it/),
    ]));
  test('one that has a row all the same is told', () =>
    expect(said({ xen_disk: 'none' })).toEqual([expect.stringMatching(/^xen_disk: a row stands for it/)]));
  test('one that no MOF declares is told', () =>
    expect(said({ Xen_Nothing: 'none' })).toEqual([expect.stringMatching(/^Xen_Nothing: .*no MOF declares it/)]));
});
