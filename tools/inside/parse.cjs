// Prints syntax errors of TypeScript files in the compiler's own format, without resolving any import.
const fs = require("node:fs");
const ts = require("/box/frontend/node_modules/typescript");

for (const path of JSON.parse(fs.readFileSync(".autonomy/own.json", "utf8"))) {
  if (!/\.tsx?$/.test(path)) continue;
  const source = ts.createSourceFile(path, fs.readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  for (const problem of source.parseDiagnostics) {
    const { line } = source.getLineAndCharacterOfPosition(problem.start);
    const message = ts.flattenDiagnosticMessageText(problem.messageText, " ");
    console.log(`${path}(${line + 1},1): error TS${problem.code}: ${message}`);
  }
}
