"""TypeScript types of the contract, made by openapi-typescript in the sandbox."""

from core.errors import SandboxError
from core.ports import SandboxProvider
from tools.boxes import clean

COMMAND = ("node", "frontend/node_modules/openapi-typescript/bin/cli.js", "contract.json", "-o", "schema.d.ts")


async def generate_schema_types(provider: SandboxProvider, task_id: str, contract: str) -> str:
    """The text of `schema.d.ts` for an OpenAPI document given as JSON text. Raises SandboxError, Refused."""
    sandbox = await provider.open(task_id, "node", {"contract.json": contract})
    try:
        result = await sandbox.run(COMMAND, outputs=("schema.d.ts",))
    finally:
        await sandbox.close()
    made = result.files.get("schema.d.ts")
    if not result.ok or not made:
        raise SandboxError(f"openapi-typescript made no types of the contract: {clean(result.output)[-500:]}")
    return made.decode()
