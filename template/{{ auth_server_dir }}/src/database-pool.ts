// A pool that goes on to the address's next host, or to a connection without TLS, where libpq would.
import pg from "pg";
import type { DatabaseAddress } from "./database-address.js";
import { ImpatientClient, noteOutage } from "./database-outages.js";

/** Connect by the first attempt that succeeds, and stay with it until it fails. */
export function createPool(address: DatabaseAddress, options: pg.PoolConfig): pg.Pool {
  let current = 0;

  class Client extends ImpatientClient {
    constructor(config?: pg.ClientConfig) {
      // The pool hides the password from code that prints or copies its options.
      super({ ...config, password: config?.password, ...address.attempts[current] });
    }
  }

  /** The attempt after a failed one: with or without TLS at the same host, or at another host. */
  function after(failed: number, error: unknown): number | undefined {
    const { host, port } = address.attempts[failed] ?? {};
    const others = [...address.attempts.keys()].filter((attempt) => attempt !== failed);
    const next = others.sort((a, b) => order(a, failed) - order(b, failed));
    if (!isUnreachable(error)) return next[0];
    return next.find((attempt) => address.attempts[attempt]?.host !== host || address.attempts[attempt]?.port !== port);
  }

  function order(attempt: number, from: number): number {
    return (attempt - from + address.attempts.length) % address.attempts.length;
  }

  class Pool extends pg.Pool {
    override connect(): Promise<pg.PoolClient>;
    override connect(callback: ConnectCallback): void;
    override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | void {
      const connected = this.#connectByAny().catch(noteOutage);
      if (!callback) return connected;
      connected.then(
        (client) => callback(undefined, client, client.release.bind(client)),
        (error: Error) => callback(error, undefined, () => undefined),
      );
    }

    // any: as in ImpatientClient.
    override query(...given: any[]): any {
      return this.#ask(given);
    }

    async #ask(given: any[]): Promise<unknown> {
      const client: any = await this.connect();
      try {
        return await client.query(...given);
      } finally {
        client.release();
      }
    }

    async #connectByAny(): Promise<pg.PoolClient> {
      for (let tries = address.attempts.length; ; tries--) {
        const attempt = current;
        try {
          return await super.connect();
        } catch (error) {
          const next = mayGoOn(error) && tries > 1 ? after(attempt, error) : undefined;
          if (next === undefined) throw error;
          // Unless a connection that failed at the same time has moved on already.
          if (current === attempt) current = next;
        }
      }
    }
  }

  return new Pool({
    ...options,
    ...address.settings,
    ...(address.max !== undefined && { max: address.max }),
    Client,
    ...(address.mustBeWritable && { onConnect: requireWritable }),
  });
}

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

class ReadOnlyError extends Error {}

async function requireWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (rows[0]?.transaction_read_only !== "off") throw new ReadOnlyError("the database only reads");
}

/** Whether libpq would try the next one: not after a wrong password, say. */
function mayGoOn(error: unknown): boolean {
  // "Starting up or shutting down", and "no entry for a connection with (or without) TLS".
  if (error instanceof pg.DatabaseError) return ["57P03", "28000"].includes(error.code ?? "");
  const isFull = error instanceof Error && error.message === "timeout exceeded when trying to connect";
  return !isFull;
}

/** Whether the host itself did not answer, so that TLS or not makes no difference. */
function isUnreachable(error: unknown): boolean {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const { syscall = "", message = "" } = first as { syscall?: string; message?: string };
  return first instanceof ReadOnlyError || ["connect", "getaddrinfo"].includes(syscall) || message.includes("timeout");
}
