import { describe, expect, test } from 'vitest';
import { machine, modification, wql } from './object.js';

const check = (rows: readonly (readonly [where: string, truth: boolean])[], object = machine): void => {
  for (const [where, truth] of rows) test(`${where} is ${truth}`, () => expect(wql(where, object)).toBe(truth));
};

describe('equality and order', () => {
  check([
    ['EnabledState = 2', true],
    ['enabledstate=2', true],
    ['EnabledState <> 2', false],
    ['EnabledState != 3', true],
    ['2 = EnabledState', true],
    ['EnabledState < 3', true],
    ['EnabledState >= 3', false],
    ['EnabledState = "2"', true],
    ['EnabledState = "two"', false],
    ['Offset = -25123', true],
    ['Offset > -25124', true],
    ['Memory = 18446744073709551615', true],
    ['Memory > 18446744073709551614', true],
    ['Memory = 0xFFFFFFFFFFFFFFFF', true],
    ['EnabledState = 10B', true],
    ['EnabledState = 02', true],
    ['Load > 20', true],
    ['Load = 20.5', true],
    ['Load < 2.05e1', false],
    ['Started = TRUE', true],
    ['Started = true AND Dedicated = FALSE', true],
    ['Started = 1', true],
    ['Started = "false"', false],
    ['Started <> Dedicated', true],
    ['EnabledState <= Offset', false],
    ['Xen_ComputerSystem.EnabledState = 2', true],
    ['__CLASS = "Xen_ComputerSystem"', true],
  ]);
});

describe('strings, in quotes of both kinds', () => {
  check([
    [`Name = '6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77'`, true],
    [`NAME = "6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77"`, true],
    [`Name = "6F1B2C9A-3C1E-4F5C-9F6B-2D3A1E0F9B77"`, false],
    [`ElementName = "Bob's \\"web\\" server"`, true],
    [`ElementName = 'Bob\\'s "web" server'`, true],
    [`ElementName = 'Bob''s "web" server'`, true],
    ['Empty = ""', true],
    ['Empty <> ""', false],
    [`Name > '6'`, true],
  ]);
});

describe('LIKE: % any text, _ any character, [a-f] one of some', () => {
  check([
    ['Name LIKE "6f1b%"', true],
    ['Name like "%9b77"', true],
    ['ElementName LIKE "%web%"', true],
    ['ElementName LIKE "%WEB%"', false],
    ['ElementName LIKE "web"', false],
    ['ElementName LIKE "B_b%"', true],
    ['ElementName LIKE "[A-C]ob%"', true],
    ['ElementName LIKE "[^A-C]ob%"', false],
    ['ElementName NOT LIKE "%web%"', false],
    ['NOT ElementName LIKE "x%"', true],
    ['Empty LIKE "%"', true],
    ['Empty LIKE "_"', false],
    ['Description LIKE "%"', false],
    ['Description NOT LIKE "%"', false],
    ['EnabledState LIKE "2"', true],
    ['Tags LIKE "on%"', true],
  ]);
});

describe('NULL is neither equal nor different', () => {
  check([
    ['Description IS NULL', true],
    ['Description IS NOT NULL', false],
    ['Name is not null', true],
    ['Description = NULL', true],
    ['Name <> NULL', true],
    ['Description = "x"', false],
    ['Description <> "x"', false],
    ['NOT Description = "x"', false],
    ['Description = "x" OR Started = TRUE', true],
    ['Description <> "x" AND Started = TRUE', false],
    ['Started IS TRUE', true],
    ['Dedicated IS NOT TRUE', true],
    ['Started IS FALSE', false],
  ]);
});

describe('AND before OR, NOT before both, parentheses before all', () => {
  check([
    ['Started = FALSE AND Started = FALSE OR Started = TRUE', true],
    ['Started = FALSE AND (Started = FALSE OR Started = TRUE)', false],
    ['NOT Started = FALSE AND Started = TRUE', true],
    ['NOT (Started = TRUE AND EnabledState = 3)', true],
    ['NOT NOT Started = TRUE', true],
    ['((EnabledState = 2))', true],
  ]);
});

describe('arrays: one item that passes is enough, and what equals none differs', () => {
  check([
    ['OperationalStatus = 15', true],
    ['OperationalStatus = 3', false],
    ['OperationalStatus <> 15', false],
    ['OperationalStatus <> 3', true],
    ['OperationalStatus > 14', true],
    ['OperationalStatus[1] = 15', true],
    ['OperationalStatus[0] <> 15', true],
    ['OperationalStatus[9] = 15', false],
    ['Tags = "one"', true],
    ['None = "one"', false],
  ]);
});

describe('datetimes are compared as moments', () => {
  check([
    ['InstallDate = "20241224110000.000000+000"', true],
    ['InstallDate = "2024-12-24T11:00:00Z"', true],
    ['InstallDate > "20241224105959.000000+000"', true],
    ['InstallDate < "20241224110000.000000-060"', true],
    ['Uptime > "00000009000000.000000:000"', true],
    ['Uptime = InstallDate', false],
  ]);
});

describe('references and embedded objects', () => {
  check([
    [`Host = 'Xen_HostComputerSystem.Name="h"'`, true],
    [`Host = 'root/cimv2:xen_hostcomputersystem.NAME="h"'`, true],
    [`Host = 'Xen_HostComputerSystem.Name="i"'`, false],
    ['Host ISA "CIM_System"', true],
    ['Host.Name = "h"', true],
    ['Setting.Count = 5', true],
    ['setting.text LIKE "T%"', true],
    ['Setting.Nothing = 5', false],
    ['Setting.Count.More = 5', false],
  ]);
});

describe('what an indication says (DSP1054)', () => {
  check(
    [
      ['SourceInstance ISA "Xen_ComputerSystem"', true],
      ['SourceInstance ISA CIM_ComputerSystem', true],
      ['SourceInstance isa "CIM_Process"', false],
      ['NOT SourceInstance ISA "CIM_Process"', true],
      ['SourceInstance.EnabledState <> PreviousInstance.EnabledState', true],
      ['SourceInstance ISA "Xen_ComputerSystem" AND SourceInstance.Name LIKE "6f%"', true],
      ['SourceInstance.Name = "x"', false],
      ['PreviousInstance.Name IS NULL', true],
      ['CIM_InstModification.SourceInstance.EnabledState = 2', true],
    ],
    modification,
  );
});
