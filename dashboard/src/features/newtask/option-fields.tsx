import { inert } from "@/lib/text";
import { Select, Switch, TextArea, TextField } from "@/ui/form";
import type { Errors } from "./draft";
import type { Typed } from "./options";
import type { OptionField } from "./schema";

interface Props {
  fields: OptionField[];
  typed: Typed;
  errors: Errors;
  onChange: (path: string, value: string | boolean) => void;
}

/** The options of a workflow, whichever it has. */
export function OptionFields({ fields, ...rest }: Props) {
  return fields.map((field) => <One key={field.path} field={field} {...rest} />);
}

function One({ field, typed, errors, onChange }: Omit<Props, "fields"> & { field: OptionField }) {
  const raw = typed[field.path];
  const text = typeof raw === "string" ? raw : "";
  const common = {
    label: field.required ? field.label : `${field.label} (optional)`,
    hint: field.hint === "" ? undefined : inert(field.hint),
    error: errors[`options.${field.path}`],
    value: text,
    placeholder: field.fallback || undefined,
    maxLength: field.maxLength,
  };
  const set = (value: string | boolean) => onChange(field.path, value);
  switch (field.kind) {
    case "boolean":
      return (
        <Switch
          label={field.label}
          hint={common.error ?? common.hint}
          checked={typeof raw === "boolean" ? raw : field.fallback === "true"}
          onChange={set}
        />
      );
    case "choice":
      return <Choice field={field} common={common} onChange={set} />;
    case "group":
      return (
        <fieldset className="m-0 flex min-w-0 flex-col gap-3 rounded-md border border-line p-3">
          <legend className="px-1 text-[13px] font-medium">{common.label}</legend>
          {common.hint && <p className="m-0 text-xs text-muted">{common.hint}</p>}
          <OptionFields fields={field.fields} typed={typed} errors={errors} onChange={onChange} />
        </fieldset>
      );
    case "lines":
      return (
        <TextArea
          {...common}
          hint={common.hint ? `${common.hint}. One per line.` : "One per line."}
          onChange={({ target }) => set(target.value)}
        />
      );
    case "json":
      return (
        <TextArea
          {...common}
          hint={common.hint ? `${common.hint}. As JSON.` : "As JSON."}
          spellCheck={false}
          className="font-mono"
          onChange={({ target }) => set(target.value)}
        />
      );
    default:
      return (
        <TextField
          {...common}
          inputMode={field.kind === "integer" ? "numeric" : field.kind === "number" ? "decimal" : undefined}
          onChange={({ target }) => set(target.value)}
        />
      );
  }
}

function Choice({
  field,
  common: { placeholder: _, maxLength: __, ...common },
  onChange,
}: {
  field: OptionField;
  common: {
    label: string;
    hint?: string;
    error?: string;
    value: string;
    placeholder?: string;
    maxLength?: number;
  };
  onChange: (value: string) => void;
}) {
  return (
    <Select {...common} onChange={({ target }) => onChange(target.value)}>
      <option value="">{field.fallback === "" ? "Choose" : `Default: ${field.fallback}`}</option>
      {field.choices.map((choice) => (
        <option key={String(choice)}>{String(choice)}</option>
      ))}
    </Select>
  );
}
