import { describe, expect, test } from 'vitest';
import { pathsOf } from '../../src/mapping/storage-connection.js';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const sr = demo.records('SR').find(({ type }) => type === 'lvmoiscsi')!;
const plugs = sr.PBDs.map((ref) => demo.store.get('PBD', ref)!);
const at = (host: string) => plugs.find((plug) => demo.store.get('host', plug.host)?.name_label === host)!;
const subject = ({ uuid }: Records['PBD']) => demo.one('Xen_StorageConnection', 'Name', uuid);
const shown = (plug: Records['PBD']) => demo.show(subject(plug));

describe('Xen_StorageConnection', () => {
  test('tells whether the host is connected, and by how many paths', () => {
    expect(shown(at('xen-alpha'))).toMatchObject({
      ElementName: 'xen-alpha: iSCSI virtual disk storage',
      EnabledState: 2,
      HealthState: 5,
      Multipath: true,
      ActivePaths: 4,
      TotalPaths: 4,
    });
    expect(shown(at('xen-beta'))).toMatchObject({
      EnabledState: 2,
      HealthState: 10,
      OperationalStatus: [3],
      ActivePaths: 2,
    });
    expect(shown(at('xen-gamma'))).toMatchObject({
      EnabledState: 3,
      HealthState: 20,
      Multipath: false,
      ActivePaths: null,
      TotalPaths: null,
    });
  });

  test('of a host that does not answer nothing is known', () => {
    const plug = at('xen-alpha');
    const metrics = demo.store.get('host_metrics', demo.store.get('host', plug.host)!.metrics)!;
    demo.change('host_metrics', metrics.uuid, { live: false });
    expect(shown(plug)).toMatchObject({ EnabledState: 0, HealthState: 0, OperationalStatus: [13] });
    demo.change('host_metrics', metrics.uuid, metrics);
  });

  test('hides what is secret', () => {
    const config = shown(at('xen-alpha'))['DeviceConfig'] as string[];
    expect(config).toContain('target=192.0.2.101');
    expect(config.join()).not.toContain('chap-secret');
    expect(config).toContain('chappassword=***');
  });

  test('ties a host to a repository (CIM_HostedAccessPoint, CIM_SAPAvailableForElement)', () => {
    const plug = at('xen-alpha');
    const host = demo.store.get('host', plug.host)!;
    expect(demo.tied(subject(plug), 'Xen_HostedStorageConnection')).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    const pool = demo.one('Xen_StoragePool', 'PoolID', sr.uuid);
    expect(demo.tied(pool, 'Xen_StorageConnectionAvailableForElement').sort()).toEqual(
      plugs.map(({ uuid }) => `Xen_StorageConnection ${uuid}`).sort(),
    );
  });
});

test.each([
  [{}, undefined],
  [{ 'mpath-a': '[1, 2]' }, undefined],
  [{ multipathed: 'true' }, undefined],
  [
    { multipathed: 'true', 'mpath-a': '[1, 2]', 'mpath-b': '[4,4]' },
    { active: 5, total: 6 },
  ],
  [
    { multipathed: 'true', 'mpath-a': 'none', 'mpath-b': '[0, 2]' },
    { active: 0, total: 2 },
  ],
])('the paths in %j', (other_config, paths) => {
  expect(pathsOf({ other_config } as unknown as Records['PBD'])).toEqual(paths);
});
