import type { CimStatus } from '../cim/error.js';

/** What went wrong, in the few kinds that a client can act upon. */
export type Trouble =
  | 'denied'
  | 'notFound'
  | 'exists'
  | 'badParameter'
  | 'unsupported'
  | 'wrongState'
  | 'inUse'
  | 'noRoom'
  | 'timeout'
  | 'cancelled'
  | 'unavailable'
  | 'failed';

/** The return code, by its name in the DMTF service classes, that an extrinsic method has for such trouble. */
export type ReturnHint = 'NotSupported' | 'Failed' | 'Timeout' | 'InvalidParameter' | 'InvalidState' | 'InUse';

/** What each kind is for an intrinsic operation (DSP0200 annex A) and for a method's return value. */
export const troubles: Readonly<
  Record<Trouble, { readonly status: CimStatus; readonly returned: ReturnHint; readonly says: string }>
> = {
  denied: { status: 'ACCESS_DENIED', returned: 'Failed', says: 'this user may not do that' },
  notFound: { status: 'NOT_FOUND', returned: 'InvalidParameter', says: 'something that was named does not exist' },
  exists: { status: 'ALREADY_EXISTS', returned: 'InvalidParameter', says: 'there is one already' },
  badParameter: { status: 'INVALID_PARAMETER', returned: 'InvalidParameter', says: 'a value was not accepted' },
  unsupported: {
    status: 'NOT_SUPPORTED',
    returned: 'NotSupported',
    says: 'this pool, licence or storage does not allow it',
  },
  wrongState: { status: 'FAILED', returned: 'InvalidState', says: 'it cannot be done in the present state' },
  inUse: { status: 'FAILED', returned: 'InUse', says: 'something is still in use or busy' },
  noRoom: { status: 'FAILED', returned: 'Failed', says: 'there is not enough room for it' },
  timeout: { status: 'FAILED', returned: 'Timeout', says: 'it took too long' },
  cancelled: { status: 'FAILED', returned: 'Failed', says: 'it was cancelled' },
  unavailable: { status: 'FAILED', returned: 'Failed', says: 'a host or service is out of reach or not ready' },
  failed: { status: 'FAILED', returned: 'Failed', says: 'the pool could not do it' },
};

/** A code's kind and a sentence; {0}, {1}... are the error's parameters. */
export type ErrorRow = readonly [trouble: Trouble, sentence: string];

