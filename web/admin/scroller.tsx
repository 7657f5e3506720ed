import type { ComponentChildren } from 'preact';

/** What is wider than a phone scrolls by itself, also with the arrow keys: so it takes the focus. */
export function Scroller({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody without a pointer sees the rest
    <section class="scroller" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
