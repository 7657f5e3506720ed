import { InvalidArgumentError } from 'commander';
import manifest from '../manifest.json';
import { readEnvironment } from '../services/config/config';

/** Slack retired these with the Permissions API, and refuses a manifest that names them. */
const RETIRED_EVENTS = [
  'scope_denied',
  'scope_granted',
  'user_resource_denied',
  'user_resource_granted',
  'user_resource_removed',
];

const PLACEHOLDER = 'https://scopekeeper.example.com';

interface ManifestOptions {
  url?: string;
  socket?: boolean;
  native?: boolean;
}

/** `scopekeeper manifest`: manifest.json for an address, for Socket Mode, or with the retired events. */
export function printManifest(options: ManifestOptions): void {
  const publicUrl = readEnvironment().PUBLIC_URL;
  const url = options.url ?? (publicUrl ? toPublicUrl(publicUrl) : undefined);
  process.stdout.write(`${JSON.stringify(toManifest({ ...options, ...(url && { url }) }), null, 2)}\n`);
}

/** By https://docs.slack.dev/reference/app-manifest */
export function toManifest({ url = PLACEHOLDER, socket = false, native = false }: ManifestOptions) {
  const { features, settings, oauth_config, ...rest } = toManifestAt(url);
  const { event_subscriptions, interactivity } = settings;
  const events = native
    ? [...event_subscriptions.bot_events, ...RETIRED_EVENTS]
    : event_subscriptions.bot_events;
  // For Socket Mode Slack accepts no request URLs.
  const withoutAddress = <Part extends object>(part: Part, name: keyof Part & string) =>
    Object.fromEntries(Object.entries(part).filter(([key]) => !socket || key !== name));
  return {
    ...rest,
    features: {
      ...features,
      slash_commands: features.slash_commands.map((command) => withoutAddress(command, 'url')),
    },
    oauth_config,
    settings: {
      ...settings,
      event_subscriptions: withoutAddress({ ...event_subscriptions, bot_events: events }, 'request_url'),
      interactivity: withoutAddress(interactivity, 'request_url'),
      socket_mode_enabled: socket,
    },
  };
}

function toManifestAt(url: string): typeof manifest {
  return JSON.parse(JSON.stringify(manifest).replaceAll(PLACEHOLDER, url));
}

export function toPublicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError('Write an https address, such as https://scopekeeper.example.com.');
  }
  return url.href.replace(/\/+$/, '');
}
