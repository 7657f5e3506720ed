/**
 * What real Slack sends, as far as its public samples show it: which fields, of which types, which are null and which
 * are left out. The values are our own. Each names where its shape was seen:
 *
 * - [java]: slackapi/java-slack-sdk, `json-logs/samples/…`, recorded from Slack with the values taken out
 * - [bolt-python]: slackapi/bolt-python, `tests/scenario_tests/…` and `tests/adapter_tests/socket_mode/…`
 * - [bolt-js]: the types of `@slack/bolt`, https://docs.slack.dev/tools/bolt-js/reference
 * - [docs]: https://docs.slack.dev, `reference/interaction-payloads` and `reference/events`
 */
import { ids } from '../../listeners/blocks/ids';

export const TRIGGER = '13345224609.738474920.8088930838d88f008e0';
const TEAM = { id: 'T0SANDBOX', domain: 'sandbox' };
const ENTERPRISE = { id: 'E0SANDBOX', name: 'Sandbox Org' };
/** A workspace of an organisation, whose id and name stand beside its own. */
const GRID_TEAM = { ...TEAM, enterprise_id: ENTERPRISE.id, enterprise_name: ENTERPRISE.name };
const USER = { id: 'U0BEN', username: 'ben', name: 'ben', team_id: TEAM.id };
const APP = { api_app_id: 'A0SCOPEKEEPER', token: 'verification-token' };
const CHANNEL = { id: 'C0GENERAL', name: 'general' };

const text = (words: string) => ({ type: 'plain_text', text: words, emoji: true });

/** Of [java] `app-backend/views/ViewSubmissionPayload.json` and [bolt-python] `test_view_submission.py`. */
function view(type: 'modal' | 'home', fields: object) {
  return {
    id: 'V0VIEW',
    team_id: TEAM.id,
    type,
    blocks: [{ type: 'divider', block_id: 'hspI' }],
    private_metadata: '',
    callback_id: '',
    state: { values: {} },
    hash: '1596530361.3wRYuk3R',
    title: text('Permissions'),
    clear_on_close: false,
    notify_on_close: false,
    close: type === 'modal' ? text('Cancel') : null,
    submit: type === 'modal' ? text('Send') : null,
    previous_view_id: null,
    root_view_id: 'V0VIEW',
    app_id: APP.api_app_id,
    external_id: '',
    app_installed_team_id: TEAM.id,
    bot_id: 'B0BOT',
    ...fields,
  };
}

/** What the inputs of the form hold: the one that was left empty has a null. */
const chosen = (scope: string) => ({
  values: {
    [ids.blocks.scopes]: {
      [ids.inputs.scopes]: {
        type: 'multi_static_select',
        selected_options: [{ text: text('Set reminders'), value: scope, description: text(scope) }],
      },
    },
    [ids.blocks.reason]: { [ids.inputs.reason]: { type: 'plain_text_input', value: null } },
    elsewhere: { picked: { type: 'datepicker', selected_date: null } },
  },
});

const button = (actionId: string, value?: string) => ({
  action_id: actionId,
  block_id: '=qXel',
  text: text('A button'),
  ...(value !== undefined && { value }),
  type: 'button',
  action_ts: '1548426417.840180',
});

const message = {
  bot_id: 'B0BOT',
  type: 'message',
  text: 'This cannot be shown',
  user: 'U0BOT',
  ts: '1548261231.000200',
  app_id: APP.api_app_id,
  team: TEAM.id,
  blocks: [{ type: 'divider', block_id: 'hspI' }],
};

/** Slash commands, as fields of a form. */
export function commands(scope: string, responseUrl: string): [string, Record<string, string>][] {
  const command = {
    token: APP.token,
    team_id: TEAM.id,
    team_domain: TEAM.domain,
    channel_id: CHANNEL.id,
    channel_name: CHANNEL.name,
    user_id: USER.id,
    user_name: USER.name,
    command: ids.command,
    text: `request ${scope}`,
    api_app_id: APP.api_app_id,
    response_url: responseUrl,
    trigger_id: TRIGGER,
  };
  const organisation = { enterprise_id: ENTERPRISE.id, enterprise_name: ENTERPRISE.name };
  return [
    // [bolt-python] mock_socket_mode_server.py
    ['of old, which does not say whose the installation is', command],
    // [bolt-js] SlashCommand: the flag is a text
    ['of a workspace', { ...command, is_enterprise_install: 'false' }],
    // [java] app-backend/slash-commands/SlashCommandPayload.json
    ['of a workspace of an organisation', { ...command, ...organisation, is_enterprise_install: 'false' }],
    [
      'of an organisation that installed the app',
      { ...command, ...organisation, is_enterprise_install: 'true' },
    ],
    // [docs] https://docs.slack.dev/interactivity/implementing-slash-commands
    ['in a direct message', { ...command, channel_id: 'D0BEN', channel_name: 'directmessage' }],
    ['in a private channel', { ...command, channel_id: 'G0SECRET', channel_name: 'privategroup' }],
  ];
}

