import { validateDialog } from '../blocks/validate-dialog';
import { toObjects, toText } from '../json';
import type { TriggerCheck } from '../state/triggers';
import { type Method, objectArg, refuse } from './method';

const TRIGGER_ERRORS: Record<Exclude<TriggerCheck['state'], 'good'>, string> = {
  unknown: 'invalid_trigger',
  expired: 'trigger_expired',
  exchanged: 'trigger_exchanged',
};

/** The legacy dialog. */
export const dialogOpen: Method = {
  acceptsJson: true,
  run: (workspace, args) => {
    const check = workspace.triggers.check(args.text('trigger_id'));
    if (check.state !== 'good') return refuse(TRIGGER_ERRORS[check.state]);
    const dialog = objectArg(args, 'dialog');
    if (!dialog) return refuse('invalid_arguments', ['[ERROR] missing required field: dialog']);
    const faults = validateDialog(dialog);
    if (faults.length > 0) return refuse('validation_errors', faults);

    const { trigger } = check;
    trigger.exchanged = true;
    const initial = toObjects(dialog.elements).map((element): [string, string] => [
      toText(element.name),
      toText(element.value),
    ]);
    workspace.screens.of(trigger.userId).dialog = {
      id: workspace.ids.prefixed('Dg'),
      dialog: structuredClone(dialog),
      channel: trigger.channel,
      values: Object.fromEntries(initial),
      errors: {},
    };
    workspace.changed();
    return { ok: true };
  },
};
