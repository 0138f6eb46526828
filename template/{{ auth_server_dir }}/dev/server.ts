// This server in development: as in production, and with the page that tries it out.
import app from "../src/app.js";
import { env } from "../src/config/env.js";
import { page } from "./page.js";

if (env.NODE_ENV !== "production") app.use("/dev", page);
await import("../src/server.js");
console.log(`Try signing in: http://localhost:${env.PORT}/dev`);
