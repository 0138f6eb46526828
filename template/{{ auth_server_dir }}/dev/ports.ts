// Which ports of this machine are free.
import { createServer } from "node:net";

/** Whether nobody could listen on a loopback port now. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}
