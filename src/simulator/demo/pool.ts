import type { Records, Ref } from '../../xenapi/records.js';
import { type Role, roleRef, roles, roleUuids } from '../role.js';
import { sidOf } from '../session.js';
import type { User } from '../world.js';
import type { PoolBuilder } from './builder.js';
import { cpuInfo } from './hardware.js';
import type { HostPart } from './site.js';

const roleDescriptions: Readonly<Record<Role, string>> = {
  'pool-admin': 'The Pool Administrator role has full access to all features and settings',
  'pool-operator': 'The Pool Operator role manages host- and pool-wide resources',
  'vm-power-admin': 'The VM Power Administrator role has full access to VM management and can affect where VMs run',
  'vm-admin': 'The VM Administrator role can manage VMs',
  'vm-operator': 'The VM Operator role can use VMs',
  'read-only': 'The Read-Only role can log in with basic read-only access',
};

/** Adds the roles, under the references that every pool has for them. */
export function addRoles(builder: PoolBuilder): void {
  for (const role of roles)
    builder.add(
      'role',
      { uuid: roleUuids[role], name_label: role, name_description: roleDescriptions[role], is_internal: false },
      roleRef(role) as Ref<'role'>,
    );
}

/** Adds a subject for each user of the directory, and the local superuser's record. */
export function addSubjects(builder: PoolBuilder, users: readonly User[]): void {
  for (const user of users) {
    if (user.localSuperuser === true) continue;
    const name = `EXAMPLE\\${user.name}`;
    builder.add('subject', {
      subject_identifier: sidOf(user),
      roles: [roleRef(user.role) as Ref<'role'>],
      other_config: {
        'subject-name': name,
        'subject-upn': `${user.name}@example.test`,
        'subject-displayname': user.name,
        'subject-sid': sidOf(user),
        'subject-account-disabled': 'false',
        'subject-account-locked': 'false',
        'subject-is-group': 'false',
      },
    });
  }
  builder.add('user', { short_name: 'root', fullname: 'superuser' });
}

/** Adds the pool's own record. */
export function addPool(builder: PoolBuilder, coordinator: HostPart, fields: Partial<Records['pool']>): Ref<'pool'> {
  return builder.add('pool', {
    master: coordinator.ref,
    other_config: { 'memory-ratio-hvm': '0.25', 'memory-ratio-pv': '0.25', cpuid_feature_mask: '' },
    restrictions: {
      restrict_vswitch_controller: 'false',
      restrict_pooling: 'false',
      restrict_ha: 'false',
      restrict_dmc: 'false',
    },
    cpu_info: cpuInfo(coordinator.model),
    tls_verification_enabled: true,
    ha_cluster_stack: 'xhad',
    migration_compression: false,
    coordinator_bias: true,
    guest_agent_config: {},
    gui_config: {},
    ...fields,
  });
}
