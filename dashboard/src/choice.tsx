import type { Granularity } from '../../sdk/generated/operations.ts';

const granularities: readonly Granularity[] = ['HOUR', 'DAY', 'WEEK', 'MONTH'];

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
  readonly show?: (option: string) => string;
}

export function Choice({ label, value, options, onChange, show = (option) => option }: ChoiceProps) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {show(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function GranularityChoice({
  value,
  onChange,
}: {
  readonly value: Granularity;
  readonly onChange: (value: Granularity) => void;
}) {
  return (
    <fieldset className="segments">
      <legend>Per</legend>
      {granularities.map((name) => (
        <label key={name}>
          <input type="radio" name="granularity" checked={value === name} onChange={() => onChange(name)} />
          {titled(name)}
        </label>
      ))}
    </fieldset>
  );
}

export function titled(name: string): string {
  const text = name.toLowerCase().replaceAll(/[_-]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
