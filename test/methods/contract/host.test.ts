import { hostPart } from './all.js';
import { contract } from './contract.js';

contract(hostPart);
