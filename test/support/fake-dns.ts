import dns from 'node:dns';

/** What the resolver of this machine says of some names. */
export interface FakeDns {
  /** Those that are not to be found at the moment. The others lead to this machine. */
  gone: Set<string>;
  restore(): void;
}

type Lookup = (
  name: string,
  options: dns.LookupOptions,
  done: (error: Error | null, address: string | dns.LookupAddress[], family?: number) => void,
) => void;

const realLookup: Lookup = dns.lookup;

/**
 * Stands in for the name server: whoever connects, with Node's own `http`, `fetch` or undici, asks `dns.lookup`.
 * Over a connection that is open, nobody asks.
 */
export function fakeDns(names: readonly string[]): FakeDns {
  const gone = new Set<string>();
  const lookup: Lookup = (name, options, done) => {
    if (!names.includes(name)) return realLookup(name, options, done);
    setImmediate(() => {
      if (gone.has(name))
        done(Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), { code: 'EAI_AGAIN' }), '');
      else if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
      else done(null, '127.0.0.1', 4);
    });
  };
  const spy = jest.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
  return { gone, restore: () => spy.mockRestore() };
}
