// The database's address, read as libpq means it, for node-postgres: each parameter is passed on,
// translated, or refused by name; none is dropped. FastAPI reads the same address by the same rules.
// https://www.postgresql.org/docs/current/libpq-connect.html
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import type { ClientConfig } from "pg";

/** Hosts in the order to try them, each with TLS or without, and what is the same for all. */
export interface DatabaseAddress {
  attempts: { host: string; port: number; ssl: false | ConnectionOptions }[];
  settings: ClientConfig & { enableChannelBinding?: boolean };
  /** Whether a server that only reads is passed over. */
  mustBeWritable: boolean;
  /** How many connections the address allows, if it says so. */
  max?: number;
}

type Parameters = Record<string, string>;

const URI = /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:([^/?]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;
const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

// Understood under these names; the functions below say what each one becomes.
const CONNECTION = new Set([
  ...["host", "port", "user", "password", "dbname", "options", "connect_timeout", "connection_limit"],
  ...["application_name", "fallback_application_name", "target_session_attrs", "channel_binding"],
  ...["sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslnegotiation"],
  ...["ssl_min_protocol_version", "ssl_max_protocol_version"],
]);
// Settings of the session, which other clients than libpq take in the address.
const SETTINGS = ["search_path", "statement_timeout", "lock_timeout", "timezone", "idle_in_transaction_session_timeout"];
// What other clients call them.
const OTHER_NAMES: Parameters = { ssl: "sslmode", schema: "search_path", database: "dbname" };
const SSL_WORDS: Parameters = { true: "require", "1": "require", false: "disable", "0": "disable" };
// Accepted with these values, which change nothing here.
const WITHOUT_EFFECT: Record<string, RegExp> = {
  client_encoding: /^(auto|utf-?8)$/i,
  gssencmode: /^(disable|prefer)$/,
  gssdelegation: /^0$/,
  krbsrvname: /^postgres$/,
  load_balance_hosts: /^disable$/,
  sslcertmode: /^(allow|disable)$/,
  sslcompression: /^0$/,
  sslsni: /^1$/,
  uselibpqcompat: /^true$/,
  // better-auth's statements have no names, so a pooler may hand out any connection for them.
  pgbouncer: /^(true|false)$/,
  // They tune how a dead connection is noticed; the pool keeps its own alive.
  keepalives: /^1$/,
  keepalives_idle: /^\d+$/,
  keepalives_interval: /^\d+$/,
  keepalives_count: /^\d+$/,
  tcp_user_timeout: /^\d+$/,
  pool_timeout: /^\d+$/,
  // SQLAlchemy, Prisma and platforms add these for clients of their own.
  async_fallback: /.*/,
  prepared_statement_cache_size: /^\d+$/,
  statement_cache_size: /^\d+$/,
  supa: /.*/,
  workaround: /.*/,
};

/** Read an address; an error says what cannot be followed, without any secret. */
export function parseAddress(given: string): DatabaseAddress {
  const parameters = parseParameters(given);
  refuseWhatCannotBeFollowed(parameters);
  const { user, password, dbname: database } = parameters;
  const target = parameters["target_session_attrs"] ?? "any";
  if (!["any", "read-write", "primary"].includes(target)) {
    throw new Error(`target_session_attrs=${target} cannot be followed: the auth server writes`);
  }
  const options = [
    ...(parameters["options"] ? [parameters["options"]] : []),
    ...SETTINGS.filter((name) => parameters[name]).map((name) => `-c ${name}=${escaped(parameters[name] ?? "")}`),
  ];
  return {
    attempts: attemptsOf(parameters),
    mustBeWritable: target !== "any",
    settings: {
      user,
      password,
      database,
      application_name: parameters["application_name"],
      fallback_application_name: parameters["fallback_application_name"],
      enableChannelBinding: parameters["channel_binding"] !== "disable",
      ...(options.length > 0 && { options: options.join(" ") }),
      ...(parameters["sslnegotiation"] === "direct" && { sslnegotiation: "direct" as const }),
      ...(parameters["connect_timeout"] && { connectionTimeoutMillis: Number(parameters["connect_timeout"]) * 1000 }),
    },
    ...(parameters["connection_limit"] && { max: Number(parameters["connection_limit"]) }),
  };
}

function parseParameters(given: string): Parameters {
  const match = URI.exec(given);
  if (!match) throw new Error("expected postgresql://user:password@host:5432/database");
  const [, login = "", hosts = "", database = "", query = ""] = match;
  const [user = "", ...password] = login.split(":");
  const entries = hosts.split(",").map((entry) => /^(\[.*\]|[^:]*)(?::(\d*))?$/.exec(entry));
  if (entries.includes(null)) throw new Error("the host is malformed; an IPv6 address needs brackets");
  const ports = entries.map((entry) => entry?.[2] ?? "");
  const parameters: Parameters = {
    user: decoded(user),
    password: decoded(password.join(":")),
    host: entries.map((entry) => decoded(entry?.[1]?.replace(/^\[|\]$/g, "") ?? "")).join(","),
    port: ports.some(Boolean) ? ports.join(",") : "",
    dbname: decoded(database),
  };
  for (const part of query.split("&").filter(Boolean)) {
    // As libpq reads it: a plus is a plus.
    const [name = "", ...value] = part.split("=");
    const said = decoded(value.join("="));
    parameters[OTHER_NAMES[decoded(name)] ?? decoded(name)] = name === "ssl" ? (SSL_WORDS[said] ?? said) : said;
  }
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== ""));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error("a percent sign begins no code; write %25 for it");
  }
}

