import type { Messenger } from './messenger';
import type { WebMessengerParts } from './web-messenger';

/** Slack's client is loaded when there is something to say: an app that starts has triggers to exchange first. */
export function createLazyMessenger(parts: WebMessengerParts): Messenger {
  let loaded: Messenger | undefined;

  function messenger(): Messenger {
    if (loaded !== undefined) return loaded;
    const { createWebMessenger }: typeof import('./web-messenger') = require('./web-messenger');
    loaded = createWebMessenger(parts);
    return loaded;
  }

  return {
    send: (to, message) => messenger().send(to, message),
    respond: (responseUrl, message) => messenger().respond(responseUrl, message),
    post: (workspace, channel, message) => messenger().post(workspace, channel, message),
    updateView: (workspace, viewId, view) => messenger().updateView(workspace, viewId, view),
    publishHome: (member, view) => messenger().publishHome(member, view),
    findUser: (member) => messenger().findUser(member),
  };
}
