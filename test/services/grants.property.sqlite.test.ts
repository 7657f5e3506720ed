import { testRandomHistories } from './grants-histories';

describe('the grant service, on sqlite', () => testRandomHistories('sqlite'));
