/** Dialogs over radix-ui: focus is held and given back, Esc closes. */

import { X } from "lucide-react";
import { AlertDialog as RadixAlert, Dialog as RadixDialog } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { Button, IconButton } from "./button";
import { cx } from "./cx";

const OVERLAY = "fixed inset-0 z-40 bg-black/45";

/** Dialogs are opened from anywhere rather than by a trigger of their own: the focus goes back to where it was. */
function useFocusBack() {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: () => {
      before.current = document.activeElement;
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
    },
  };
}

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  note?: ReactNode;
  children: ReactNode;
  /** `side`: a drawer at the right edge. */
  place?: "centre" | "side";
  wide?: boolean;
}

export function Dialog({ open, onOpenChange, title, note, children, place = "centre", wide }: DialogProps) {
  const focusBack = useFocusBack();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={OVERLAY} />
        <RadixDialog.Content
          {...focusBack}
          {...(note ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed z-50 flex flex-col border border-line bg-raised text-text shadow-card focus:outline-none",
            place === "side" && "inset-y-0 right-0 w-full max-w-full sm:w-[min(640px,92vw)]",
            place === "side" && wide && "sm:w-[min(1000px,94vw)]",
            place === "centre" &&
              "top-1/2 left-1/2 max-h-[92dvh] w-[calc(100vw-16px)] -translate-x-1/2 -translate-y-1/2 rounded-lg sm:w-[min(560px,94vw)]",
            place === "centre" && wide && "sm:w-[min(900px,94vw)]",
          )}
        >
          <header className="flex items-start justify-between gap-2 border-b border-line px-4 py-3">
            <div className="min-w-0">
              <RadixDialog.Title className="m-0 text-base font-semibold">{title}</RadixDialog.Title>
              {note && <RadixDialog.Description className="m-0 text-muted">{note}</RadixDialog.Description>}
            </div>
            <RadixDialog.Close asChild>
              <IconButton label="Close">
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </RadixDialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto p-4">{children}</div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

interface ConfirmProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  action: string;
  danger?: boolean;
  busy?: boolean;
  onConfirm: () => void;
}

/** Asks before something is done; the focus begins on Cancel. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  action,
  danger,
  busy,
  onConfirm,
}: ConfirmProps) {
  const focusBack = useFocusBack();
  return (
    <RadixAlert.Root open={open} onOpenChange={onOpenChange}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={OVERLAY} />
        <RadixAlert.Content
          {...focusBack}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[92dvh] w-[calc(100vw-16px)] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-auto rounded-lg border border-line bg-raised p-4 text-text shadow-card focus:outline-none sm:w-[min(520px,94vw)]"
        >
          <RadixAlert.Title className="m-0 text-base font-semibold">{title}</RadixAlert.Title>
          <RadixAlert.Description asChild>
            <div className="text-muted">{children}</div>
          </RadixAlert.Description>
          <div className="flex flex-wrap justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button size="large">Cancel</Button>
            </RadixAlert.Cancel>
            <Button size="large" kind={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>
              {action}
            </Button>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
