import type { Catalog } from '../../../services/config/catalog';
import { logEvents, logSources } from '../../../services/grants/log/entry';
import { triggerSources } from '../../../services/slack/trigger';
import { EVENT_LABELS, SOURCE_LABELS, TRIGGER_LABELS } from '../labels';
import { LOG_PATH, type LogField, type LogView } from './view';

const SHOWN: readonly LogField[] = [
  'team',
  'user',
  'scope',
  'event',
  'source',
  'trigger',
  'since',
  'until',
  'q',
];

/** The filter form. It submits by GET, so that a view can be shared by its address. */
export function Filters({
  view: { fields, faults },
  catalog,
  teamIds,
}: {
  view: LogView;
  catalog: Catalog;
  teamIds: readonly string[];
}) {
  const isFiltered = Object.keys(fields).length > 0;
  const props = (name: LogField) => ({ name, value: fields[name] ?? '', fault: faults[name] });
  return (
    <details class="filters" open={isFiltered}>
      <summary>Filter{isFiltered && <span class="soft">: {describe(fields)}</span>}</summary>
      <search aria-label="Filter the log">
        <form method="get" action={LOG_PATH} class="filter-form" id="filters">
          {teamIds.length > 1 && (
            <Select {...props('team')} label="Workspace" options={teamIds.map((id) => [id, id])} />
          )}
          <Text {...props('user')} label="User" placeholder="U012AB3CD" />
          <Text {...props('scope')} label="Scope" placeholder="dnd:write:user" list="scopes" />
          <datalist id="scopes">
            {catalog.entries.map(({ scope, label }) => (
              <option key={scope} value={scope}>
                {label}
              </option>
            ))}
          </datalist>
          <Select
            {...props('event')}
            label="Event"
            options={logEvents.map((one) => [one, EVENT_LABELS[one]])}
          />
          <Select
            {...props('source')}
            label="Told by"
            options={logSources.map((one) => [one, SOURCE_LABELS[one]])}
          />
          <Select
            {...props('trigger')}
            label="Asked by"
            options={triggerSources.map((one) => [one, TRIGGER_LABELS[one]])}
          />
          <Text {...props('since')} label="From" hint="UTC" placeholder="2026-01-31T12:00" time />
          <Text {...props('until')} label="Before" hint="UTC" placeholder="2026-02-01" time />
          <Text {...props('q')} label="Words in reason or error" />
          {(['request', 'asked'] as const).map(
            (name) =>
              fields[name] !== undefined && (
                <input key={name} type="hidden" name={name} value={fields[name]} />
              ),
          )}
          <div class="buttons">
            <button type="submit" class="primary">
              Show
            </button>
            {isFiltered && <a href={LOG_PATH}>Show everything</a>}
          </div>
        </form>
      </search>
    </details>
  );
}

function describe(fields: LogView['fields']): string {
  const parts = SHOWN.flatMap((name) => fields[name] ?? []);
  return [...parts, ...(fields.request === undefined ? [] : ['one request'])].join(', ');
}

interface FieldProps {
  name: LogField;
  value: string;
  fault: string | undefined;
  label: string;
}

function Field({
  name,
  label,
  hint,
  fault,
  children,
}: Pick<FieldProps, 'name' | 'label' | 'fault'> & {
  hint?: string | undefined;
  children: preact.ComponentChildren;
}) {
  return (
    <div class={fault === undefined ? 'field' : 'field at-fault'}>
      <label for={`filter-${name}`}>
        {label}
        {hint !== undefined && <span class="soft zone"> ({hint})</span>}
      </label>
      {children}
      {fault !== undefined && (
        <p class="fault" id={`fault-${name}`}>
          {fault}
        </p>
      )}
    </div>
  );
}

function Text({
  name,
  value,
  fault,
  label,
  hint,
  placeholder,
  list,
  time = false,
}: FieldProps & { hint?: string; placeholder?: string; list?: string; time?: boolean }) {
  return (
    <Field name={name} label={label} hint={hint} fault={fault}>
      <input
        id={`filter-${name}`}
        name={name}
        value={value}
        list={list}
        placeholder={placeholder}
        dir="auto"
        autocomplete="off"
        data-time={time ? '' : undefined}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : `fault-${name}`}
      />
    </Field>
  );
}

function Select({ name, value, fault, label, options }: FieldProps & { options: [string, string][] }) {
  return (
    <Field name={name} label={label} fault={fault}>
      <select
        id={`filter-${name}`}
        name={name}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : `fault-${name}`}
      >
        <option value="">Any</option>
        {options.map(([option, word]) => (
          <option key={option} value={option} selected={option === value}>
            {word}
          </option>
        ))}
      </select>
    </Field>
  );
}