/** The codes that are met most, each with a sentence of its own (XenAPI error codes). */
export const errorRows: Readonly<Record<string, ErrorRow>> = {
  SESSION_AUTHENTICATION_FAILED: ['denied', 'the pool does not accept this user name and password'],
  SESSION_AUTHORIZATION_FAILED: ['denied', 'the pool knows the user {0}, who has no role in it'],
  SESSION_INVALID: ['denied', 'the session with the pool has ended'],
  SESSION_NOT_REGISTERED: ['failed', 'the session is not registered for events'],
  RBAC_PERMISSION_DENIED: ['denied', 'the role of this user does not hold the permission {0}'],
  PERMISSION_DENIED: ['denied', 'the pool denies it: {0}'],
  USER_IS_NOT_LOCAL_SUPERUSER: ['denied', 'only the local root user may do that'],
  HANDLE_INVALID: ['notFound', 'there is no {0} {1} in the pool (any more)'],
  UUID_INVALID: ['notFound', 'there is no {0} with the uuid {1}'],
  OBJECT_NOLONGER_EXISTS: ['notFound', 'the object has gone in the meantime'],
  VDI_MISSING: ['notFound', 'the storage {0} has lost the disk {1}'],
  VDI_NOT_AVAILABLE: ['unavailable', 'the disk {0} is not available'],
  DB_UNIQUENESS_CONSTRAINT_VIOLATION: ['exists', 'a {0} with the {1} {2} exists already'],
  MAP_DUPLICATE_KEY: ['exists', 'the map {1} of {0} {2} has the key {3} already'],
  DEVICE_ALREADY_EXISTS: ['exists', 'the device number {0} is taken'],
  BRIDGE_NAME_EXISTS: ['exists', 'a network with the bridge {0} exists already'],
  SR_UUID_EXISTS: ['exists', 'storage with the uuid {0} exists already'],
  PBD_EXISTS: ['exists', 'the storage {0} is connected to the host {1} already'],
  LOCATION_NOT_UNIQUE: ['exists', 'the storage {0} has a disk at {1} already'],
  INVALID_VALUE: ['badParameter', 'the value {1} is not valid for {0}'],
  VALUE_NOT_SUPPORTED: ['badParameter', 'the value {1} is not supported for {0}: {2}'],
  INVALID_DEVICE: ['badParameter', '{0} is no valid device'],
  MAC_INVALID: ['badParameter', '{0} is no valid MAC address'],
  VLAN_TAG_INVALID: ['badParameter', '{0} is no VLAN tag: 0 to 4094 is wanted'],
  INVALID_IP_ADDRESS_SPECIFIED: ['badParameter', '{0} is not a valid address'],
  FIELD_TYPE_ERROR: ['badParameter', 'the value of {0} is of the wrong type'],
  XMLRPC_UNMARSHAL_FAILURE: ['badParameter', 'the pool could not read a value: {0} was wanted'],
  MESSAGE_PARAMETER_COUNT_MISMATCH: ['failed', 'the call {0} takes {1} parameters and was given {2}'],
  MEMORY_CONSTRAINT_VIOLATION: ['badParameter', 'the memory limits break a rule: {0}'],
  MEMORY_CONSTRAINT_VIOLATION_ORDER: [
    'badParameter',
    'memory limits must rise: static minimum, dynamic minimum, dynamic maximum, static maximum',
  ],
  MEMORY_CONSTRAINT_VIOLATION_MAXPIN: [
    'badParameter',
    'the dynamic memory limits must equal the static maximum here: {0}',
  ],
  VCPU_MAX_NOT_CORES_PER_SOCKET_MULTIPLE: [
    'badParameter',
    '{0} virtual processors cannot be divided among sockets of {1} cores',
  ],
  VDI_TOO_LARGE: ['badParameter', 'the disk {0} would be larger than {1} bytes'],
  VDI_TOO_SMALL: ['badParameter', 'the disk {0} would be smaller than {1} bytes'],
  VBD_CDS_MUST_BE_READONLY: ['badParameter', 'a CD drive must be read-only'],
  VBD_NOT_REMOVABLE_MEDIA: ['badParameter', 'the drive {0} holds no removable medium'],
  SR_UNKNOWN_DRIVER: ['badParameter', 'there is no storage type {0}'],
  UNKNOWN_BOOTLOADER: ['badParameter', 'the boot loader {1} of the machine {0} is not known'],
  MESSAGE_METHOD_UNKNOWN: ['unsupported', 'this release of the pool has no call {0}'],
  MESSAGE_REMOVED: ['unsupported', 'the call was removed from this release of the pool'],
  MESSAGE_DEPRECATED: ['unsupported', 'the call is no longer offered'],
  NOT_IMPLEMENTED: ['unsupported', 'the pool does not implement {0}'],
  UNIMPLEMENTED_IN_SM_BACKEND: ['unsupported', 'the storage cannot do that: {0}'],
  OPERATION_NOT_ALLOWED: ['wrongState', 'the pool does not allow it now: {0}'],
  OPERATION_BLOCKED: ['wrongState', 'an administrator has blocked this operation of {0}: {1}'],
  OPERATION_PARTIALLY_FAILED: ['failed', 'the operation {0} failed for some machines'],
  LICENCE_RESTRICTION: ['unsupported', 'the licence does not include {0}'],
  FEATURE_RESTRICTED: ['unsupported', 'the licence does not include this'],
  SR_OPERATION_NOT_SUPPORTED: ['unsupported', 'the storage {0} cannot do that'],
  SR_DOES_NOT_SUPPORT_MIGRATION: ['unsupported', 'the storage {0} cannot be migrated from or to'],
  VM_BAD_POWER_STATE: ['wrongState', 'the machine {0} is {2}; it would have to be {1}'],
  VM_IS_TEMPLATE: ['wrongState', '{0} is a template'],
  VM_IS_SNAPSHOT: ['wrongState', '{0} is a snapshot'],
  PROVISION_ONLY_ALLOWED_ON_TEMPLATE: ['wrongState', 'only a template can be provisioned'],
  REVERT_ONLY_ALLOWED_ON_SNAPSHOT: ['wrongState', 'only a snapshot can be reverted to'],
  VM_CANNOT_DELETE_DEFAULT_TEMPLATE: ['wrongState', 'a default template cannot be deleted'],
  VM_LACKS_FEATURE: ['wrongState', 'the guest {0} lacks the drivers or tools for it'],
  VM_MISSING_PV_DRIVERS: ['wrongState', 'the guest {0} has no paravirtual drivers'],
  VM_HALTED: ['wrongState', 'the machine {0} has halted meanwhile'],
  VM_REBOOTED: ['failed', 'the machine {0} rebooted meanwhile'],
  VM_CRASHED: ['failed', 'the machine {0} has crashed'],
  VM_HVM_REQUIRED: ['wrongState', 'the host has no hardware virtualization, which {0} needs'],
  VM_REQUIRES_SR: ['wrongState', 'the host does not see the storage {1} of the machine {0}'],
  VM_REQUIRES_NETWORK: ['wrongState', 'the host is not on the network {1} of the machine {0}'],
  VM_REVERT_FAILED: ['failed', 'the machine {0} could not be reverted to {1}'],
  VM_SHUTDOWN_TIMEOUT: ['timeout', 'the guest {0} did not shut down within {1} seconds'],
  VM_SUSPEND_TIMEOUT: ['timeout', 'the guest {0} did not suspend within {1} seconds'],
  VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT: ['timeout', 'the guest {0} did not answer the request to shut down'],
  VM_FAILED_SUSPEND_ACKNOWLEDGMENT: ['timeout', 'the guest {0} did not answer the request to suspend'],
  VM_NO_SUSPEND_SR: ['noRoom', 'no storage is set to hold the memory of the suspended machine {0}'],
  OTHER_OPERATION_IN_PROGRESS: ['inUse', 'another operation ({2}) is under way on the {0} {1}'],
  TOO_MANY_PENDING_TASKS: ['inUse', 'the pool has too many waiting operations; try again later'],
  TOO_BUSY: ['inUse', 'the pool is too busy; try again later'],
  TOO_MANY_STORAGE_MIGRATES: ['inUse', 'more than {0} storage migrations are under way'],
  VDI_IN_USE: ['inUse', 'the disk {0} is in use'],
  VIF_IN_USE: ['inUse', 'the network {0} is in use by {1}'],
  VBD_NOT_EMPTY: ['inUse', 'the drive {0} already holds a medium'],
  VBD_IS_EMPTY: ['wrongState', 'the drive {0} is empty'],
  VBD_NOT_UNPLUGGABLE: ['wrongState', 'the drive {0} cannot be unplugged'],
  DEVICE_ALREADY_ATTACHED: ['wrongState', 'the device {0} is attached already'],
  DEVICE_ALREADY_DETACHED: ['wrongState', 'the device {0} is detached already'],
  DEVICE_DETACH_REJECTED: ['inUse', 'the guest does not let go of the {0} {1}: {2}'],
  DEVICE_DETACH_TIMEOUT: ['timeout', 'the guest did not let go of the {0} {1} in time'],
  DEVICE_ATTACH_TIMEOUT: ['timeout', 'the {0} {1} could not be attached in time'],
  VDI_READONLY: ['wrongState', 'the disk {0} is read-only'],
  SR_HAS_PBD: ['inUse', 'the storage {0} is still connected to a host'],
  SR_HAS_NO_PBDS: ['wrongState', 'the storage {0} is connected to no host'],
  SR_NOT_EMPTY: ['inUse', 'the storage still holds disks'],
  SR_INDESTRUCTIBLE: ['unsupported', 'the storage {0} is marked as indestructible'],
  SR_FULL: ['noRoom', 'the storage is full: {0} bytes were wanted, {1} can be had'],
  OUT_OF_SPACE: ['noRoom', 'there is no space left in {0}'],
  SR_SUSPEND_SPACE_INSUFFICIENT: ['noRoom', 'the storage {0} has no space for the memory of the machine'],
  SR_SOURCE_SPACE_INSUFFICIENT: ['noRoom', 'the storage {0} has no space for it'],
  PROVISION_FAILED_OUT_OF_SPACE: ['noRoom', 'the storage has no space for the disks of the template'],
  NO_HOSTS_AVAILABLE: ['noRoom', 'no host of the pool can take the machine'],
  HOST_NOT_ENOUGH_FREE_MEMORY: ['noRoom', 'the host has {1} bytes of memory free; {0} are needed'],
  HOST_NOT_ENOUGH_PCPUS: ['noRoom', 'the host has {1} processors; {0} are needed'],
  NETWORK_CONTAINS_PIF: ['inUse', 'the network still has ports of hosts'],
  NETWORK_CONTAINS_VIF: ['inUse', 'the network still has ports of machines'],
  PIF_VLAN_EXISTS: ['exists', 'the VLAN exists on the port {0} already'],
  NETWORK_ALREADY_CONNECTED: ['exists', 'the host {0} is on the network already by the port {1}'],
  CANNOT_DESTROY_SYSTEM_NETWORK: ['unsupported', 'the network {0} belongs to the system'],
  PIF_IS_MANAGEMENT_INTERFACE: ['inUse', 'the port {0} carries the management of the host'],
  HOST_DISABLED: ['wrongState', 'the host {0} is disabled'],
  HOST_NOT_DISABLED: ['wrongState', 'the host must be disabled first'],
  HOST_NOT_LIVE: ['unavailable', 'the host is not running'],
  HOST_IS_LIVE: ['wrongState', 'the host {0} is running'],
  HOST_OFFLINE: ['unavailable', 'the host {0} cannot be reached'],
  HOST_IS_SLAVE: ['unavailable', 'the host asked is not the coordinator of the pool, which is at {0}'],
  HOST_STILL_BOOTING: ['unavailable', 'the host is still starting'],
  HOST_IN_EMERGENCY_MODE: ['unavailable', 'the host has lost its pool and is in emergency mode'],
  HOST_BROKEN: ['unavailable', 'the host is broken and waits for repair'],
  CANNOT_CONTACT_HOST: ['unavailable', 'the pool cannot reach the host {0}'],
  CANNOT_EVACUATE_HOST: ['noRoom', 'the host cannot be emptied: {0}'],
  HOST_POWER_ON_MODE_DISABLED: ['unsupported', 'the host has no way to be powered on from afar'],
  TASK_CANCELLED: ['cancelled', 'the task was cancelled'],
  EVENTS_LOST: ['failed', 'the pool lost events'],
  EVENT_FROM_TOKEN_PARSE_FAILURE: ['failed', 'the pool does not understand its own event token'],
  EVENT_SUBSCRIPTION_PARSE_FAILURE: ['failed', 'the pool does not understand the event subscription {0}'],
  XENAPI_MISSING_PLUGIN: ['unsupported', 'the hosts do not have the plug-in {0}'],
  XENAPI_PLUGIN_FAILURE: ['failed', 'a plug-in of the host failed ({0}): {2}'],
  CHANGE_PASSWORD_REJECTED: ['badParameter', 'the new password was rejected'],
  INTERNAL_ERROR: ['failed', 'the pool met a fault of its own: {0}'],
  Fault: ['failed', 'the pool refused the call: {0}'],
};

