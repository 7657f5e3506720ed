import type { ChainStatus } from '../../../services/admin/store';
import { Time } from '../time';

/** The newest hash of each chain, to be noted elsewhere, and the result of the last verification. */
export function Chains({ chains }: { chains: readonly ChainStatus[] }) {
  if (chains.length === 0) return null;
  const hasFault = chains.some(({ fault }) => fault !== undefined);
  return (
    <section class={hasFault ? 'chains at-fault' : 'chains'} aria-labelledby="chains">
      <h2 id="chains">Chain of hashes</h2>
      <ul>
        {chains.map((chain) => (
          <li key={chain.teamId}>
            {chains.length > 1 && <bdi class="chain-team">{chain.teamId}</bdi>}
            <Verdict chain={chain} />
            <span class="hash">
              <span class="soft">Newest hash</span>{' '}
              <code id={`hash-${chain.teamId}`} title={chain.hash}>
                {chain.hash}
              </code>
              <button type="button" class="quiet copy" data-copy={`hash-${chain.teamId}`} hidden>
                Copy
              </button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Verdict({ chain: { verifiedAt, verifiedSeq, fault } }: { chain: ChainStatus }) {
  if (verifiedAt === undefined) {
    return (
      <span>
        Not verified yet: <code>node dist/cli.js verify</code> walks along it.
      </span>
    );
  }
  if (fault !== undefined) {
    return (
      <strong class="fault">
        Broken, found <Time at={verifiedAt} style="minute" />: <span dir="auto">{fault}</span>
      </strong>
    );
  }
  return (
    <span>
      <span aria-hidden="true">✓ </span>Verified <Time at={verifiedAt} style="minute" /> up to entry{' '}
      {verifiedSeq}: no fault.
    </span>
  );
}
