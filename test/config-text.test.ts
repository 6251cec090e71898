import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isMap, parseDocument } from 'yaml';
import { settingNames } from '../src/setting.js';
import { sampleConfiguration, settingHelp } from '../src/setting-text.js';
import { readmePath, readmeWithSettings, samplePath } from './generate/settings.js';

describe('what is written from the table of settings is fresh (node out/test/generate/settings.js writes it anew)', () => {
  it('in README', () => {
    const readme = readFileSync(readmePath, 'utf8');
    expect(readmeWithSettings(readme)).toBe(readme);
    for (const name of settingNames) expect(readme).toContain(`| \`${name}\` |`);
  });

  it('in the sample configuration', () => {
    expect(readFileSync(samplePath, 'utf8')).toBe(sampleConfiguration());
  });
});

it('the sample configuration sets nothing, and with every key uncommented is still YAML with all of them', () => {
  const sample = sampleConfiguration();
  expect(parseDocument(sample).contents).toBeNull();
  const uncommented = parseDocument(sample.replace(/^#(?=[a-z-]+:| {2})/gm, ''));
  expect(uncommented.errors).toEqual([]);
  const keys = isMap(uncommented.contents) ? uncommented.contents.items.map(({ key }) => String(key)) : [];
  expect(keys).toEqual([...settingNames, 'users']);
});

it('the help holds every flag and keeps within its width, but for the names of flags', () => {
  const help = settingHelp(80).split('\n');
  for (const name of settingNames) expect(help.some((line) => line.startsWith(`  --${name} `))).toBe(true);
  for (const line of help) if (line.startsWith('      ')) expect(line.length).toBeLessThanOrEqual(80);
});
