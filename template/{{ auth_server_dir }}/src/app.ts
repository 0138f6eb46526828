// The Express application: health, limits and cross-origin rules before better-auth.
import { randomUUID } from "node:crypto";
import { toNodeHandler } from "better-auth/node";
import cors from "cors";
import express, { type NextFunction, type Request, type Response } from "express";
import helmet from "helmet";
import { pinoHttp } from "pino-http";
import { auth } from "./auth/auth.config.js";
import { env } from "./config/env.js";
import { health } from "./health.js";
import { logger } from "./logger.js";

const app = express();
app.disable("x-powered-by");
app.set("trust proxy", env.TRUST_PROXY);

app.use(
  pinoHttp({
    logger,
    genReqId: () => randomUUID(),
    autoLogging: { ignore: (request) => request.url === "/healthz" || request.url === "/readyz" },
    // Queries carry one-time tokens, so only the path is logged.
    serializers: {
      req: (request) => ({ id: request.id, method: request.method, path: request.url.split("?")[0] }),
      res: (response) => ({ status: response.statusCode }),
    },
  }),
);
app.use(helmet());
app.use(cors({ origin: env.CORS_ORIGINS, credentials: true }));
app.use(health);

// better-auth counts rate limits by this header alone; a client's own value must not count.
app.use((request, _response, next) => {
  request.headers["x-forwarded-for"] = request.ip?.replace(/^::ffff:/, "");
  next();
});

// Routes of your own under /api/auth belong here: what comes after the next lines is never reached.

app.use("/api/auth", express.json({ limit: "64kb" }), express.urlencoded({ extended: false, limit: "64kb" }));
app.all("/api/auth/{*any}", toNodeHandler(auth));

app.use((error: Error & { status?: number }, request: Request, response: Response, next: NextFunction) => {
  if (response.headersSent) return next(error);
  const status = error.status ?? 500;
  if (status >= 500) request.log.error({ err: error }, "request failed");
  response.status(status).json({ message: status < 500 ? error.message : "Internal server error" });
});

export default app;
