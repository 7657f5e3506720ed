import type { ClientLogLine } from '../../types';
import { usePage } from './page-context';
import { clockTime, duration } from './time';

const TRIGGER_TTL_MS = 3000;

/** The latest calls and deliveries, newest first. Not announced: it changes with every gesture. */
export function Traffic() {
  const { state } = usePage();
  const lines = [...state.log].reverse();
  return (
    <section class="traffic" aria-labelledby="traffic-title">
      <h2 id="traffic-title">On the wire</h2>
      {lines.length === 0 ? <p class="held-none">no call and no delivery yet</p> : null}
      <ol>
        {lines.map((line, index) => (
          <Line key={`${line.at} ${line.kind} ${line.name} ${lines.length - index}`} line={line} />
        ))}
      </ol>
    </section>
  );
}

function Line({ line }: { line: ClientLogLine }) {
  const { state } = usePage();
  const isCall = line.kind === 'call';
  const user = state.users.find(({ id }) => id === line.user);
  const isGood = line.outcome === 'ok';
  const tone = isGood ? 'good' : line.outcome === 'waiting' ? 'open' : 'bad';
  return (
    <li class="wire">
      <p class="wire-head">
        <span class={isCall ? 'wire-way wire-out' : 'wire-way'}>
          {isCall ? `${state.appName} → Slack` : `Slack → ${state.appName}`}
        </span>
        <time dateTime={new Date(line.at).toISOString()}>{clockTime(line.at)}</time>
      </p>
      <p class="wire-name">
        <code>{line.name}</code>
        {line.attempt > 1 ? <span class="wire-attempt">attempt {line.attempt}</span> : null}
        <span class={`outcome outcome-${tone}`}>
          {isGood && line.status ? `${line.status} ok` : line.outcome}
        </span>
      </p>
      <p class="wire-detail">
        {[user?.name, line.detail, line.durationMs === undefined ? '' : duration(line.durationMs)]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {line.triggerAgeMs === undefined ? null : <TriggerUse ageMs={line.triggerAgeMs} />}
    </li>
  );
}

function TriggerUse({ ageMs }: { ageMs: number }) {
  const text = `${(ageMs / 1000).toFixed(2)} s of the trigger's 3 s used`;
  return (
    <p class="trigger-use">
      <meter
        min={0}
        max={TRIGGER_TTL_MS}
        high={2000}
        low={1000}
        optimum={0}
        value={ageMs}
        aria-label={text}
      />
      <span>{text}</span>
    </p>
  );
}