/** Gestures that ask: each exchanges its trigger for `scope`. */
export function asks(scope: string, responseUrl: string): [string, object][] {
  const press = {
    type: 'block_actions',
    user: USER,
    ...APP,
    trigger_id: TRIGGER,
    team: TEAM,
    enterprise: null,
    is_enterprise_install: false,
    actions: [button(ids.actions.ask)],
  };
  const inMessage = { type: 'message', message_ts: message.ts, channel_id: CHANNEL.id };
  const submission = {
    type: 'view_submission',
    team: TEAM,
    user: USER,
    ...APP,
    trigger_id: TRIGGER,
    view: view('modal', { callback_id: ids.view, state: chosen(scope) }),
    response_urls: [],
    is_enterprise_install: false,
    enterprise: null,
  };
  const dialog = {
    type: 'dialog_submission',
    token: APP.token,
    action_ts: '1596603334.328193',
    team: TEAM,
    user: { id: USER.id, name: USER.name, team_id: TEAM.id },
    channel: CHANNEL,
    submission: { [ids.inputs.scopes]: scope, [ids.inputs.reason]: null },
    callback_id: ids.dialog,
    response_url: responseUrl,
    state: '',
    trigger_id: TRIGGER,
  };
  return [
    // [docs] block_actions-payload: an ephemeral message comes without itself
    [
      'a press in an ephemeral message',
      {
        ...press,
        container: { ...inMessage, is_ephemeral: true },
        channel: CHANNEL,
        state: chosen(scope),
        response_url: responseUrl,
      },
    ],
    // [java] app-backend/interactive-components/BlockActionPayload.json
    [
      'a press in a message of a workspace of an organisation',
      {
        ...press,
        team: GRID_TEAM,
        enterprise: ENTERPRISE,
        container: { ...inMessage, is_ephemeral: false },
        channel: CHANNEL,
        message,
        state: chosen(scope),
        response_url: responseUrl,
      },
    ],
    [
      'a press in a thread',
      {
        ...press,
        container: { ...inMessage, is_ephemeral: false, thread_ts: message.ts },
        channel: { id: 'D0BEN', name: 'directmessage' },
        message: { ...message, thread_ts: message.ts, edited: { user: 'U0BOT', ts: message.ts } },
        state: chosen(scope),
        response_url: responseUrl,
      },
    ],
    // [bolt-js] BlockAction: neither channel nor response_url, and the view has the state
    [
      'a press in a modal',
      {
        ...press,
        container: { type: 'view', view_id: 'V0VIEW' },
        view: view('modal', { state: chosen(scope) }),
      },
    ],
    [
      'a press in the home',
      {
        ...press,
        container: { type: 'view', view_id: 'V0VIEW' },
        view: view('home', { state: chosen(scope) }),
      },
    ],
    // [bolt-python] test_view_submission.py
    ['a modal', submission],
    [
      'a modal that asked for a conversation',
      {
        ...submission,
        response_urls: [{ block_id: 'b', action_id: 'a', channel_id: CHANNEL.id, response_url: responseUrl }],
      },
    ],
    ['a modal in a workspace of an organisation', { ...submission, team: GRID_TEAM, enterprise: ENTERPRISE }],
    // [bolt-js] ViewSubmitAction: `team` is null where the organisation installed the app
    [
      'a modal of an organisation that installed the app',
      {
        ...submission,
        team: null,
        enterprise: ENTERPRISE,
        is_enterprise_install: true,
        view: view('modal', {
          callback_id: ids.view,
          state: chosen(scope),
          app_installed_team_id: ENTERPRISE.id,
        }),
      },
    ],
    // [bolt-python] test_dialogs.py
    ['a dialog', dialog],
    // [java] app-backend/dialogs/DialogSubmissionPayload.json
    [
      'a dialog in an organisation',
      { ...dialog, team: GRID_TEAM, enterprise: ENTERPRISE, is_enterprise_install: false },
    ],
  ];
}

