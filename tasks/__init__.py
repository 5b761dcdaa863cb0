"""What a user can do: submit, answer, cancel, recover. Drivers (API, CLI, chat) come in through core.ports.TaskCommands."""
