import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { sign, TEAM } from '../events/body';

const POLL_INTERVAL_MS = 3;
const TIMEOUT_MS = 20_000;
/** After an answer, the exchange may still be under way. */
const PATIENCE_MS = 500;

let users = 0;

/** Resolves as soon as the port can be connected to. */
export async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await canConnect(port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on ${port} after ${TIMEOUT_MS} ms`);
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Runs `/permissions` as one new user after another, from the moment on in which the port can be connected to. */
export async function runUntil(seen: Promise<unknown>, port: number): Promise<{ listeningAt: number }> {
  await untilListening(port);
  const listeningAt = performance.now();
  const deadline = listeningAt + TIMEOUT_MS;
  const isSeen = seen.then(() => true);
  while (!(await Promise.race([isSeen, runCommand(port)]))) {
    if (performance.now() > deadline) throw new Error(`no prompt was asked for within ${TIMEOUT_MS} ms`);
  }
  await isSeen;
  return { listeningAt };
}

/** Resolves, with false, when it is time for the next. */
async function runCommand(port: number): Promise<boolean> {
  users += 1;
  const user = `U0${users.toString(36).toUpperCase().padStart(8, '0')}`;
  const body = new URLSearchParams({
    token: 'z26uFbvR1xHJEdHE1OQiO6t8',
    team_id: TEAM,
    team_domain: 'bench',
    channel_id: 'C0BENCH',
    channel_name: 'general',
    user_id: user,
    user_name: user.toLowerCase(),
    command: '/permissions',
    text: 'request dnd:write:user',
    api_app_id: 'A0BENCH',
    is_enterprise_install: 'false',
    // Nobody listens there: the answer to the user is not measured.
    response_url: 'http://127.0.0.1:9/commands',
    trigger_id: `${27_082_968_880 + users}.6048553856.5eb9c671f75c636135fdb6bb9e87b606`,
  }).toString();
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const status = await request(`http://127.0.0.1:${port}/slack/events`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(nowSeconds),
      'x-slack-signature': sign(body, nowSeconds),
    },
    body,
  }).then(
    async (response) => {
      await response.body.dump();
      return response.statusCode;
    },
    () => undefined,
  );
  await sleep(status === 200 ? PATIENCE_MS : POLL_INTERVAL_MS);
  return false;
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (isUp: boolean) => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
