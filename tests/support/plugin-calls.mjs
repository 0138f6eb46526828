// Makes calls of better-auth as one person, without a port; prints the cookie, or the token's claims.
import { auth } from "./src/auth/auth.config.ts";
const calls = JSON.parse(process.argv[2]);
const url = (path) => `${auth.options.baseURL}/api/auth/${path}`;
let cookie = "";
async function post(path, body) {
  const response = await auth.handler(new Request(url(path), {
    method: "POST",
    headers: { "content-type": "application/json", cookie, origin: auth.options.baseURL },
    body: JSON.stringify(body),
  }));
  const set = response.headers.getSetCookie().map((c) => c.split(";")[0]);
  const session = set.find((c) => c.includes("session_token=") && !c.endsWith("="));
  if (session) cookie = session;
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${text}`);
}
for (const [path, body] of calls) await post(path, body);
if (process.argv[3] === "token") {
  const response = await auth.handler(new Request(url("token"), { headers: { cookie } }));
  const { token } = await response.json();
  console.log(Buffer.from(token.split(".")[1], "base64url").toString());
} else console.log(cookie);
process.exit(0);
