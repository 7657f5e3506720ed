import { usePage } from './page-context';

/** What the last gesture came to, for as long as it matters. An open modal says it itself: this lies behind it. */
export function Notice() {
  const { notice, waiting, state } = usePage();
  const isCovered = state.prompt !== null || state.surface !== null;
  const said = isCovered ? '' : notice;
  return (
    <p class={said ? 'notice notice-wrong' : 'notice'} role="status">
      {said || (waiting > 0 ? `Waiting for ${state.appName} to answer…` : '')}
    </p>
  );
}
