import type { Records, Ref } from '../../xenapi/records.js';
import type { World } from '../world.js';

const lastBlockDevice = 254;
const interfaces = 16;

/** The letters that a disk's number stands for: 0 is a, 26 is aa. */
const letters = (number: number): string =>
  (number < 26 ? '' : letters(Math.floor(number / 26) - 1)) + String.fromCharCode(97 + (number % 26));

const numberOf = (text: string): number =>
  [...text].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 96, 0) - 1;

/** The number that a device's name stands for: `1`, `xvdb` and `hdb` are 1; undefined for what is none (facts 5.3). */
export function deviceNumber(name: string): number | undefined {
  const at = /^(?:xvd|hd|sd)([a-z]{1,2})$/.exec(name);
  const number = at !== null ? numberOf(at[1] as string) : /^\d{1,3}$/.test(name) ? Number(name) : -1;
  return number < 0 || number > lastBlockDevice ? undefined : number;
}

/** The name of a block device in the guest: hda to hdd for emulated drives, xvda on else. */
export function deviceName(vm: Records['VM'], { userdevice, type }: Records['VBD']): string {
  const number = deviceNumber(userdevice);
  if (number === undefined || !/^\d+$/.test(userdevice)) return userdevice;
  return `${vm.domain_type === 'hvm' && type === 'CD' && number < 4 ? 'hd' : 'xvd'}${letters(number)}`;
}

const numbers = (until: number): string[] => Array.from({ length: until }, (_, i) => String(i));

/** XenAPI VM.get_allowed_VBD_devices: the block device numbers of a machine that are free, of 0 to 254 (facts 5.3). */
export function freeBlockDevices({ db }: World, ref: Ref<'VM'>): string[] {
  const used = new Set(
    db.need('VM', ref).VBDs.flatMap((vbd) => {
      const { device, userdevice } = db.need('VBD', vbd);
      return [deviceNumber(device), deviceNumber(userdevice)].map(String);
    }),
  );
  return numbers(lastBlockDevice + 1).filter((number) => !used.has(number));
}

/** XenAPI VM.get_allowed_VIF_devices: the network device numbers of a machine that are free, of 0 to 15 (facts 5.3). */
export function freeInterfaces({ db }: World, ref: Ref<'VM'>): string[] {
  const used = new Set(db.need('VM', ref).VIFs.map((vif) => db.need('VIF', vif).device));
  return numbers(interfaces).filter((number) => !used.has(number));
}
