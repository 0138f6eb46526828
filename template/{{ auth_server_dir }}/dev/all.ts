// `dev:all`: the database where it is embedded, the migrations, this server and FastAPI, in one terminal.
// Ctrl-C stops all of them, and so does whatever else ends this process.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The supervisor leads its own group and starts everything in it. It stops when this
// pipe to it closes, which even a SIGKILL of this process does; should the supervisor be the
// one that is killed, its group is ended from here. So neither leaves the servers behind.
const supervisor = spawn(
  process.execPath,
  ["--import", "tsx", fileURLToPath(new URL("supervisor.ts", import.meta.url))],
  { detached: true, stdio: ["pipe", "inherit", "inherit"] },
);
const stop = (): unknown => supervisor.stdin.end();
supervisor.stdin.on("error", () => undefined);
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);

// A package manager that is killed sends no signal: its children only get another parent.
const parent = process.ppid;
setInterval(() => isAbandoned() && stop(), 500).unref();

supervisor.once("exit", async (code) => {
  // Its group is empty, unless it was killed.
  const killed = Date.now();
  const patience = 5_000;
  while (signalGroup(Date.now() < killed + patience ? "SIGINT" : "SIGKILL")) {
    // Where no process reaps orphans, as in many containers, the dead stay members for good.
    if (Date.now() > killed + patience + 1_000) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  process.exit(code ?? 1);
});

/** Whether a process was there to get it. */
function signalGroup(name: NodeJS.Signals): boolean {
  try {
    return process.kill(-(supervisor.pid ?? Number.NaN), name);
  } catch {
    return false;
  }
}

/** Whether what started this process has ended. */
function isAbandoned(): boolean {
  if (process.ppid !== parent) return true;
  if (process.env["npm_lifecycle_event"] === undefined) return false;
  // It may have ended before this line was reached. The process that adopts its children is of another
  // session; the package manager, the shell that it may put between, and this process are of one.
  const above = status(parent);
  const starters = /^(ba|da)?sh$/.test(above?.name ?? "") ? [above, status(above?.parent)] : [above];
  const own = status(process.pid)?.session;
  return starters.some((starter) => starter !== undefined && starter.session !== own);
}

/** What Linux knows of a process; nothing elsewhere. */
function status(pid: number | undefined): { name: string; parent: number; session: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, name = "", parent, session] = /\((.*)\) \w (\d+) \d+ (\d+)/.exec(text) ?? [];
    return { name, parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}
