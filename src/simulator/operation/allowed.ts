import type { World } from '../world.js';

export function refreshAll(_world: World): void {}
