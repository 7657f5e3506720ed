import { type Method, refuse } from './method';

/** Says that Slack is there, or the error that it is given. */
export const apiTest: Method = {
  acceptsJson: true,
  takesNoToken: true,
  run: (_workspace, args) => (args.has('error') ? refuse(args.text('error')) : { ok: true }),
};
