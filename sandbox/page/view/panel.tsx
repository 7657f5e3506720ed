import { Held } from './held';
import { Traffic } from './traffic';

/** The right side: what a person in Slack never sees, and a developer wants to. */
export function Panel() {
  return (
    <section class="panel" aria-label="Behind the scenes">
      <Held />
      <Traffic />
    </section>
  );
}
