// The request that is being answered, for code that better-auth calls without it.
import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestHandler, Response } from "express";

export interface CurrentRequest {
  response: Response;
  /** Whether the database could not be reached while it was answered. */
  outage: boolean;
}

export const currentRequest = new AsyncLocalStorage<CurrentRequest>();

export const rememberRequest: RequestHandler = (_request, response, next) => {
  currentRequest.run({ response, outage: false }, next);
};
