import { hostPoolPart } from './all.js';
import { contract } from './contract.js';

contract(hostPoolPart);
