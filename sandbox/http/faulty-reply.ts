import type { ServerResponse } from 'node:http';
import { sleep } from '../clock';
import type { Answer, ApiCall, SandboxClock } from '../types';
import { jsonReply, type Reply, sendEndless, sendHalf, sendReply, textReply } from './reply';

interface FaultyReply {
  clock: SandboxClock;
  fault: Answer | undefined;
  call: ApiCall;
  res: ServerResponse;
  /** What Slack would do. */
  run: () => Reply;
}

/** Answers as Slack does, or as the fault says, and notes in the call what was answered. */
export async function sendFaultyReply({ clock, fault = {}, call, res, run }: FaultyReply): Promise<void> {
  const replacement = toReplacement(fault);
  const early = fault.afterEffect ? run() : undefined;
  if (fault.delayMs) await sleep(clock, fault.delayMs);
  if (fault.hang === true) return;
  if (fault.reset === true) {
    res.destroy();
    return;
  }
  const reply = replacement ?? early ?? run();
  if (fault.endless === true) return sendEndless(res, reply);
  if (fault.hang === 'midway') return sendHalf(res, reply);
  if (fault.reset === 'midway') return sendHalf(res, reply, () => res.destroy());
  call.status = reply.status;
  call.answer = reply.body;
  sendReply(res, { ...reply, headers: { ...reply.headers, ...fault.headers } });
}

function toReplacement(fault: Answer): Reply | undefined {
  const status = fault.status ?? 200;
  if (fault.text !== undefined) return textReply(fault.text, status);
  if (fault.body !== undefined) return jsonReply(fault.body, status);
  if (fault.status !== undefined) return textReply('', status);
  return undefined;
}