/** Gestures that open a form with their trigger. */
export const openings: [string, object, 'views.open' | 'dialog.open'][] = [
  // [bolt-python] mock_socket_mode_server.py: a name of the user is left out, the enterprise is null
  [
    'the shortcut',
    {
      type: 'shortcut',
      token: APP.token,
      action_ts: '1610198080.300836',
      team: TEAM,
      user: { id: USER.id, username: USER.username, team_id: TEAM.id },
      is_enterprise_install: false,
      enterprise: null,
      callback_id: ids.shortcut,
      trigger_id: TRIGGER,
    },
    'views.open',
  ],
  // [bolt-python] test_shortcut.py: of old, in an organisation
  [
    'the shortcut of a workspace of an organisation',
    {
      type: 'shortcut',
      token: APP.token,
      action_ts: '111.111',
      team: GRID_TEAM,
      user: { id: USER.id, username: USER.username, team_id: TEAM.id },
      callback_id: ids.shortcut,
      trigger_id: TRIGGER,
    },
    'views.open',
  ],
  [
    'a press in the home',
    {
      type: 'block_actions',
      user: USER,
      ...APP,
      container: { type: 'view', view_id: 'V0VIEW' },
      trigger_id: TRIGGER,
      team: TEAM,
      enterprise: null,
      is_enterprise_install: false,
      view: view('home', {}),
      actions: [button(ids.actions.openView)],
    },
    'views.open',
  ],
  [
    'a press in an ephemeral message',
    {
      type: 'block_actions',
      user: USER,
      ...APP,
      container: {
        type: 'message',
        message_ts: message.ts,
        channel_id: CHANNEL.id,
        is_ephemeral: true,
      },
      trigger_id: TRIGGER,
      team: TEAM,
      enterprise: null,
      is_enterprise_install: false,
      channel: CHANNEL,
      state: { values: {} },
      actions: [button(ids.actions.openDialog)],
    },
    'dialog.open',
  ],
];

/** What has no listener, and is acknowledged all the same: Slack shows people an error otherwise. */
export function others(responseUrl: string): [string, object | Record<string, string>][] {
  return [
    // [java] app-backend/message-actions/MessageActionPayload.json
    [
      'a message shortcut',
      {
        type: 'message_action',
        callback_id: 'somebody_elses',
        trigger_id: TRIGGER,
        message_ts: message.ts,
        response_url: responseUrl,
        message,
        channel: CHANNEL,
        team: TEAM,
        user: { id: USER.id, name: USER.name },
        token: APP.token,
        action_ts: '1610198080.300836',
        is_enterprise_install: false,
        enterprise: null,
      },
    ],
    // [java] app-backend/interactive-messages/AttachmentActionPayload.json
    [
      'a press in an attachment',
      {
        type: 'interactive_message',
        actions: [{ name: 'game', type: 'button', value: 'chess' }],
        callback_id: 'wopr_game',
        team: TEAM,
        channel: CHANNEL,
        user: { id: USER.id, name: USER.name, team_id: TEAM.id },
        action_ts: '1458170917.164398',
        message_ts: message.ts,
        attachment_id: '1',
        token: APP.token,
        is_app_unfurl: false,
        original_message: { type: 'message', subtype: 'bot_message', bot_id: 'B0BOT', ts: message.ts },
        response_url: responseUrl,
        trigger_id: TRIGGER,
      },
    ],
    // [bolt-python] test_block_suggestion.py
    [
      'a search in an external select',
      {
        type: 'block_suggestion',
        user: USER,
        container: { type: 'view', view_id: 'V0VIEW' },
        ...APP,
        action_id: 'es_a',
        block_id: 'es_b',
        value: 'search word',
        team: GRID_TEAM,
        view: view('modal', {}),
      },
    ],
    // [java] app-backend/views/ViewClosedPayload.json
    [
      'a modal that was closed',
      {
        type: 'view_closed',
        team: TEAM,
        user: USER,
        ...APP,
        view: view('modal', { callback_id: ids.view, notify_on_close: true }),
        is_cleared: false,
        is_enterprise_install: false,
        enterprise: null,
      },
    ],
    // [java] app-backend/dialogs/DialogCancellationPayload.json
    [
      'a dialog that was closed',
      {
        type: 'dialog_cancellation',
        token: APP.token,
        action_ts: '1596603453.047897',
        team: GRID_TEAM,
        user: { id: USER.id, name: USER.name, team_id: TEAM.id },
        channel: CHANNEL,
        callback_id: ids.dialog,
        response_url: responseUrl,
        state: '',
      },
    ],
  ];
}

