import type { CimInstance } from '../cim/instance.js';
import { XenApiError } from '../xenapi/error.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { portChangesOf, writePort } from './host-port.js';
import { invalid, missing } from './input.js';
import { textIn, textsIn } from './instance.js';
import { type Face, face, type Method, type MethodCall, type MethodTable, type Plan, type Work } from './method.js';
import { resolve } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import { mapOf, writeMap } from './setter.js';
import type { Steps } from './steps.js';
import { checkPortClass, makeUplinks, makingOf, portOf, removalOf, removePorts, uplinksOf } from './switch-port.js';

type Network = Ref<'network'>;
type Pif = Ref<'PIF'>;

const changeJob = 'Xen_VirtualSystemModifyResourcesJob';

const portFaces = (ports: readonly Pif[]): readonly Face[] =>
  ports.map((port) => face('Xen_HostNetworkPortSettingData', port));

/** All methods of the service are done when they answer, and are jobs only where a pool takes long. */
const work = (
  subject: string,
  networks: readonly Network[],
  needs: readonly string[],
  run: Work['run'],
  steps = 1,
): Work => ({
  job: changeJob,
  answers: 'done',
  subject,
  codes: serviceCodes,
  needs,
  affects: { networks },
  steps,
  run,
});

/** A list with something in it. */
const filled = <T>(list: readonly T[] | undefined, wanted: string): readonly T[] =>
  list !== undefined && list.length > 0 ? list : missing('ResourceSettings', wanted);

const portSettings = ({ input }: MethodCall): readonly CimInstance[] =>
  filled(input.instances('ResourceSettings'), 'one Xen_HostNetworkPortSettingData or more');

const systemSettings = ({ input }: MethodCall): CimInstance =>
  input.instance('SystemSettings') ?? missing('SystemSettings', 'a Xen_VirtualSwitchSettingData');

const configOf = (settings: CimInstance): Readonly<Record<string, string>> =>
  mapOf('OtherConfig', textsIn(settings, 'OtherConfig') ?? []);

/** The record that XenAPI network.create is given. A bridge is named by the pool unless the settings name one. */
function recordOf(settings: CimInstance, steps: Steps) {
  const bridge = textIn(settings, 'Bridge') ?? '';
  return {
    name_label: textIn(settings, 'ElementName')!,
    name_description: textIn(settings, 'Description') ?? '',
    MTU: 1500n,
    other_config: { ...configOf(settings), ...steps.tag },
    tags: [],
    ...(bridge !== '' && { bridge, managed: true }),
  };
}

/**
 * DefineSystem (DSP1097): a network that stays inside, one that is a VLAN of a port on every host, or one on a bond of
 * several ports of each host.
 */
const defineSystem: Method = {
  run: (call): Plan => {
    const settings = systemSettings(call);
    const name = textIn(settings, 'ElementName') ?? '';
    if (name === '') invalid('SystemSettings: ElementName, the name of the new switch, is wanted');
    if (call.input.path('ReferenceConfiguration'))
      invalid('ReferenceConfiguration: a virtual switch is defined by SystemSettings and ResourceSettings alone');
    configOf(settings);
    const uplinks = uplinksOf(call.view, call.input.instances('ResourceSettings') ?? []);
    const needs = ['network.create', ...makingOf(uplinks)];
    const run: Work['run'] = async (steps) => {
      const undo = { what: `the network ${name}`, message: 'network.destroy' };
      const network = await steps.make<'network'>(undo, 'network.create', recordOf(settings, steps));
      steps.affect({ networks: [network] });
      await makeUplinks(steps, network, uplinks);
      return { ResultingSystem: face('Xen_VirtualSwitch', network) };
    };
    return work(name, [], needs, run, uplinks.length);
  },
};

/** The hosts on which a bond carries a network: machines there go back to a network of its parts with the bond. */
const bondedHosts = (view: View, { PIFs }: Records['network']): ReadonlySet<string> =>
  new Set(
    PIFs.map((pif) => view.get('PIF', pif)!)
      .filter(({ bond_master_of }) => bond_master_of.length > 0)
      .map(({ host }) => host),
  );

/** Throws the return value for an invalid state where machines talk through the switch, or the pool needs it. */
function checkIdle(view: View, network: Records['network']): void {
  const refuse = (why: string): never => {
    throw new Refusal(serviceCodes.InvalidState, `${network.name_label} cannot be destroyed: ${why}`);
  };
  const leaving = bondedHosts(view, network);
  for (const ref of network.VIFs) {
    const vif = view.get('VIF', ref);
    const vm = vif?.currently_attached ? view.get('VM', vif.VM) : undefined;
    if (vm && !leaving.has(vm.resident_on)) refuse(`${vm.name_label} is connected to it`);
  }
  if (network.other_config['is_host_internal_management_network'] === 'true')
    refuse('hosts talk to their machines by it');
}

/** DestroySystem: with the VLANs and bonds that carry it, and with the ports of machines that are not running. */
const destroySystem: Method = {
  run: (call): Plan => {
    const { view, input } = call;
    const { ref, record } =
      input.refer('AffectedSystem', 'network') ?? missing('AffectedSystem', 'a reference to a Xen_VirtualSwitch');
    checkIdle(view, record);
    const removals = record.PIFs.map((pif) => removalOf(view, pif, view.get('PIF', pif)!));
    const needs = ['network.destroy', ...new Set(removals.map(({ message }) => message))];
    const run: Work['run'] = async (steps) => {
      await removePorts(steps, removals);
      await steps.call('network.destroy', ref);
      return {};
    };
    return work(record.name_label, [ref], needs, run, removals.length);
  },
};

