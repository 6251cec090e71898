import { expect, test } from 'vitest';
import { blockSlot, freeBlockSlots, freeInterfaceSlots } from '../../src/mapping/slot.js';

const block = (userdevice: string, device = '') => ({ userdevice, device });

test.each([
  ['0', 0],
  ['15', 15],
  ['xvda', 0],
  ['xvdc', 2],
  ['hdd', 3],
  ['sdb', 1],
  ['xvdaa', 26],
  ['autodetect', -1],
  ['', -1],
])('the device %s stands in slot %i', (device, slot) => expect(blockSlot(device)).toBe(slot));

test('all slots are free without a device', () => {
  expect(freeBlockSlots([])).toBe(Array.from({ length: 255 }, (_, slot) => slot).join(','));
  expect(freeInterfaceSlots([])).toBe('0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15');
});

test('slots that are taken are left out, at both ends and in runs', () => {
  expect(freeInterfaceSlots(['0', '1', '9', '15'].map((device) => ({ device })))).toBe('2,3,4,5,6,7,8,10,11,12,13,14');
  expect(freeInterfaceSlots(['5', '5', '99', 'x'].map((device) => ({ device })))).toBe(
    '0,1,2,3,4,6,7,8,9,10,11,12,13,14,15',
  );
  const every = Array.from({ length: 16 }, (_, slot) => ({ device: String(slot) }));
  expect(freeInterfaceSlots(every)).toBe('');
});

test('position and name of a disk both take their slot', () => {
  const slots = freeBlockSlots([block('0', 'xvda'), block('3', 'hdd'), block('autodetect', 'xvdb')]).split(',');
  expect(slots.slice(0, 2)).toEqual(['2', '4']);
  expect(slots).toHaveLength(252);
});
