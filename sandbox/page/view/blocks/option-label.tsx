import type { JsonObject } from '../../../types';
import { labelIn, objectIn, textIn } from '../json';
import { MrkdwnText } from '../mrkdwn-text';

/** An option's text and, under it, its description. Either may carry markup in checkboxes and radio buttons. */
export function OptionLabel({ option }: { option: JsonObject }) {
  return (
    <span class="option">
      <span>
        <OptionText option={option} name="text" />
      </span>
      {objectIn(option, 'description') ? (
        <small>
          <OptionText option={option} name="description" />
        </small>
      ) : null}
    </span>
  );
}

function OptionText({ option, name }: { option: JsonObject; name: string }) {
  const text = objectIn(option, name);
  if (text && textIn(text, 'type') === 'mrkdwn') return <MrkdwnText text={textIn(text, 'text')} />;
  return <>{labelIn(option, name)}</>;
}
