// The auth server as it is, started once and asked, without any trace left behind.
//
// Started by started_server.py in the auth server's folder. Whatever DATABASE_URL names, be it
// production: all that the server does there is one transaction, which is rolled back;
// where the database is not on this machine it is READ ONLY as well, and nothing that
// would write is asked for. Nothing else is connected to, so no mail and no call of
// the project's own hooks leaves this machine, and servers listen on 127.0.0.1 alone.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const given = JSON.parse(process.argv.at(-1));
const BASE = "/api/auth";
const QUERY_MS = 4_000;
const ANSWER_MS = 4_000;
const MAIL_MS = 2_000;

/** Tells one part of what was seen, so that what is seen by then outlives a crash. */
const say = (part, seen) => process.stdout.write(`\n${given.mark}${JSON.stringify({ [part]: seen })}\n`);
const reason = (error) => String(error?.errors?.[0]?.message ?? error?.message ?? error);
process.on("uncaughtException", (error) => {
  say("ended", reason(error));
  process.exit(0);
});
setTimeout(() => process.exit(0), given.seconds * 1000).unref();

// ------------------------------------------------- nothing leaves, nothing else gets in
const open = new Set();
const refused = [];
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...parts) {
  const [first, second] = Array.isArray(parts[0]) ? parts[0] : parts;
  const isPath = typeof first === "string" && Number.isNaN(Number(first));
  const { host = "localhost", port, path } =
    typeof first === "object" ? first : isPath ? { path: first } : { port: first, host: typeof second === "string" ? second : undefined };
  const target = path ?? `${host}:${port}`;
  if (open.has(target)) return connect.apply(this, parts);
  refused.push(target);
  process.nextTick(() => this.destroy(new Error(`the probe lets nothing through to ${target}`)));
  return this;
};
const servers = [];
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...parts) {
  servers.push(this);
  const done = parts.findLast((part) => typeof part === "function");
  return listen.call(this, { host: "127.0.0.1", port: 0 }, done);
};
async function portOf(server) {
  if (!server.listening) await once(server, "listening");
  const { port } = server.address();
  open.add(`127.0.0.1:${port}`);
  return port;
}

// ------------------------------------------------------ one transaction, rolled back
const shared = new WeakMap();
const begun = [];
let isLocal = true;

async function begin(pool, take) {
  const client = await take.call(pool);
  const address = client.connection.stream.remoteAddress ?? "";
  const local = /^(?:::ffff:)?127\.|^::1$/.test(address);
  isLocal &&= local;
  const run = client.query.bind(client);
  await run(local ? "begin" : "begin read only");
  await run(`set local statement_timeout = ${QUERY_MS}; set local lock_timeout = 1000`);
  begun.push(run);
  let turn = Promise.resolve();
  const inTurn = (work) => (turn = turn.then(work, work));
  const whole = (sql) => inTurn(() => run(sql));
  const alone = (query, values) =>
    inTurn(async () => {
      await run("savepoint one");
      try {
        const answer = await run(query, values);
        await run("release savepoint one");
        return answer;
      } catch (error) {
        await run("rollback to savepoint one; release savepoint one");
        throw error;
      }
    });
  const query = (text, values, done) => {
    const callback = [values, done].find((part) => typeof part === "function");
    const word = String(text?.text ?? text).trim().toLowerCase();
    const answer = /^(?:begin|start transaction)\b/.test(word)
      ? whole("savepoint work")
      : /^(?:commit|end)\b/.test(word)
        ? whole("release savepoint work")
        : /^rollback(?! to)\b/.test(word)
          ? whole("rollback to savepoint work; release savepoint work")
          : alone(text, Array.isArray(values) ? values : undefined);
    if (callback === undefined) return answer;
    answer.then((rows) => callback(null, rows), callback);
  };
  return Object.create(client, { query: { value: query }, release: { value: () => undefined } });
}

