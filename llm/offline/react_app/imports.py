"""Import lines of a generated module: what its text uses, from where it is exported."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from llm.offline.react_app.text import listing


@dataclass(frozen=True)
class Export:
    """A name that a module exports. `module` is a package, or a path below `src` that starts with `@/`."""

    name: str
    module: str
    is_type: bool = False
    is_default: bool = False

    def used_in(self, source: str) -> bool:
        if self.is_type:
            return bool(re.search(rf"\b{self.name}\b", source))
        if self.name[0].isupper() and not self.name.isupper():
            return bool(re.search(rf"<{self.name}[\s/>]", source))
        return bool(re.search(rf"(?<![.\w\"'/]){self.name}(?=[(<),;.\s\]}}])(?!:)", source))


def _exports(module: str, values: str = "", types: str = "") -> list[Export]:
    return [Export(name, module) for name in values.split()] + [Export(name, module, True) for name in types.split()]


LIBRARY = (
    *_exports("react", "useId useState"),
    *_exports("react-router", "Link useNavigate"),
    *_exports("@/api/errors", "inWords"),
    *_exports("@/api/options", "nameOf namesOf"),
    *_exports("@/auth/useUserOptions", "useUserOptions"),
    *_exports("@/components/DataTable", types="Column"),
    *_exports("@/components/ErrorMessage", "ErrorMessage"),
    *_exports("@/components/ExportButton", "ExportButton"),
    *_exports("@/components/ExternalLink", "ExternalLink"),
    *_exports("@/components/Form", "Form"),
    *_exports("@/components/ListPage", "ListPage"),
    *_exports("@/components/Loaded", "Loaded"),
    *_exports("@/components/Page", "Page"),
    *_exports(
        "@/components/fields",
        "CheckboxField DateTimeField NumberField ReferenceField ReferenceListField SelectField TextAreaField TextField",
    ),
    *_exports("@/components/filters", "FlagFilter ReferenceFilter SelectFilter SwitchFilter TextFilter"),
    *_exports(
        "@/components/readForm",
        "changedFrom readChoice readDateTime readFlag readNumber readNumbers readOptionalChoice "
        "readOptionalDateTime readOptionalNumber readOptionalText readText",
    ),
    *_exports("@/components/useListView", "useListView"),
    *_exports("@/components/useRowId", "useRowId"),
    *_exports("@/format", "formatChoice formatDate formatDateTime formatFlag formatMoney formatNumber formatText"),
)

TESTING = (
    *_exports("@tanstack/react-query", "QueryClientProvider"),
    *_exports("@testing-library/react", "cleanup configure fireEvent render screen waitFor within"),
    Export("userEvent", "@testing-library/user-event", is_default=True),
    *_exports("react-router", "MemoryRouter"),
    *_exports("vitest", "afterEach beforeEach describe expect it vi"),
    *_exports("@/App", "App"),
    *_exports("@/api/errors", "inWords"),
    *_exports("@/api/queryClient", "createQueryClient"),
    *_exports("@/api/schema", types="components"),
    *_exports("@/auth/session", "session"),
)


def with_imports(path: str, body: str, exports: Iterable[Export]) -> str:
    """`body` below the imports it needs; `path` is the module's own path below `src`."""
    needed: Mapping[str, list[Export]] = defaultdict(list)
    for export in exports:
        if export.module != f"@/{path}" and export.used_in(body):
            needed[_specifier(export.module, path)].append(export)
    lines = [_line(module, needed[module]) for module in sorted(needed, key=_order)]
    return "\n".join([*lines, "", body.lstrip("\n")])


def _specifier(module: str, importer: str) -> str:
    if not module.startswith("@/"):
        return module
    relative = posixpath.relpath(module.removeprefix("@/"), posixpath.dirname(importer))
    return relative if relative.startswith(".") else f"./{relative}"


def _order(module: str) -> tuple[int, str]:
    """Packages first, then from the farthest folder to the nearest."""
    return (1 - module.count("../") if module.startswith(".") else -9, module)


def _line(module: str, exports: list[Export]) -> str:
    if exports[0].is_default:
        return f'import {exports[0].name} from "{module}";'
    names = sorted(exports, key=lambda export: export.name.lower())
    if all(export.is_type for export in names):
        return listing("import type {", [export.name for export in names], f'}} from "{module}";')
    members = [f"type {export.name}" if export.is_type else export.name for export in names]
    return listing("import {", members, f'}} from "{module}";')
