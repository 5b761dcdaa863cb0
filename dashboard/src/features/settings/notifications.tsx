import { useState } from "react";
import { choose, usePreferences } from "@/lib/preferences";
import { Switch } from "@/ui/form";

export type Permission = NotificationPermission | "unsupported";

function permission(): Permission {
  if (typeof Notification === "undefined" || !window.isSecureContext) return "unsupported";
  return Notification.permission;
}

/** What is said below the switch. */
export function hint(now: Permission, on: boolean): string {
  if (now === "unsupported") return "This browser shows none here; over https or on localhost most do.";
  if (now === "denied")
    return "The browser was told not to show any; its settings for this page change that.";
  if (on) return "When a question comes and this page is not in view.";
  return "When a question comes and this page is not in view. The browser asks for your consent.";
}

/** Notices of the browser; switched on they need the browser's consent first. */
export function Notifications() {
  const { notifications } = usePreferences();
  const [now, setNow] = useState(permission);
  const possible = now === "default" || now === "granted";
  const change = async (on: boolean) => {
    const given = on && now === "default" ? await Notification.requestPermission() : now;
    setNow(given);
    choose({ notifications: on && given === "granted" });
  };
  const on = notifications && now === "granted";
  return (
    <Switch
      label="Notify me of questions"
      checked={on}
      disabled={!possible}
      onChange={(wanted) => void change(wanted)}
      hint={hint(now, on)}
    />
  );
}
