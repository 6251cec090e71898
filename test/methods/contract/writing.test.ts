import { writingPart } from './all.js';
import { contract } from './contract.js';

contract(writingPart);
