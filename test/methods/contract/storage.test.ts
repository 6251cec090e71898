import { storagePart } from './all.js';
import { contract } from './contract.js';

contract(storagePart);
