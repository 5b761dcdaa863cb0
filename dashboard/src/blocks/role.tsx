import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import type { Role } from "@/api/types";

export const ROLES: readonly { role: Role; may: string }[] = [
  { role: "viewer", may: "look at everything" },
  { role: "operator", may: "also submit, cancel and fork tasks" },
  { role: "approver", may: "also answer questions" },
  { role: "admin", may: "also change keys, agents and what the service is set up with" },
];

/** Something that the key of this browser does not let one do, said before it is tried. */
export function OnlyAdmins({ what, role }: { what: string; role: Role }): ReactNode {
  return (
    <p className="m-0 flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
      <Lock aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <span>
        {what} needs a key of the role admin. Yours has the role {role}.
      </span>
    </p>
  );
}
