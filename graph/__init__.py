"""The workflows: the only place that knows LangGraph. Dependencies reach nodes by the run's context, never by globals."""
