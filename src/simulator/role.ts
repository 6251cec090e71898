/** The roles, each holding all that follow it (facts 1.6). */
export const roles = ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'read-only'] as const;
export type Role = (typeof roles)[number];

/** What a message asks of who sends it: a role, or the local superuser. */
export type Required = Role | 'local-root';

/** The references under which every pool knows its roles; the first is the data model's default for a new subject. */
export const roleUuids: Readonly<Record<Role, string>> = {
  'pool-admin': '0165f154-ba3e-034e-6b27-5d271af109ba',
  'pool-operator': 'b9ce9791-0604-50cd-0649-09b3284c7dfd',
  'vm-power-admin': '7955168d-7bec-10ed-105f-c6a7e6e63249',
  'vm-admin': 'aaa00ab5-7340-bfbc-0d1b-7cf342639a6e',
  'vm-operator': 'fb8d4ff9-310c-a959-0613-54101535d3d5',
  'read-only': '7233b8e3-eacb-d7da-2c95-f2e581cdbf4e',
};

/** The reference of a role's record. */
export const roleRef = (role: Role): string => `OpaqueRef:${roleUuids[role]}`;

/** The roles that hold `required`, the greatest first; none for what only the local superuser may do. */
export const rolesHolding = (required: Required): readonly Role[] =>
  required === 'local-root' ? [] : roles.slice(0, roles.indexOf(required) + 1);

/** Whether a role may send what `required` may. */
export const holds = (role: Role, required: Required): boolean => rolesHolding(required).includes(role);