/** The kinds of the other codes, by the words in them; the first that fits counts. */
export const errorFamilies: readonly (readonly [form: RegExp, trouble: Trouble])[] = [
  [/^(pool_)?auth_(en|dis)able_failed_(permission_denied|wrong_credentials|invalid_account)/, 'denied'],
  [/^(pool_)?auth_|^AUTH_|^POOL_AUTH_/i, 'failed'],
  [/^SESSION_|PERMISSION|_AUTHENTICATION_FAILED$/, 'denied'],
  [/TIMEOUT(?!_PARTIALLY)|_DOES_?NOT_RESPOND$|_DEOS_NOT_RESPOND$/, 'timeout'],
  [/CANCELLED$/, 'cancelled'],
  [
    /SPACE|_FULL$|_INSUFFICIENT|TOO_MANY_|_MAX_AMOUNT_|NOT_ENOUGH|_LIMIT$|NO_HOSTS|TOO_FEW|COULD_NOT_FIND_ROOM/,
    'noRoom',
  ],
  [
    /_IN_USE|IN_PROGRESS|_BUSY|STILL_EXISTS|_CONTAINS_(?!NO_)|_HAS_(?!NO_|TOO_MANY)|RATE_LIMIT|_DETACH_|TRAY_LOCKED|_IS_USING_|_PRESENT$/,
    'inUse',
  ],
  [/DUPLICATE|_EXISTS$|_ALREADY_EXISTS|_NOT_UNIQUE|ALREADY_BONDED|ALREADY_PRESENT/, 'exists'],
  [/DOES_NOT_EXIST|NOT_FOUND|^CANNOT_FIND_|_MISSING$|MISSING_(?!PV|CONN)|_NOT_PRESENT$|FAILED_TO_FIND/, 'notFound'],
  [
    /UNREACHABLE|REACHABLE|CONTACT|CONNECTION|UNKNOWN_HOST|OFFLINE|_NOT_LIVE$|BOOTING|(?<!^NOT_IN_)EMERGENCY|COMMUNICATION|NOT_ACCESSIBLE|TALK_BACK|CANNOT_SEE|NO_MANAGEMENT_IP|_COULD_NOT_|FENCED/,
    'unavailable',
  ],
  [
    /INVALID|ILLEGAL|^BLOCKED_|^NOT_TRUSTED_|_UNKNOWN$|UNKNOWN_|TOO_LARGE|TOO_SMALL|TOO_LOW|TOO_LATE|PARAMETER|UNMARSHAL|PARSE_FAILURE|_MALFORMED|CONSTRAINT|MUST_BE|MISSING_CONNECTION|_NOT_IN_MAP|NO_VCPUS|_LACKS_PURPOSE|_SPECIFIED/,
    'badParameter',
  ],
  [
    /NOT_SUPPORTED|NOT_IMPLEMENTED|UNIMPLEMENTED|SUPPORT|RESTRICT|LICEN[CS]E|NOT_ALLOWED|DISALLOWED|ONLY_ALLOWED|MUST_USE|REQUIRES_HVM|DEPRECATED|REMOVED|NOT_INSTALLED|NO_LONGER|ACTIVATION_WHILE/,
    'unsupported',
  ],
  [
    /^IS_|_IS_|^NOT_|_NOT_|_ALREADY_|_DISABLED|_ENABLED|_NO_|_HAS_NO_|NO_|REQUIRE|INCOMPATIBLE|CANNOT_|CAN_NOT_|BAD_|CONFLICT|MISMATCH|_NEEDS_|_ALLOWS_|MORE_THAN|ONLY|^POOL_JOINING_|^JOINING_|^HOSTS?_|^HA_|ASSIGNED|IMMOBILE|PASSTHROUGH|OLD_PV|UNMANAGED|UNHEALTHY|DEGRADED|UNSAFE|HIGHER|CONTAINS_NO|_IN_|EVACUAT|MORE_FREQUENT|ARMED|PINNED|REQUIRED|_EXPIRED/,
    'wrongState',
  ],
  [
    /FAIL|ERROR|CORRUPT|LOST|REJECTED|BROKEN|CRASHED|WOULD_BREAK|MISCONFIGURED|^IMPORT_|^RESTORE_|^XEN_|^WLB_|^CERTIFICATE|^UPDATE|^PATCH|^REPO|^VM_|^VDI_|^SR_|^XAPI_|^SYSPREP|^V6D/,
    'failed',
  ],
];

/** What the numbers of SR_BACKEND_FAILURE_n mean, where a storage driver's number says more than "failed". */
export const storageFaults: Readonly<Record<string, Trouble>> = {
  '1': 'badParameter',
  '2': 'badParameter',
  '16': 'inUse',
  '19': 'notFound',
  '24': 'inUse',
  '37': 'inUse',
  '38': 'unsupported',
  '39': 'inUse',
  '42': 'exists',
  '43': 'exists',
  '44': 'noRoom',
  '46': 'unavailable',
  '47': 'unavailable',
  '48': 'badParameter',
  '56': 'inUse',
  '60': 'badParameter',
  '66': 'badParameter',
  '68': 'denied',
  '72': 'unsupported',
  '75': 'inUse',
  '79': 'badParameter',
  '87': 'badParameter',
  '89': 'badParameter',
  '90': 'badParameter',
  '91': 'badParameter',
  '92': 'notFound',
  '94': 'badParameter',
  '95': 'badParameter',
  '96': 'badParameter',
  '107': 'badParameter',
  '225': 'badParameter',
};
