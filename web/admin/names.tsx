import { toLogHref } from './log/view';

/** Somebody, by id: Slack is not asked for names. What stands in it may run from right to left. */
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
