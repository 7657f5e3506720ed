import type { Message } from '../../services/messages/messenger';
import type { Sweep } from '../../services/sync/store';
import type { SweepResult } from '../../services/sync/sweep';
import { code, localTime } from './text';

/** Sent when the sweep begins. */
export function syncBegunMessage(last: Sweep | undefined): Message {
  return { text: `Comparing the record with what Slack holds. ${toLast(last)}`.trim() };
}

/** Sent when the sweep has ended, or did not begin. */
export function syncMessage(result: SweepResult): Message {
  switch (result.kind) {
    case 'done':
      return { text: [`Done: ${toCounts(result.sweep)}.`, toSkipped(result.sweep)].join(' ').trim() };
    case 'failed':
      return {
        text: `It stopped at ${code(result.error)} after ${toCounts(result.sweep)}. Nothing was changed but what had been read; the next sweep mends the rest. ${toAdvice(result.advice)}${toSkipped(result.sweep)}`.trim(),
      };
    case 'busy':
      return {
        text: `A sweep is under way already: ${toCounts(result.sweep)} so far, since ${localTime(result.sweep.startedAt)}.`,
      };
    case 'stopped':
      return { text: 'The app is being restarted: the sweep goes on from its place afterwards.' };
  }
}

function toAdvice(advice: string | undefined): string {
  return advice === undefined ? '' : `For whoever runs the app: ${advice}. `;
}

/** Users that were not compared, and why. */
function toSkipped({ skipped, skippedUsers }: Sweep): string {
  if (skipped === 0) return '';
  const named = skippedUsers.map(({ userId, error }) => `<@${userId}> (${code(error)})`).join(', ');
  const others = skipped - skippedUsers.length;
  return `${skipped === 1 ? '1 user was' : `${skipped} users were`} skipped, and what they hold was left as it is: ${named}${others > 0 ? ` and ${others} more` : ''}.`;
}

function toLast(last: Sweep | undefined): string {
  if (last?.finishedAt === undefined) return '';
  const how =
    last.error === undefined
      ? `${toCounts(last)}${last.skipped > 0 ? `, ${last.skipped} skipped` : ''}`
      : `stopped at ${code(last.error)}`;
  return `The last time was ${localTime(last.finishedAt)}: ${how}.`;
}

function toCounts({ pages, users, changes }: Sweep): string {
  return `${pages} ${pages === 1 ? 'page' : 'pages'}, ${users} ${users === 1 ? 'user' : 'users'}, ${changes} ${changes === 1 ? 'change' : 'changes'}`;
}
