// This server in development: as in production, and with the page that tries it out.
import app from "../src/app.js";
import { env } from "../src/config/env.js";
import { leadTo } from "../src/pages/layout.js";
import { page } from "./page.js";

const url = `http://localhost:${env.PORT}/dev`;
if (env.NODE_ENV !== "production") {
  app.use("/dev", page);
  leadTo(url);
}
await import("../src/server.js");
console.log(`Try signing in: ${url}`);
