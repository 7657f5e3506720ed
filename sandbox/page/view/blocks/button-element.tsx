import { labelIn, textIn } from '../json';
import { isSafeUrl } from '../mrkdwn';
import type { ElementProps } from './element-props';
import { useField } from './field-place';

export function ButtonElement({ block, element, describedBy }: ElementProps) {
  const { press } = useField({ block, element });
  const text = labelIn(element, 'text');
  const url = textIn(element, 'url');
  const style = `button button-${textIn(element, 'style') || 'default'}`;
  const label = textIn(element, 'accessibility_label') || undefined;
  // Slack opens the address and tells the app as well.
  if (isSafeUrl(url)) {
    return (
      <a
        class={style}
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={label}
        onClick={press}
      >
        {text} <span aria-hidden="true">↗</span>
      </a>
    );
  }
  return (
    <button type="button" class={style} aria-label={label} aria-describedby={describedBy} onClick={press}>
      {text}
    </button>
  );
}
