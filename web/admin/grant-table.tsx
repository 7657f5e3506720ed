import type { Grant } from '../../services/grants/log/entry';
import { SOURCE_LABELS } from './labels';
import { ScopeLink, UserLink } from './names';
import { Time } from './time';

/** A table of grants, of one user or of one scope. */
export function GrantTable({
  grants,
  caption,
  withTeam,
  of,
}: {
  grants: readonly Grant[];
  caption: string;
  withTeam: boolean;
  of: 'user' | 'scope';
}) {
  return (
    <table class="grants">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{of === 'user' ? 'Scope' : 'User'}</th>
          {withTeam && <th scope="col">Workspace</th>}
          <th scope="col">Since</th>
          <th scope="col">Told by</th>
        </tr>
      </thead>
      <tbody>
        {grants.map(({ teamId, userId, scope, grantedAt, source }) => (
          <tr key={`${teamId} ${userId} ${scope}`}>
            <th scope="row">
              {of === 'user' ? <ScopeLink scope={scope} /> : <UserLink userId={userId} teamId={teamId} />}
            </th>
            {withTeam && <td>{teamId}</td>}
            <td>
              <Time at={grantedAt} style="minute" />
            </td>
            <td>{SOURCE_LABELS[source]}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
