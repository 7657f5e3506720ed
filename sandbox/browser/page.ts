import { isObject, parseJson, toObject, toObjects, toText, toTexts } from '../json';
import type { AllowOptions, AuthorizeQuestion, DenyOptions, JsonObject, Page } from '../types';
import { findLink } from './page-links';
import { visibleText } from './visible-text';

const MODEL = /<script type="application\/json" id="authorize">([\s\S]*?)<\/script>/;

export interface Answered {
  url: string;
  status: number;
  headers: Record<string, string>;
  html: string;
  /** The address of a redirect that was not followed. */
  redirect?: string;
}

export interface Visit {
  url: string;
  /** Posts it; undefined: a GET. */
  form?: URLSearchParams;
  /** False: the first redirect is told, and not followed. */
  follows?: boolean;
}

/** What came back, and what can be done with it. */
export function toPage(answered: Answered, go: (visit: Visit) => Promise<Page>): Page {
  const model = toObject(parseJson(MODEL.exec(answered.html)?.[1] ?? ''));
  const authorize = isObject(model.fields) ? toQuestion(model) : undefined;

  /** The consent page's form, before anybody has touched it. */
  function getForm(): { question: AuthorizeQuestion; form: URLSearchParams } {
    if (!authorize || authorize.teams.length === 0) {
      throw new Error(`There is nothing to allow or deny on this page: ${visibleText(answered.html)}`);
    }
    const fields = Object.entries(toObject(model.fields));
    const form = new URLSearchParams(fields.map(([name, value]) => [name, toText(value)]));
    return { question: authorize, form };
  }

  async function allow(options: AllowOptions = {}): Promise<Page> {
    const { question, form } = getForm();
    form.set('decision', 'allow');
    form.set('place', placeOf(question, options));
    for (const scope of ticked(question, options.untick ?? [])) form.append('ticked', scope);
    return await go({ url: answered.url, form, follows: !options.dropRedirect });
  }

  async function deny({ bySlack, dropRedirect }: DenyOptions = {}): Promise<Page> {
    const { form } = getForm();
    form.set('decision', bySlack ? 'refuse' : 'deny');
    return await go({ url: answered.url, form, follows: !dropRedirect });
  }

  return {
    ...answered,
    text: visibleText(answered.html),
    link: (label) => findLink(answered, label),
    ...(authorize ? { authorize } : {}),
    allow,
    deny,
  };
}

function toQuestion(model: JsonObject): AuthorizeQuestion {
  return {
    userId: toText(model.userId),
    scopes: toObjects(model.scopes).map(({ scope, optional, granted }) => ({
      scope: toText(scope),
      optional: optional === true,
      granted: granted === true,
    })),
    botScopes: toTexts(model.botScopes),
    teams: toObjects(model.teams).map(({ id, name }) => ({ id: toText(id), name: toText(name) })),
  };
}

function placeOf({ teams }: AuthorizeQuestion, { teamId, orgWide }: AllowOptions): string {
  const asked = orgWide ? teams.find(({ id }) => id.startsWith('E')) : undefined;
  const place =
    teamId === undefined && !orgWide ? teams[0] : (asked ?? teams.find(({ id }) => id === teamId));
  if (place) return place.id;
  const known = teams.map(({ id }) => id).join(', ');
  throw new Error(`The page does not offer ${teamId ?? 'the organisation'}; it offers ${known}.`);
}

/** What the check boxes hold. Those that are required, or granted already, cannot be unticked. */
function ticked({ scopes }: AuthorizeQuestion, untick: string[]): string[] {
  const free = scopes.filter(({ optional, granted }) => optional && !granted).map(({ scope }) => scope);
  const stuck = untick.filter((scope) => !free.includes(scope));
  if (stuck.length > 0) {
    throw new Error(`${stuck.join(', ')} cannot be unticked; ${free.join(', ') || 'nothing'} can.`);
  }
  return free.filter((scope) => !untick.includes(scope));
}
