import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classFields } from '../../src/xenapi/datamodel.generated.js';
import { RecordListing } from '../../src/xenapi/record-listing.js';
import { RecordReaders } from '../../src/xenapi/record-reader.js';
import type { Records, RemoteClass } from '../../src/xenapi/records.js';
import { MASK } from '../../src/xenapi/secret.js';
import { runs } from '../fuzz/runs.js';

describe('a record', () => {
  it('has the fields of the data model in one order, whatever came', () => {
    const readers = new RecordReaders();
    for (const of of Object.keys(classFields) as RemoteClass[]) {
      const record = readers.reader(of)({ unheard_of: 1 }) as object;
      expect(Object.keys(record), of).toEqual(Object.keys(classFields[of]));
    }
  });

  it('takes ints and booleans in the shapes of both protocols', () => {
    const read = new RecordReaders().reader('VM');
    const json = read({
      uuid: 'u',
      memory_static_max: 4_294_967_296,
      is_a_template: true,
      VBDs: ['OpaqueRef:b', 'OpaqueRef:a'],
    });
    const xml = read({
      uuid: 'u',
      memory_static_max: '4294967296',
      is_a_template: true,
      VBDs: ['OpaqueRef:a', 'OpaqueRef:b'],
    });
    expect(json).toEqual(xml);
    expect(json.memory_static_max).toBe(4_294_967_296n);
    expect(json.affinity).toBe('OpaqueRef:NULL');
    expect(json.snapshot_time).toBe('1970-01-01T00:00:00Z');
  });

  it('counts wrong-shaped fields, tells of each once, and uses the empty value', () => {
    const told: string[] = [];
    const readers = new RecordReaders((field, wanted, got) => told.push(`${field}: ${wanted}, got ${got}`));
    const read = readers.reader('VM');
    for (let i = 0; i < 3; i++) expect(read({ VCPUs_max: {}, VBDs: 5, power_state: ['x'] }).VCPUs_max).toBe(0n);
    expect(told).toEqual([
      'VM.power_state: enum vm_power_state, got an array',
      'VM.VCPUs_max: int, got a struct',
      'VM.VBDs: VBD ref set, got a number',
    ]);
    expect(readers.wrong.get('VM.VCPUs_max')).toBe(3);
  });

  it.each([[null], [undefined], ['x'], [[]]])('made of %j is an empty one', (wire) => {
    expect(new RecordReaders().reader('pool')(wire).uuid).toBe('');
  });

  it('does not share what it makes between two records', () => {
    const read = new RecordReaders().reader('VM');
    const [a, b] = [read({ other_config: { k: '1' } }), read({})];
    expect(a.other_config).toEqual({ k: '1' });
    expect(b.other_config).toEqual({});
  });
});

describe('whatever comes over the wire', () => {
  const shapes: Readonly<Record<string, (value: unknown) => boolean>> = {
    uuid: (value) => typeof value === 'string',
    memory_target: (value) => typeof value === 'bigint',
    is_a_template: (value) => typeof value === 'boolean',
    HVM_shadow_multiplier: (value) => typeof value === 'number',
    snapshot_time: (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value)),
    VBDs: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
    affinity: (value) => typeof value === 'string' && value !== '',
    other_config: (value) => Object.values(value as object).every((item) => typeof item === 'string'),
  };

  it('the fields are of their types', () => {
    const readers = new RecordReaders();
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(shapes)), fc.jsonValue(), (field, wire) => {
        const record: Record<string, unknown> = { ...readers.reader('VM')({ [field]: structuredClone(wire) }) };
        for (const [name, fits] of Object.entries(shapes))
          expect(fits(record[name]), `${name} of ${JSON.stringify(wire)}`).toBe(true);
      }),
      runs(1_000, 20_000),
    );
  });
});

describe('secrets are masked when a record is read (decisions.md 36)', () => {
  const readers = new RecordReaders();

  it('in PBD.device_config', () => {
    const { device_config } = readers.reader('PBD')({
      device_config: {
        server: 'nfs',
        location: '/x',
        username: 'u',
        cifspassword: 'p',
        password_secret: 's',
        chapuser: 'c',
        chappassword: 'd',
        incoming_chappassword: 'e',
        SCSIid: '36',
        empty_password: '',
      },
    });
    expect(device_config).toEqual({
      server: 'nfs',
      location: '/x',
      username: MASK,
      cifspassword: MASK,
      password_secret: MASK,
      chapuser: MASK,
      chappassword: MASK,
      incoming_chappassword: MASK,
      SCSIid: '36',
      empty_password: '',
    });
  });

  it('in xenstore_data, other_config and every other map of texts', () => {
    const vm = readers.reader('VM')({
      xenstore_data: { 'vm-data/admin-password': 'p', 'vm-data/ip': '1.2.3.4' },
      other_config: { mac_seed: 'm', vnc_passwd: 'p', api_token: 't' },
      NVRAM: { 'EFI-variables': 'AAAA' },
      snapshot_metadata: '(all (of it))',
    });
    expect(vm.xenstore_data).toEqual({ 'vm-data/admin-password': MASK, 'vm-data/ip': '1.2.3.4' });
    expect(vm.other_config).toEqual({ mac_seed: 'm', vnc_passwd: MASK, api_token: MASK });
    expect(vm.NVRAM).toEqual({ 'EFI-variables': MASK });
    expect(vm.snapshot_metadata).toBe(MASK);
  });

  it('in external_auth_configuration, all but the domain', () => {
    const host = readers.reader('host')({ external_auth_configuration: { domain: 'd', user: 'u', pass: 'p' } });
    expect(host.external_auth_configuration).toEqual({ domain: 'd', user: MASK, pass: MASK });
  });
});

describe('a whole listing', () => {
  it('gives way to other work after every slice that has taken its time', async () => {
    const wire = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`OpaqueRef:${i}`, { uuid: `u${i}` }]));
    let turns = 0;
    const count = () => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const read = new RecordReaders().reader('VM');
    const listing = new RecordListing((_, record) => read(record), { turn: 0, slice: 100 });
    await listing.take(wire);
    clearImmediate(next);
    expect(listing.records.size).toBe(1_000);
    expect(turns).toBeGreaterThanOrEqual(8);
  });

  it('gives the records that are known where they are the same, and what is the same of the others', async () => {
    const sent = (name: string) => ({ uuid: 'u', name_label: name, VIFs: ['OpaqueRef:b', 'OpaqueRef:a'] });
    const readers = new RecordReaders();
    const list = async (wire: unknown, known: ReadonlyMap<string, Records['VM']> = new Map()) => {
      const listing = new RecordListing((ref, record) => readers.renewed('VM', record, known.get(ref)));
      await listing.take(wire);
      return listing.records;
    };
    const known = await list({ 'OpaqueRef:1': sent('a'), 'OpaqueRef:2': sent('b') });
    const wire = { 'OpaqueRef:1': sent('a'), 'OpaqueRef:2': sent('c'), 'OpaqueRef:3': sent('d'), 'OpaqueRef:4': null };
    const records = await list(wire, known);
    expect(records.get('OpaqueRef:1')).toBe(known.get('OpaqueRef:1'));
    expect(records.get('OpaqueRef:2')).toEqual({ ...known.get('OpaqueRef:2'), name_label: 'c' });
    expect(records.get('OpaqueRef:2')!.VIFs).toBe(known.get('OpaqueRef:2')!.VIFs);
    expect([...records.keys()]).toEqual(Object.keys(wire));
  });

  it('of something else is empty', async () => {
    const listing = new RecordListing((ref) => ref);
    await listing.take('');
    expect(listing.records.size).toBe(0);
  });
});
