import { useNavigate } from "@tanstack/react-router";
import { useShortcut } from "@/lib/shortcuts";

/** `g` and then the first letter of a screen. */
export function useNavigationKeys(): void {
  const navigate = useNavigate();
  useShortcut("g o", "Go to Overview", () => void navigate({ to: "/" }));
  useShortcut("g i", "Go to Inbox", () => void navigate({ to: "/inbox" }));
  useShortcut("g t", "Go to Tasks", () => void navigate({ to: "/tasks" }));
  useShortcut("g a", "Go to Agents", () => void navigate({ to: "/agents" }));
  useShortcut("g l", "Go to Logs", () => void navigate({ to: "/logs" }));
  useShortcut("g y", "Go to Analytics", () => void navigate({ to: "/analytics" }));
  useShortcut("g s", "Go to Settings", () => void navigate({ to: "/settings" }));
}
