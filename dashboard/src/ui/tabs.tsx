import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { useShortcut } from "@/lib/shortcuts";

export interface TabItem<T extends string> {
  value: T;
  label: ReactNode;
  /** What the list of shortcuts calls it. */
  name: string;
}

interface TabsProps<T extends string> {
  label: string;
  value: T;
  items: readonly TabItem<T>[];
  onChange: (value: T) => void;
  /** What the present tab shows. */
  children: ReactNode;
}

/** Views of one thing, of which one is shown: arrows go from tab to tab, and so do the keys 1 to 9 from anywhere. */
export function Tabs<T extends string>({ label, value, items, onChange, children }: TabsProps<T>) {
  const bar = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: where the tabs do not all fit, the present one is brought into view
  useEffect(() => {
    const present = bar.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (!bar.current || !present) return;
    bar.current.scrollLeft = present.offsetLeft - (bar.current.clientWidth - present.offsetWidth) / 2;
  }, [value]);
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => {
        const item = items.find((each) => each.value === next);
        if (item) onChange(item.value);
      }}
    >
      <Radix.List
        ref={bar}
        aria-label={label}
        className="relative mb-4 flex overflow-x-auto border-b border-line [scrollbar-width:thin]"
      >
        {items.map((item, index) => (
          <Tab key={item.value} item={item} number={index + 1} onChange={onChange} />
        ))}
      </Radix.List>
      <Radix.Content value={value} tabIndex={-1} className="outline-none">
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}

function Tab<T extends string>({
  item,
  number,
  onChange,
}: {
  item: TabItem<T>;
  number: number;
  onChange: (value: T) => void;
}) {
  useShortcut(String(number), `Show ${item.name}`, () => onChange(item.value));
  return (
    <Radix.Trigger
      value={item.value}
      title={`${item.name} (key ${number})`}
      className="flex min-h-10 shrink-0 items-center gap-1.5 border-0 border-b-2 border-transparent bg-transparent px-3 text-muted -outline-offset-2! hover:text-text data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-text"
    >
      {item.label}
    </Radix.Trigger>
  );
}
