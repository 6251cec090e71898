import { describe, expect, test } from 'vitest';
import { fql } from './object.js';

const check = (rows: readonly (readonly [filter: string, truth: boolean])[]): void => {
  for (const [filter, truth] of rows) test(`${filter} is ${truth}`, () => expect(fql(filter)).toBe(truth));
};

describe('single values (DSP0212)', () => {
  check([
    ['EnabledState = 2', true],
    ['enabledSTATE = 0X2', true],
    ['EnabledState = 10B', true],
    ['Offset = -0x6223', true],
    ['EnabledState <> 3', true],
    ['Load > 20.25', true],
    ['Started = true', true],
    ["Empty = ''", true],
    ["Setting.Text = 'Test'", true],
    ["Setting.Text <> 'test'", true],
    ['Setting.Count = 5', true],
    ['Setting.Count.More = 5', false],
    ["Setting.Text LIKE 'T..t'", true],
    ["Setting.Text NOT LIKE '.*st'", false],
    ['EnabledState = EnabledState', true],
    ['EnabledState < Memory', true],
    ["InstallDate = '20241224110000.000000+000'", true],
    ["InstallDate > '20231224120000.000000+060'", true],
    [`Host = 'Xen_HostComputerSystem.Name="h"'`, true],
  ]);
});

describe('NULL is a value, and so is a property that is not there', () => {
  check([
    ['Description = NULL', true],
    ['Description <> NULL', false],
    ['Name <> NULL', true],
    ["Description <> 'x'", true],
    ["Description = 'x'", false],
    ["Description <= 'x'", false],
    ["Description LIKE '.*'", false],
    ['NoSuchProperty = 3', false],
    ['NoSuchProperty <> 3', true],
    ['NoSuchProperty = NULL', true],
    ['NoSuchArray[1] = 3', false],
    ['Setting.NoSuchName = true', false],
  ]);
});

describe('arrays', () => {
  check([
    ['OperationalStatus = {2, 15, 2}', true],
    ['OperationalStatus = {2, 15}', false],
    ['OperationalStatus = {15, 2, 2}', false],
    ['OperationalStatus <> {2}', true],
    ["Tags = {'zero', 'one', NULL}", true],
    ['None = {}', true],
    ['OperationalStatus = OperationalStatus', true],
    ['OperationalStatus[1] = 15', true],
    ['OperationalStatus[20] = 15', false],
    ['ANY OperationalStatus = 15', true],
    ['ANY OperationalStatus = 3', false],
    ['NOT ANY OperationalStatus = 3', true],
    ['EVERY OperationalStatus >= 2', true],
    ['EVERY OperationalStatus = 2', false],
    ['NOT EVERY OperationalStatus = 2', true],
    ['ANY OperationalStatus = EnabledState', true],
    ['ANY OperationalStatus > OperationalStatus[0]', true],
    ["ANY Tags LIKE 'o.e'", true],
    ["EVERY Tags LIKE '.*o.*'", false],
    ["ANY None = 'x'", false],
    ["EVERY None = 'x'", true],
    ["EVERY Description = 'x'", false],
  ]);
});

describe('AND, OR and parentheses', () => {
  check([
    ['EnabledState = 2 AND Load > 1.5', true],
    ['EnabledState = 3 OR Load > 1.5', true],
    ['EnabledState = 3 AND Load > 1.5 OR Started = true', true],
    ['EnabledState = 3 AND (Load > 1.5 OR Started = true)', false],
    ['(EnabledState = 2) AND (Load > 1.5)', true],
    ['((EnabledState = 2) AND (Load > 1.5))', true],
  ]);
});
