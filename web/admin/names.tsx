import { toLogHref } from './log/view';

/** A user by id: the pages do not ask Slack for names. `bdi` isolates text that runs from right to left. */
export function UserLink({ userId, teamId }: { userId: string | null; teamId: string }) {
  const query = new URLSearchParams({ id: userId ?? 'app', team: teamId });
  return <a href={`/admin/user?${query}`}>{userId === null ? 'the app' : <bdi dir="auto">{userId}</bdi>}</a>;
}

export function ScopeLink({ scope }: { scope: string }) {
  return (
    <a class="scope" href={`/admin/scope?${new URLSearchParams({ name: scope })}`}>
      <bdi dir="auto">{scope === '*' ? 'everything' : scope}</bdi>
    </a>
  );
}

export function LogLink({ children, ...fields }: Parameters<typeof toLogHref>[0] & { children: string }) {
  return <a href={toLogHref(fields)}>{children}</a>;
}
