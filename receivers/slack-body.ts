import { parse } from 'node:querystring';
import { z } from 'zod';
import { MAX_NAME_LENGTH } from '../services/slack/max-name-length';

/** The body of a request, narrowed to the fields that Bolt and our listeners rely on. Other fields are passed on unchanged. */
export type SlackBody = Readonly<Record<string, unknown>>;

export type ReadSlackBody = { body: SlackBody } | { why: string };

const id = z.string().max(MAX_NAME_LENGTH);
const requiredId = id.min(1);
const name = z.string().min(1);
const fields = z.looseObject({});

/** The fields of a view that say where it is, and what was entered. */
const view = z.looseObject({
  type: z.string().optional(),
  id: id.optional(),
  callback_id: z.string().optional(),
  team_id: id.nullish(),
  app_installed_team_id: id.nullish(),
  private_metadata: z.string().optional(),
  state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), fields)) }).optional(),
});

/** https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
const command = z.looseObject({
  command: name,
  text: z.string().optional(),
  user_id: requiredId,
  team_id: requiredId,
  enterprise_id: id.optional(),
  trigger_id: id.optional(),
  response_url: z.string().optional(),
});

/** https://docs.slack.dev/reference/interaction-payloads */
const gesture = z.looseObject({
  user: z.looseObject({ id: requiredId, team_id: id.nullish() }),
  // Null where the app is installed in the whole enterprise.
  team: z.looseObject({ id: requiredId, enterprise_id: id.nullish() }).nullish(),
  enterprise: z.looseObject({ id: requiredId }).nullish(),
  trigger_id: id.optional(),
  response_url: z.string().optional(),
  view: view.nullish(),
});
const press = gesture.extend({ actions: z.array(fields).min(1), state: view.shape.state.nullish() });
const named = gesture.extend({ callback_id: name });
const modal = gesture.extend({ view });

const bodies = new Map<string, z.ZodType<Record<string, unknown>>>([
  ['url_verification', z.looseObject({ challenge: name })],
  ['app_rate_limited', fields],
  ['dialog_cancellation', fields],
  [
    'event_callback',
    z.looseObject({
      event_id: name,
      // Bolt reads the user's id from either shape.
      event: z.looseObject({ type: name, user: z.union([name, z.looseObject({ id: name })]).optional() }),
    }),
  ],
  ['block_actions', press],
  ['interactive_message', press],
  ['block_suggestion', gesture],
  ['dialog_submission', named.extend({ submission: fields })],
  ['shortcut', named],
  ['message_action', named],
  ['view_submission', modal],
  ['view_closed', modal],
]);

/** Reads a body as Slack posts it: JSON, or a form. */
export function readSlackBody(text: string, isForm: boolean): ReadSlackBody {
  return narrowSlackBody(parseBody(text, isForm));
}

/** Refuses bodies that Slack never sends: Bolt would fail on them, hang, or end the process. */
export function narrowSlackBody(value: unknown): ReadSlackBody {
  const any = fields.safeParse(value);
  if (!any.success) return { why: 'the body is not an object' };
  const { type, ssl_check } = any.data;
  if (ssl_check === '1') return { body: any.data };
  if ('command' in any.data) return narrow('slash command', command, value);
  if (typeof type !== 'string') return { why: 'the body has no type' };
  const schema = bodies.get(type);
  if (schema === undefined) return { why: 'the type is not one that Slack sends' };
  return narrow(type, schema, value);
}

function narrow(kind: string, schema: z.ZodType<Record<string, unknown>>, value: unknown): ReadSlackBody {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return { body: data };
  const [issue] = error.issues;
  return { why: `the ${kind} lacks what Slack always sends (${issue?.path.join('.')}: ${issue?.message})` };
}

function parseBody(text: string, isForm: boolean): unknown {
  try {
    if (!isForm) return JSON.parse(text);
    const { payload, ...others } = parse(text);
    return typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : { payload, ...others };
  } catch {
    return undefined;
  }
}
