import type { ComponentChildren } from 'preact';

/** Scrolls what is wider than a phone. It takes the focus, so that the arrow keys scroll it too. */
export function Scroller({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, nobody without a pointer sees the rest
    <section class="scroller" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
