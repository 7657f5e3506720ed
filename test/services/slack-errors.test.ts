import {
  isRefusal,
  isTransient,
  mayHaveBeenShown,
  toCause,
  toErrorName,
  toExpiredWhere,
  toOperatorAdvice,
  toRemedy,
} from '../../services/slack/errors';

/** Every word that is known, statuses by rule, and words that nobody foresaw. */
const TABLE = `
  error                   | cause           | remedy  | may be shown | passes | refuses the token | ran out    | advice    
  no_trigger              | not_sent        | again   | -            | -      | yes               | -          | -         
  no_time_left            | not_sent        | again   | -            | -      | yes               | here       | -         
  timeout                 | unreachable     | again   | yes          | yes    | -                 | on_the_way | -         
  network_error           | unreachable     | again   | yes          | yes    | -                 | -          | -         
  invalid_response        | garbled         | again   | yes          | yes    | -                 | -          | -         
  http_500                | unreachable     | again   | yes          | yes    | -                 | -          | -         
  http_503                | unreachable     | again   | yes          | yes    | -                 | -          | -         
  http_429                | rate_limited    | again   | -            | yes    | -                 | -          | -         
  http_404                | other_status    | unknown | -            | -      | -                 | -          | -         
  http_200                | other_status    | unknown | -            | -      | -                 | -          | -         
  fatal_error             | slack_fault     | again   | yes          | yes    | -                 | -          | -         
  internal_error          | slack_fault     | again   | yes          | yes    | -                 | -          | -         
  request_timeout         | slack_fault     | again   | yes          | yes    | -                 | -          | -         
  service_unavailable     | slack_fault     | again   | yes          | yes    | -                 | -          | -         
  ratelimited             | rate_limited    | again   | -            | yes    | -                 | -          | -         
  rate_limited            | rate_limited    | again   | -            | yes    | -                 | -          | -         
  invalid_trigger         | bad_trigger     | again   | -            | -      | yes               | -          | -         
  invalid_trigger_id      | bad_trigger     | again   | -            | -      | yes               | -          | -         
  expired_trigger_id      | bad_trigger     | again   | -            | -      | yes               | at_slack   | -         
  trigger_expired         | bad_trigger     | again   | -            | -      | yes               | at_slack   | -         
  exchanged_trigger_id    | bad_trigger     | again   | -            | -      | yes               | -          | -         
  trigger_exchanged       | bad_trigger     | again   | -            | -      | yes               | -          | -         
  invalid_scope           | refused_request | ask     | -            | -      | yes               | -          | -         
  invalid_user            | refused_request | ask     | -            | -      | yes               | -          | -         
  user_is_bot             | refused_request | ask     | -            | -      | yes               | -          | -         
  is_bot                  | refused_request | ask     | -            | -      | yes               | -          | -         
  not_installed           | not_installed   | admin   | -            | -      | yes               | -          | one       
  not_authed              | not_allowed     | admin   | -            | -      | yes               | -          | one       
  token_revoked           | token_ended     | admin   | -            | -      | yes               | -          | one       
  account_inactive        | token_ended     | admin   | -            | -      | yes               | -          | one       
  token_expired           | token_expired   | admin   | -            | -      | yes               | -          | one       
  invalid_auth            | token_in_doubt  | admin   | -            | -      | yes               | -          | one       
  invalid_refresh_token   | token_in_doubt  | admin   | -            | -      | yes               | -          | one       
  invalid_grant           | token_in_doubt  | admin   | -            | -      | yes               | -          | one       
  secret_unreadable       | not_allowed     | admin   | -            | -      | yes               | -          | one       
  no_permission           | not_allowed     | admin   | -            | -      | yes               | -          | by backend
  missing_scope           | not_allowed     | admin   | -            | -      | yes               | -          | one       
  not_allowed_token_type  | retired         | admin   | -            | -      | yes               | -          | by backend
  access_denied           | not_allowed     | admin   | -            | -      | yes               | -          | one       
  ekm_access_denied       | not_allowed     | admin   | -            | -      | yes               | -          | one       
  team_access_not_granted | not_allowed     | admin   | -            | -      | yes               | -          | one       
  org_login_required      | moving          | admin   | -            | -      | -                 | -          | one       
  team_added_to_org       | moving          | admin   | -            | -      | -                 | -          | one       
  unknown_method          | retired         | admin   | -            | -      | yes               | -          | by backend
  method_deprecated       | retired         | admin   | -            | -      | yes               | -          | by backend
  deprecated_endpoint     | retired         | admin   | -            | -      | yes               | -          | by backend
  unknown_error           | unknown         | unknown | -            | -      | yes               | -          | -         
  some_new_word           | unknown         | unknown | -            | -      | yes               | -          | -         
`;

const [head = '', ...rows] = TABLE.trim().split('\n');
const toCells = (line: string) => line.split('|').map((cell) => cell.trim());
const yes = (is: boolean) => (is ? 'yes' : '-');

function toAdviceCell(error: string): string {
  const [native, oauth] = [toOperatorAdvice(error, 'native'), toOperatorAdvice(error, 'oauth')];
  expect(toOperatorAdvice(error, undefined)).toBe(oauth);
  if (native === undefined && oauth === undefined) return '-';
  return native === oauth ? 'one' : 'by backend';
}

test.each(rows.map((row) => toCells(row)))('%s is of the cause %s', (error, ...expected) => {
  const cause = toCause(error ?? '');
  expect(expected).toEqual([
    cause,
    toRemedy(cause),
    yes(mayHaveBeenShown(cause)),
    yes(isTransient(cause)),
    yes(isRefusal(cause)),
    toExpiredWhere(error ?? '') ?? '-',
    toAdviceCell(error ?? ''),
  ]);
});

test('the table has a column for every question', () => {
  expect(toCells(head)).toHaveLength(8);
  expect(rows).toHaveLength(48);
});

test('what an admin has to act on comes with advice, and nothing else does', () => {
  for (const row of rows) {
    const [error = '', , remedy] = toCells(row);
    expect([error, toOperatorAdvice(error, 'oauth') !== undefined]).toEqual([error, remedy === 'admin']);
  }
});

test.each(['toString', 'constructor', '__proto__', ''])('"%s" is no word of the table', (error) => {
  expect(toCause(error)).toBe('unknown');
  expect(toOperatorAdvice(error, 'native')).toBeUndefined();
});

test.each([
  ['a word of Slack’s', 'missing_scope', 'missing_scope'],
  ['no word', undefined, 'unknown_error'],
  ['a sentence', 'Not this.', 'unknown_error'],
  ['too long', 'x'.repeat(65), 'unknown_error'],
])('an error that is %s has the name that is logged', (_what, text, name) => {
  expect(toErrorName(text, 'unknown_error')).toBe(name);
});
