// What is on this machine: which ports are free, and which hosts are it.
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { createServer } from "node:net";

/** Whether a loopback port is taken. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}

/** Whether a host is this machine: no other one's address can be bound. */
export async function isHere(host: string): Promise<boolean> {
  if (host === "" || host.startsWith("/")) return true;
  const found = await lookup(host.replace(/^\[|\]$/g, ""), { all: true }).catch(() => []);
  const own = found.map(({ address, family }) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    return new Promise<boolean>((resolve) => {
      socket.once("error", () => resolve(false));
      socket.bind({ address, port: 0 }, () => resolve(true));
    }).finally(() => socket.close());
  });
  return (await Promise.all(own)).includes(true);
}
