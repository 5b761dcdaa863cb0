/** What each agent does, in one line. */

import type { AgentName } from "@/api/types";

export const DOES: Record<AgentName, string> = {
  orchestrator:
    "Reads the sentence, picks the agents that it needs, routes failures, reads people's replies.",
  planner: "Writes the contract first: the API, the data model, who owns which file, a brief for each agent.",
  backend_agent: "Writes the FastAPI routes, schemas and services of the contract.",
  database_agent: "Writes the SQLAlchemy models, the session and the Alembic migrations.",
  frontend_agent: "Writes the React and TypeScript client of the contract.",
  qa_agent: "Writes the tests, runs them in the sandbox, checks the running app against the contract.",
  code_reviewer: "Looks for security, performance and quality faults, with file, line and owner of each.",
  git_agent: "Makes the branch, the commit and the pull request of what was approved.",
  devops_agent: "Drafts the Dockerfile, docker-compose, the CI workflow and the deployment.",
};
