import { Download } from "lucide-react";
import { plain } from "@/lib/text";
import { Button } from "@/ui/button";
import { CopyButton } from "@/ui/copy";
import { Disclosure } from "@/ui/disclosure";

/** A document as it is, to look at, copy or keep. */
export function RawJson({ name, file, value }: { name: string; file: string; value: unknown }) {
  return (
    <Disclosure summary={<span className="font-medium">{name}</span>}>
      <Raw name={name} file={file} text={JSON.stringify(value, null, 2)} />
    </Disclosure>
  );
}

function Raw({ name, file, text }: { name: string; file: string; text: string }) {
  return (
    <div className="mb-2">
      <div className="mb-2 flex flex-wrap gap-1.5">
        <CopyButton text={text} label="Copy" />
        <Button
          size="small"
          icon={<Download aria-hidden="true" className="size-3.5" />}
          onClick={() => save(text, file)}
        >
          Download
        </Button>
      </div>
      <pre
        role="region"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        tabIndex={0}
        aria-label={name}
        className="m-0 max-h-[60dvh] overflow-auto rounded-md border border-line bg-sunken p-3 text-xs"
      >
        {plain(text)}
      </pre>
    </div>
  );
}

function save(text: string, file: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
