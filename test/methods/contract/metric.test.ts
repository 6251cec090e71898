import { metricPart } from './all.js';
import { contract } from './contract.js';

contract(metricPart);
