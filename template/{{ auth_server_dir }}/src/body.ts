// Targets and bodies of requests: what no endpoint can take is refused before better-auth sees it.
import express, { type RequestHandler } from "express";
import { errorBody } from "./errors.js";

const LONGEST_PATH = 1_000;
const DEEPEST_BODY = 20;
// PostgreSQL takes no NUL in any text.
const NUL = /\0|%00/;

/** Refuses a target that is no path, and text that no column holds. */
export const checkTarget: RequestHandler = (request, response, next) => {
  const { url, headers } = request;
  const cookies = headers.cookie?.split(";").filter((cookie) => cookie.includes("better-auth.")) ?? [];
  const isSound = url.startsWith("/") && url.split("?", 1).join().length <= LONGEST_PATH;
  if (isSound && ![url, ...cookies].some((text) => NUL.test(text))) return next();
  response.status(400).json(errorBody(400));
};

/** Reads the body as text, which better-auth parses: it would read any number of bytes itself. */
export const readBody: RequestHandler[] = [
  express.raw({ type: () => true, limit: "64kb" }),
  (request, response, next) => {
    if (!Buffer.isBuffer(request.body)) return next();
    const text = request.body.toString();
    if (!isSoundText(text)) return void response.status(400).json(errorBody(400));
    // A bare `fetch` sends a body of no bytes and no type, which is none.
    request.body = text === "" ? undefined : text;
    next();
  },
];

function isSoundText(text: string): boolean {
  try {
    return isSound(JSON.parse(text), DEEPEST_BODY);
  } catch {
    return !NUL.test(text); // a form, or nothing that better-auth reads
  }
}

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === "string") return !value.includes("\0");
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.entries(value).flat().every((part) => isSound(part, depth - 1));
}
