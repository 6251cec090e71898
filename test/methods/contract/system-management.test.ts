import { contract } from './contract.js';
import { systemManagementRows } from './system-management.js';
import { systemStateRows } from './system-state.js';

contract({ ...systemStateRows, ...systemManagementRows });