async function guard() {
  const { default: pg } = await import("pg");
  const reach = pg.Client.prototype.connect;
  pg.Client.prototype.connect = function (...parts) {
    open.add(this.host?.startsWith("/") ? `${this.host}/.s.PGSQL.${this.port}` : `${this.host}:${this.port}`);
    return reach.apply(this, parts);
  };
  const query = pg.Client.prototype.query;
  pg.Client.prototype.query = function (...parts) {
    const answer = query.apply(this, parts);
    // That nothing may be written is the probe's own doing, and no standby's.
    const asOurs = (error) => Promise.reject(Object.assign(error, error?.code === "25006" && { code: "0A000" }));
    return answer instanceof Promise ? answer.catch(asOurs) : answer;
  };
  const take = pg.Pool.prototype.connect;
  pg.Pool.prototype.connect = function (done) {
    if (!shared.has(this)) {
      const beginning = begin(this, take);
      shared.set(this, beginning);
      // The server's pool may try again: without TLS, or at another host.
      beginning.catch(() => shared.delete(this));
    }
    const client = shared.get(this);
    if (done === undefined) return client;
    client.then((one) => done(undefined, one, one.release), done);
  };
  pg.Pool.prototype.query = function (...parts) {
    const done = parts.findLast((part) => typeof part === "function");
    const answer = this.connect().then((client) => client.query(...parts.filter((part) => part !== done)));
    if (done === undefined) return answer;
    answer.then((rows) => done(null, rows), done);
  };
}

// ------------------------------------------------------------------- a stand-in for mail
const mails = [];
function standIns() {
  const web = http.createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      mails.push(body);
      response.setHeader("content-type", "application/json").end('{"id":"00000000-0000-4000-8000-000000000000"}');
    });
  });
  const smtp = net.createServer((socket) => {
    let text = "";
    let inMail = false;
    socket.on("error", () => undefined);
    socket.write("220 stand-in\r\n");
    socket.on("data", (part) => {
      text += part;
      for (;;) {
        const mark = inMail ? "\r\n.\r\n" : "\r\n";
        const end = text.indexOf(mark);
        if (end < 0) return;
        const said = text.slice(0, end);
        text = text.slice(end + mark.length);
        const starts = !inMail && /^data/i.test(said);
        if (inMail) mails.push(said);
        inMail = starts;
        socket.write(starts ? "354 go on\r\n" : /^quit/i.test(said) ? "221 bye\r\n" : "250 ok\r\n");
      }
    });
  });
  return [web, smtp];
}

async function mailAfter(work) {
  const before = mails.length;
  const strays = refused.length;
  await work();
  for (const until = Date.now() + MAIL_MS; mails.length === before && Date.now() < until; ) await pause(25);
  return { arrived: mails.length > before, elsewhere: refused.slice(strays)[0] ?? "" };
}

