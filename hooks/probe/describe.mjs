// What better-auth would store, by the project's own configuration: nothing is started.
//
// Started by described_schema.py in the auth server's folder. The configuration is
// imported, and its modules may do what they like in that: so no socket is opened and
// no port listened at, and the process ends with its answer.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";

const given = JSON.parse(process.argv.at(-1));
const say = (part) => process.stdout.write(`\n${given.mark}${JSON.stringify(part)}\n`);
const folder = `${process.cwd()}/`;
const exit = process.exit.bind(process);

/** Names the first line of the project's own that an error came from. */
function place(error) {
  const lines = String(error?.stack ?? "").split("\n");
  const own = lines.find((line) => line.includes(`${folder}src/`));
  const found = own?.slice(own.indexOf(folder) + folder.length).match(/^([^:?]*)[^:]*:(\d+)/);
  return found ? `${found[1]}:${found[2]}` : "";
}
function fail(error) {
  // esbuild names file and line itself, in the first line of its message.
  const [first, second] = String(error?.message ?? error).split("\n");
  say({ problem: /failed:?$|with \d+ error/.test(first) && second ? second : first, place: place(error) });
  exit(0);
}
// A check of the environment prints what is missing, and ends the process.
const printed = [];
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (chunk, ...rest) => {
  printed.push(String(chunk));
  return write(chunk, ...rest);
};
process.exit = (code) => fail(new Error(printed.join("").trim() || `it ends itself, with code ${code}`));
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
setTimeout(() => {
  say({ problem: `it did not end within ${given.seconds} s`, place: "" });
  exit(0);
}, given.seconds * 1000).unref();

net.Socket.prototype.connect = function () {
  process.nextTick(() => this.destroy(new Error("nothing is connected to while the configuration is read")));
  return this;
};
net.Server.prototype.listen = function () {
  return this;
};

/** A field as data: what is computed for each row is said by a word. */
function described(field) {
  const { type, required, unique, index, bigint, returned, references, fieldName, defaultValue } = field;
  const computed = typeof defaultValue === "function";
  const value = computed && type === "date" ? "now" : computed ? undefined : defaultValue;
  return { type, required, unique, index, bigint, returned, references, fieldName, defaultValue: value };
}

/** The fields of a body or a query, by the library that every endpoint describes them with. */
function taken(schema) {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => `${name}${field?._zod?.optin === "optional" ? "?" : ""}`);
}

/** What a plugin answers over HTTP, a line each: `POST /organization/create name logo?`. */
function answeredBy({ id, endpoints }, isOff) {
  const lines = Object.values(endpoints ?? {}).flatMap(({ path, options }) => {
    if (typeof path !== "string" || options?.metadata?.SERVER_ONLY || isOff(path)) return [];
    const shown = path.split("/").map((part) => (part.startsWith(":") ? `{${part.slice(1)}}` : part)).join("/");
    return [options.method].flat().map((method) => {
      const fields = taken(method === "GET" ? options.query : options.body);
      return [method, shown, ...fields].join(" ");
    });
  });
  return { name: id, endpoints: lines };
}

for (const [name, value] of Object.entries(given.placeholders)) process.env[name] ??= value;
try {
  const { auth } = await import(`./${given.config}`);
  if (auth?.options === undefined) throw new Error(`${given.config} exports no "auth" of betterAuth({...})`);
  const { getAuthTables, getSchema } = await import("better-auth/db");
  const models = getAuthTables(auth.options);
  const indexes = getSchema(auth.options);
  const manifest = createRequire(`${process.cwd()}/package.json`).resolve("better-auth").replace(/(.*better-auth\/).*/s, "$1package.json");
  say({
    endpoints: (auth.options.plugins ?? []).map((plugin) =>
      answeredBy(plugin, (path) => auth.options.disabledPaths?.includes(path)),
    ),
    version: JSON.parse(readFileSync(manifest, "utf8")).version,
    models: Object.entries(models)
      .filter(([, model]) => !model.disableMigrations)
      .map(([key, { modelName, fields }]) => ({
        key,
        table: modelName,
        fields: Object.entries(fields).map(([name, field]) => ({ name, ...described(field) })),
        indexes: indexes[modelName]?.indexes ?? [],
      })),
  });
} catch (error) {
  fail(error);
}
exit(0);
