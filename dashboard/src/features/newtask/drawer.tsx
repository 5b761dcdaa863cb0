import { Dialog } from "@/ui/dialog";
import { NewTaskForm } from "./form";

export default function NewTaskDrawer({ sentence, onClose }: { sentence: string; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      place="side"
      title="New task"
      note="One sentence; the agents plan, build, test and review it, and ask before anything leaves this machine."
    >
      <NewTaskForm sentence={sentence} onClose={onClose} />
    </Dialog>
  );
}