/** A host has one port on a network at most: said before anything is made. */
function checkUnconnected(view: View, network: Network, ports: readonly Pif[]): void {
  for (const port of ports) {
    const { host } = view.get('PIF', port)!;
    const known = view.get('network', network)!.PIFs.find((pif) => view.get('PIF', pif)?.host === host);
    if (known !== undefined) throw new XenApiError('NETWORK_ALREADY_CONNECTED', [host, known]);
  }
}

/** AddResourceSettings: connects a network to hosts. */
const addResourceSettings: Method = {
  run: (call): Plan => {
    const { view, input } = call;
    const { ref, record } =
      input.refer('AffectedConfiguration', 'network') ??
      missing('AffectedConfiguration', 'a reference to a Xen_VirtualSwitchSettingData');
    const uplinks = uplinksOf(view, portSettings(call));
    checkUnconnected(
      view,
      ref,
      uplinks.flatMap((uplink) => (uplink.kind === 'VLAN' ? [uplink.on] : uplink.members)),
    );
    const run: Work['run'] = async (steps) => ({
      ResultingResourceSettings: portFaces(await makeUplinks(steps, ref, uplinks)),
    });
    return work(record.name_label, [ref], makingOf(uplinks), run, uplinks.length);
  },
};

/** ModifyResourceSettings: how ports of hosts come by their addresses, and what these are for. */
const modifyResourceSettings: Method = {
  run: (call): Plan => {
    const { view } = call;
    const changes = portSettings(call).map((setting) => {
      checkPortClass(setting);
      const { ref, record } = portOf(view, setting);
      return { ref, ...portChangesOf(view, record, setting) };
    });
    const networks = changes.map(({ before }) => before.network);
    const run: Work['run'] = async (steps) => {
      for (const change of changes) await writePort(steps, change);
      return { ResultingResourceSettings: portFaces(changes.map(({ ref }) => ref)) };
    };
    const needs = [...new Set(changes.flatMap((change) => change.needs))];
    return work(changes[0]?.before.device ?? '', networks, needs, run);
  },
};

/** RemoveResourceSettings: takes VLANs and bonds of hosts away. */
const removeResourceSettings: Method = {
  run: (call): Plan => {
    const { view, input } = call;
    const paths = filled(input.paths('ResourceSettings'), 'references to ports of hosts');
    const found = paths.map((path) => input.referred(path, 'ResourceSettings', 'PIF'));
    const ports = [...new Map(found.map((each) => [each.ref, each])).values()];
    const removals = ports.map(({ ref, record }) => removalOf(view, ref, record));
    const needs = [...new Set(removals.map(({ message }) => message))];
    const run: Work['run'] = async (steps) => {
      await removePorts(steps, removals);
      return {};
    };
    const networks = ports.map(({ record }) => record.network);
    return work(ports[0]?.record.device ?? '', networks, needs, run, removals.length);
  },
};

/** The fields of a network that its settings write. */
const writable = { ElementName: 'name_label', Description: 'name_description' } as const;

async function writeNetwork(
  steps: Steps,
  ref: Network,
  record: Records['network'],
  settings: CimInstance,
): Promise<void> {
  for (const [name, field] of Object.entries(writable)) {
    const value = textIn(settings, name);
    if (value === undefined || value === record[field]) continue;
    await steps.call(`network.set_${field}`, ref, value);
    steps.undo(`the new ${name}`, `network.set_${field}`, ref, record[field]);
  }
  await writeMap(steps, 'network', 'other_config', ref, record.other_config, configOf(settings), false);
}

/** ModifySystemSettings: the name, the description, and entries of OtherConfig; entries that it does not name stay. */
const modifySystemSettings: Method = {
  run: (call): Plan => {
    const settings = systemSettings(call);
    const id = textIn(settings, 'InstanceID') ?? invalid('SystemSettings: the InstanceID of the switch is wanted');
    const keys = [{ name: 'InstanceID', type: 'string' as const, value: id }];
    const { ref, record } =
      resolve(call.view, 'network', { kind: 'path', className: settings.shape.className, keys }) ??
      invalid(`SystemSettings: the pool has no switch ${id.slice(0, 100)}`);
    if (textIn(settings, 'ElementName') === '') invalid('SystemSettings: ElementName cannot be empty');
    configOf(settings);
    const run: Work['run'] = async (steps) => {
      await writeNetwork(steps, ref, record, settings);
      return {};
    };
    return work(record.name_label, [ref], ['network.set_name_label'], run);
  },
};

/** The methods of the service that manages virtual switches: networks, and what connects them to hosts. */
export const virtualSwitchMethods: MethodTable = {
  Xen_VirtualSwitchManagementService: {
    DefineSystem: defineSystem,
    DestroySystem: destroySystem,
    AddResourceSettings: addResourceSettings,
    ModifyResourceSettings: modifyResourceSettings,
    RemoveResourceSettings: removeResourceSettings,
    ModifySystemSettings: modifySystemSettings,
  },
};
