/** Rounds of a task: the first is round 1, though the service counts from 0. */

import { Select } from "@/ui/form";
import { Segmented } from "@/ui/segmented";

export function roundTitle(iteration: number): string {
  return `Round ${iteration + 1}`;
}

/** `2 of 3`; only `4` once a person has had it go on beyond the rounds that it was given. */
export function roundOf(task: { iteration: number; max_iterations: number }): string {
  const round = task.iteration + 1;
  return round <= task.max_iterations ? `${round} of ${task.max_iterations}` : String(round);
}

const FEW = 5;

/** A choice of one round, or of all of them (null) where `all` says what that is called. */
export function RoundPicker({
  rounds,
  value,
  all,
  onChange,
}: {
  rounds: number[];
  value: number | null;
  all?: string;
  onChange: (round: number | null) => void;
}) {
  const options = [
    ...(all ? [{ value: "all", label: all }] : []),
    ...rounds.map((round) => ({ value: String(round), label: roundTitle(round) })),
  ];
  const chosen = value === null ? "all" : String(value);
  const choose = (next: string) => onChange(next === "all" ? null : Number(next));
  if (options.length > FEW) {
    return (
      <Select label="Round" hideLabel value={chosen} onChange={(event) => choose(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    );
  }
  return <Segmented label="Round" value={chosen} options={options} onChange={choose} />;
}
