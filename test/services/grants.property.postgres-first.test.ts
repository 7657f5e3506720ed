import { testRandomHistories } from './grants-histories';

describe('the grant service, on postgres, the first half', () => testRandomHistories('postgres', 0.5));
