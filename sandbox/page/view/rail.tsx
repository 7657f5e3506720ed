import { Avatar } from './avatar';
import { HOME, usePage } from './page-context';
import { PlaceLink } from './place-link';
import { Shortcuts } from './shortcuts';

/** The left side: who you are, where you are, and what can be started from anywhere. */
export function Rail() {
  const { state, live } = usePage();
  return (
    <nav class="rail" aria-label="Workspace">
      <header class="rail-head">
        <h1 class="rail-team">{state.team.name}</h1>
        <p class={live ? 'rail-live' : 'rail-live rail-live-off'}>{live ? 'live' : 'not live'}</p>
      </header>
      <People />
      <Channels />
      <Shortcuts />
      <PanesSwitch />
    </nav>
  );
}

function People() {
  const { state } = usePage();
  return (
    <section class="rail-part" aria-labelledby="people-title">
      <h2 id="people-title">You are</h2>
      <ul class="rail-list people">
        {state.users
          .filter(({ isBot }) => !isBot)
          .map((user) => (
            <li key={user.id}>
              <PlaceLink to={{ user: user.id }} current={user.id === state.me} class="rail-item person">
                <Avatar id={user.id} name={user.realName} />
                <span class="person-words">
                  <span class="person-name">{user.realName}</span>
                  <span class="role">{user.isAdmin || user.isOwner ? 'admin' : 'member'}</span>
                </span>
              </PlaceLink>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Channels() {
  const { state, channel, unread } = usePage();
  return (
    <section class="rail-part" aria-labelledby="channels-title">
      <h2 id="channels-title">Channels</h2>
      <ul class="rail-list channels">
        {state.channels.map(({ id, name, isIm }) => (
          <li key={id}>
            <PlaceLink to={{ channel: id, pane: 'chat' }} current={id === channel} class="rail-item">
              <span class="channel-sign" aria-hidden="true">
                {isIm ? '@' : '#'}
              </span>
              <span>{name}</span>
              {unread[id] ? (
                <span class="unread">
                  {unread[id]} <span class="hidden">new</span>
                </span>
              ) : null}
            </PlaceLink>
          </li>
        ))}
        <li>
          <PlaceLink to={{ channel: HOME, pane: 'chat' }} current={channel === HOME} class="rail-item">
            <span class="channel-sign" aria-hidden="true">
              ⌂
            </span>
            <span>Home</span>
          </PlaceLink>
        </li>
      </ul>
    </section>
  );
}

/** Seen on narrow screens only. */
function PanesSwitch() {
  const { pane } = usePage();
  const other = pane === 'chat' ? 'panel' : 'chat';
  return (
    <PlaceLink to={{ pane: other }} current={false} class="pane-switch">
      {pane === 'chat' ? 'Behind the scenes' : 'Back to the chat'}
    </PlaceLink>
  );
}
