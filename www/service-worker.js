// Keeps the app for when there is no network. The build writes the files that it is made of in front of this:
//
//   const BUILD = "0123456789abcdef";
//   const FILES = { "index.html": "sha256-…", … };
//
// Every client (a page, or a worker of its) is answered by the build that it came from for as long as it lives, so that
// an update never mixes with what runs. Files are kept under their hashes: what two builds share is fetched once.
//
//   What       is kept
//   a build    while it is in force, or waits, or a client of it lives
//   a file     while such a build has it
//   weights    while such a build lists them; also by the engine (src/web/fetch.rs)

// One origin may hold several apps, and all share its caches.
const SCOPE = self.registration.scope;
const APP_CACHE = `crack-segmenter-app ${new URL(SCOPE).pathname}`;
// The engine's own, see src/web/fetch.rs.
const WEIGHTS_CACHE = "crack-segmenter-weights";
const WEIGHTS = new URL("weights/", SCOPE).href;
const MANIFEST = "weights/manifest.json";
const HELPER = "www/helper.js";
// How long a page may take until it is among the clients, in milliseconds.
const COMING = 60_000;
const SINCE = "X-Since";

const fileKey = (file, hash) => new URL(`${file}?${hash}`, SCOPE).href;
const buildKey = (build) => new URL(`?build=${build}`, SCOPE).href;
const clientKey = (id) => new URL(`?client=${id}`, SCOPE).href;
const sharedKey = (id) => new URL(`?shared=${id}`, SCOPE).href;

async function install() {
  const store = await caches.open(APP_CACHE);
  await Promise.all(Object.entries(FILES).map(([file, hash]) => keep(store, file, hash)));
  await keepWeights(store);
  // Last: half a build is none.
  await store.put(buildKey(BUILD), new Response(JSON.stringify(FILES)));
}

// Notes of which build a client is.
const note = (store, id, build) =>
  store.put(clientKey(id), new Response(build, { headers: { [SINCE]: Date.now() } }));

// Any of them may be chosen where there is no network.
async function keepWeights(store) {
  const kept = await caches.open(WEIGHTS_CACHE);
  const listed = await listedWeights(store, FILES);
  await Promise.all(
    listed.map(async ({ url, sha256 }) => {
      if (await kept.match(url)) return;
      const bytes = sha256.match(/../g).map((byte) => Number.parseInt(byte, 16));
      const integrity = `sha256-${btoa(String.fromCharCode(...bytes))}`;
      const response = await fetch(url, { cache: "no-cache", integrity });
      if (!response.ok) throw new Error(`${response.status} for ${url}`);
      await kept.put(url, response);
    }),
  );
}

// The weights of a build's manifest, with the addresses by which the engine asks for them.
async function listedWeights(store, files) {
  const manifest = await store.match(fileKey(MANIFEST, files[MANIFEST]));
  const { weights } = manifest ? await manifest.json() : { weights: [] };
  const address = ({ file, sha256 }) => `${WEIGHTS}${file}?sha256=${sha256}`;
  return weights.map((entry) => ({ ...entry, url: address(entry) }));
}

async function keep(store, file, hash) {
  const key = fileKey(file, hash);
  if (await store.match(key)) return;
  // Many hosts redirect from a folder's index to the folder.
  const address = new URL(file === "index.html" ? "./" : file, SCOPE);
  // What the page has just fetched is only asked after. Another build's file, while a host is being updated, fails the
  // hash, and with it this installation.
  const response = await fetch(address, { cache: "no-cache", integrity: hash });
  if (!response.ok) throw new Error(`${response.status} for ${address}`);
  // A navigation can't be answered by what was redirected.
  const { status, headers } = response;
  await store.put(key, response.redirected ? new Response(response.body, { status, headers }) : response);
}

