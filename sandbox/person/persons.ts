import { createBrowser } from '../browser/browser';
import { signInCookie } from '../oauth/sign-in';
import type { Slack } from '../state/slack';
import type { Browser, Person } from '../types';
import type { Events } from '../wire/events';
import type { Outbox } from '../wire/outbox';
import { createPerson } from './person';

interface Dependencies {
  slack: Slack;
  outbox: Outbox;
  events: Events;
}

/** Hands out each person of each workspace; in both workspaces they sit at the same browser. */
export function createPersons({ slack, outbox, events }: Dependencies) {
  const persons = new Map<string, Person>();
  const browsers = new Map<string, Browser>();

  function getCookie(userId: string): string {
    const home = slack.workspaces.find(({ people }) => people.find(userId)) ?? slack.first;
    return signInCookie(home.people.getHuman(userId).id);
  }

  function browserOf(userId: string): Browser {
    const { clock, address } = slack;
    const browser =
      browsers.get(userId) ?? createBrowser({ clock, slackUrl: address.url, userId, getCookie });
    browsers.set(userId, browser);
    return browser;
  }

  return (userId: string, { teamId = slack.first.team.id } = {}): Person => {
    const workspace = slack.get(teamId);
    workspace.people.getHuman(userId);
    const key = `${teamId} ${userId}`;
    const person =
      persons.get(key) ?? createPerson(userId, { workspace, outbox, events, browser: browserOf(userId) });
    persons.set(key, person);
    return person;
  };
}
