import { label } from '../provider/codec.js';

/*
 * The conditions that elements are found in, for the tables of states(): what CIM_ManagedSystemElement, CIM_EnabledLogicalElement
 * and CIM_LogicalDevice show of each. An element that differs in one column says so beside the name of the condition.
 */

/** All is well. */
export const working = {
  Availability: label('Running/Full Power'),
  EnabledState: label('Enabled'),
  HealthState: label('OK'),
  OperationalStatus: [label('OK')],
  Status: 'OK',
};

/** Well, but not in use now. */
export const idle = {
  ...working,
  Availability: label('Off Line'),
  EnabledState: label('Enabled but Offline'),
};

/** Waits for its system to run. */
export const dormant = { ...idle, OperationalStatus: [label('Dormant')], Status: 'Stopped' };

/** Switched off on purpose. */
export const stopped = {
  ...idle,
  EnabledState: label('Disabled'),
  OperationalStatus: [label('Stopped')],
  Status: 'Stopped',
};

/** Works with less than it should have. */
export const degraded = {
  ...working,
  Availability: label('Degraded'),
  HealthState: label('Degraded/Warning'),
  OperationalStatus: [label('Degraded')],
  Status: 'Degraded',
};

/** Does not work. */
export const failed = {
  Availability: label('Degraded'),
  EnabledState: label('Enabled but Offline'),
  HealthState: label('Major failure'),
  OperationalStatus: [label('Error')],
  Status: 'Error',
};

/** Is not where it should be. */
export const missing = { ...failed, EnabledState: label('Disabled') };

/** What could tell does not answer. */
export const unreachable = {
  Availability: label('Unknown'),
  EnabledState: label('Unknown'),
  HealthState: label('Unknown'),
  OperationalStatus: [label('Lost Communication')],
  Status: 'Lost Comm',
};

type StateColumn = keyof typeof working;

/** The columns of a CIM_ManagedSystemElement, by its states. */
export const elementColumns = <C>(column: (name: Exclude<StateColumn, 'Availability' | 'EnabledState'>) => C) => ({
  HealthState: column('HealthState'),
  OperationalStatus: column('OperationalStatus'),
  Status: column('Status'),
});

/** The columns of a CIM_EnabledLogicalElement, by its states. */
export const enabledColumns = <C>(column: (name: Exclude<StateColumn, 'Availability'>) => C) => ({
  EnabledState: column('EnabledState'),
  ...elementColumns(column),
});

/** The columns of a CIM_LogicalDevice, by its states. */
export const deviceColumns = <C>(column: (name: StateColumn) => C) => ({
  Availability: column('Availability'),
  ...enabledColumns(column),
});

/** The columns of a CIM_ManagedSystemElement of which nothing bad can be told. */
export const well = elementColumns((name) => ({ value: working[name] }));
