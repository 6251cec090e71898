import { systemPart } from './all.js';
import { contract } from './contract.js';

contract(systemPart);
