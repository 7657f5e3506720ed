import { testRandomHistories } from './grants-histories';

describe('the grant service, on postgres', () => testRandomHistories('postgres'));
