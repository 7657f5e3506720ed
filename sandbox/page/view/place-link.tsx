import type { ComponentChildren } from 'preact';
import { type Place, placeUrl, usePage } from './page-context';

interface PlaceLinkProps {
  to: Partial<Place>;
  current: boolean;
  class?: string;
  label?: string;
  children: ComponentChildren;
}

/** A link to another place of the page: without script an ordinary one, with it there is no reload. */
export function PlaceLink({ to, current, label, children, ...rest }: PlaceLinkProps) {
  const { state, channel, pane, actions } = usePage();
  const place = { user: state.me, channel, pane, ...to };
  return (
    <a
      {...rest}
      href={placeUrl(place)}
      aria-current={current ? 'true' : undefined}
      aria-label={label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        actions.go(place);
      }}
    >
      {children}
    </a>
  );
}