function refuseWhatCannotBeFollowed(parameters: Parameters): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (CONNECTION.has(name) || SETTINGS.includes(name)) continue;
    const accepted = WITHOUT_EFFECT[name];
    if (!accepted) throw new Error(`the parameter '${name}' cannot be followed; remove it`);
    if (!accepted.test(value)) throw new Error(`the value of '${name}' cannot be followed; remove it`);
  }
}

function attemptsOf(parameters: Parameters): DatabaseAddress["attempts"] {
  const ports = (parameters["port"] ?? "").split(",").map((port) => Number(port || 5432));
  const hosts = parameters["host"]?.split(",") ?? [process.env["PGHOST"] ?? usualSocket(ports[0] ?? 5432) ?? "localhost"];
  if (ports.some((port) => !Number.isInteger(port)) || (ports.length > 1 && ports.length !== hosts.length)) {
    throw new Error("there must be one port, or one for each host");
  }
  const mode = modeOf(parameters);
  return hosts.flatMap((host, index) => {
    const port = ports[index] ?? ports[0] ?? 5432;
    const withTls = () => ({ host, port, ssl: tlsOptions(parameters, mode) });
    const without = { host, port, ssl: false as const };
    if (host.startsWith("/") || mode === "disable") return [without];
    if (mode === "allow") return [without, withTls()];
    return mode === "prefer" ? [withTls(), without] : [withTls()];
  });
}

/** The folder of PostgreSQL's own socket, where libpq goes without a host. */
function usualSocket(port: number): string | undefined {
  return ["/var/run/postgresql", "/tmp"].find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`)));
}

function modeOf(parameters: Parameters): string {
  const mode = parameters["sslmode"] ?? process.env["PGSSLMODE"] ?? "prefer";
  if (!SSL_MODES.includes(mode)) throw new Error(`sslmode must be one of ${SSL_MODES.join(", ")}`);
  // FastAPI's driver knows no channel binding; a checked certificate prevents the same.
  return parameters["channel_binding"] === "require" ? "verify-full" : mode;
}

function tlsOptions(parameters: Parameters, mode: string): ConnectionOptions {
  const root = rootCertificate(parameters);
  if (mode === "verify-ca" && !root) throw new Error("sslmode=verify-ca needs sslrootcert=FILE, or verify-full");
  const files = { ca: root, cert: parameters["sslcert"], key: parameters["sslkey"], crl: parameters["sslcrl"] };
  return {
    ...Object.fromEntries(Object.entries(files).flatMap(([name, file]) => (file ? [[name, contentOf(file)]] : []))),
    passphrase: parameters["sslpassword"],
    ...version("minVersion", parameters["ssl_min_protocol_version"]),
    ...version("maxVersion", parameters["ssl_max_protocol_version"]),
    rejectUnauthorized: mode.startsWith("verify") || (mode === "require" && root !== undefined),
    ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
  };
}

function rootCertificate(parameters: Parameters): string | undefined {
  const named = parameters["sslrootcert"];
  if (named) return named === "system" ? undefined : named;
  const usual = join(homedir(), ".postgresql", "root.crt");
  return existsSync(usual) ? usual : undefined;
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new Error(`${file} cannot be read`);
  }
}

function version(bound: "minVersion" | "maxVersion", value: string | undefined): ConnectionOptions {
  if (value === undefined) return {};
  const known = (["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const).find((name) => name === value);
  if (!known) throw new Error("ssl_min_protocol_version and its maximum are TLSv1.2 or TLSv1.3");
  return { [bound]: known };
}

/** A value as one word of the server's command line. */
function escaped(value: string): string {
  return value.replace(/[\\ ]/g, "\\$&");
}
