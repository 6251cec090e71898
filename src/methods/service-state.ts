import { declined } from './declined.js';
import { missing } from './input.js';
import type { Method, MethodTable } from './method.js';
import { notSupported, Refusal, stateCodes } from './return-code.js';
import { refusePeriod, unknownState } from './system-state.js';

/** The states that CIM_EnabledLogicalElement.RequestStateChange has. */
export const knownStates = [2, 3, 4, 6, 7, 8, 9, 10, 11] as const;

const isKnown = (state: number): boolean => (knownStates as readonly number[]).includes(state);

/** RequestStateChange of what has no state of its own that could be changed. */
const stateless = (why: string): Method => ({
  declines: why,
  run: (call) => {
    const wanted =
      call.input.number('RequestedState') ?? missing('RequestedState', 'one of the states of its ValueMap');
    if (!isKnown(wanted)) throw unknownState(wanted, knownStates);
    refusePeriod(call);
    throw new Refusal(notSupported, why);
  },
});

const always = 'the services of the pool are there as long as the bridge is: they can be neither stopped nor disabled';

/** A service is started as long as the pool is in reach, and starting it again is done already (CIM_Service). */
const startService: Method = {
  declines: always,
  run: ({ view }) => {
    const [server] = view.refs('server');
    const reached = server && view.get('server', server)?.pool.reachable !== false;
    if (reached !== false) return { returned: 0 };
    throw new Refusal(stateCodes.Failed, 'the pool is out of reach, and the service starts again when it comes back');
  },
};

/** Not the host's affair, which xs-cim disabled for it. */
const service = {
  RequestStateChange: stateless(always),
  StartService: startService,
  StopService: declined(always),
} as const;

const services = [
  'Xen_ConsoleRedirectionService',
  'Xen_MetricService',
  'Xen_ObjectManager',
  'Xen_StoragePoolManagementService',
  'Xen_TransparentBridgingService',
  'Xen_VirtualSwitchManagementService',
  'Xen_VirtualSystemManagementService',
  'Xen_VirtualSystemMigrationService',
  'Xen_VirtualSystemSnapshotService',
];

const ofMachine = 'it is as the machine is: change the state of the system that it belongs to';
const ofHost = 'it is as the host is: change the state of the host that it belongs to';
const ofNetwork = 'a network is always there; its ports on the hosts can be unplugged (Xen_HostNetworkPort)';
const notIts = 'it has no state that could be changed';

/** The other elements that CIM_EnabledLogicalElement gives the method to, and why they have no state of their own. */
const elements: Readonly<Record<string, string>> = {
  Xen_CIMXMLCommunicationMechanism: notIts,
  Xen_ComputerSystemIPProtocolEndpoint: ofMachine,
  Xen_ComputerSystemLANEndpoint: ofMachine,
  Xen_Console: ofMachine,
  Xen_DiskImage: 'an image has no state; the disks of machines that show it can be unplugged (Xen_Disk)',
  Xen_DisplayController: ofMachine,
  Xen_GuestOperatingSystem: ofMachine,
  Xen_HostDisplayController: ofHost,
  Xen_HostIPProtocolEndpoint: ofHost,
  Xen_HostLANEndpoint: ofHost,
  Xen_HostMemory: ofHost,
  Xen_HostOperatingSystem: ofHost,
  Xen_HostPCIDevice: ofHost,
  Xen_HostProcessor: ofHost,
  Xen_HostRemoteServiceAccessPoint: ofHost,
  Xen_HostUSBDevice: ofHost,
  Xen_JobDestination: 'jobs are always taken; each can be ended by its own RequestStateChange',
  Xen_KVMRedirectionSAP: ofMachine,
  Xen_KVP: notIts,
  Xen_ManagementServer: notIts,
  Xen_Memory: ofMachine,
  Xen_MemoryState: ofMachine,
  Xen_Processor: ofMachine,
  Xen_RecordLog: notIts,
  Xen_TextRedirectionSAP: ofMachine,
  Xen_TrustedPlatformModule: ofMachine,
  Xen_USBDevice: ofMachine,
  Xen_VirtualSwitch: ofNetwork,
  Xen_VirtualSwitchLANEndpoint: ofNetwork,
  Xen_VirtualSwitchPort: ofNetwork,
};

/** StartService, StopService and RequestStateChange where there is nothing to start, to stop or to change. */
export const stateMethods: MethodTable = {
  ...Object.fromEntries(services.map((cim) => [cim, service])),
  ...Object.fromEntries(Object.entries(elements).map(([cim, why]) => [cim, { RequestStateChange: stateless(why) }])),
};