// --------------------------------------------------------------------------- questions
let url = "";
let origin = "";
async function ask(method, path, body) {
  const response = await fetch(url + path, {
    method,
    redirect: "manual",
    headers: { origin, ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await response.text();
  return { status: response.status, text: text.slice(0, 200), cookies: response.headers.getSetCookie() };
}

async function database(auth) {
  const pool = auth.options.database;
  if (typeof pool?.connect !== "function") throw new Error("the database is not reached through a pg Pool");
  const { getAuthTables } = await import("better-auth/db");
  const { getMigrations } = await import("better-auth/db/migration");
  // By the project's names, and by better-auth's own, which an older set-up has.
  const names = Object.entries(getAuthTables(auth.options)).flatMap(([key, { modelName }]) => [key, modelName]);
  const { rows } = await pool.query(
    `select table_name, column_name, udt_name,
            is_nullable = 'NO' and column_default is null and is_identity = 'NO'
              and is_generated = 'NEVER' as required
       from information_schema.columns
      where table_schema = any (current_schemas(false))
        and (table_name like 'auth\\_%' or table_name = any ($1))`,
    [names],
  );
  const applied = await pool
    .query("select version_num from alembic_version")
    .then((found) => found.rows.map((row) => row.version_num), () => []);
  const { compileMigrations } = await getMigrations(auth.options);
  return { rows, applied, pending: (await compileMigrations()).trim() };
}

async function start(standing) {
  await import("./src/server.ts");
  const server = servers.find((one) => one instanceof http.Server && !standing.includes(one));
  if (server === undefined) throw new Error("src/server.ts does not listen");
  url = `http://127.0.0.1:${await portOf(server)}`;
}

/**
 * Lets each of the project's own routes say that it was reached, and do nothing else:
 * whatever answers the path, and not every path as better-auth's catch-all does.
 */
function disarm(router, paths) {
  const nobodys = `${BASE}/${randomBytes(12).toString("hex").replace(/.{6}/g, "$&/")}x`;
  for (const layer of router?.stack ?? []) {
    if (layer.slash) disarm(layer.handle, paths);
    else if (!layer.match(nobodys) && paths.some((path) => layer.match(path)))
      layer.handle = (_request, response) => void response.status(200).end("reached");
  }
}

async function routes() {
  const { default: app } = await import("./src/app.ts");
  const isExpress = Array.isArray(app?.router?.stack) && typeof app.router.stack[0]?.match === "function";
  if (!isExpress) return [];
  disarm(app.router, given.routes.map(([, path]) => path));
  const seen = [];
  for (const [method, path] of given.routes) {
    const { status, text } = await ask(method, path);
    seen.push({ method, path, status, empty: text === "" });
  }
  return seen;
}

/** Signs a person up, who is gone with the transaction; says what mail that brought. */
async function signUp(auth) {
  const { $context, options } = auth;
  const seen = { cookie: "", ways: [], reason: "" };
  const email = `probe-${randomBytes(8).toString("hex")}@probe.invalid`;
  const password = `${randomBytes(18).toString("base64url")}aA1!`;
  const attempt = async (way, path, body) => {
    let answer;
    const mail = await mailAfter(async () => (answer = await ask("POST", BASE + path, body)));
    seen.ways.push({ way, status: answer.status, ...mail });
    return answer;
  };
  if (options.emailAndPassword?.enabled && !options.emailAndPassword.disableSignUp) {
    const person = { email, password, name: "Probe" };
    const sends = options.emailVerification?.sendOnSignUp && options.emailVerification.sendVerificationEmail;
    let answer = await (sends ? attempt("sign-up", "/sign-up/email", person) : ask("POST", `${BASE}/sign-up/email`, person));
    if (answer.status === 200 && answer.cookies.length === 0) {
      await (await $context).internalAdapter.updateUserByEmail(email, { emailVerified: true });
      answer = await ask("POST", `${BASE}/sign-in/email`, { email, password });
    }
    seen.cookie = answer.cookies.find((cookie) => cookie.includes("session_token=")) ?? "";
    if (answer.status !== 200) seen.reason = `a sign-up answers ${answer.status}: ${answer.text}`;
    else if (options.emailAndPassword.sendResetPassword)
      await attempt("a forgotten password", "/request-password-reset", { email, redirectTo: origin });
  }
  if (options.plugins?.some((plugin) => plugin.id === "magic-link"))
    await attempt("a sign-in link", "/sign-in/magic-link", { email, callbackURL: origin });
  return seen;
}

/** The session cookie as better-auth would set it, where no user can sign in. */
async function cookie(auth) {
  const { name, attributes: a } = (await auth.$context).authCookies.sessionToken;
  const flags = [a.secure && "Secure", a.httpOnly && "HttpOnly", a.sameSite && `SameSite=${a.sameSite}`, a.domain && `Domain=${a.domain}`];
  return [`${name}=`, `Path=${a.path ?? "/"}`, ...flags].filter(Boolean).join("; ");
}

try {
  await guard();
  const standing = standIns();
  const [webPort, smtpPort] = await Promise.all(standing.map((one) => portOf(one.listen())));
  Object.assign(process.env, {
    NODE_ENV: "development",
    EMAIL_FROM: "Probe <probe@probe.invalid>",
    RESEND_API_KEY: "re_probe",
    RESEND_BASE_URL: `http://127.0.0.1:${webPort}`,
    SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    // Of no use here, and the server may refuse to start without them.
    ...Object.fromEntries(given.credentials.map((name) => [name, "withheld"])),
  });
  const { auth } = await import(`./${given.config}`);
  say("database", await database(auth));
  // Counting requests would write.
  if (!isLocal) (await auth.$context).rateLimit.enabled = false;
  origin = new URL(auth.options.baseURL).origin;
  try {
    await start(standing);
  } catch (error) {
    say("unstarted", reason(error));
    process.exit(0);
  }
  say("healthz", await ask("GET", "/healthz"));
  say("ok", await ask("GET", `${BASE}/ok`));
  say("local", isLocal);
  const person = isLocal ? await signUp(auth) : undefined;
  if (person) say("mail", person);
  say("cookie", person?.cookie || (await cookie(auth)));
  say("routes", await routes());
} catch (error) {
  say("problem", reason(error));
} finally {
  await Promise.race([Promise.allSettled(begun.map((run) => run("rollback"))), pause(1_000)]);
}
process.exit(0);
