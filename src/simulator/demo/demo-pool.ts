import type { Ref } from '../../xenapi/records.js';
import type { User } from '../world.js';
import type { PoolBuilder } from './builder.js';
import { addExtras } from './extra.js';
import { addInventory } from './inventory.js';
import { addKeyValuePairs } from './key-value-pair.js';
import { addMachines } from './machine.js';
import { addPool, addRoles, addSubjects } from './pool.js';
import { addScene } from './scene.js';
import { addSnapshot } from './snapshot.js';
import { addTemplates } from './template.js';

/** Snapshots: of web-01 a tree with a branch that is not the current one, of db-01 one with its memory. */
function addSnapshots(builder: PoolBuilder, machines: ReadonlyMap<string, Ref<'VM'>>, nfs: Ref<'SR'>): void {
  const [web, db] = ['web-01', 'db-01'].map((name) => machines.get(name) as Ref<'VM'>) as [Ref<'VM'>, Ref<'VM'>];
  const first = addSnapshot(builder, web, { name: 'after installation', hoursAgo: 24 * 60 });
  const second = addSnapshot(builder, web, { name: 'before update 1.1', hoursAgo: 24 * 30, parent: first });
  addSnapshot(builder, web, { name: 'update 1.1 (went wrong)', hoursAgo: 24 * 29, parent: second });
  addSnapshot(builder, web, { name: 'before update 1.2 <&>', hoursAgo: 24 * 7, parent: second });
  addSnapshot(builder, db, { name: 'checkpoint with memory', hoursAgo: 24 * 3, memoryOn: nfs });
}

/** The demonstration pool: three hosts, machines in every state, and what client-compatibility.md 8 lists. */
export function addDemoPool(builder: PoolBuilder, users: readonly User[]): void {
  addRoles(builder);
  addSubjects(builder, users);
  const scene = addScene(builder);
  addTemplates(builder, scene);
  const machines = addMachines(builder, scene);
  addKeyValuePairs(builder, machines);
  addSnapshots(builder, machines, scene.storage.nfs);
  const pool = addPool(builder, scene.hosts[0], {
    name_label: 'Demo pool',
    name_description: 'A pool made of data',
    default_SR: scene.storage.nfs,
    suspend_image_SR: scene.storage.nfs,
    crash_dump_SR: scene.storage.nfs,
    tags: ['demo'],
  });
  addExtras(builder, scene, machines, builder.get('pool', pool).uuid);
  addInventory(builder, scene, machines);
}
