// Loaded before the auth server by `node --import`: what it asks of the world over https
// goes to the stand-in at IDENTITY_PROVIDERS, under /<host>/<path>.
const fetchAnywhere = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.protocol !== "https:") return fetchAnywhere(input, init);
  const target = new URL(`/${url.hostname}${url.pathname}${url.search}`, process.env.IDENTITY_PROVIDERS);
  return fetchAnywhere(input instanceof Request ? new Request(target, input) : target, init);
};
