// Writes better-auth's own description of each rendered auth server given, by folder:
// the OpenAPI plugin is added here alone, and nothing listens and no database is asked.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { betterAuth } from "better-auth";
import { openAPI } from "better-auth/plugins";

const [output = "", ...folders] = process.argv.slice(2);
const schemas: Record<string, unknown> = {};
for (const folder of folders) {
  const { auth } = await import(pathToFileURL(`${folder}/src/auth/auth.config.ts`).href);
  const { database: _database, ...options } = auth.options;
  const described = betterAuth({ ...options, plugins: [...(options.plugins ?? []), openAPI()] });
  schemas[folder] = await described.api.generateOpenAPISchema();
}
writeFileSync(output, JSON.stringify(schemas));
process.exit(0);
