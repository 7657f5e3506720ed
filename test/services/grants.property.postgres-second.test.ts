import { testRandomHistories } from './grants-histories';

describe('the grant service, on postgres, the second half', () => testRandomHistories('postgres', 0.5));