/** What stands around an event. [java] `events/*.json` have the fields of old, [bolt-python] those of today. */
export const envelopes: [string, object][] = [
  [
    'of old',
    {
      token: APP.token,
      team_id: TEAM.id,
      api_app_id: APP.api_app_id,
      type: 'event_callback',
      authed_users: ['U0BOT'],
      authed_teams: [TEAM.id],
    },
  ],
  [
    'of today',
    {
      token: APP.token,
      team_id: TEAM.id,
      context_team_id: TEAM.id,
      context_enterprise_id: null,
      api_app_id: APP.api_app_id,
      type: 'event_callback',
      authorizations: [
        {
          enterprise_id: null,
          team_id: TEAM.id,
          user_id: 'U0BOT',
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      is_ext_shared_channel: false,
      event_context: '4-eyJldCI6Im1lc3NhZ2UifQ',
    },
  ],
  // [bolt-python] test_events_org_apps.py: no workspace stands beside the organisation that installed the app
  [
    'of an organisation that installed the app',
    {
      token: APP.token,
      team_id: TEAM.id,
      enterprise_id: ENTERPRISE.id,
      api_app_id: APP.api_app_id,
      type: 'event_callback',
      authed_users: [],
      authorizations: [
        {
          enterprise_id: ENTERPRISE.id,
          team_id: null,
          user_id: 'U0BOT',
          is_bot: true,
          is_enterprise_install: true,
        },
      ],
      is_ext_shared_channel: false,
    },
  ],
];

/** Events, and the log entries that come of each, in short; after Ben has granted `scope`. */
export const events = (scope: string): [string, object, string[]][] => [
  [
    'user_resource_granted',
    { type: 'user_resource_granted', user: USER.id, scopes: ['dnd:write:user'], trigger_id: TRIGGER },
    ['granted T0SANDBOX U0BEN dnd:write:user'],
  ],
  [
    'user_resource_denied',
    { type: 'user_resource_denied', user: USER.id, scopes: ['dnd:write:user'], trigger_id: TRIGGER },
    ['denied T0SANDBOX U0BEN dnd:write:user'],
  ],
  [
    'user_resource_removed',
    { type: 'user_resource_removed', user: USER.id, trigger_id: TRIGGER },
    [`removed T0SANDBOX U0BEN ${scope}`],
  ],
  [
    'scope_granted',
    { type: 'scope_granted', scopes: ['channels:read'], trigger_id: TRIGGER },
    ['granted T0SANDBOX null channels:read'],
  ],
  [
    'scope_denied',
    { type: 'scope_denied', scopes: ['channels:read'], trigger_id: TRIGGER },
    ['denied T0SANDBOX null channels:read'],
  ],
  [
    'tokens_revoked of a user',
    { type: 'tokens_revoked', tokens: { oauth: [USER.id], bot: [] }, event_ts: '1606805732.987656' },
    [`removed T0SANDBOX U0BEN ${scope}`],
  ],
  [
    'tokens_revoked without the bots',
    { type: 'tokens_revoked', tokens: { oauth: [USER.id] } },
    [`removed T0SANDBOX U0BEN ${scope}`],
  ],
  [
    'app_uninstalled',
    { type: 'app_uninstalled', event_ts: '1606805732.987656' },
    [`removed T0SANDBOX U0BEN ${scope}`, 'removed T0SANDBOX null '],
  ],
];

/** [bolt-python] test_events_org_apps.py: no team is named but those that it is about. */
export const teamAccess = (type: 'team_access_granted' | 'team_access_revoked') => ({
  token: APP.token,
  enterprise_id: ENTERPRISE.id,
  api_app_id: APP.api_app_id,
  event: { type, team_ids: [TEAM.id], event_ts: '1606805732.987656' },
  type: 'event_callback',
});

/** [java] events/AppHomeOpenedPayload.json and [bolt-python] test_events_org_apps.py. */
export const homesOpened: [string, object][] = [
  [
    'for the first time, without a view',
    { type: 'app_home_opened', user: USER.id, channel: 'D0BEN', tab: 'home', event_ts: '1606810927.510671' },
  ],
  [
    'again, with the view that was published',
    {
      type: 'app_home_opened',
      user: USER.id,
      channel: 'D0BEN',
      tab: 'home',
      event_ts: '1606810927.510671',
      view: view('home', {}),
    },
  ],
];

/** What Slack sends of the app itself: https://docs.slack.dev/apis/events-api */
export const CHECKS = {
  url_verification: {
    token: APP.token,
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    type: 'url_verification',
  },
  app_rate_limited: {
    token: APP.token,
    type: 'app_rate_limited',
    team_id: TEAM.id,
    minute_rate_limited: 1_518_467_820,
    api_app_id: APP.api_app_id,
  },
  ssl_check: { ssl_check: '1', token: APP.token },
};
