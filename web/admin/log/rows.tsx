// biome-ignore-all lint/a11y/noRedundantRoles: on a phone the rows are laid out as cards, and to some screen readers no table any more
import type { LogEntry } from '../../../services/grants/log/entry';
import { EVENT_LABELS, EVENT_SIGNS, SOURCE_LABELS, TRIGGER_LABELS } from '../labels';
import { ScopeLink, UserLink } from '../names';
import { Time } from '../time';

/** One entry as a row, on the page and in the live stream. */
export function LogRow({ entry, withTeam }: { entry: LogEntry; withTeam: boolean }) {
  const { seq, at, teamId, userId, scopes, source, triggerSource, error, reason } = entry;
  return (
    <tr role="row" class="entry" id={`entry-${seq}`} data-seq={seq}>
      <td role="cell" class="at">
        <a class="opener" href={`/admin/entry?seq=${seq}`}>
          <Time at={at} />
        </a>
      </td>
      {withTeam && (
        <td role="cell" class="team">
          <bdi>{teamId}</bdi>
        </td>
      )}
      <td role="cell" class="user">
        <UserLink userId={userId} teamId={teamId} />
      </td>
      <td role="cell" class="event">
        <EventBadge event={entry.event} />
      </td>
      <td role="cell" class="scopes">
        {scopes.map((scope) => (
          <ScopeLink key={scope} scope={scope} />
        ))}
      </td>
      <td role="cell" class="via">
        {triggerSource !== null && TRIGGER_LABELS[triggerSource]}
      </td>
      <td role="cell" class="via">
        <span class="unseen">told by </span>
        {SOURCE_LABELS[source]}
      </td>
      <td role="cell" class="note">
        {error !== null && <code dir="auto">{error}</code>}
        {reason !== null && <q dir="auto">{reason}</q>}
      </td>
    </tr>
  );
}

export function EventBadge({ event }: { event: LogEntry['event'] }) {
  return (
    <span class={`badge ${event}`}>
      <span aria-hidden="true" class="sign">
        {EVENT_SIGNS[event]}
      </span>
      {EVENT_LABELS[event]}
    </span>
  );
}

export function LogTable({ entries, withTeam }: { entries: readonly LogEntry[]; withTeam: boolean }) {
  const columns = [
    'Time',
    ...(withTeam ? ['Workspace'] : []),
    'User',
    'Event',
    'Scopes',
    'Asked by',
    'Told by',
    'Note',
  ];
  return (
    <table role="table" class="log">
      <caption class="unseen">Entries of the grant log, newest first</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th role="columnheader" scope="col" key={column}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup" id="entries">
        {entries.map((entry) => (
          <LogRow key={entry.seq} entry={entry} withTeam={withTeam} />
        ))}
      </tbody>
    </table>
  );
}