// Forgets clients that are gone, builds that no client runs on, and files and weights that no such build has.
async function tidy() {
  const store = await caches.open(APP_CACHE);
  const clients = await self.clients.matchAll({ includeUncontrolled: true, type: "all" });
  const living = new Set(clients.map(({ id }) => id));
  const keys = (await store.keys()).map(({ url }) => new URL(url));
  // A newer build's files lie here already, and this one knows nothing of them.
  if (self.registration.installing || self.registration.waiting) return;
  const wanted = new Set(Object.entries(FILES).map(([file, hash]) => fileKey(file, hash)));
  const builds = new Set([BUILD]);
  for (const key of keys) {
    if (!key.searchParams.has("client")) continue;
    const record = await store.match(key);
    // Two of these may be at work at once.
    if (!record) continue;
    const isComing = Date.now() - Number(record.headers.get(SINCE)) < COMING;
    if (isComing || living.has(key.searchParams.get("client"))) {
      builds.add(await record.text());
    } else {
      await store.delete(key);
    }
  }
  for (const build of builds) {
    const files = await filesOf(store, build);
    for (const [file, hash] of Object.entries(files)) wanted.add(fileKey(file, hash));
    for (const { url } of await listedWeights(store, files)) wanted.add(url);
  }
  const kept = await caches.open(WEIGHTS_CACHE);
  for (const { url } of await kept.keys()) {
    if (url.startsWith(WEIGHTS) && !wanted.has(url)) await kept.delete(url);
  }
  for (const key of keys) {
    const build = key.searchParams.get("build");
    const isFile = key.search.startsWith("?sha256-");
    if ((build && !builds.has(build)) || (isFile && !wanted.has(key.href))) await store.delete(key);
  }
}

async function filesOf(store, build) {
  const list = build === BUILD ? null : await store.match(buildKey(build));
  return list ? list.json() : FILES;
}

async function buildFor({ request, clientId }, store) {
  if (request.mode === "navigate") return BUILD;
  const told = new URL(request.url).searchParams.get("build");
  if (told) return told;
  const record = await store.match(clientKey(clientId));
  return record ? record.text() : BUILD;
}

// A worker that a worker started imports without saying who it is, in Chromium: so it gets addresses that tell its build.
async function withBuild(helper, build) {
  const code = (await helper.text()).replaceAll(/from "([^"]+)"/g, `from "$1?build=${build}"`);
  return new Response(code, { headers: helper.headers });
}

async function answer(event) {
  const { request, resultingClientId } = event;
  const store = await caches.open(APP_CACHE);
  const build = await buildFor(event, store);
  if (resultingClientId) {
    // Storage may be full: such a client gets this worker's build, which is what it got here.
    await note(store, resultingClientId, build).catch(console.warn);
  }

  const file = new URL(request.url).pathname.slice(new URL(SCOPE).pathname.length) || "index.html";
  const hash = (await filesOf(store, build))[file];
  const kept = hash && (await store.match(fileKey(file, hash)));
  if (!kept) return fetch(request);
  return file === HELPER ? withBuild(kept, build) : kept;
}

// Photos that another app shares with this one wait for the page that is opened for them.
async function takeShared(request) {
  const store = await caches.open(APP_CACHE);
  const photos = (await request.formData()).getAll("photos").filter(({ type }) => type?.startsWith("image/"));
  if (photos.length === 0) throw new Error("no photo was shared");
  // Others may have been shared before, and wait still.
  const share = crypto.randomUUID();
  const keys = photos.map((_, place) => sharedKey(`${share}-${place}`));
  const puts = photos.map((photo, place) => {
    const headers = { "Content-Type": photo.type, "X-Name": encodeURIComponent(photo.name) };
    return store.put(keys[place], new Response(photo, { headers }));
  });
  const failed = (await Promise.allSettled(puts)).find(({ status }) => status === "rejected");
  if (failed) {
    await Promise.all(keys.map((key) => store.delete(key)));
    throw failed.reason;
  }
}

// Whether everything is here that a photo needs.
async function isReady() {
  const store = await caches.open(APP_CACHE);
  const isKept = async ([file, hash]) => Boolean(await store.match(fileKey(file, hash)));
  if ((await Promise.all(Object.entries(FILES).map(isKept))).includes(false)) return false;
  const kept = await caches.open(WEIGHTS_CACHE);
  const weights = (await listedWeights(store, FILES)).map(({ url }) => kept.match(url));
  return (await Promise.all(weights)).every(Boolean);
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!request.url.startsWith(SCOPE)) return;
  if (request.method === "POST" && request.url === new URL("share", SCOPE).href) {
    const open = (query) => Response.redirect(new URL(`./?${query}`, SCOPE), 303);
    // Storage may be full: the page says so.
    event.respondWith(takeShared(request).then(() => open("shared"), () => open("not-shared")));
  } else if (request.method === "GET") {
    // Storage may be broken; then there is still the network.
    event.respondWith(answer(event).catch(() => fetch(request)));
    if (request.mode === "navigate") event.waitUntil(tidy());
  }
});
self.addEventListener("message", (event) => {
  // Pages of earlier builds send it with what it is about.
  const [question] = [event.data].flat();
  if (question === "activate") event.waitUntil(self.skipWaiting());
  // Storage may be broken; then it is not.
  const answered = (ready) => event.ports[0].postMessage(ready);
  if (question === "is-ready") event.waitUntil(isReady().catch(() => false).then(answered));
});
