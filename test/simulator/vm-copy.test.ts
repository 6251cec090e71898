import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { NULL_REF, type Ref } from '../../src/xenapi/records.js';
import { connect, instant, named, type TestClient } from './client.js';
import { faultsOf } from './conforms.js';

let simulator: Simulator;
let client: TestClient;
beforeEach(async () => {
  simulator = await startSimulator(instant);
  client = await connect(simulator);
});
afterEach(() => simulator.stop());

const ref = (name: string) => named(simulator, 'VM', name) as Ref<'VM'>;
const vm = (machine: string) => simulator.db.need('VM', machine);
const images = (machine: string) =>
  vm(machine)
    .VBDs.map((vbd) => simulator.db.need('VBD', vbd).VDI)
    .filter((vdi) => vdi !== NULL_REF);

it('a clone of a template is a template with disks and addresses of its own (facts 5.3)', async () => {
  const source = ref('Demo Linux VM');
  const made = await client.call<string>('VM.clone', source, 'a clone');
  const [from, to] = [vm(source), vm(made)];
  expect(to).toMatchObject({
    name_label: 'a clone',
    is_a_template: true,
    is_default_template: false,
    parent: NULL_REF,
  });
  expect(to.other_config['base_template_name']).toBe('Demo Linux VM');
  expect(to.other_config['mac_seed']).not.toBe(from.other_config['mac_seed']);
  expect(to.metrics).not.toBe(from.metrics);
  expect(images(made)).toHaveLength(1);
  expect(images(made)).not.toEqual(images(source));
  const mac = (machine: string) => vm(machine).VIFs.map((vif) => simulator.db.need('VIF', vif).MAC);
  expect(mac(made)).not.toEqual(mac(source));
  expect(faultsOf('VM', to as never)).toEqual([]);
});

it('a clone of a default template is none', async () => {
  const made = await client.call<string>('VM.clone', ref('Rocky Linux 9'), 'mine');
  expect(vm(made).other_config).not.toHaveProperty('default_template');
  await client.call('VM.destroy', made);
});

it('a copy puts its disks where it is told, but not into a library of ISOs (facts 5.3)', async () => {
  const [local, iso] = [named(simulator, 'SR', 'Local storage'), named(simulator, 'SR', 'NFS ISO library')];
  const made = await client.call<string>('VM.copy', ref('dev-01'), 'a copy', local);
  expect(images(made).map((vdi) => simulator.db.need('VDI', vdi).SR)).toEqual([local]);
  expect((await client.refusal('VM.copy', ref('dev-01'), 'no', iso))[0]).toBe('OPERATION_NOT_ALLOWED');
});

it('a snapshot becomes the machine’s parent, keeps addresses and snapshots the disks (facts 5.3)', async () => {
  const before = vm(ref('web-01')).parent;
  const made = (await client.call('VM.snapshot', ref('web-01'), 'now')) as Ref<'VM'>;
  expect(vm(made)).toMatchObject({
    is_a_snapshot: true,
    is_a_template: true,
    power_state: 'Halted',
    parent: before,
    snapshot_of: ref('web-01'),
  });
  expect(vm(ref('web-01')).parent).toBe(made);
  expect(vm(ref('web-01')).snapshots).toContain(made);
  expect(vm(before).children).toContain(made);
  expect(images(made).map((vdi) => simulator.db.need('VDI', vdi).snapshot_of)).toEqual(images(ref('web-01')));
  const mac = (machine: string) => vm(machine).VIFs.map((vif) => simulator.db.need('VIF', vif).MAC);
  expect(mac(made)).toEqual(mac(ref('web-01')));
});

it('ignore_vdis leaves disks out', async () => {
  const [first] = images(ref('web-01'));
  const made = await client.call<string>('VM.snapshot', ref('web-01'), 'part', [first]);
  expect(images(made)).toHaveLength(images(ref('web-01')).length - 1);
});

it('a checkpoint holds the memory', async () => {
  const made = await client.call<string>('VM.checkpoint', ref('web-01'), 'with memory');
  expect(vm(made).power_state).toBe('Suspended');
  expect(simulator.db.need('VDI', vm(made).suspend_VDI).type).toBe('suspend');
});

it('destroying a snapshot gives its children its parent; images stay (facts 5.3)', async () => {
  const middle = ref('before update 1.1');
  const { parent, children } = vm(middle);
  const disks = images(middle);
  await client.call('VM.destroy', middle);
  expect(children.map((child) => vm(child).parent)).toEqual(children.map(() => parent));
  expect(vm(parent).children).toEqual(expect.arrayContaining([...children]));
  expect(disks.every((vdi) => simulator.db.get('VDI', vdi) !== undefined)).toBe(true);
  expect(simulator.db.find('VBD', (vbd) => vbd.VM === middle)).toBeUndefined();
});

it('a full repository fails as its storage manager does (facts 0.3)', async () => {
  simulator.faults.fillRepository('NFS virtual disk storage');
  const refusal = ['SR_BACKEND_FAILURE_44', '', 'There is insufficient space', ''];
  expect(await client.refusal('VM.snapshot', ref('web-01'), 'no room')).toEqual(refusal);
});

it('VM.create makes a halted machine with metrics (facts 5.3)', async () => {
  const source = { ...(await client.call<Record<string, unknown>>('VM.get_record', ref('dev-01'))) };
  const given = {
    ...source,
    name_label: 'made',
    power_state: 'Running',
    HVM_boot_policy: '',
    domain_type: 'unspecified',
  };
  const made = await client.call<string>('VM.create', given);
  expect(vm(made)).toMatchObject({ name_label: 'made', power_state: 'Halted', domain_type: 'pv', VBDs: [] });
  expect(simulator.db.get('VM_metrics', vm(made).metrics)).toBeDefined();
  expect(faultsOf('VM', vm(made) as never)).toEqual([]);
});
