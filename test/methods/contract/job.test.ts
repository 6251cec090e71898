import { jobPart } from './all.js';
import { contract } from './contract.js';

contract(jobPart);
