import type { EntryHistory, RequestHistory } from '../../services/admin/admin-reports';
import type { LogEntry } from '../../services/grants/log/entry';
import type { Route } from '../server';
import type { Guard } from './guard';
import { SOURCE_LABELS, TRIGGER_LABELS } from './labels';
import { sendAdminPage, sendPart } from './layout';
import { EventBadge } from './log/rows';
import { LOG_PATH, toLogHref } from './log/view';
import { ScopeLink, UserLink } from './names';
import type { AdminParts } from './parts';
import { Time, toDuration } from './time';

const SEQ = /^\d{1,15}$/;

/** `GET /admin/entry?seq=`: an entry and its whole request; with `part=1` only the part that a script inserts under its row. */
export function createEntryRoute(guard: Guard, { adminReports }: Pick<AdminParts, 'adminReports'>): Route {
  return guard.signedIn('GET', '/admin/entry', async ({ response, query, admin, teamIds }) => {
    const text = query.get('seq') ?? '';
    const found = SEQ.test(text) ? await adminReports.findEntry(Number(text), teamIds) : undefined;
    const children = found === undefined ? <p>There is no such entry.</p> : <History {...found} />;
    const status = found === undefined ? 404 : 200;
    if (query.has('part')) return sendPart(response, status, children);
    sendAdminPage(response, status, {
      title: found === undefined ? 'No such entry' : `Entry ${found.entry.seq}`,
      admin,
      navPath: LOG_PATH,
      children: (
        <>
          <h1>{found === undefined ? 'No such entry' : `Entry ${found.entry.seq}`}</h1>
          <div class="card">{children}</div>
          <p>
            <a href={LOG_PATH}>← The log</a>
          </p>
        </>
      ),
    });
  });
}

function History({ entry, request }: EntryHistory) {
  return (
    <div class="history">
      {request === undefined ? (
        <p>Nobody asked for this: it is of no request.</p>
      ) : (
        <Story request={request} />
      )}
      <dl class="facts">
        <Fact name="User">
          <UserLink userId={entry.userId} teamId={entry.teamId} />
        </Fact>
        <Fact name="Told by">{SOURCE_LABELS[entry.source]}</Fact>
        {entry.triggerSource !== null && <Fact name="Asked by">{TRIGGER_LABELS[entry.triggerSource]}</Fact>}
        {entry.eventId !== null && (
          <Fact name="Slack’s event">
            <code>{entry.eventId}</code>
          </Fact>
        )}
        <Fact name="Entry">{entry.seq}</Fact>
        <Fact name="Hash">
          <code>{entry.hash}</code>
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Story({ request }: { request: RequestHistory }) {
  const { id, entries, askedAt } = request;
  const first = entries[0];
  const beganAt = askedAt ?? first?.at;
  return (
    <>
      <p class="summary">
        {summarise(request)}{' '}
        <a href={toLogHref({ request: id })}>
          Request <code>{id}</code>
        </a>
      </p>
      {first?.reason != null && first.event !== 'removed' && (
        <p>
          Reason given: <q dir="auto">{first.reason}</q>
        </p>
      )}
      <ol class="story">
        {askedAt !== undefined && (
          <li>
            <span class="step">Asked</span> <Time at={askedAt} />
          </li>
        )}
        {entries.map((entry, index) => (
          <Step key={entry.seq} entry={entry} beganAt={beganAt} isAgain={isShownBefore(entries, index)} />
        ))}
      </ol>
    </>
  );
}

function Step({
  entry,
  beganAt,
  isAgain,
}: {
  entry: LogEntry;
  beganAt: string | undefined;
  isAgain: boolean;
}) {
  const after = beganAt === undefined ? undefined : Date.parse(entry.at) - Date.parse(beganAt);
  return (
    <li>
      <span class="step">{toStep(entry, isAgain)}</span> <EventBadge event={entry.event} />{' '}
      {entry.scopes.map((scope) => (
        <ScopeLink key={scope} scope={scope} />
      ))}{' '}
      {entry.error !== null && <code dir="auto">{entry.error}</code>} <Time at={entry.at} />
      {after !== undefined && after > 0 && <span class="soft"> after {toDuration(after)}</span>}
    </li>
  );
}

function toStep({ event, source }: LogEntry, isAgain: boolean): string {
  switch (event) {
    case 'requested':
      return isAgain ? 'Shown again' : 'Shown';
    case 'failed':
      return source === 'oauth' ? 'Came to nothing' : 'Not shown';
    case 'unanswered':
      return 'No answer in time';
    case 'removed':
      return 'Taken back';
    case 'granted':
    case 'denied':
      return 'Answered';
  }
}

function isShownBefore(entries: readonly LogEntry[], index: number): boolean {
  return entries.slice(0, index).some(({ event }) => event === 'requested');
}

/** "Granted 12 s after it was shown, on the second try." */
function summarise({ entries, state }: RequestHistory): string {
  const shown = entries.find(({ event }) => event === 'requested');
  const answer = entries.findLast(({ event }) => event === 'granted' || event === 'denied');
  const tries = entries.filter(({ event }) => event === 'requested' || event === 'failed').length;
  const how = new Map([
    ['granted', 'Granted'],
    ['denied', 'Denied'],
    ['partly_granted', 'Granted in part'],
  ]);
  const onTry = tries > 1 ? `, after ${tries} tries` : '';
  if (answer !== undefined) {
    const word = how.get(state ?? '') ?? 'Answered';
    const took =
      shown === undefined
        ? ''
        : ` ${toDuration(Date.parse(answer.at) - Date.parse(shown.at))} after it was shown`;
    return `${word}${took}${onTry}.`;
  }
  if (entries.at(-1)?.event === 'unanswered') return `Nobody answered in time${onTry}.`;
  if (entries.at(-1)?.event === 'failed')
    return shown === undefined ? `It was not shown${onTry}.` : `Nothing came of it${onTry}.`;
  return `Still open${onTry}.`;
}
