import type { JsonObject } from '../../../types';
import { labelIn, objectIn, objectsIn, textIn, unescapeText } from '../json';
import { MrkdwnText } from '../mrkdwn-text';
import { Element } from './element';

export function SectionBlock({ block }: { block: JsonObject }) {
  const text = objectIn(block, 'text');
  const fields = objectsIn(block, 'fields');
  const accessory = objectIn(block, 'accessory');
  return (
    <div class={accessory ? 'block-section block-section-split' : 'block-section'}>
      <div class="block-section-text">
        {text ? <TextObject text={text} /> : null}
        {fields.length > 0 ? (
          <div class="block-fields">
            {fields.map((field, index) => (
              <TextObject key={index} text={field} />
            ))}
          </div>
        ) : null}
      </div>
      {accessory ? <Element block={block} element={accessory} label={accessoryLabel(block)} /> : null}
    </div>
  );
}

export function HeaderBlock({ block }: { block: JsonObject }) {
  return <h3 class="block-header">{labelIn(block, 'text')}</h3>;
}

export function ContextBlock({ block }: { block: JsonObject }) {
  return (
    <div class="block-context">
      {objectsIn(block, 'elements').map((element, index) =>
        textIn(element, 'type') === 'image' ? (
          <span key={index}>{labelIn(element, 'alt_text')}</span>
        ) : (
          <TextObject key={index} text={element} />
        ),
      )}
    </div>
  );
}

function TextObject({ text }: { text: JsonObject }) {
  const value = textIn(text, 'text');
  if (textIn(text, 'type') !== 'mrkdwn') return <div class="plain">{unescapeText(value)}</div>;
  return (
    <div class="mrkdwn">
      <MrkdwnText text={value} />
    </div>
  );
}

/** An accessory has no label of its own: a reader hears the section's first line. */
function accessoryLabel(block: JsonObject): string {
  return labelIn(block, 'text').split('\n')[0]?.replace(/[*_`]/g, '') ?? '';
}
