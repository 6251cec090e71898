import { describe, expect, it } from 'vitest';
import { readArguments, type Task, usage } from './argument.js';

describe('the arguments of the benchmark', () => {
  const read: readonly (readonly [string, Task])[] = [
    ['', { kind: 'table', mode: 'full' }],
    ['full', { kind: 'table', mode: 'full' }],
    ['quick', { kind: 'table', mode: 'quick' }],
    ['smoke', { kind: 'table', mode: 'smoke' }],
    ['soak', { kind: 'soak', minutes: 30 }],
    ['soak 0.5', { kind: 'soak', minutes: 0.5 }],
    ['compare', { kind: 'compare', files: undefined }],
    ['compare a b', { kind: 'compare', files: ['a', 'b'] }],
    ['classes', { kind: 'classes' }],
    ['jobs', { kind: 'jobs' }],
    ['hostile', { kind: 'hostile' }],
  ];
  it.each(read)('"%s" is understood', (text, task) => {
    expect(readArguments(text === '' ? [] : text.split(' '))).toEqual(task);
  });

  it.each([
    'slow',
    'quick 3',
    'soak 0',
    'soak -1',
    'soak long',
    'soak 30 1',
    'compare a',
    'compare a b c',
    'constructor',
  ])('"%s" is refused with what is possible', (text) => {
    expect(() => readArguments(text.split(' '))).toThrow(`got "${text}"\n${usage}`);
  });
});
