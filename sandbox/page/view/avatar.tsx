/** Initials on a colour that belongs to the person; decoration only, the name always stands beside it. */
export function Avatar({ id, name }: { id: string; name: string }) {
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
  return (
    <span class={`avatar avatar-${toneOf(id)}`} aria-hidden="true">
      {initials}
    </span>
  );
}

const TONES = 6;

function toneOf(id: string): number {
  let sum = 0;
  for (const character of id) sum += character.charCodeAt(0);
  return sum % TONES;
}
