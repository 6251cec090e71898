import type { CimInstance } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import { instancePath } from '../cim/path.js';
import type { Records } from '../xenapi/records.js';
import { invalid, missing } from './input.js';
import { integerIn, textIn, valueIn } from './instance.js';
import { type ClassWriter, type CreateCall, face, type Method, type MethodCall, type Work } from './method.js';
import { makeImage, type NewImage } from './new-image.js';
import { type Referred, resolve, shownPath } from './reference.js';
import { statelessCodes } from './return-code.js';
import type { Steps } from './steps.js';
import { bytesOfUnit } from './unit.js';

/** Of the methods on images, which declare no code for a state (Xen_StoragePoolManagementService). */
export const imageCodes = statelessCodes;

/** Classes and resource types that settings of an image may have: CIM_ResourceAllocationSettingData.ResourceType. */
const settingClasses = ['Xen_DiskSettingData', 'CIM_StorageAllocationSettingData', 'CIM_ResourceAllocationSettingData'];
const imageTypes: ReadonlySet<bigint> = new Set([17n, 19n, 31n]);

type Place = Pick<MethodCall, 'view'>;

/** The repository that a text means: its uuid, the InstanceID of its pool, or that with the class before it. */
export function repositoryOf({ view }: Place, name: string, text: string): Referred<'SR'> {
  const value = text.replace(/^.*=/, '').replace(/["']/g, '');
  const path = instancePath('Xen_StoragePool', [{ name: '', type: 'string', value }]);
  return resolve(view, 'SR', path) ?? invalid(`${name}: the pool has no repository for ${shownPath(path)}`);
}

/** The bytes that settings ask for; undefined where they name no quantity. */
export function bytesIn(setting: CimInstance): bigint | undefined {
  const quantity = integerIn(setting, 'VirtualQuantity');
  const unit = textIn(setting, 'AllocationUnits') ?? textIn(setting, 'VirtualQuantityUnits') ?? 'byte';
  return quantity === undefined ? undefined : quantity * bytesOfUnit(unit);
}

const positive = (size: bigint, name: string): bigint =>
  size > 0n ? size : invalid(`${name} wants a size above 0; got ${size}`);

function assertSettingOfImage({ shape: { className } }: CimInstance, type: bigint | undefined): void {
  if (!settingClasses.some((each) => sameName(each, className)))
    invalid(`ResourceSetting wants a Xen_DiskSettingData; got a ${className}`);
  if (type !== undefined && !imageTypes.has(type))
    invalid(`ResourceSetting wants the ResourceType of a disk (17, 19 or 31); got ${type}`);
}

function wantedBySetting(call: MethodCall): NewImage {
  const setting = call.input.instance('ResourceSetting') ?? missing('ResourceSetting', 'a Xen_DiskSettingData');
  assertSettingOfImage(setting, integerIn(setting, 'ResourceType'));
  const pool = textIn(setting, 'PoolID') ?? missing('ResourceSetting.PoolID', 'the uuid of a repository');
  const size = bytesIn(setting) ?? missing('ResourceSetting.VirtualQuantity', 'the size of the image');
  return {
    sr: repositoryOf(call, 'ResourceSetting.PoolID', pool),
    size: positive(size, 'VirtualQuantity'),
    name: textIn(setting, 'ElementName') ?? '',
    description: textIn(setting, 'Description') ?? '',
  };
}

const creation = (wanted: NewImage, output: string): Work => ({
  job: 'Xen_Job',
  answers: 'done',
  subject: wanted.name,
  codes: imageCodes,
  needs: ['VDI.create'],
  affects: { SRs: [wanted.sr.ref] },
  run: async (steps) => ({ [output]: face('Xen_DiskImage', await makeImage(steps, wanted)) }),
});

function removal({ ref, record }: Referred<'VDI'>): Work {
  return {
    job: 'Xen_Job',
    answers: 'done',
    subject: record.name_label,
    codes: imageCodes,
    needs: ['VDI.destroy'],
    affects: { VDIs: [ref], SRs: [record.SR] },
    run: async (steps) => {
      await steps.last('VDI.destroy', ref);
      return {};
    },
  };
}

/** CreateDiskImage: an empty image of so many bytes in a repository. */
const createDiskImage: Method = { run: (call) => creation(wantedBySetting(call), 'ResultingDiskImage') };

/** DeleteDiskImage: destroys an image that no machine has attached. */
const deleteDiskImage: Method = {
  run: ({ input }) => removal(input.refer('DiskImage', 'VDI') ?? missing('DiskImage', 'a reference to an image')),
};

export const imageMethods = { CreateDiskImage: createDiskImage, DeleteDiskImage: deleteDiskImage };

/** What of an image's record follows a property, and how that is written. */
const texts = { ElementName: 'name_label', Description: 'name_description' } as const;

/** Writes names and then the size: an image cannot be made smaller again, so that comes last. */
async function change(steps: Steps, ref: string, record: Records['VDI'], changes: CimInstance): Promise<void> {
  for (const [property, field] of Object.entries(texts)) {
    if (valueIn(changes, property) === undefined) continue;
    await steps.call(`VDI.set_${field}`, ref, textIn(changes, property) ?? '');
    steps.undo(`the new ${property}`, `VDI.set_${field}`, ref, record[field]);
  }
  const size = integerIn(changes, 'NumberOfBlocks');
  if (size !== undefined) await steps.last('VDI.resize', ref, size);
}

/** How large a new instance is to be: blocks of so many bytes. */
function sizeOf(instance: CimInstance): bigint {
  const blocks = integerIn(instance, 'NumberOfBlocks') ?? missing('NumberOfBlocks', 'the size of the image');
  return positive(blocks * (integerIn(instance, 'BlockSize') ?? 1n), 'NumberOfBlocks');
}

const create = (call: CreateCall): Work => {
  const { instance } = call;
  const repository = textIn(instance, 'SystemName') ?? missing('SystemName', 'the uuid of a repository');
  const wanted = {
    sr: repositoryOf(call, 'SystemName', repository),
    size: sizeOf(instance),
    name: textIn(instance, 'ElementName') ?? '',
    description: textIn(instance, 'Description') ?? '',
  };
  return creation(wanted, 'Path');
};

/** Images are written as instances too: NumberOfBlocks resizes one (XenAPI VDI.resize), which may only grow. */
export const imageWriter: ClassWriter = {
  properties: [...Object.keys(texts), 'NumberOfBlocks'],
  modify: ({ target, changes }) => {
    const { ref, record } = target as unknown as Referred<'VDI'>;
    const size = valueIn(changes, 'NumberOfBlocks');
    if (size !== undefined) positive(integerIn(changes, 'NumberOfBlocks') ?? 0n, 'NumberOfBlocks');
    return {
      job: 'Xen_Job',
      answers: 'done',
      subject: record.name_label,
      codes: imageCodes,
      needs: size === undefined ? [] : ['VDI.resize'],
      affects: { VDIs: [ref] },
      run: async (steps) => {
        await change(steps, ref, record, changes);
        return {};
      },
    };
  },
  remove: ({ target }) => removal(target as unknown as Referred<'VDI'>),
  create,
};
