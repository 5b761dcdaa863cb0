"""The learning curve: the same tasks with reflection, without, as a dry run, and with an identity of wrong rules."""
