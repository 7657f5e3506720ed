/** Slack would show more here than this sandbox can: say so instead of leaving a hole. */
export function Unknown({ kind, type }: { kind: string; type: string }) {
  return (
    <p class="unknown">
      {kind} of type <code>{type || 'nothing'}</code>, which this sandbox does not draw.
    </p>
  );
}
