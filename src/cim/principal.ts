/** The roles of XenAPI, the strongest first; a stronger one may do all that a weaker one may (XenAPI role). */
export const roles = ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'read-only'] as const;

export type Role = (typeof roles)[number];

/**
 * Who asks, after the password was checked: by a login to the pool, or against a user of the bridge's own configuration,
 * who may read but has no XenAPI login to execute methods with (decisions.md 37).
 */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  readonly origin: 'pool' | 'configured';
}
