/**
 * The public types of the sandbox: the driver, which tests and the tour hold in their hands, and the JSON that its page
 * reads and writes. Types only, so that the page's browser code can import them too.
 */
export type * from './types/browser';
export type * from './types/client';
export type * from './types/driver';
export type * from './types/json';
export type * from './types/person';
export type * from './types/wire';
