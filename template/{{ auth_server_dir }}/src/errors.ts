// How requests are refused that reach no endpoint, in the shape of better-auth's own errors.
import { STATUS_CODES } from "node:http";
import type { NextFunction, Request, Response } from "express";
import pg from "pg";
import { hadOutage } from "./database-outages.js";

export const RETRY_AFTER = { "Retry-After": "5" };

/** The body of an error; it says nothing of what was sent, which may be a password. */
export function errorBody(status: number): { message: string; code: string } {
  const message = STATUS_CODES[status] ?? "Error";
  return { message, code: message.toUpperCase().replace(/\W+/g, "_") };
}

export function handleError(error: Error & { status?: number }, request: Request, response: Response, next: NextFunction): void {
  const status = statusOf(error);
  if (status >= 500) request.log.error({ err: error }, "request failed");
  if (response.headersSent) return next(error);
  if (status === 503) response.set(RETRY_AFTER);
  response.status(status).json(errorBody(status));
}

function statusOf(error: Error & { status?: number }): number {
  if (hadOutage()) return 503;
  // Class 22: a value that a column cannot hold, such as a made-up id.
  if (error instanceof pg.DatabaseError && error.code?.startsWith("22")) return 400;
  return error.status ?? 500;
}
