// Notices when the database cannot be asked, for the answer to the request that needed it.
import pg from "pg";
import { currentRequest } from "./request.js";

/** Gives up on what is not answered in time, and on the connection with it. */
export class ImpatientClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    // The pool listens only while nothing uses the connection: one that is lost in use, between two
    // queries, would end this process. The next query fails by it.
    this.on("error", () => undefined);
  }

  // any: pg has nine ways to call this, and all of them are passed on.
  override query(...given: any[]): any {
    const answer = (super.query as (...given: any[]) => any)(...given);
    return answer instanceof Promise ? answer.catch((error: unknown) => this.#failed(error)) : answer;
  }

  #failed(error: unknown): never {
    // 08: connection, 25006: a standby, 53: no connection or memory left, 57: shutting down.
    const isAnswer = error instanceof pg.DatabaseError && !/^(08|25006|53|57)/.test(error.code ?? "");
    if (isAnswer) throw error;
    // The next query would wait behind the one that was given up.
    void this.end();
    return noteOutage(error);
  }
}

/** Remembers that the request needed the database in vain. */
export function noteOutage(error: unknown): never {
  const request = currentRequest.getStore();
  if (request !== undefined) request.outage = true;
  throw error;
}

/** Whether the request that is being answered needed the database in vain. */
export function hadOutage(): boolean {
  return currentRequest.getStore()?.outage === true;
}
